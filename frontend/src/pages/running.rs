//! A run in the cloud, in words.

use wasm_core::api::RunStatus;

use crate::services::runs::Look;
use crate::ui::progress::{Shown, left};

/// What a look at a run shows.
#[expect(clippy::cast_precision_loss, reason = "shares")]
pub fn shown(look: Look) -> Shown {
    let (status, pace) = match look {
        Look::Step { status, pace } => (status, pace),
        Look::Lost(detail) => {
            let what = "Waiting for the connection; the analysis goes on".into();
            return Shown { what, detail, ..Shown::default() };
        }
    };
    let (what, done, total) = match status {
        RunStatus::Planning { done, total } => ("Measuring the noise in the cloud", done, total),
        RunStatus::Analysing { done, total } if done < total => ("Analysing in the cloud", done, total),
        _ => return Shown { what: "Putting the result together".into(), ..Shown::default() },
    };
    let left = pace.map_or_else(String::new, |pace| format!(" · {}", left(pace.seconds, pace.share)));
    let share = Some(done as f64 / total.max(1) as f64);
    Shown { what: what.into(), share, detail: format!("{done} of {total} parts{left}"), can_pause: false }
}
