//! The check of a pipeline: known versions and names, connections in order, values in their ranges.

use super::{Block, CHAIN_VERSION, GRAPH_VERSION, MAX_BLOCKS, MAX_ID_LETTERS, Pipeline, PipelineError, RECORDING};
use crate::blocks::{BLOCKS, BlockSpec, Port, spec};

impl Pipeline {
    /// Checks version, kinds, connections and each parameter's range.
    ///
    /// # Errors
    /// The first thing that is wrong, naming the block, the parameter and what is accepted.
    pub fn check(&self) -> Result<(), PipelineError> {
        if ![CHAIN_VERSION, GRAPH_VERSION].contains(&self.version) {
            return Err(PipelineError::Version { found: self.version });
        }
        if self.blocks.len() > MAX_BLOCKS {
            return Err(PipelineError::TooMany { found: self.blocks.len() });
        }
        if self.version == GRAPH_VERSION {
            self.check_one_signal()?;
        }
        let mut known = vec![RECORDING];
        let mut reached = Reached { signal: RECORDING, ends: Vec::new(), place: 0, is_behind_spikes: false };
        for (at, block) in self.blocks.iter().enumerate() {
            check_named(at, &block.id, &block.kind)?;
            self.check_id(&known, &block.id)?;
            let found = spec(&block.kind).filter(|spec| self.version == GRAPH_VERSION || !spec.is_analysis());
            let Some(spec) = found else {
                self.check_unknown(&block.kind)?;
                known.push(&block.id);
                continue;
            };
            if !known.contains(&block.input.as_str()) {
                return Err(PipelineError::UnknownInput { id: block.id.clone(), input: block.input.clone() });
            }
            check_params(spec, block)?;
            if spec.is_analysis() {
                self.check_analysis(block, &reached)?;
                reached.is_behind_spikes = true;
            } else {
                reached.place = self.check_step((spec, block), &reached)?;
            }
            reached.take(spec, &block.id);
            known.push(&block.id);
        }
        Ok(())
    }

    /// Checks the name of a block behind others.
    fn check_id(&self, known: &[&str], id: &str) -> Result<(), PipelineError> {
        if id == RECORDING || (self.version == GRAPH_VERSION && !is_id(id)) {
            return Err(PipelineError::Id { id: id.chars().take(80).collect() });
        }
        // Names of folders must differ where case does not count.
        let is_same = |other: &&str| match self.version {
            CHAIN_VERSION => *other == id,
            _ => other.eq_ignore_ascii_case(id),
        };
        if known.iter().any(is_same) {
            return Err(PipelineError::DuplicateId { id: id.to_owned() });
        }
        Ok(())
    }

    /// Checks that a kind may be there which is not known, or not in a chain: in a graph it may.
    fn check_unknown(&self, kind: &str) -> Result<(), PipelineError> {
        if self.version != CHAIN_VERSION {
            return Ok(());
        }
        let (is_analysis, kind) = (spec(kind).is_some(), kind.to_owned());
        Err(if is_analysis { PipelineError::AnalysisInChain { kind } } else { PipelineError::UnknownBlock { kind } })
    }

    /// Checks that an analysis takes the spikes of a detection.
    fn check_analysis(&self, block: &Block, reached: &Reached<'_>) -> Result<(), PipelineError> {
        // What follows from a kind that is not known is not computed, but no error.
        let takes = self.blocks.iter().find(|other| other.id == block.input);
        let ends = if reached.ends.is_empty() { &[RECORDING][..] } else { reached.ends.as_slice() };
        if !ends.contains(&block.input.as_str()) && takes.is_none_or(|other| other.spec().is_some()) {
            return Err(PipelineError::WrongPort { id: block.id.clone(), expected: ends.join("” or “") });
        }
        Ok(())
    }

    /// Checks that a step is where the engine does it, and gives its place in the engine's order.
    fn check_step(&self, (spec, block): (&BlockSpec, &Block), reached: &Reached<'_>) -> Result<usize, PipelineError> {
        // The engine does the steps in one order, along one signal path.
        let place = BLOCKS.iter().position(|known| known.kind == spec.kind).unwrap_or_default();
        let opens_another = self.version == GRAPH_VERSION && begins_spikes(spec) && !reached.ends.is_empty();
        let is_early = place < reached.place && !opens_another;
        if is_early || block.input != reached.signal || reached.is_behind_spikes {
            return Err(PipelineError::OutOfOrder { id: block.id.clone(), expected: reached.signal.to_owned() });
        }
        let is_repeated = if self.version == GRAPH_VERSION && spec.gives == Port::Spikes {
            // Each detection drops its own coincident events, once.
            !begins_spikes(spec) && place == reached.place
        } else {
            self.blocks.iter().filter(|other| other.kind == spec.kind).count() > 1
        };
        if is_repeated { Err(PipelineError::Repeated { kind: spec.kind.to_owned() }) } else { Ok(place) }
    }
}

/// How far the blocks before have come.
struct Reached<'a> {
    /// Id of the block that gives the signal.
    signal: &'a str,
    /// Ids of the blocks that give the spikes of each detection.
    ends: Vec<&'a str>,
    /// Place of the last step in the engine's order.
    place: usize,
    /// Whether an analysis has come.
    is_behind_spikes: bool,
}

impl<'a> Reached<'a> {
    /// Takes what a block gives.
    fn take(&mut self, spec: &BlockSpec, id: &'a str) {
        match spec.gives {
            Port::Recording => self.signal = id,
            Port::Spikes => {
                // What drops spikes takes the place of the detection before it.
                self.ends.truncate(self.ends.len().saturating_sub(usize::from(!begins_spikes(spec))));
                self.ends.push(id);
            }
            _ => {}
        }
    }
}

/// Checks that the block at a place has a name by which others can call it.
pub(super) fn check_named(at: usize, id: &str, kind: &str) -> Result<(), PipelineError> {
    if id.trim().is_empty() {
        let kind = kind.chars().take(MAX_ID_LETTERS).collect();
        return Err(PipelineError::NoId { number: at + 1, kind });
    }
    Ok(())
}

/// Whether a block finds spikes in a signal.
fn begins_spikes(spec: &BlockSpec) -> bool {
    spec.takes == Port::Recording && spec.gives == Port::Spikes
}

/// Whether a name may be that of a block of a graph: it becomes the name of a folder.
fn is_id(id: &str) -> bool {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    (1..=MAX_ID_LETTERS).contains(&id.len()) && id.chars().all(is_plain)
}

/// Checks that a block has no parameters but those of its kind, and each in its range.
fn check_params(spec: &BlockSpec, block: &Block) -> Result<(), PipelineError> {
    for (name, value) in &block.params {
        let known: Vec<&str> = spec.params.iter().map(|param| param.name).collect();
        let (id, param, known) = (block.id.clone(), name.clone(), known.join(", "));
        let unknown = || PipelineError::UnknownParam { id, param, known };
        let param = spec.param(name).ok_or_else(unknown)?;
        if !param.accepts(value) {
            return Err(PipelineError::OutOfRange {
                id: block.id.clone(),
                param: name.clone(),
                value: value.to_string(),
                accepted: param.accepted(),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_without_an_id_is_named_by_its_number() {
        for chain in [Pipeline::default(), Pipeline::default().with_analyses()] {
            for id in ["", " ", "\t\n", "\u{a0}"] {
                let mut pipeline = chain.clone();
                let kind = pipeline.blocks[2].kind.clone();
                pipeline.blocks[2].id = id.to_owned();
                let wanted = PipelineError::NoId { number: 3, kind };
                assert_eq!(pipeline.check(), Err(wanted.clone()), "{id:?}");
                // As a file it is refused by the same words, before others are said of a block without a name.
                let file = serde_json::to_string(&pipeline).expect("JSON");
                let said = Pipeline::from_json(&file).expect_err("refused").to_string();
                assert!(said.contains(&wanted.to_string()), "{said}");
            }
        }
        let said = Pipeline::from_json(r#"{"version":2,"blocks":[{"id":" ","kind":"sttc"}]}"#).expect_err("refused");
        assert!(said.to_string().contains("block 1 of the pipeline has no id"), "{said}");
    }
}
