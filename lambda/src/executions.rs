//! Step Functions: starts the execution of a run, looks whether it lives, and stops it.
//!
//! The first execution of a run is named after the recording and the run, those that go on with it have
//! a number behind that. Whoever starts a run may choose its id: with the recording in the name nobody can
//! look at, stop or stand in for the execution of somebody else's. Step Functions takes each name once in 90
//! days, so a start can be repeated as often as its answer is lost. The local cloud answers the same protocol.

mod request;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::keys::{ObjectKey, RunKey};
use crate::store::StoreConfig;
use request::{Answer, Sender};

/// Tries of a call that may do better later, and the time before the second; it doubles.
const TRIES: u32 = 3;
const BEFORE_SECOND: Duration = Duration::from_millis(150);

/// Why a call of Step Functions came to nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExecutionError {
    /// It will be refused the next time too: a permission is missing, or the machine is not there.
    #[error("Step Functions refuses to {action}: {reason}")]
    Refused {
        /// A verb: `start`, `describe` or `stop`.
        action: &'static str,
        /// The answer of Step Functions.
        reason: String,
    },
    /// It is busy or could not be reached; the same call may do better later.
    #[error("Step Functions could not {action}: {reason}")]
    Unavailable {
        /// A verb, as above.
        action: &'static str,
        /// The answer of Step Functions.
        reason: String,
    },
}

/// The state of an execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// It works on the run.
    Running,
    /// It has ended.
    Ended(Ending),
    /// There is none of this name, or not yet for those who look.
    Missing,
}

/// How an execution ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// `SUCCEEDED`, `FAILED`, `TIMED_OUT` or `ABORTED`.
    pub status: String,
    /// Name of the error.
    pub error: String,
    /// The message of the error.
    pub cause: String,
}

/// The state machine that carries runs.
#[derive(Clone)]
pub struct Executions {
    inner: Arc<Inner>,
}

struct Inner {
    machine: String,
    sender: Sender,
}

impl fmt::Debug for Executions {
    /// The sender holds credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Executions").field("machine", &self.inner.machine).finish_non_exhaustive()
    }
}

/// Name of an execution of a run: of its first attempt, or of one that goes on with it.
#[must_use]
pub fn name(run: &RunKey, attempt: usize) -> String {
    let first = format!("{}-{}", run.recording.as_str(), run.run.as_str());
    if attempt == 0 { first } else { format!("{first}-{attempt}") }
}

impl Executions {
    /// The machine of this name (an ARN), called with the credentials of the store; `endpoint` is a
    /// server that is not AWS.
    #[must_use]
    pub fn new(machine: String, endpoint: Option<String>, store: &StoreConfig) -> Self {
        Self { inner: Arc::new(Inner { machine, sender: Sender::new(endpoint, store) }) }
    }

    /// The state machine that `NEUROCYTE_RUN_MACHINE` names, at `NEUROCYTE_STATES_ENDPOINT` if that is set. None where
    /// runs are started by something else.
    #[must_use]
    pub fn from_env(store: &StoreConfig) -> Option<Self> {
        let var = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        Some(Self::new(var("NEUROCYTE_RUN_MACHINE")?, var("NEUROCYTE_STATES_ENDPOINT"), store))
    }

    /// Starts an attempt at a run; one that was started before is left alone.
    ///
    /// # Errors
    /// When Step Functions refuses or cannot be reached.
    pub async fn start(&self, run: &RunKey, attempt: usize) -> Result<(), ExecutionError> {
        let request_key = ObjectKey::Request(run.clone()).path();
        let input = json!({ "request_key": request_key }).to_string();
        let body = json!({ "stateMachineArn": self.inner.machine, "name": name(run, attempt), "input": input });
        match self.call("start", "StartExecution", &body).await? {
            Ok(_) => Ok(()),
            Err(code) if code == "ExecutionAlreadyExists" => Ok(()),
            Err(code) => Err(ExecutionError::Refused { action: "start", reason: code }),
        }
    }

    /// The state of an attempt. The answer may be some seconds old.
    ///
    /// # Errors
    /// When Step Functions refuses or cannot be reached.
    pub async fn look(&self, run: &RunKey, attempt: usize) -> Result<Found, ExecutionError> {
        let body = json!({ "executionArn": self.execution(run, attempt) });
        match self.call("describe", "DescribeExecution", &body).await? {
            Ok(answer) => Ok(found(&answer)),
            Err(code) if code == "ExecutionDoesNotExist" => Ok(Found::Missing),
            Err(code) => Err(ExecutionError::Refused { action: "describe", reason: code }),
        }
    }

    /// Stops an attempt; one that has ended or never began is left alone.
    ///
    /// # Errors
    /// When Step Functions refuses or cannot be reached.
    pub async fn stop(&self, run: &RunKey, attempt: usize) -> Result<(), ExecutionError> {
        let body = json!({ "executionArn": self.execution(run, attempt), "error": "Stopped", "cause": "by its owner" });
        match self.call("stop", "StopExecution", &body).await? {
            Ok(_) => Ok(()),
            Err(code) if code == "ExecutionDoesNotExist" => Ok(()),
            Err(code) => Err(ExecutionError::Refused { action: "stop", reason: code }),
        }
    }

    /// ARN of an execution of this machine.
    fn execution(&self, run: &RunKey, attempt: usize) -> String {
        let machine = self.inner.machine.replacen(":stateMachine:", ":execution:", 1);
        format!("{machine}:{}", name(run, attempt))
    }

    /// Calls an operation, again where that may help. The inner error is a code that its caller may know.
    async fn call(
        &self,
        action: &'static str,
        operation: &str,
        body: &Value,
    ) -> Result<Result<Value, String>, ExecutionError> {
        let mut wait = BEFORE_SECOND;
        let mut reason = String::new();
        for attempt in 0..TRIES {
            if attempt > 0 {
                tokio::time::sleep(wait).await;
                wait *= 2;
            }
            match self.inner.sender.send(operation, body).await {
                Ok(Answer::Done(value)) => return Ok(Ok(value)),
                Ok(Answer::Known(code)) => return Ok(Err(code)),
                Ok(Answer::Refused(reason)) => return Err(ExecutionError::Refused { action, reason }),
                Ok(Answer::Busy(why)) | Err(why) => reason = why,
            }
        }
        Err(ExecutionError::Unavailable { action, reason })
    }
}

/// The state that `DescribeExecution` tells. An unknown state, such as one of a redrive, has not ended.
fn found(answer: &Value) -> Found {
    let text = |field: &str| answer[field].as_str().unwrap_or_default().to_owned();
    let status = text("status");
    match status.as_str() {
        "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED" => {
            Found::Ended(Ending { status, error: text("error"), cause: text("cause") })
        }
        _ => Found::Running,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Id;
    use wasm_core::secret::Secret;

    fn run() -> RunKey {
        let id = |digit: &str| Id::parse(&digit.repeat(32)).expect("an id");
        RunKey { recording: id("a"), run: id("b") }
    }

    fn executions() -> Executions {
        let secret = || Secret::new("AKIAHIDDEN");
        let store = StoreConfig {
            bucket: "lab-bucket".into(),
            region: "eu-north-1".into(),
            endpoint: None,
            access_key: secret(),
            secret_key: secret(),
            session_token: None,
        };
        Executions::new(
            "arn:aws:states:eu-north-1:1:stateMachine:Run-7".into(),
            Some("http://127.0.0.1:9".into()),
            &store,
        )
    }

    #[test]
    fn an_execution_is_named_after_its_run_and_attempt() {
        let (run, ids) = (run(), format!("{}-{}", "a".repeat(32), "b".repeat(32)));
        assert_eq!((name(&run, 0), name(&run, 2)), (ids.clone(), format!("{ids}-2")));
        // Names have at most 80 characters.
        assert!(name(&run, 1_000_000).len() <= 80);
        let arn = executions().execution(&run, 0);
        assert_eq!(arn, format!("arn:aws:states:eu-north-1:1:execution:Run-7:{ids}"));
        // The same id of a run, chosen by the owner of another recording.
        let other = RunKey { recording: run.run.clone(), run: run.run.clone() };
        assert_ne!(name(&run, 0), name(&other, 0));
    }

    #[test]
    fn only_what_has_ended_is_said_to_have() {
        assert_eq!(found(&json!({ "status": "RUNNING" })), Found::Running);
        assert_eq!(found(&json!({ "status": "PENDING_REDRIVE" })), Found::Running);
        let ending = Ending { status: "FAILED".into(), error: "RunFailed".into(), cause: String::new() };
        assert_eq!(found(&json!({ "status": "FAILED", "error": "RunFailed" })), Found::Ended(ending));
    }

    #[test]
    fn credentials_are_not_shown() {
        let shown = format!("{:?}", executions());
        assert!(shown.contains("Run-7") && !shown.contains("AKIAHIDDEN"), "{shown}");
    }
}
