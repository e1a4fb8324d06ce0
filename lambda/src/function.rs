//! The API, and a step of a run, as Lambda functions.

use lambda_runtime::{Diagnostic, Error, LambdaEvent, service_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::api::{Cloud, router_of};
use crate::executions::Executions;
use crate::handlers::StepError;
use crate::log;
use crate::store::{Store, StoreConfig};

/// Answers requests of API Gateway until Lambda ends the process.
///
/// # Errors
/// When the environment names no bucket, or Lambda's own interface fails.
pub async fn serve_api() -> Result<(), Error> {
    log::begin();
    let config = StoreConfig::from_env()?;
    let (executions, endpoint) = (Executions::from_env(&config), config.endpoint.clone());
    let everyone = std::env::var("NEUROCYTE_INVITE_EVERYONE").ok();
    let cloud = Cloud { store: Store::new(config), executions };
    lambda_http::run(router_of(cloud, endpoint.as_deref(), everyone.as_deref())).await
}

/// Answers events with this step until Lambda ends the process.
///
/// # Errors
/// When the environment names no bucket, or Lambda's own interface fails.
pub async fn serve<A: DeserializeOwned, R: Serialize>(
    step: impl AsyncFn(&Store, A) -> Result<R, StepError>,
) -> Result<(), Error> {
    log::begin();
    let store = Store::new(StoreConfig::from_env()?);
    let answer = async |event: LambdaEvent<Value>| {
        let failed =
            |error: StepError| Diagnostic { error_type: error.name().into(), error_message: error.to_string() };
        let line = log::Step::of(&event.payload);
        // What a step holds while it waits is large.
        let outcome = Box::pin(taken::<A, R>(&store, &step, event.payload)).await;
        line.ended(&outcome);
        outcome.map_err(failed)
    };
    lambda_runtime::run(service_fn(answer)).await
}

/// Takes a step with an event, if it is one of this step's.
async fn taken<A: DeserializeOwned, R>(
    store: &Store,
    step: &impl AsyncFn(&Store, A) -> Result<R, StepError>,
    event: Value,
) -> Result<R, StepError> {
    let wrong = |error: serde_json::Error| StepError::Damaged { key: "the event".into(), reason: error.to_string() };
    step(store, serde_json::from_value(event).map_err(wrong)?).await
}
