//! The detections of a pipeline: each is a way from the same filtered signal to spikes of its own.

use serde_json::Value;

use super::{Block, Pipeline, PipelineError, RECORDING};
use crate::blocks::{BlockSpec, detect_peaks};

/// Kind of the block that drops coincident events of the detection before it.
const COINCIDENT: &str = "coincident_events";

/// A detection, with the block behind it that drops coincident events.
#[derive(Clone, Copy, Debug)]
pub struct Detector<'a> {
    /// The block that finds the spikes.
    pub block: &'a Block,
    /// The block that drops coincident spikes, if there is one.
    pub coincident: Option<&'a Block>,
}

impl<'a> Detector<'a> {
    /// Id of the block whose spikes analyses take.
    #[must_use]
    pub fn gives(&self) -> &'a str {
        &self.coincident.unwrap_or(self.block).id
    }

    /// Whether a block of this id is part of it.
    #[must_use]
    pub fn has(&self, id: &str) -> bool {
        self.block.id == id || self.coincident.is_some_and(|block| block.id == id)
    }
}

impl Pipeline {
    /// The detections, in their order: the first gives the spikes of headline, raster and files.
    #[must_use]
    pub fn detectors(&self) -> Vec<Detector<'_>> {
        let mut detectors: Vec<Detector<'_>> = Vec::new();
        for block in &self.blocks {
            if block.kind == detect_peaks::BLOCK.kind {
                detectors.push(Detector { block, coincident: None });
            } else if block.kind == COINCIDENT
                && let Some(last) = detectors.last_mut()
                && last.coincident.is_none()
            {
                last.coincident = Some(block);
            }
        }
        detectors
    }

    /// The threshold of the first detection, in units of the noise; the registry's default where nothing is detected.
    #[must_use]
    pub fn threshold(&self) -> f64 {
        self.values(&detect_peaks::BLOCK).number(&detect_peaks::DETECT_THRESHOLD)
    }

    /// The detection that this block is part of, or whose spikes it takes.
    #[must_use]
    pub fn detector_of(&self, block: &Block) -> Option<Detector<'_>> {
        self.detectors().into_iter().find(|of| of.has(&block.id) || (block.is_analysis() && of.has(&block.input)))
    }

    /// Whether a block belongs to a detection behind the first.
    pub(super) fn is_of_further(&self, block: &Block) -> bool {
        self.detectors().iter().skip(1).any(|of| of.has(&block.id))
    }

    /// Has an analysis take the spikes of a detection.
    pub fn take_spikes_of(&mut self, analysis: &str, detector: &str) {
        *self = self.with_analyses();
        let gives = self.detectors().iter().find(|of| of.has(detector)).map(|of| of.gives().to_owned());
        let Some(gives) = gives else { return };
        if let Some(block) = self.blocks.iter_mut().find(|block| block.id == analysis && block.is_analysis()) {
            block.input = gives;
        }
    }

    /// Sets a parameter of the block with this id.
    pub fn set_by_id(&mut self, id: &str, param: &str, value: Value) {
        if let Some(block) = self.blocks.iter_mut().find(|block| block.id == id) {
            block.params.insert(param.to_owned(), value);
        }
    }

    /// Removes a detection behind the first; its analyses take the spikes of the first.
    pub fn remove_detector(&mut self, id: &str) {
        let detectors = self.detectors();
        let Some(of) = detectors.iter().skip(1).find(|of| of.block.id == id) else { return };
        let gone: Vec<String> =
            [Some(of.block), of.coincident].into_iter().flatten().map(|own| own.id.clone()).collect();
        self.blocks.retain(|block| !gone.contains(&block.id));
        self.chain();
    }

    /// Connects each analysis with the spikes of the detection that it takes, or else with those of the first.
    pub(super) fn connect_analyses(&mut self) {
        let detectors = self.detectors();
        let first = detectors.first().map_or(RECORDING, Detector::gives);
        let gives = |block: &Block| {
            let own = detectors.iter().find(|of| of.has(&block.input)).map_or(first, Detector::gives);
            block.spec().is_some_and(BlockSpec::is_analysis).then(|| own.to_owned())
        };
        let inputs: Vec<Option<String>> = self.blocks.iter().map(gives).collect();
        for (block, input) in self.blocks.iter_mut().zip(inputs) {
            if let Some(input) = input {
                block.input = input;
            }
        }
    }

    /// Checks that all detections take one signal, which the engine filters once.
    pub(super) fn check_one_signal(&self) -> Result<(), PipelineError> {
        let detectors = self.detectors();
        let Some((first, others)) = detectors.split_first() else { return Ok(()) };
        match others.iter().find(|other| other.block.input != first.block.input) {
            None => Ok(()),
            Some(other) => Err(PipelineError::TwoSignals {
                first: first.block.id.clone(),
                takes: first.block.input.clone(),
                second: other.block.id.clone(),
                other: other.block.input.clone(),
            }),
        }
    }
}

/// Two detections, of which the first drops coincident events, and an analysis of each; for tests.
#[cfg(test)]
pub const TWO_DETECTIONS: &str = r#"{"version":2,"blocks":[
    {"id":"filter","kind":"filter","in":{"recording":"recording"}},
    {"id":"low","kind":"detect_peaks","in":{"recording":"filter"}},
    {"id":"clean","kind":"coincident_events","in":{"spikes":"low"}},
    {"id":"high","kind":"detect_peaks","in":{"recording":"filter"},"params":{"peak_sign":"pos","detect_threshold":6}},
    {"id":"of_low","kind":"intervals","in":{"spikes":"clean"}},
    {"id":"of_high","kind":"intervals","in":{"spikes":"high"}}]}"#;

#[cfg(test)]
mod tests {
    use super::*;

    fn input<'a>(pipeline: &'a Pipeline, id: &str) -> &'a str {
        &pipeline.blocks.iter().find(|block| block.id == id).expect("the block").input
    }

    #[test]
    fn a_graph_has_several_detections_and_keeps_them() {
        let pipeline = Pipeline::from_json(TWO_DETECTIONS).expect("valid");
        let gives: Vec<&str> = pipeline.detectors().iter().map(Detector::gives).collect();
        assert_eq!(gives, ["clean", "high"]);
        let text = serde_json::to_string(&pipeline).expect("JSON");
        assert!(text.contains(r#"{"id":"clean","kind":"coincident_events","in":{"spikes":"low"}"#), "{text}");
        assert_eq!(Pipeline::from_json(&text), Ok(pipeline.clone()));
        // What goes by kind means the first detection.
        let mut changed = pipeline.clone();
        changed.set("detect_peaks", "detect_threshold", 7.into());
        assert_eq!(changed.value("detect_peaks", "detect_threshold"), Some(7.into()));
        assert_eq!((changed.threshold(), Pipeline::empty().threshold()), (7.0, 5.0));
        assert_eq!(changed.detectors()[1].block.params["detect_threshold"], Value::from(6));
        changed.remove(COINCIDENT);
        assert_eq!((input(&changed, "of_low"), input(&changed, "of_high")), ("low", "high"));
        changed.add(COINCIDENT);
        assert_eq!(changed.detectors()[0].gives(), COINCIDENT);
        assert_eq!((input(&changed, "of_low"), input(&changed, "of_high")), (COINCIDENT, "high"));
        assert_eq!(changed.check(), Ok(()));
        // Behind a block that the order of the file has later.
        let later = TWO_DETECTIONS
            .replace(r#"{"spikes":"low"}"#, r#"{"spikes":"high"}"#)
            .replace(r#"{"spikes":"clean"}"#, r#"{"spikes":"low"}"#);
        assert!(Pipeline::from_json(&later).is_err(), "it is not behind what it takes");
        // And the analyses go with the spikes.
        let mut moved = pipeline.clone();
        moved.take_spikes_of("of_low", "high");
        assert_eq!(input(&moved, "of_low"), "high");
        moved.remove_detector("high");
        assert_eq!((input(&moved, "of_low"), input(&moved, "of_high")), ("clean", "clean"));
        assert_eq!(moved.check(), Ok(()));
        moved.remove_detector("low");
        assert_eq!(moved.detectors().len(), 1, "the first stays");
        assert_eq!(pipeline.from_spikes().check(), Ok(()));
        let alone = Pipeline::default().with_analyses_of(&pipeline);
        assert_eq!((input(&alone, "of_high"), alone.check()), ("detect_peaks", Ok(())));
        assert_eq!(input(&pipeline.with_analyses_of(&pipeline), "of_high"), "high");
    }

    #[test]
    fn what_does_not_go_together_is_named() {
        let other_filter = TWO_DETECTIONS.replace(
            r#"{"id":"high","kind":"detect_peaks","in":{"recording":"filter"}"#,
            r#"{"id":"slow","kind":"filter","in":{"recording":"recording"}},{"id":"high","kind":"detect_peaks","in":{"recording":"slow"}"#,
        );
        let message = Pipeline::from_json(&other_filter).expect_err("two signals").to_string();
        for part in ["“low” takes “filter”", "“high” takes “slow”", "a pipeline for each"] {
            assert!(message.contains(part), "{part} is not in: {message}");
        }
        let twice = TWO_DETECTIONS.replace(
            r#"{"id":"high","#,
            r#"{"id":"again","kind":"coincident_events","in":{"spikes":"clean"}},{"id":"high","#,
        );
        assert!(matches!(Pipeline::from_json(&twice), Err(PipelineError::Repeated { .. })));
        let past = TWO_DETECTIONS.replace(r#"{"spikes":"clean"}"#, r#"{"spikes":"low"}"#);
        let message = Pipeline::from_json(&past).expect_err("past what drops").to_string();
        assert!(message.contains("“clean” or “high”"), "{message}");
        let mut chain = Pipeline::default();
        let second = Block { id: "second".into(), ..chain.blocks[3].clone() };
        chain.blocks.push(second);
        assert!(matches!(chain.check(), Err(PipelineError::Repeated { .. })), "version 1 is one chain");
    }
}
