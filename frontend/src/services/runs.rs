//! A run in the cloud, followed until it ends.

use std::mem::{Discriminant, discriminant};
use std::pin::pin;

use futures_util::future::{Either, select};
use gloo_net::http::Method;
use gloo_timers::future::TimeoutFuture;
use wasm_core::api::{RunList, RunStatus, StartedRun};
use wasm_core::secret::Secret;

use super::analysis::now_ms;
use super::cloud::{self, Cause, CloudError};

/// Milliseconds between looks at a run: soon at first, then the rarer the longer it takes, because
/// each look at a long run costs its owner a little.
fn look_ms(since_ms: f64) -> u32 {
    if since_ms < 10_000.0 {
        700
    } else if since_ms < 60_000.0 {
        2000
    } else {
        5000
    }
}

/// Milliseconds after which a look that was not answered is told of.
const SILENT_MS: u32 = 2500;

/// A run and the key of its owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Id of the recording.
    pub recording: String,
    /// Id of the run.
    pub id: String,
    /// What makes this browser its owner.
    pub owner_key: Secret,
}

impl Run {
    fn path(&self) -> String {
        format!("/recordings/{}/runs/{}", self.recording, self.id)
    }

    /// Looks at it until it is done; `Ok(false)` when nobody follows any more.
    pub async fn follow(&self, looking: impl Fn() -> bool, show: impl Fn(Look)) -> Result<bool, CloudError> {
        let path = self.path();
        let (mut since, begun_ms) = (None, now_ms());
        while looking() {
            let asking = pin!(cloud::get::<RunStatus>(&path, Some(self.owner_key.reveal())));
            let answer = match select(asking, TimeoutFuture::new(SILENT_MS)).await {
                Either::Left((answer, _)) => answer,
                Either::Right(((), asking)) => {
                    show(Look::Lost("The cloud has not answered for some seconds.".into()));
                    asking.await
                }
            };
            match answer {
                Ok(RunStatus::Done) => return Ok(true),
                Ok(RunStatus::Failed { reason }) => {
                    return Err(CloudError::lasting(format!("The analysis did not finish: {reason}")));
                }
                Ok(status) => show(Look::Step { pace: pace(&status, &mut since), status }),
                // A lost connection does not stop the run; look again.
                Err(error) if error.may_pass() => show(Look::Lost(error.message)),
                Err(error) => return Err(error),
            }
            TimeoutFuture::new(look_ms(now_ms() - begun_ms)).await;
        }
        Ok(false)
    }

    /// Goes on with it after it failed or was stopped.
    pub async fn redrive(&self) -> Result<(), CloudError> {
        let path = format!("{}/redrive", self.path());
        let going = cloud::call::<StartedRun>(Method::POST, &path, Some(self.owner_key.reveal()), None::<&()>);
        going.await.map(drop)
    }

    /// Stops it; `Ok(false)` when it was done before.
    pub async fn cancel(&self) -> Result<bool, CloudError> {
        match cloud::call::<()>(Method::DELETE, &self.path(), Some(self.owner_key.reveal()), None::<&()>).await {
            Err(CloudError { cause: Cause::Status(409), .. }) => Ok(false),
            stopped => stopped.map(|()| true),
        }
    }
}

/// All runs of a recording, newest first.
pub async fn of_recording(recording: &str, owner_key: &Secret) -> Result<RunList, CloudError> {
    cloud::get(&format!("/recordings/{recording}/runs"), Some(owner_key.reveal())).await
}

/// What a look at a run tells.
pub enum Look {
    /// A step is under way, at a pace where its parts are counted.
    Step {
        /// The step.
        status: RunStatus,
        /// How fast it is.
        pace: Option<Pace>,
    },
    /// The connection is lost, and why.
    Lost(String),
}

/// How fast a step is.
pub struct Pace {
    /// Seconds since the first look at it: what came before tells no speed.
    pub seconds: f64,
    /// Share of what was left then that is done now.
    pub share: f64,
}

/// What was done of a step at the first look, and when that was.
struct Since {
    step: Discriminant<RunStatus>,
    done: u64,
    ms: f64,
}

#[expect(clippy::cast_precision_loss, reason = "shares")]
fn pace(status: &RunStatus, since: &mut Option<Since>) -> Option<Pace> {
    let (RunStatus::Planning { done, total } | RunStatus::Analysing { done, total }) = *status else { return None };
    let step = discriminant(status);
    let first = since.take().filter(|since| since.step == step);
    let Since { done: before, ms, .. } = since.insert(first.unwrap_or(Since { step, done, ms: now_ms() }));
    let share = done.saturating_sub(*before) as f64 / total.saturating_sub(*before).max(1) as f64;
    Some(Pace { seconds: (now_ms() - *ms) / 1000.0, share })
}
