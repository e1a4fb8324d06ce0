//! The numbers of a result over the threshold, beside it: a table, and a figure of each number.

use std::convert::Infallible;
use std::path::Path;

use wasm_core::figure::svg;
use wasm_core::run::{AboveFloor, AtThreshold, Headline, Sensitivity, headline_numbers};

use super::analyze::FIGURE;
use super::{Outcome, output};
use crate::threads::parallel;

/// Thresholds that are counted at a time at most: each has a list of spikes of its own in memory.
const MAX_AT_A_TIME: usize = 4;

/// Writes `sensitivity.csv` and `figures/sensitivity_*.svg`. `headline` is that of the run's own threshold.
pub fn write(folder: &Path, above: &AboveFloor<'_>, headline: &Headline, n_threads: usize) -> Outcome {
    let thresholds = above.thresholds();
    let found =
        parallel(n_threads.min(MAX_AT_A_TIME), thresholds.len(), |at| Ok::<_, Infallible>(above.at(thresholds[at])))?;
    let swept = Sensitivity::new(found);
    output::write(&folder.join("sensitivity.csv"), swept.table().to_csv().as_bytes())?;
    let threshold = f64::from(above.engine.settings().detection.detect_threshold);
    let present = AtThreshold { threshold, headline: headline.clone() };
    for number in headline_numbers(headline.duration_s) {
        let figure = swept.figure(&number, &present);
        let file = folder.join("figures").join(format!("{}.svg", figure.id));
        output::write(&file, svg(&figure, FIGURE, None).as_bytes())?;
    }
    Ok(())
}
