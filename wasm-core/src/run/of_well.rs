//! Figures of one well of a plate, by one way for every analysis: the block runs on the spikes of that well alone.
//! Tables have all wells, and figures that compare wells stay.

use serde::{Deserialize, Serialize};

use super::results::BlockResult;
use crate::analyses::SpikeTrains;
use crate::blocks::{BlockSpec, Outcome, run_of};
use crate::figure::{Axis, Figure};
use crate::pipeline::Block;
use crate::recording::StreamKind;

/// The well that figures of one culture show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownWell {
    /// Name of the well.
    pub name: String,
    /// Whether somebody chose it; else it is the most active one.
    pub is_chosen: bool,
}

impl ShownWell {
    /// The shown well, in a sentence.
    #[must_use]
    pub fn words(&self) -> String {
        let why = if self.is_chosen {
            "as chosen"
        } else {
            "the most active one: it has most active electrodes, and of equals most spikes"
        };
        format!("Figures that can show one culture only show well {} ({why}). Tables have all wells.", self.name)
    }
}

/// That well, and what is drawn of it.
pub(super) struct OfWell {
    pub(super) shown: ShownWell,
    kind: StreamKind,
    /// Spikes of the well; none where there is no other well, so that what is drawn of the plate is of it.
    alone: Option<SpikeTrains>,
}

impl OfWell {
    /// The well that is shown; none where there are no wells.
    pub(super) fn shown(of: &SpikeTrains) -> Option<Self> {
        let (channels, is_chosen) = of.shown_well()?;
        let name = of.well(*channels.first()?).to_owned();
        let alone = (channels.len() < of.info().n_channels).then(|| of.of_channels(channels));
        Some(Self { shown: ShownWell { name, is_chosen }, kind: of.info().kind, alone })
    }

    /// The key of a result with tables of this key and figures of this well.
    pub(super) fn key(&self, of_tables: &str) -> String {
        format!("{of_tables}-{}", self.shown.name)
    }

    /// The result of a plate with figures of this well.
    pub(super) fn drawn(&self, of_plate: BlockResult, block: &Block, spec: &BlockSpec) -> BlockResult {
        let figures = self.figures(&of_plate, block, spec);
        BlockResult { figures, ..of_plate }
    }

    fn figures(&self, of_plate: &BlockResult, block: &Block, spec: &BlockSpec) -> Vec<Figure> {
        let (mut over, mut own): (Vec<Figure>, Vec<Figure>) =
            of_plate.figures.iter().cloned().partition(Figure::is_over_wells);
        if own.is_empty() {
            return over;
        }
        if let (Some(alone), Some(run)) = (&self.alone, run_of(spec)) {
            let Outcome { figures, absent, .. } = run(alone, block.values()).worded(self.kind);
            own = figures.into_iter().filter(|figure| !figure.is_over_wells()).collect();
            if own.is_empty() {
                let reason = absent.unwrap_or_else(|| "the analysis finds nothing to draw in it".into());
                own.push(self.without(spec, &reason));
            }
        }
        for figure in &mut own {
            self.name(figure);
        }
        own.append(&mut over);
        own
    }

    /// In place of figures: why there are none.
    fn without(&self, spec: &BlockSpec, reason: &str) -> Figure {
        Figure {
            id: "none".into(),
            title: format!("{} of well {}: no figure", self.kind.worded(spec.title), self.shown.name),
            sentence: format!("There is no figure of well {}: {reason}.", self.shown.name),
            x: Axis::linear("", "", (0.0, 0.0)),
            y: Axis::linear("", "", (0.0, 0.0)),
            layers: Vec::new(),
        }
    }

    /// Says whose figure it is, in its title and in the names of its files.
    fn name(&self, figure: &mut Figure) {
        let well = format!("well {}", self.shown.name);
        if !figure.title.contains(&well) {
            figure.title = format!("{}, {well}", figure.title);
        }
        let is_plain = |letter: char| letter.is_alphanumeric() || "-_".contains(letter);
        let safe: String = self.shown.name.chars().map(|letter| if is_plain(letter) { letter } else { '_' }).collect();
        figure.id = format!("{}-{safe}", figure.id);
    }
}
