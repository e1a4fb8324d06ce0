//! Of a plate figures show one well at a time: the one that somebody chose, or the most active one.

use std::sync::Arc;

use super::SpikeTrains;

impl SpikeTrains {
    /// With figures of this well of a plate; with none, of the most active one.
    #[must_use]
    pub fn showing(self, well: Option<&str>) -> Self {
        Self { shown: well.map(str::to_owned), ..self }
    }

    /// Has figures show this well from now on; with none, the most active one.
    pub fn show(&mut self, well: Option<&str>) {
        self.shown = well.map(str::to_owned);
    }

    /// Channels of the well that figures show, and whether somebody chose it; none where there are no wells.
    #[must_use]
    pub fn shown_well(&self) -> Option<(&[usize], bool)> {
        let name = |culture: &[usize]| culture.first().map_or("", |first| self.well(*first)).to_owned();
        let named: Vec<&[usize]> =
            self.cultures.iter().map(Vec::as_slice).filter(|culture| !name(culture).is_empty()).collect();
        if let Some(chosen) = &self.shown
            && let Some(own) = named.iter().copied().find(|culture| name(culture) == *chosen)
        {
            return Some((own, true));
        }
        let activity = |culture: &&[usize]| {
            let n_spikes: u64 = culture.iter().map(|channel| self.n_spikes(*channel)).sum();
            (self.active(culture).len(), n_spikes)
        };
        // Of equals the first.
        named.into_iter().rev().max_by_key(activity).map(|own| (own, false))
    }

    /// The spikes of these channels alone, as if nothing else had been recorded.
    #[must_use]
    pub fn of_channels(&self, channels: &[usize]) -> Self {
        let info = self.info.of_channels(channels);
        let own = |segment: &Vec<Vec<i64>>| {
            channels.iter().map(|channel| segment.get(*channel).cloned().unwrap_or_default()).collect()
        };
        Self {
            observed_s: channels.iter().filter_map(|channel| self.observed_s.get(*channel).copied()).collect(),
            frames: self.frames.iter().map(own).collect(),
            cultures: info.groups(),
            network: Arc::default(),
            intervals: Arc::default(),
            events: Arc::clone(&self.events),
            shown: None,
            field: self.field.as_ref().map(|field| Arc::new(field.of_channels(channels))),
            info,
        }
    }
}
