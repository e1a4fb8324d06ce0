//! The analyses of a pipeline: what follows from the spikes.

use serde_json::Value;

use super::{Block, CHAIN_VERSION, GRAPH_VERSION, Pipeline};
use crate::blocks::{BLOCKS, spec};

impl Pipeline {
    /// This pipeline with its analyses spelt out: a chain has those that are not optional.
    #[must_use]
    pub fn with_analyses(&self) -> Self {
        let mut graph = self.clone();
        if self.version == CHAIN_VERSION {
            graph.version = GRAPH_VERSION;
            for spec in BLOCKS.iter().filter(|spec| spec.is_analysis() && !spec.optional) {
                graph.add(spec.kind);
            }
        }
        graph
    }

    /// The way to the spikes of this pipeline, and the analyses of another.
    #[must_use]
    pub fn with_analyses_of(&self, other: &Self) -> Self {
        let mut graph = Self { version: GRAPH_VERSION, blocks: self.blocks.clone() };
        graph.blocks.retain(|block| !block.is_analysis());
        graph.blocks.extend(other.with_analyses().blocks.into_iter().filter(Block::is_analysis));
        graph.chain();
        graph
    }

    /// The analyses alone, for spikes that files hold.
    #[must_use]
    pub fn from_spikes(&self) -> Self {
        Self::empty().with_analyses_of(self)
    }

    /// Adds another analysis of this kind at the end; returns its id.
    pub fn add_analysis(&mut self, kind: &str) -> Option<String> {
        let spec = spec(kind).filter(|spec| spec.is_analysis())?;
        *self = self.with_analyses();
        let id = self.free_id(kind);
        self.blocks.push(Block::new(spec, id.clone()));
        self.chain();
        Some(id)
    }

    /// Removes the analysis with this id.
    pub fn remove_analysis(&mut self, id: &str) {
        *self = self.with_analyses();
        self.blocks.retain(|block| block.id != id || !block.is_analysis());
    }

    /// Moves the analysis with this id to a place among the analyses; whether it has come there.
    pub fn move_analysis(&mut self, id: &str, place: usize) -> bool {
        *self = self.with_analyses();
        let Some((from, to)) = self.way_of(id, place) else { return false };
        let moved = self.blocks.remove(from);
        self.blocks.insert(to, moved);
        true
    }

    /// Whether the analysis with this id can be moved to a place among the analyses, which are spelt out.
    #[must_use]
    pub fn can_move_analysis(&self, id: &str, place: usize) -> bool {
        self.way_of(id, place).is_some()
    }

    /// From where to where among the blocks an analysis is moved; none where it stands there already, and where a block
    /// would come to stand before what it takes.
    fn way_of(&self, id: &str, place: usize) -> Option<(usize, usize)> {
        let analyses = || self.blocks.iter().enumerate().filter(|(_, block)| block.is_analysis());
        let (from, moved) = analyses().find(|(_, block)| block.id == id)?;
        let (to, _) = analyses().nth(place)?;
        let passed = if from < to { self.blocks.get(from + 1..=to) } else { self.blocks.get(to..from) };
        let may_pass = |other: &Block| {
            let (earlier, later) = if from < to { (moved, other) } else { (other, moved) };
            other.is_analysis() && !later.takes(&earlier.id)
        };
        (from != to && passed?.iter().all(may_pass)).then_some((from, to))
    }

    /// Sets a parameter of the analysis with this id.
    pub fn set_analysis(&mut self, id: &str, param: &str, value: Value) {
        *self = self.with_analyses();
        if let Some(block) = self.blocks.iter_mut().find(|block| block.id == id && block.is_analysis()) {
            block.params.insert(param.to_owned(), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::TWO_DETECTIONS;

    fn ids(pipeline: &Pipeline) -> Vec<&str> {
        pipeline.blocks.iter().filter(|block| block.is_analysis()).map(|block| block.id.as_str()).collect()
    }

    #[test]
    fn an_analysis_moves_among_the_analyses_and_the_signal_stays() {
        let begun = Pipeline::from_json(TWO_DETECTIONS).expect("valid");
        let mut now = begun.clone();
        for kind in ["sttc", "firing"] {
            now.add_analysis(kind).expect("an analysis");
        }
        assert_eq!(ids(&now), ["of_low", "of_high", "sttc", "firing"]);
        for (id, place, order) in [
            ("firing", 0, ["firing", "of_low", "of_high", "sttc"]),
            ("of_low", 2, ["firing", "of_high", "of_low", "sttc"]),
            ("firing", 3, ["of_high", "of_low", "sttc", "firing"]),
            ("sttc", 1, ["of_high", "sttc", "of_low", "firing"]),
        ] {
            assert!(now.can_move_analysis(id, place) && now.move_analysis(id, place), "{id} to {place}");
            assert_eq!((ids(&now), now.check()), (order.to_vec(), Ok(())));
            // Each takes what it took, and a file keeps the order.
            let text = serde_json::to_string(&now).expect("JSON");
            assert_eq!(Pipeline::from_json(&text), Ok(now.clone()));
        }
        assert!(now.blocks.starts_with(&begun.blocks[..4]), "the way to the spikes stays as it is");
        assert_eq!(
            Pipeline::default().with_analyses_of(&now).blocks.last().map(|block| block.id.as_str()),
            Some("firing")
        );
        // Where it is, behind the last, what is none, and what is not there.
        let before = now.clone();
        for (id, place) in [("sttc", 1), ("sttc", 4), ("filter", 0), ("high", 3), ("psth", 0)] {
            assert!(!now.can_move_analysis(id, place) && !now.move_analysis(id, place), "{id} to {place}");
        }
        assert_eq!(now, before);
        // A chain has its analyses by default.
        let mut chain = Pipeline::default();
        let last = ids(&chain.with_analyses()).len() - 1;
        assert!(chain.move_analysis("sttc", last));
        assert_eq!((ids(&chain).last().copied(), chain.check()), (Some("sttc"), Ok(())));
    }

    #[test]
    fn nothing_moves_before_what_it_takes() {
        let file = r#"{"version":2,"blocks":[
            {"id":"found","kind":"detect_peaks","in":{"recording":"recording"}},
            {"id":"rates","kind":"firing","in":{"spikes":"found"}},
            {"id":"sorted","kind":"a_later_kind","in":{"rates":"rates","recording":"recording"}},
            {"id":"of_sorted","kind":"intervals","in":{"spikes":"sorted"}},
            {"id":"beside","kind":"sttc","in":{"spikes":"found"}}]}"#;
        let mut now = Pipeline::from_json(file).expect("valid");
        for (id, place) in
            [("rates", 1), ("rates", 3), ("sorted", 0), ("sorted", 2), ("of_sorted", 1), ("of_sorted", 0)]
        {
            assert!(!now.move_analysis(id, place), "{id} to {place}");
        }
        for (id, place) in [("beside", 0), ("of_sorted", 3), ("beside", 3), ("rates", 0)] {
            now.move_analysis(id, place);
            assert_eq!(now.check(), Ok(()), "{id} to {place}");
        }
        assert_eq!(ids(&now), ["rates", "sorted", "of_sorted", "beside"]);
    }
}
