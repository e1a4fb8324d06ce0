//! Runs the state machine of AWS on this machine.

use std::collections::HashSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use lambda::handlers;
use lambda::keys::{ObjectKey, RunKey};
use lambda::store::{Store, StoreError};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::asl::{Machine, TaskError, Tasks};

/// The very file that is deployed.
const MACHINE: &str = include_str!("../../state-machine.asl.json");

/// Takes runs and works on them in the background.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    handlers: Handlers,
    machine: Machine,
    /// Runs under way, so that one is not begun twice.
    running: Mutex<HashSet<RunKey>>,
}

impl Engine {
    /// An idle engine.
    pub fn start(store: Store) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let handlers = Handlers { store, slots: Arc::new(Semaphore::new(cores)) };
        let machine = Machine::parse(MACHINE).unwrap_or_else(|error| unreachable!("a test reads this file: {error}"));
        Self { inner: Arc::new(Inner { handlers, machine, running: Mutex::default() }) }
    }

    /// Begins a run in the background.
    pub fn run(&self, run: RunKey) {
        let inner = Arc::clone(&self.inner);
        let lock = |inner: &Inner| inner.running.lock().unwrap_or_else(PoisonError::into_inner).insert(run.clone());
        if !lock(&inner) {
            return;
        }
        tokio::spawn(async move {
            let input = json!({ "request_key": ObjectKey::Request(run.clone()).path() });
            let working = Arc::clone(&inner);
            // A task of its own, so that a panic in a step ends the run and nothing else.
            let ended = tokio::spawn(async move { working.machine.run(&working.handlers, input).await }).await;
            let problem = match ended {
                Ok(Ok(_)) => None,
                Ok(Err(error)) => Some(error.cause),
                Err(panicked) => Some(format!("a step ended unexpectedly: {panicked}")),
            };
            if let Some(reason) = problem {
                eprintln!("run {}: {reason}", run.run.as_str());
                handlers::record_failure(&inner.handlers.store, run.clone(), reason).await.unwrap_or_else(|error| {
                    eprintln!("run {}: {error}", run.run.as_str());
                });
            }
            inner.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&run);
        });
    }

    /// Runs that are being worked on.
    pub fn n_running(&self) -> usize {
        self.inner.running.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Goes on with the runs that an earlier process left unfinished.
    pub async fn resume(&self, store: &Store) -> Result<(), StoreError> {
        let keys: HashSet<String> = store.list("recordings/").await?.into_iter().collect();
        for run in keys.iter().filter_map(|key| ObjectKey::run_of_request(key)) {
            let ended = [ObjectKey::Receipt(run.clone()), ObjectKey::Failure(run.clone())];
            if !ended.iter().any(|key| keys.contains(&key.path())) {
                self.run(run);
            }
        }
        Ok(())
    }
}

/// The functions that the state machine names.
struct Handlers {
    store: Store,
    /// One slot per core: a slice keeps a core busy.
    slots: Arc<Semaphore>,
}

impl Tasks for Handlers {
    fn call<'a>(
        &'a self,
        resource: &'a str,
        input: Value,
    ) -> Pin<Box<dyn Future<Output = Result<Value, TaskError>> + Send + 'a>> {
        Box::pin(async move {
            let closed = |_| TaskError { name: "Final".into(), cause: "the engine is shutting down".into() };
            let _slot = self.slots.acquire().await.map_err(closed)?;
            let failed = |error: handlers::StepError| TaskError { name: error.name().into(), cause: error.to_string() };
            let wrong = |error: serde_json::Error| TaskError { name: "Final".into(), cause: error.to_string() };
            match resource {
                "${PlanFunctionArn}" => {
                    let planned = handlers::plan(&self.store, serde_json::from_value(input).map_err(wrong)?)
                        .await
                        .map_err(failed)?;
                    serde_json::to_value(planned).map_err(wrong)
                }
                "${AnalyseFunctionArn}" => {
                    handlers::analyse(&self.store, serde_json::from_value(input).map_err(wrong)?)
                        .await
                        .map_err(failed)?;
                    Ok(Value::Null)
                }
                "${ReduceFunctionArn}" => {
                    handlers::reduce(&self.store, serde_json::from_value(input).map_err(wrong)?)
                        .await
                        .map_err(failed)?;
                    Ok(Value::Null)
                }
                other => Err(TaskError { name: "Final".into(), cause: format!("there is no function {other}") }),
            }
        })
    }
}
