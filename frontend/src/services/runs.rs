//! A run in the cloud, followed until it ends.

use gloo_net::http::Method;
use gloo_timers::future::TimeoutFuture;
use wasm_core::api::RunStatus;

use super::analysis::now_ms;
use super::cloud::{self, Cause, CloudError};
use crate::ui::progress::{Shown, left};

/// Milliseconds between looks at a run.
const LOOK_MS: u32 = 700;

/// A run and the key of its owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Id of the recording.
    pub recording: String,
    /// Id of the run.
    pub id: String,
    /// What makes this browser its owner.
    pub owner_key: String,
}

impl Run {
    fn path(&self) -> String {
        format!("/recordings/{}/runs/{}", self.recording, self.id)
    }

    /// Shows its progress until it is done; `Ok(false)` when nobody looks any more.
    pub async fn follow(&self, looking: impl Fn() -> bool, show: impl Fn(Shown)) -> Result<bool, CloudError> {
        let path = self.path();
        let mut since = None;
        while looking() {
            match cloud::get::<RunStatus>(&path, Some(&self.owner_key)).await {
                Ok(RunStatus::Done) => return Ok(true),
                Ok(RunStatus::Failed { reason }) => {
                    return Err(CloudError::lasting(format!("The analysis did not finish: {reason}")));
                }
                Ok(status) => show(shown(&status, &mut since)),
                // A lost connection does not stop the run; look again.
                Err(error) if error.may_pass() => {
                    show(Shown {
                        what: "Waiting for the connection; the analysis goes on".into(),
                        detail: error.message,
                        ..Shown::default()
                    });
                }
                Err(error) => return Err(error),
            }
            TimeoutFuture::new(LOOK_MS).await;
        }
        Ok(false)
    }

    /// Stops it; `Ok(false)` when it was done before.
    pub async fn cancel(&self) -> Result<bool, CloudError> {
        match cloud::call::<()>(Method::DELETE, &self.path(), Some(&self.owner_key), None::<&()>).await {
            Err(CloudError { cause: Cause::Status(409), .. }) => Ok(false),
            stopped => stopped.map(|()| true),
        }
    }
}

/// What was done of a step at the first look, and when that was: what came before tells no speed.
struct Since {
    step: &'static str,
    done: u64,
    ms: f64,
}

#[expect(clippy::cast_precision_loss, reason = "shares")]
fn shown(status: &RunStatus, since: &mut Option<Since>) -> Shown {
    let (what, done, total) = match *status {
        RunStatus::Planning { done, total } => ("Measuring the noise in the cloud", done, total),
        RunStatus::Analysing { done, total } if done < total => ("Analysing in the cloud", done, total),
        _ => return Shown { what: "Putting the result together".into(), ..Shown::default() },
    };
    let first = since.take().filter(|since| since.step == what);
    let Since { done: before, ms, .. } = since.insert(first.unwrap_or(Since { step: what, done, ms: now_ms() }));
    let share = |done: u64, total: u64| done as f64 / total.max(1) as f64;
    let seconds = (now_ms() - *ms) / 1000.0;
    let now = left(seconds, share(done.saturating_sub(*before), total.saturating_sub(*before)));
    let detail = format!("{done} of {total} parts · {now}");
    Shown { what: what.into(), share: Some(share(done, total)), detail, can_pause: false }
}
