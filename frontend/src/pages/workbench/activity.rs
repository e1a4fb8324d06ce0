//! What is known of the activity along the recording: from the noise sample, and from an analysis.

use std::rc::Rc;

use wasm_core::pipeline::Pipeline;
use yew::prelude::*;

use crate::services::analysis::Searched;

/// What an analysis in this browser has searched.
#[derive(Clone, Debug, PartialEq)]
pub struct Analysed {
    /// Stream of the recording.
    pub stream: usize,
    /// With what.
    pub pipeline: Rc<Pipeline>,
    /// Stretches that were searched so far.
    pub searched: Rc<Vec<Searched>>,
    /// Whether that is all.
    pub is_complete: bool,
}

/// The sample, filled up with what was analysed of the same stream with the same values.
#[hook]
pub fn use_activity(
    sampled: Rc<Vec<Searched>>,
    analysed: Option<Analysed>,
    stream: usize,
    pipeline: Rc<Pipeline>,
) -> Rc<Vec<Searched>> {
    let own = analysed.filter(|analysed| analysed.stream == stream && analysed.pipeline == pipeline);
    use_memo((sampled, own), |(sampled, own)| match own {
        None => sampled.to_vec(),
        // All of it, with the thresholds of the run.
        Some(Analysed { searched, is_complete: true, .. }) => searched.to_vec(),
        Some(Analysed { searched, .. }) => [&sampled[..], &searched[..]].concat(),
    })
}
