//! Spikes in the forms of other programs, beside a result.

use std::time::{SystemTime, UNIX_EPOCH};

use wasm_core::export::{nwb, phy};
use wasm_core::run::RunResult;

use super::{Also, Analyze, Outcome, output};

/// Writes what was asked for: `spikes.nwb`, and the folder `phy`. `observed_s` are the seconds in which each channel
/// was observed, where it was not all the time.
pub fn write(options: &Analyze, result: &RunResult, observed_s: Option<&[f64]>) -> Outcome {
    let (info, spikes) = (result.detections.first.info(), &result.spikes);
    if options.also.contains(&Also::Nwb) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let session = nwb::Session::of(&result.summary, now.map_or(0.0, |now| now.as_secs_f64()), observed_s);
        output::write(&options.out.join("spikes.nwb"), &nwb::write(info, spikes, &session)?)?;
    }
    if options.also.contains(&Also::Phy) {
        for (name, bytes) in phy::files(info, spikes, result.summary.pipeline.has_signal()) {
            output::write(&options.out.join("phy").join(name), &bytes)?;
        }
    }
    Ok(())
}
