//! Work under way, in words.

use wasm_core::upload::{Counts, Limit};

use crate::pages::running::{self, waiting};
use crate::services::analysis::Searching;
use crate::services::work::{Signal, Step, Wish, Work};
use crate::ui::format;
use crate::ui::progress::{Shown, left};

/// What is shown of an analysis in this browser.
pub fn analysing(work: &Work) -> Shown {
    let what = "Analysing in this browser".to_owned();
    let share = work.share();
    let detail = match work.step() {
        Step::Searching(Searching { n_spikes, .. }) => {
            let found = format::counted(*n_spikes as u64, "spike");
            format!("{found} so far · {}", left(work.seconds(), share))
        }
        _ => String::new(),
    };
    Shown { what, share: Some(share), detail, can_pause: false }
}

/// What is shown of an upload, of a recording of so many bytes, and of the run that follows.
pub fn uploading(work: &Work, size_bytes: u64) -> Shown {
    match work.step() {
        Step::Running(following) => running::shown(following),
        Step::Uploading(counts, limit) => sending(work, (counts, *limit), size_bytes),
        Step::Concluding => waited(work, "Starting the analysis"),
        Step::Stopping => Shown { what: stopping(work.line().signal()).into(), ..Shown::default() },
        _ => waited(work, "Preparing the upload"),
    }
}

/// What is shown of a run that the person stopped, until the cloud has taken it.
const fn stopping(signal: Signal) -> &'static str {
    match signal {
        Signal::There => "Stopping the run",
        Signal::Silent => "The cloud does not answer: the run goes on until it does, and is stopped then",
        Signal::Lost => "Connection lost: the run goes on until it is back, and is stopped then",
    }
}

/// What is shown of something that is not counted.
fn waited(work: &Work, what: &str) -> Shown {
    Shown { what: waiting(work.line().signal()).unwrap_or(what).into(), ..Shown::default() }
}

/// What is shown of chunks that are sent. Only while something moves is there a time left to tell.
#[expect(clippy::cast_precision_loss, reason = "shares")]
fn sending(work: &Work, (counts, limit): (&Counts, Option<Limit>), size_bytes: u64) -> Shown {
    let lost = waiting(work.line().signal());
    // What is there is not known before; only that the line is lost.
    if counts.before.is_none() && lost.is_none() {
        return waited(work, "Preparing the upload");
    }
    let is_paused = work.wish() == Wish::Pause;
    let what = if is_paused { "Upload paused; what was under way is still sent" } else { lost.unwrap_or("Uploading") };
    let detail = if lost.is_some() {
        let safe_bytes = counts.done as f64 / counts.all.max(1) as f64 * size_bytes as f64;
        format!("{} of {} are safe", format::bytes(safe_bytes), format::bytes(size_bytes as f64))
    } else {
        let under_way = work.under_way();
        let sent = format!(
            "{} sent ({} of recording) · {} of {} chunks",
            format::bytes(counts.sent_bytes as f64 + under_way.bytes),
            format::bytes(counts.raw_bytes as f64),
            counts.done,
            counts.all,
        );
        // What was sent in an earlier session took no time in this one.
        let before = counts.before.unwrap_or(0);
        let share = (counts.done.saturating_sub(before) as f64 + under_way.share)
            / counts.all.saturating_sub(before).max(1) as f64;
        let left = left(work.seconds(), share.min(1.0));
        let limited = limit.map_or_else(String::new, |limit| format!(" · {}", limited(limit)));
        if is_paused { sent } else { format!("{sent} · {left}{limited}") }
    };
    Shown { what: what.into(), share: Some(work.share()), detail, can_pause: true }
}

/// What makes an upload take as long as it does.
fn limited(limit: Limit) -> String {
    match limit {
        Limit::Line(bytes_per_s) => format!("as fast as the line ({}/s)", format::bytes(bytes_per_s)),
        Limit::Packing(bytes_per_s) => {
            format!("as fast as this computer packs ({}/s for each worker)", format::bytes(bytes_per_s))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use yew::prelude::*;

    use super::*;
    use crate::services::cloud::Cause;
    use crate::services::work::Action;

    const SIZE_BYTES: u64 = 1_000_000_000;

    fn counted(before: Option<usize>, done: usize, sent_bytes: u64) -> Step {
        let counts = Counts { before, done, all: 10, sent_bytes, raw_bytes: 2 * sent_bytes };
        Step::Uploading(counts, Some(Limit::Line(1e6)))
    }

    fn after(work: Work, actions: impl IntoIterator<Item = (f64, Action)>) -> Work {
        let work = actions.into_iter().fold(Rc::new(work), Reducible::reduce);
        Rc::unwrap_or_clone(work)
    }

    /// An upload that was begun before, with four of ten chunks there.
    fn resumed() -> Work {
        let begun = [(0.0, Action::Begin(counted(None, 0, 0))), (1.0, Action::Further(counted(Some(4), 4, 0)))];
        after(Work::new(0.0), begun)
    }

    #[test]
    fn an_upload_goes_on_where_it_was_and_tells_time_only_with_a_speed() {
        let work = after(Work::new(0.0), [(0.0, Action::Begin(counted(None, 0, 0)))]);
        assert_eq!(uploading(&work, SIZE_BYTES).what, "Preparing the upload");
        let work = resumed();
        let shown = uploading(&work, SIZE_BYTES);
        assert_eq!((shown.what.as_str(), shown.share, shown.can_pause), ("Uploading", Some(0.4), true));
        assert!(shown.detail.contains("4 of 10 chunks · estimating…"), "{}", shown.detail);
        // Two of the six that were missing took four seconds.
        let work = after(work, [(4000.0, Action::Further(counted(Some(4), 6, 2_000_000)))]);
        let shown = uploading(&work, SIZE_BYTES);
        let detail = "2.0 MB sent (4.0 MB of recording) · 6 of 10 chunks · 8 s left · as fast as the line (1.0 MB/s)";
        assert_eq!(shown.detail, detail);
    }

    #[test]
    fn a_lost_line_is_said_and_taken_back() {
        let work = after(resumed(), [(100.0, Action::Heard(Some(Cause::Unreachable)))]);
        let shown = uploading(&work, SIZE_BYTES);
        assert!(shown.what.starts_with("Connection lost") && shown.can_pause && shown.share == Some(0.4));
        assert!(shown.detail.ends_with("are safe"), "{}", shown.detail);
        let work = after(work, [(200.0, Action::Heard(None))]);
        assert_eq!(uploading(&work, SIZE_BYTES).what, "Uploading");
        for (step, what) in [(Step::Preparing, "Preparing the upload"), (Step::Concluding, "Starting the analysis")] {
            let work = after(Work::new(0.0), [(0.0, Action::Begin(step))]);
            assert_eq!(uploading(&work, SIZE_BYTES).what, what);
            let work = after(work, [(1.0, Action::Heard(Some(Cause::Unreachable)))]);
            let shown = uploading(&work, SIZE_BYTES);
            assert!(shown.what.starts_with("Connection lost") && !shown.can_pause && shown.share.is_none());
        }
    }

    #[test]
    fn a_run_goes_on_until_the_cloud_hears_of_the_stop() {
        let work = after(Work::new(0.0), [(0.0, Action::Wish(Wish::Stop)), (0.0, Action::Begin(Step::Stopping))]);
        assert_eq!(uploading(&work, SIZE_BYTES).what, "Stopping the run");
        let work = after(work, [(1.0, Action::Heard(Some(Cause::Unreachable)))]);
        assert!(uploading(&work, SIZE_BYTES).what.contains("the run goes on until it is back"));
        let work = after(work, [(2.0, Action::Heard(None))]);
        assert_eq!(uploading(&work, SIZE_BYTES).what, "Stopping the run");
    }

    #[test]
    fn an_upload_that_waits_tells_no_time_and_goes_on() {
        let work = after(resumed(), [(4000.0, Action::Further(counted(Some(4), 6, 100))), (4001.0, Action::PauseOrGo)]);
        let shown = uploading(&work, SIZE_BYTES);
        assert!(shown.what.starts_with("Upload paused") && shown.detail.ends_with("6 of 10 chunks"), "{shown:?}");
        let work = after(work, [(9000.0, Action::PauseOrGo)]);
        assert_eq!(uploading(&work, SIZE_BYTES).what, "Uploading");
    }

    #[test]
    fn an_analysis_tells_what_it_found() {
        let work = Work::new(0.0);
        let shown = analysing(&work);
        assert_eq!((shown.share, shown.detail.as_str()), (Some(0.0), ""));
        let searched = |done, n_spikes| Action::Further(Step::Searching(Searching { done, total: 4, n_spikes }));
        let work = after(work, [(100.0, searched(1, 1))]);
        assert_eq!(analysing(&work).detail, "1 spike so far · estimating…");
        let work = after(work, [(2000.0, searched(2, 1200))]);
        assert_eq!(
            (analysing(&work).share, analysing(&work).detail.as_str()),
            (Some(0.5), "1,200 spikes so far · 2 s left")
        );
    }
}
