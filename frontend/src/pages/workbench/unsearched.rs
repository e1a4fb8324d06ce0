//! Streams in which spikes are not looked for, and what stands in the way of an analysis.

use wasm_core::engine::check;
use wasm_core::pipeline::{Pipeline, check_searchable};
use wasm_core::recording::StreamInfo;

/// Why spikes are not looked for in a stream; none where they are.
pub fn why_unsearched(info: &StreamInfo) -> Option<String> {
    check_searchable(info).err().map(|reason| sentence(&reason.to_string()))
}

/// A reason of the core as a sentence.
fn sentence(reason: &str) -> String {
    let mut letters = reason.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}

/// Why the stream cannot be analysed with these values; none where it can.
pub fn why_not(info: &StreamInfo, pipeline: &Pipeline) -> Option<String> {
    why_unsearched(info).or_else(|| {
        let problem = check(info, pipeline).err()?;
        Some(format!("These values do not work together: {problem}."))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_core::recording::{FrameSource, StreamKind};
    use wasm_core::simulation::{Simulation, SimulationSpec};

    #[test]
    fn reasons_are_given_for_what_is_not_searched() {
        let spec = SimulationSpec { n_channels: 2, sampling_frequency_hz: 20_000.0, duration_s: 0.1, seed: 1 };
        let info = Simulation::new(spec).info().clone();
        assert_eq!(why_not(&info, &Pipeline::default()), None);
        let auxiliary = StreamInfo { kind: StreamKind::Auxiliary, ..info.clone() };
        assert!(why_unsearched(&auxiliary).is_some_and(|reason| reason.contains("no electrodes")));
        let slow = StreamInfo { sampling_frequency_hz: 200.0, ..info.clone() };
        let reason = why_not(&slow, &Pipeline::fitted_to(200.0));
        assert!(reason.is_some_and(|reason| reason.contains("200") && reason.contains("3000")), "what would fit");
        let narrow = StreamInfo { sampling_frequency_hz: 5000.0, ..info };
        let reason = why_not(&narrow, &Pipeline::default());
        assert!(reason.is_some_and(|reason| reason.contains("2500")), "what would fit is said");
    }
}
