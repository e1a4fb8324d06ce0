//! Spikes that files hold, from a worker that read them, by the page, to the worker that makes a result of them.
//!
//! Attached are, of all spikes, segment by segment, their frames `f64`, channels `u32` and amplitudes `f32`.

use serde::{Deserialize, Serialize};
use wasm_core::events::Event;
use wasm_core::recording::{Fact, StoredSpikes};

/// What is known of the attached spikes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StoredOf {
    /// All but the spikes.
    pub stored: StoredSpikes,
    /// Spikes of each segment.
    pub n_spikes: Vec<usize>,
    /// Format of the files.
    pub format: String,
    /// What the files tell about how they were recorded.
    pub facts: Vec<Fact>,
    /// What a person should know.
    pub notes: Vec<String>,
    /// Pulses, messages and annotations.
    pub events: Vec<Event>,
}

/// Spikes of two electrodes, for tests of messages.
#[cfg(test)]
#[must_use]
pub fn sample() -> StoredOf {
    use wasm_core::recording::FrameSource as _;
    use wasm_core::simulation::{Simulation, SimulationSpec};
    let spec = SimulationSpec { n_channels: 2, sampling_frequency_hz: 20_000.0, duration_s: 1.0, seed: 1 };
    let info = Simulation::new(spec).info().clone();
    let event = Event { segment: 0, time_s: 0.25, duration_s: 0.0, source: "DIN 1".into(), label: "on".into() };
    StoredOf {
        stored: StoredSpikes::new(info, Vec::new(), "AxIS".into()),
        n_spikes: vec![0],
        format: "axion".into(),
        facts: vec![Fact { name: "Operator".into(), value: "Ana".into() }],
        notes: vec!["Amplitudes are not stored.".into()],
        events: vec![event],
    }
}
