//! Which electrode and which well of a plate are looked at: both are one choice, so the electrode always lies in the
//! well that figures show.

use wasm_core::plate::Plate;
use wasm_core::recording::StreamInfo;
use wasm_core::run::Summary;

use crate::services::address::Place;

/// The electrode and the well that a result begins with: those of an address as far as there are such, the well before
/// the electrode, else the electrode that fires most, of a plate within the well that figures show.
pub fn beginning(info: &StreamInfo, summary: &Summary, begin: Option<&Place>) -> (Option<usize>, Option<String>) {
    let is_known = |well: &String| !well.is_empty() && info.wells.as_ref().is_some_and(|wells| wells.contains(well));
    let wished = begin.and_then(|place| place.well.clone()).filter(is_known);
    let named = begin.and_then(|place| place.channel).filter(|channel| *channel < info.n_channels);
    let named = named.filter(|channel| wished.is_none() || well_of(info, *channel) == wished);
    let well = wished.or_else(|| named.and_then(|channel| well_of(info, channel)));
    let shown = well.clone().or_else(|| Some(Plate::new(summary)?.most_active()?.name.clone()));
    let chosen = named.or_else(|| busiest(summary, shown.as_deref())).or_else(|| busiest(summary, None));
    (chosen, well)
}

/// The well of an electrode; none where there are no wells, and of one without a name.
pub fn well_of(info: &StreamInfo, channel: usize) -> Option<String> {
    info.wells.as_ref()?.get(channel).filter(|well| !well.is_empty()).cloned()
}

/// The electrode that fires most, of all or of a well: what a person would look at first. Of equal ones it is the
/// first.
pub fn busiest(summary: &Summary, well: Option<&str>) -> Option<usize> {
    let all = summary.channels.iter().enumerate();
    let own = all.filter(|(_, channel)| well.is_none() || channel.well.as_deref() == well);
    // The last of several largest is taken, so the first comes last.
    own.rev().max_by_key(|(_, channel)| channel.n_spikes).map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_core::analyses::SpikeTrains;
    use wasm_core::pipeline::Pipeline;
    use wasm_core::recording::FrameSource;
    use wasm_core::run::{Measured, RecordingSummary};
    use wasm_core::simulation::{Simulation, SimulationSpec};
    use wasm_core::spikes::Spike;

    /// A minute of two wells: in A1 both electrodes are active, in B1 one, which fires most of all.
    fn plate(has_wells: bool) -> (StreamInfo, Summary) {
        let spec = SimulationSpec { n_channels: 4, sampling_frequency_hz: 1000.0, duration_s: 60.0, seed: 1 };
        let wells = ["A1", "A1", "B1", "B1"].map(str::to_owned).to_vec();
        let info = StreamInfo { wells: has_wells.then_some(wells), ..Simulation::new(spec).info().clone() };
        let spike = |at: i64, channel_index: u32| Spike {
            segment_index: 0,
            sample_index: at * 100,
            channel_index,
            amplitude_uv: -50.0,
        };
        let of = |n: i64, channel: u32| (1..=n).map(move |at| spike(at, channel));
        let mut spikes: Vec<Spike> = of(20, 0).chain(of(30, 1)).chain(of(90, 3)).collect();
        spikes.sort_by_key(Spike::key);
        let trains = SpikeTrains::new(&info, &spikes, None);
        let pipeline = Pipeline::default();
        let (trains, pipeline, spikes) = (&trains, &pipeline, &spikes[..]);
        let measured = Measured { trains, pipeline, noise_uv: &[4.0; 4], threshold: 5.0, dead: &[], spikes };
        let summary = Summary::new(RecordingSummary::new("plate", "test", &info, &[], &[]), &measured);
        (info, summary)
    }

    #[test]
    fn the_electrode_lies_in_the_well_that_is_shown() {
        let (info, summary) = plate(true);
        let begin = |channel: Option<usize>, well: Option<&str>| {
            let place = Place { channel, well: well.map(str::to_owned), ..Place::default() };
            beginning(&info, &summary, Some(&place))
        };
        let (a1, b1) = (Some("A1".to_owned()), Some("B1".to_owned()));
        // A1 has most active electrodes, though one of B1 fires more.
        assert_eq!(beginning(&info, &summary, None), (Some(1), None));
        assert_eq!(begin(None, Some("B1")), (Some(3), b1.clone()));
        assert_eq!(begin(Some(2), None), (Some(2), b1.clone()));
        assert_eq!(begin(Some(3), Some("A1")), (Some(1), a1), "the well before the electrode");
        assert_eq!(begin(Some(9), None), (Some(1), None), "an electrode that is not there");
        assert_eq!(begin(None, Some("Z9")), (Some(1), None), "a well that is not there");
        assert_eq!(begin(Some(2), Some("Z9")), (Some(2), b1));
        assert_eq!(begin(None, Some("")), (Some(1), None));
    }

    #[test]
    fn of_electrodes_that_fire_alike_the_first_is_chosen() {
        let (_, mut summary) = plate(true);
        for channel in &mut summary.channels {
            channel.n_spikes = 7;
        }
        assert_eq!((busiest(&summary, None), busiest(&summary, Some("B1"))), (Some(0), Some(2)));
    }

    #[test]
    fn without_wells_the_electrode_that_fires_most_is_chosen() {
        let (info, summary) = plate(false);
        assert_eq!(beginning(&info, &summary, None), (Some(3), None));
        let place = Place { channel: Some(2), well: Some("A1".into()), ..Place::default() };
        assert_eq!(beginning(&info, &summary, Some(&place)), (Some(2), None));
        assert_eq!((well_of(&info, 0), busiest(&summary, Some("A1"))), (None, None));
    }
}
