//! The spikes from which each block of a pipeline starts.

use super::key::events_key;
use crate::analyses::SpikeTrains;
use crate::field::FieldPotentials;
use crate::pipeline::{Block, Detector, Pipeline};
use crate::run::Detected;
use crate::run::of_well::{OfWell, ShownWell};

/// The spikes from which a block starts.
#[derive(Clone, Copy)]
pub(super) struct Start<'a> {
    pub(super) trains: &'a SpikeTrains,
    /// Number that tells the spikes, and the events and field potentials beside them, from others.
    pub(super) key: u64,
    /// The well that figures of one culture show.
    pub(super) well: Option<&'a OfWell>,
    /// Id of the detection where that is not the first.
    pub(super) detector: Option<&'a str>,
}

/// The spikes of all detections of a pipeline.
pub(super) struct Starts<'a> {
    pipeline: &'a Pipeline,
    detectors: Vec<Detector<'a>>,
    /// Number that tells the events and field potentials from others.
    beside_key: u64,
    first: (&'a SpikeTrains, u64),
    first_well: Option<OfWell>,
    further: Vec<(&'a Detected, Option<OfWell>)>,
}

impl<'a> Starts<'a> {
    pub(super) fn new(first: (&'a SpikeTrains, u64), further: &'a [Detected], pipeline: &'a Pipeline) -> Self {
        let (trains, _) = first;
        Self {
            pipeline,
            detectors: pipeline.detectors(),
            beside_key: events_key(trains.events()) ^ trains.field().map_or(0, FieldPotentials::key),
            first,
            first_well: OfWell::shown(trains),
            further: further.iter().map(|of| (of, OfWell::shown(&of.trains))).collect(),
        }
    }

    /// The well of a plate that figures of one culture show.
    pub(super) fn shown_well(&self) -> Option<ShownWell> {
        self.first_well.as_ref().map(|well| well.shown.clone())
    }

    /// Whether a result has this block: all analyses, and of several detections each.
    pub(super) fn has(&self, block: &Block) -> bool {
        block.is_analysis() || (self.detectors.len() > 1 && self.detectors.iter().any(|of| of.block.id == block.id))
    }

    /// The spikes from which a block starts; where they are not here, the id of their detection.
    pub(super) fn of(&self, block: &Block) -> Result<Start<'_>, &str> {
        let first = self.detectors.first().map(|of| of.block.id.as_str());
        let detector = self.pipeline.detector_of(block).map(|of| of.block.id.as_str());
        let detector = detector.filter(|id| Some(*id) != first);
        let ((trains, key), well) = match detector {
            None => (self.first, &self.first_well),
            Some(id) => {
                let (own, well) = self.further.iter().find(|(own, _)| own.id == id).ok_or(id)?;
                ((&own.trains, own.key), well)
            }
        };
        Ok(Start { trains, key: key ^ self.beside_key, well: well.as_ref(), detector })
    }
}
