//! A run in the cloud, followed until it ends.

mod following;

use std::pin::pin;

use futures_util::future::{Either, select};
use gloo_net::http::Method;
use gloo_timers::future::TimeoutFuture;
use wasm_core::api::{RunList, RunStatus, StartedRun};
use wasm_core::secret::Secret;

use super::analysis::now_ms;
use super::cloud::{self, Cause, CloudError};
pub use following::{Following, Look};

/// Milliseconds between looks at a run: soon at first, then the rarer the longer it takes, because
/// each look at a long run costs its owner a little. The cloud gives no sign of its own when a run is further.
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

    /// The address of its page.
    pub fn address(&self) -> String {
        format!("#{}", self.path())
    }

    /// Looks at it until it is done. Whoever drops this follows it no more; the run goes on.
    pub async fn follow(&self, told: impl Fn(Look)) -> Result<(), CloudError> {
        let (path, begun_ms) = (self.path(), now_ms());
        loop {
            let asking = pin!(cloud::get::<RunStatus>(&path, Some(self.owner_key.reveal())));
            let answer = match select(asking, TimeoutFuture::new(SILENT_MS)).await {
                Either::Left((answer, _)) => answer,
                Either::Right(((), asking)) => {
                    told(Look::Lost("The cloud has not answered for some seconds.".into()));
                    asking.await
                }
            };
            match answer {
                Ok(RunStatus::Done) => return Ok(()),
                Ok(RunStatus::Failed { reason }) => {
                    return Err(CloudError::lasting(format!("The analysis did not finish: {reason}")));
                }
                Ok(status) => told(Look::Step(status)),
                // A lost connection does not stop the run; look again.
                Err(error) if error.may_pass() => told(Look::Lost(lost(error))),
                Err(error) => return Err(error),
            }
            TimeoutFuture::new(look_ms(now_ms() - begun_ms)).await;
        }
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

/// Why a look at a run failed, in words: the run does not depend on this page's connection.
fn lost(CloudError { cause, message }: CloudError) -> String {
    match cause {
        Cause::Unreachable => "The connection is lost; the run goes on, and this page looks again.".into(),
        Cause::Status(_) | Cause::Lasting => message,
    }
}

/// All runs of a recording, newest first.
pub async fn of_recording(recording: &str, owner_key: &Secret) -> Result<RunList, CloudError> {
    cloud::get(&format!("/recordings/{recording}/runs"), Some(owner_key.reveal())).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_look_says_that_the_run_goes_on() {
        let message = "The cloud cannot be reached (TypeError: Failed to fetch). Try again.";
        let error = |cause| CloudError { cause, message: message.to_owned() };
        let said = lost(error(Cause::Unreachable));
        assert!(said.contains("the run goes on") && !said.contains("TypeError"), "{said}");
        assert_eq!(lost(error(Cause::Status(503))), message, "what the cloud itself says is shown");
    }
}
