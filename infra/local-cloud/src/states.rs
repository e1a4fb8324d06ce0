//! Step Functions over the engine: the operations of its protocol that the API calls.
//!
//! <https://docs.aws.amazon.com/step-functions/latest/apireference/>

use std::time::{SystemTime, UNIX_EPOCH};

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::engine::{Engine, Outcome};

/// The one state machine of the local cloud.
pub const MACHINE: &str = "arn:aws:states:us-east-1:000000000000:stateMachine:run";

const EXECUTIONS: &str = "arn:aws:states:us-east-1:000000000000:execution:run:";

const TARGET: &str = "x-amz-target";
const SERVICE: &str = "AWSStepFunctions.";

/// Requests hold names and one key of an object.
const MAX_BODY_BYTES: usize = 1 << 20;

/// The operation that a request names; none where it is not for Step Functions.
pub fn operation(headers: &HeaderMap) -> Option<String> {
    Some(headers.get(TARGET)?.to_str().ok()?.strip_prefix(SERVICE)?.to_owned())
}

/// Answers an operation, of whoever knows this process's token. It stands in for the signature,
/// which is not checked here: the token is part of what is signed.
pub async fn answer(engine: &Engine, token: &str, operation: &str, request: Request) -> Response {
    let given = request.headers().get("x-amz-security-token").and_then(|value| value.to_str().ok());
    if given != Some(token) {
        return refusal("UnrecognizedClientException", "The security token is not that of this process.");
    }
    if !engine.is_ready() {
        let busy = json!({ "__type": "ServiceUnavailable", "message": "The local cloud is starting." });
        return json_with(StatusCode::SERVICE_UNAVAILABLE, &busy);
    }
    let Ok(bytes) = to_bytes(request.into_body(), MAX_BODY_BYTES).await else {
        return refusal("SerializationException", "The request broke off or is too long.");
    };
    let asked: Value = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    let text = |field: &str| asked[field].as_str().unwrap_or_default();
    let execution = text("executionArn").strip_prefix(EXECUTIONS).unwrap_or_default();
    let missing = || refusal("ExecutionDoesNotExist", "There is no execution of this name.");
    match operation {
        "StartExecution" if text("stateMachineArn") != MACHINE => {
            refusal("StateMachineDoesNotExist", "There is one state machine here, and this is not its name.")
        }
        "StartExecution" if engine.begin(text("name"), text("input")) => {
            done(&json!({ "executionArn": format!("{EXECUTIONS}{}", text("name")), "startDate": now_s() }))
        }
        "StartExecution" => refusal("ExecutionAlreadyExists", "The name was used before."),
        "DescribeExecution" => engine.look(execution).map_or_else(missing, |outcome| done(&described(&outcome))),
        "StopExecution" if engine.abort(execution) => done(&json!({ "stopDate": now_s() })),
        "StopExecution" => missing(),
        _ => refusal("UnknownOperationException", "The local cloud does not know this operation."),
    }
}

fn described(outcome: &Outcome) -> Value {
    match outcome {
        Outcome::Running => json!({ "status": "RUNNING" }),
        Outcome::Succeeded => json!({ "status": "SUCCEEDED" }),
        Outcome::Aborted => json!({ "status": "ABORTED" }),
        Outcome::Failed(error) => json!({ "status": "FAILED", "error": error.name, "cause": error.cause }),
    }
}

fn now_s() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |time| time.as_secs_f64())
}

fn done(answer: &Value) -> Response {
    json_with(StatusCode::OK, answer)
}

fn refusal(code: &str, message: &str) -> Response {
    json_with(StatusCode::BAD_REQUEST, &json!({ "__type": code, "message": message }))
}

fn json_with(status: StatusCode, body: &Value) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/x-amz-json-1.0")];
    (status, headers, Body::from(body.to_string())).into_response()
}
