//! The spikes of all detections of a run as trains, from which analyses start.

use std::sync::Arc;

use super::{Cache, Detected, ResultSet, some_results};
use crate::analyses::SpikeTrains;
use crate::events::Event;
use crate::field::FieldPotentials;
use crate::pipeline::Pipeline;

/// The spikes of all detections.
#[derive(Clone, Debug)]
pub struct Detections {
    /// The spikes of the first detection.
    pub first: SpikeTrains,
    /// Number that tells the spikes of the first detection from others ([`super::spikes_key`]).
    pub key: u64,
    /// The spikes of each detection behind the first.
    pub further: Vec<Detected>,
}

impl Detections {
    /// With the events of the recording, which some analyses take.
    #[must_use]
    pub fn with_events(self, events: &[Event]) -> Self {
        let further = self.further.into_iter().map(|of| of.with_events(events)).collect();
        Self { first: self.first.with_events(events), further, ..self }
    }

    /// With the field potentials of the recording, where they were kept.
    #[must_use]
    pub fn with_field(self, field: Option<Arc<FieldPotentials>>) -> Self {
        let further = self.further.into_iter().map(|of| of.with_field(field.clone())).collect();
        Self { first: self.first.with_field(field), further, ..self }
    }

    /// With figures of this well of a plate; with none, of the most active one.
    #[must_use]
    pub fn showing(self, well: Option<&str>) -> Self {
        Self { first: self.first.showing(well), ..self }
    }

    /// The analyses of a pipeline.
    #[must_use]
    pub fn results(&self, pipeline: &Pipeline) -> ResultSet {
        some_results((&self.first, self.key), &self.further, pipeline, &mut Cache::default(), usize::MAX).0
    }
}
