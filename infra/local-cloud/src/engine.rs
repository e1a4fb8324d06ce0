//! Runs the state machine of AWS on this machine: executions by name, each taken once.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lambda::executions;
use lambda::handlers::{self, Ended, ReduceCall};
use lambda::keys::{ObjectKey, attempts_prefix};
use lambda::store::{Store, StoreError};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::task::AbortHandle;

use crate::asl::{Call, Machine, TaskError, Tasks};

/// The very file that is deployed.
const MACHINE: &str = include_str!("../../state-machine.asl.json");

/// Takes executions and works on them in the background.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    handlers: Handlers,
    machine: Machine,
    executions: Mutex<HashMap<String, Execution>>,
    /// Whether the runs of an earlier process are under way again.
    is_ready: AtomicBool,
}

/// One execution, from its start until this process ends.
struct Execution {
    input: String,
    outcome: Outcome,
    abort: Option<AbortHandle>,
}

/// What became of an execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is under way.
    Running,
    /// Its last state was reached.
    Succeeded,
    /// It ended with this.
    Failed(TaskError),
    /// Somebody stopped it.
    Aborted,
}

impl Engine {
    /// An idle engine.
    pub fn start(store: Store) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let handlers = Handlers { store, slots: Arc::new(Semaphore::new(cores)) };
        let text = MACHINE.replace("${AnalysisConcurrency}", &cores.to_string());
        let machine = Machine::parse(&text).unwrap_or_else(|error| unreachable!("a test reads this file: {error}"));
        Self {
            inner: Arc::new(Inner {
                handlers,
                machine,
                executions: Mutex::default(),
                is_ready: AtomicBool::new(false),
            }),
        }
    }

    /// Begins an execution in the background. False when the name was used by one that has ended,
    /// or for something else.
    pub fn begin(&self, name: &str, input: &str) -> bool {
        let mut executions = self.inner.lock();
        if let Some(there) = executions.get(name) {
            return there.outcome == Outcome::Running && there.input == input;
        }
        let (inner, name, input) = (Arc::clone(&self.inner), name.to_owned(), input.to_owned());
        let working = Arc::clone(&inner);
        let given: Value = serde_json::from_str(&input).unwrap_or(Value::Null);
        // A task of its own, so that a panic in a step ends the execution and nothing else.
        let task = tokio::spawn(async move { working.machine.run(&working.handlers, given).await });
        let abort = Some(task.abort_handle());
        executions.insert(name.clone(), Execution { input: input.clone(), outcome: Outcome::Running, abort });
        drop(executions);
        tokio::spawn(async move {
            let outcome = match task.await {
                Ok(Ok(_)) => Outcome::Succeeded,
                Ok(Err(error)) => Outcome::Failed(error),
                Err(ended) if ended.is_cancelled() => Outcome::Aborted,
                Err(panicked) => {
                    Outcome::Failed(TaskError { name: "States.Runtime".into(), cause: panicked.to_string() })
                }
            };
            inner.tell(&name, &input, &outcome).await;
            if let Some(execution) = inner.lock().get_mut(&name) {
                execution.outcome = outcome;
                execution.abort = None;
            }
        });
        true
    }

    /// What became of an execution; `None` where there is none of this name.
    pub fn look(&self, name: &str) -> Option<Outcome> {
        self.inner.lock().get(name).map(|execution| execution.outcome.clone())
    }

    /// Stops an execution; false where there is none of this name.
    pub fn abort(&self, name: &str) -> bool {
        let executions = self.inner.lock();
        let Some(execution) = executions.get(name) else { return false };
        if let Some(abort) = &execution.abort {
            abort.abort();
        }
        true
    }

    /// Executions that are under way.
    pub fn n_running(&self) -> usize {
        self.inner.lock().values().filter(|execution| execution.outcome == Outcome::Running).count()
    }

    /// Whether what is not under way is known to have ended.
    pub fn is_ready(&self) -> bool {
        self.inner.is_ready.load(Ordering::Acquire)
    }

    /// Goes on with the runs that an earlier process left unfinished, each in its last attempt.
    pub async fn resume(&self, store: &Store) -> Result<(), StoreError> {
        let keys: HashSet<String> = store.list("recordings/").await?.into_iter().collect();
        for run in keys.iter().filter_map(|key| ObjectKey::run_of_request(key)) {
            let ended = [ObjectKey::Receipt(run.clone()), ObjectKey::Failure(run.clone())];
            if !ended.iter().any(|key| keys.contains(&key.path())) {
                let prefix = attempts_prefix(&run);
                let attempt = keys.iter().filter(|key| key.starts_with(&prefix)).count();
                let input = json!({ "request_key": ObjectKey::Request(run.clone()).path() });
                self.begin(&executions::name(&run, attempt), &input.to_string());
            }
        }
        self.inner.is_ready.store(true, Ordering::Release);
        Ok(())
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Execution>> {
        self.executions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells Reduce's function of an execution without a result, as the event of Step Functions does.
    async fn tell(&self, name: &str, input: &str, outcome: &Outcome) {
        let (status, error) = match outcome {
            Outcome::Running | Outcome::Succeeded => return,
            Outcome::Failed(error) => ("FAILED", Some(error.clone())),
            Outcome::Aborted => ("ABORTED", None),
        };
        let (error, cause) = error.map_or((None, None), |error| (Some(error.name), Some(error.cause)));
        let ended = Ended { name: name.into(), status: status.into(), input: input.into(), error, cause };
        let told = handlers::reduce_or_record(&self.handlers.store, ReduceCall::Ended(ended)).await;
        told.unwrap_or_else(|error| eprintln!("execution {name}: {error}"));
    }
}

/// The functions that the state machine names.
struct Handlers {
    store: Store,
    /// One slot per core: a slice keeps a core busy.
    slots: Arc<Semaphore>,
}

impl Handlers {
    async fn answer(&self, resource: &str, input: Value) -> Result<Value, TaskError> {
        let failed = |error: handlers::StepError| TaskError { name: error.name().into(), cause: error.to_string() };
        let wrong = |error: serde_json::Error| TaskError { name: "Final".into(), cause: error.to_string() };
        match resource {
            "${PlanFunctionArn}" => {
                let planned = handlers::plan(&self.store, serde_json::from_value(input).map_err(wrong)?).await;
                serde_json::to_value(planned.map_err(failed)?).map_err(wrong)
            }
            "${AnalyseFunctionArn}" => {
                handlers::analyse(&self.store, serde_json::from_value(input).map_err(wrong)?).await.map_err(failed)?;
                Ok(Value::Null)
            }
            "${ReduceFunctionArn}" => {
                let call = serde_json::from_value(input).map_err(wrong)?;
                handlers::reduce_or_record(&self.store, call).await.map_err(failed)?;
                Ok(Value::Null)
            }
            other => Err(TaskError { name: "Final".into(), cause: format!("there is no function {other}") }),
        }
    }
}

impl Tasks for Handlers {
    fn call<'a>(&'a self, resource: &'a str, input: Value, limit: Option<Duration>) -> Call<'a> {
        Box::pin(async move {
            let closed = |_| TaskError { name: "Final".into(), cause: "the engine is shutting down".into() };
            let _slot = self.slots.acquire().await.map_err(closed)?;
            let answering = self.answer(resource, input);
            match limit {
                Some(limit) => {
                    let late = |_| Err(TaskError::timeout(limit));
                    tokio::time::timeout(limit, answering).await.unwrap_or_else(late)
                }
                None => answering.await,
            }
        })
    }
}
