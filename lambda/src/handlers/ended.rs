//! The calls of Reduce's function: by the state machine, or by the event of an execution's end. An execution that
//! died without a word leaves such an event.

use serde::Deserialize;

use super::reasons::reason_of_ending;
use super::{ReduceInput, RunRef, StepError, record_failure, reduce, run_key};
use crate::executions;
use crate::keys::attempts_prefix;
use crate::store::Store;

/// An execution that ended without a result, as the event of Step Functions has it in `detail`:
/// <https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html>.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Ended {
    /// The execution's name.
    pub name: String,
    /// `FAILED`, `TIMED_OUT` or `ABORTED`.
    pub status: String,
    /// The input of the execution, as JSON in a text.
    pub input: String,
    /// Name of the error.
    #[serde(default)]
    pub error: Option<String>,
    /// The message of the error.
    #[serde(default)]
    pub cause: Option<String>,
}

/// One of the two.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum ReduceCall {
    /// The state machine's last step.
    Step(ReduceInput),
    /// An execution's end.
    Ended(Ended),
}

/// Does what the call is for.
///
/// # Errors
/// As [`reduce`]; also when an event names no run.
pub async fn reduce_or_record(store: &Store, call: ReduceCall) -> Result<(), StepError> {
    let ended = match call {
        // What it holds while it waits is large.
        ReduceCall::Step(input) => return Box::pin(reduce(store, input)).await,
        ReduceCall::Ended(ended) => ended,
    };
    let started_with: RunRef =
        serde_json::from_str(&ended.input).map_err(|_| StepError::NotARequest(ended.input.clone()))?;
    let run = run_key(&started_with.request_key)?;
    // The event may come after somebody went on with the run, which then has another execution.
    let attempt = store.list(&attempts_prefix(&run)).await?.len();
    if executions::name(&run, attempt) != ended.name {
        return Ok(());
    }
    let (error, cause) = (ended.error.unwrap_or_default(), ended.cause.unwrap_or_default());
    record_failure(store, run, reason_of_ending(&ended.status, &error, &cause)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_of_the_machine_and_an_event_are_told_apart() {
        let step = r#"{ "request_key": "r", "slices": [0], "failure": { "Error": "Final", "Cause": "no" } }"#;
        assert!(matches!(serde_json::from_str(step), Ok(ReduceCall::Step(ReduceInput { failure: Some(_), .. }))));
        let event = r#"{ "executionArn": "arn:e", "stateMachineArn": "arn:m", "name": "n", "status": "ABORTED",
            "startDate": 1, "stopDate": 2, "input": "{\"request_key\":\"r\"}", "output": null, "error": null,
            "inputDetails": { "included": true } }"#;
        let call: ReduceCall = serde_json::from_str(event).expect("understood");
        assert!(matches!(call, ReduceCall::Ended(Ended { name, error: None, .. }) if name == "n"));
        assert!(serde_json::from_str::<ReduceCall>(r#"{ "name": "n" }"#).is_err());
    }
}
