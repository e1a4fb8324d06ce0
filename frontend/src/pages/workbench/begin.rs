//! With what the workbench begins: as it was left, with the values of an earlier run, or new.

use std::rc::Rc;

use wasm_core::engine::check;
use wasm_core::pipeline::Pipeline;
use wasm_core::presets::{PRESETS, for_stream};
use wasm_core::recording::StreamInfo;

use super::source::{Origin, Source};
use crate::services::memory;
use crate::services::session::Session;

/// The first state of the workbench.
pub struct Begin {
    /// The stream.
    pub stream: usize,
    /// The pipeline.
    pub pipeline: Rc<Pipeline>,
    /// Where the values come from.
    pub source: Source,
}

impl Begin {
    /// Who comes back finds what was set; who opens files again that were analysed in the cloud, what
    /// that was done with, where it still works.
    pub fn of(session: &Session) -> Self {
        if let Some((stream, pipeline)) = session.tuned() {
            return Self { source: recognised(&session.streams[stream], &pipeline), stream, pipeline };
        }
        let info = &session.streams[0];
        let fitted = Pipeline::for_stream(info);
        let works = |earlier: &Pipeline| *earlier != fitted && check(info, earlier).is_ok();
        let earlier = memory::pipeline_of(&session.fingerprint, &info.name).filter(works);
        let origin = if earlier.is_some() { Origin::Earlier } else { Origin::Defaults };
        let pipeline = Rc::new(earlier.unwrap_or(fitted));
        Self { stream: 0, source: Source::first(origin, Rc::clone(&pipeline)), pipeline }
    }
}

/// Where values come from that were set before: from the preset that has just these, else changed from the defaults.
fn recognised(info: &StreamInfo, pipeline: &Rc<Pipeline>) -> Source {
    let fitted = Pipeline::for_stream(info);
    let preset = PRESETS.iter().find(|preset| for_stream(preset, info) == **pipeline && fitted != **pipeline);
    match preset {
        Some(preset) => Source::first(Origin::preset(preset), Rc::clone(pipeline)),
        None => Source::first(Origin::Defaults, Rc::new(fitted)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_core::recording::FrameSource;
    use wasm_core::simulation::{Simulation, SimulationSpec};

    #[test]
    fn values_of_a_preset_are_recognised() {
        let spec = SimulationSpec { n_channels: 16, sampling_frequency_hz: 20_000.0, duration_s: 1.0, seed: 1 };
        let info = Simulation::new(spec).info().clone();
        for preset in PRESETS {
            let mut pipeline = for_stream(preset, &info);
            assert_eq!(recognised(&info, &Rc::new(pipeline.clone())).origin, Origin::preset(preset));
            pipeline.set("detect_peaks", "detect_threshold", 9.9.into());
            let source = recognised(&info, &Rc::new(pipeline.clone()));
            assert_eq!(source.origin, Origin::Defaults, "{}", preset.id);
            assert!(!source.words(&pipeline).ends_with("(changed: 0)"), "{}", preset.id);
        }
        let own = Rc::new(Pipeline::for_stream(&info));
        assert_eq!(recognised(&info, &own).words(&own), "Default values (changed: 0)");
    }
}
