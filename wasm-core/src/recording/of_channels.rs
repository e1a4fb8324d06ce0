//! A part of a stream: some of its channels.

use super::StreamInfo;

/// The values of these channels.
fn some<T: Clone>(all: &[T], channels: &[usize]) -> Vec<T> {
    channels.iter().filter_map(|at| all.get(*at).cloned()).collect()
}

impl StreamInfo {
    /// The stream with these channels alone, in this order, as if nothing else had been recorded.
    #[must_use]
    pub fn of_channels(&self, channels: &[usize]) -> Self {
        Self {
            n_channels: channels.len(),
            channel_ids: some(&self.channel_ids, channels),
            channel_names: self.channel_names.as_ref().map(|names| some(names, channels)),
            gain_to_uv: some(&self.gain_to_uv, channels),
            offset_to_uv: some(&self.offset_to_uv, channels),
            positions_um: self.positions_um.as_ref().map(|positions| some(positions, channels)),
            wells: self.wells.as_ref().map(|wells| some(wells, channels)),
            empty_wells: Vec::new(),
            ..self.clone()
        }
    }
}
