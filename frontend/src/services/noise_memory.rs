//! Noise that was measured already, so that map and analysis measure each excerpt once.

use std::collections::HashMap;
use std::rc::Rc;

use futures_channel::oneshot;
use wasm_core::pipeline::Pipeline;

/// What one excerpt of the noise sample tells.
pub struct ExcerptNoise {
    /// Noise of each channel in microvolts.
    pub levels_uv: Vec<f32>,
    /// Peaks per second of all channels.
    pub rate_hz: f64,
    /// Milliseconds that measuring took.
    pub took_ms: f64,
}

/// The excerpts of one stream, measured with one pipeline.
#[derive(Default)]
pub struct NoiseMemory {
    of: Option<(usize, Pipeline)>,
    excerpts: HashMap<usize, Excerpt>,
}

enum Excerpt {
    Known(Rc<ExcerptNoise>),
    /// Somebody measures it; these wait.
    Asked(Vec<oneshot::Sender<Rc<ExcerptNoise>>>),
}

/// How to come to the noise of an excerpt.
pub enum Way {
    /// It is known.
    Known(Rc<ExcerptNoise>),
    /// Somebody else measures it; after a failure nothing comes.
    Wait(oneshot::Receiver<Rc<ExcerptNoise>>),
    /// The asker measures it and says so with [`NoiseMemory::measured`].
    Measure,
}

impl NoiseMemory {
    /// Asks for an excerpt. Another stream or pipeline than before makes everything forgotten.
    pub fn ask(&mut self, stream: usize, pipeline: &Pipeline, index: usize) -> Way {
        if !self.is_of(stream, pipeline) {
            *self = Self { of: Some((stream, pipeline.clone())), excerpts: HashMap::new() };
        }
        match self.excerpts.get_mut(&index) {
            Some(Excerpt::Known(noise)) => Way::Known(Rc::clone(noise)),
            Some(Excerpt::Asked(waiting)) => {
                let (sender, receiver) = oneshot::channel();
                waiting.push(sender);
                Way::Wait(receiver)
            }
            None => {
                self.excerpts.insert(index, Excerpt::Asked(Vec::new()));
                Way::Measure
            }
        }
    }

    /// Takes what was measured; `None` when it failed.
    pub fn measured(&mut self, stream: usize, pipeline: &Pipeline, index: usize, noise: Option<&Rc<ExcerptNoise>>) {
        if !self.is_of(stream, pipeline) {
            return;
        }
        let before = match noise {
            Some(noise) => self.excerpts.insert(index, Excerpt::Known(Rc::clone(noise))),
            None => self.excerpts.remove(&index),
        };
        if let (Some(Excerpt::Asked(waiting)), Some(noise)) = (before, noise) {
            for asker in waiting {
                // It may have been cancelled.
                drop(asker.send(Rc::clone(noise)));
            }
        }
    }

    fn is_of(&self, stream: usize, pipeline: &Pipeline) -> bool {
        self.of.as_ref().is_some_and(|(at, with)| *at == stream && with == pipeline)
    }
}
