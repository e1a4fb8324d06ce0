//! The spikes in sight and the population rate one after another, in words.

use std::rc::Rc;

use super::PopulationProps;
use super::tells::{at_rate, seconds};
use crate::pages::names::called;
use crate::plots::raster::Sight;
use crate::ui::canvas::Values;
use crate::ui::format::fixed;

/// Each spike in sight, by time: electrode, time and amplitude.
pub fn of_spikes(props: &PopulationProps, sight: Sight) -> Values {
    let (computed, spikes) = (Rc::clone(&props.computed), Rc::clone(&props.spikes));
    let own = spikes.within(sight.times.0, sight.times.1);
    Values::new(own.len(), move |at| {
        let at = own.start + at;
        let (Some(time_s), Some(channel)) = (spikes.times_s.get(at), spikes.channels.get(at)) else {
            return String::new();
        };
        let amplitude_uv = spikes.amplitudes_uv.get(at).copied().unwrap_or_default();
        // Stored spikes may come without amplitudes.
        let amplitude =
            if amplitude_uv == 0.0 { String::new() } else { format!(" · {} µV", fixed(f64::from(amplitude_uv), 1)) };
        format!("{} · {}{amplitude}", called(&computed.info, *channel as usize), seconds(*time_s, sight))
    })
}

/// Each bin of the rate in sight.
pub fn of_rate(sight: Sight, rates: &Rc<Vec<f64>>) -> Values {
    let rates = Rc::clone(rates);
    Values::new(rates.len(), move |bin| at_rate(sight, &rates, bin).unwrap_or_default())
}
