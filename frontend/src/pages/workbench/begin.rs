//! With what the workbench begins: as it was left, with the values of an earlier run, or new.

use std::rc::Rc;

use wasm_core::engine::check;
use wasm_core::pipeline::Pipeline;

use crate::services::memory;
use crate::services::session::Session;

/// What is shown and set at first.
pub struct Begin {
    /// The stream.
    pub stream: usize,
    /// The pipeline.
    pub pipeline: Rc<Pipeline>,
    /// Whether the values are those of an earlier run of the same files.
    pub is_earlier: bool,
}

impl Begin {
    /// Who comes back finds what was set; who opens files again that were analysed in the cloud, what
    /// that was done with, where it still works.
    pub fn of(session: &Session) -> Self {
        if let Some((stream, pipeline)) = session.tuned() {
            return Self { stream, pipeline, is_earlier: false };
        }
        let info = &session.streams[0];
        let fitted = Pipeline::for_stream(info);
        let works = |earlier: &Pipeline| *earlier != fitted && check(info, earlier).is_ok();
        let earlier = memory::pipeline_of(&session.fingerprint, &info.name).filter(works);
        let is_earlier = earlier.is_some();
        Self { stream: 0, pipeline: Rc::new(earlier.unwrap_or(fitted)), is_earlier }
    }
}
