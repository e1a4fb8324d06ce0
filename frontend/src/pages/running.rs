//! A run in the cloud, and the line to it, in words.

use wasm_core::api::RunStatus;

use crate::services::runs::{Following, Look};
use crate::services::work::Signal;
use crate::ui::progress::{Shown, left};

/// What is shown while nothing gets through to the cloud.
pub const fn waiting(signal: Signal) -> Option<&'static str> {
    match signal {
        Signal::There => None,
        Signal::Silent => Some("The cloud does not answer: waiting; it goes on by itself"),
        Signal::Lost => Some("Connection lost: waiting; it goes on by itself"),
    }
}

/// Progress of a run that is followed.
#[expect(clippy::cast_precision_loss, reason = "shares")]
pub fn shown(following: &Following) -> Shown {
    let (what, done, total) = match following.look() {
        Some(Look::Lost(detail)) => {
            let what = "Waiting for the connection; the analysis goes on".into();
            return Shown { what, detail: detail.clone(), ..Shown::default() };
        }
        Some(Look::Step(RunStatus::Planning { done, total })) => ("Measuring the noise in the cloud", *done, *total),
        Some(Look::Step(RunStatus::Analysing { done, total })) if done < total => {
            ("Analysing in the cloud", *done, *total)
        }
        _ => return Shown { what: "Putting the result together".into(), ..Shown::default() },
    };
    let left = following.pace().map_or_else(String::new, |pace| format!(" · {}", left(pace.seconds, pace.share)));
    let share = Some(done as f64 / total.max(1) as f64);
    Shown { what: what.into(), share, detail: format!("{done} of {total} parts{left}"), can_pause: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_left_only_once_there_is_a_speed() {
        let analysing = |done| Look::Step(RunStatus::Analysing { done, total: 10 });
        let following = Following::default().after(analysing(2), 0.0);
        assert_eq!(shown(&following).detail, "2 of 10 parts · estimating…");
        let following = following.after(analysing(6), 4000.0);
        assert_eq!(
            (shown(&following).share, shown(&following).detail.as_str()),
            (Some(0.6), "6 of 10 parts · 4 s left")
        );
        // A lost line is said, and taken back.
        let following = following.after(Look::Lost("Silence.".into()), 5000.0);
        assert_eq!(shown(&following).what, "Waiting for the connection; the analysis goes on");
        assert_eq!((shown(&following).share, shown(&following).detail.as_str()), (None, "Silence."));
        let following = following.after(analysing(10), 6000.0);
        assert_eq!(shown(&following).what, "Putting the result together");
    }
}
