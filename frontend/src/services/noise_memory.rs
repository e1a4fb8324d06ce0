//! Noise of blocks that was measured already, so that map and analysis measure each block once.

use std::collections::HashMap;
use std::rc::Rc;

use futures_channel::oneshot;
use wasm_core::pipeline::Pipeline;

/// What one block of the noise sample tells.
pub struct BlockNoise {
    /// Noise of each channel in microvolts.
    pub levels_uv: Vec<f32>,
    /// Peaks per second of all channels.
    pub rate_hz: f64,
    /// Milliseconds that measuring took.
    pub took_ms: f64,
}

/// The blocks of one stream, measured with one pipeline.
#[derive(Default)]
pub struct NoiseMemory {
    of: Option<(usize, Pipeline)>,
    blocks: HashMap<usize, Block>,
}

enum Block {
    Known(Rc<BlockNoise>),
    /// Somebody measures it; these wait.
    Asked(Vec<oneshot::Sender<Rc<BlockNoise>>>),
}

/// How to come to the noise of a block.
pub enum Way {
    /// It is known.
    Known(Rc<BlockNoise>),
    /// Somebody else measures it; after a failure nothing comes.
    Wait(oneshot::Receiver<Rc<BlockNoise>>),
    /// The asker measures it and says so with [`NoiseMemory::measured`].
    Measure,
}

impl NoiseMemory {
    /// Asks for a block. Another stream or pipeline than before makes everything forgotten.
    pub fn ask(&mut self, stream: usize, pipeline: &Pipeline, index: usize) -> Way {
        if !self.is_of(stream, pipeline) {
            *self = Self { of: Some((stream, pipeline.clone())), blocks: HashMap::new() };
        }
        match self.blocks.get_mut(&index) {
            Some(Block::Known(noise)) => Way::Known(Rc::clone(noise)),
            Some(Block::Asked(waiting)) => {
                let (sender, receiver) = oneshot::channel();
                waiting.push(sender);
                Way::Wait(receiver)
            }
            None => {
                self.blocks.insert(index, Block::Asked(Vec::new()));
                Way::Measure
            }
        }
    }

    /// Takes what was measured; `None` when it failed.
    pub fn measured(&mut self, stream: usize, pipeline: &Pipeline, index: usize, noise: Option<&Rc<BlockNoise>>) {
        if !self.is_of(stream, pipeline) {
            return;
        }
        let before = match noise {
            Some(noise) => self.blocks.insert(index, Block::Known(Rc::clone(noise))),
            None => self.blocks.remove(&index),
        };
        if let (Some(Block::Asked(waiting)), Some(noise)) = (before, noise) {
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
