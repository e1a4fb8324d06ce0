//! An interpreter of the Amazon States Language, as far as our state machine uses it:
//! `Task`, `Map`, `Fail`, `Retry`, `Catch`, and `ItemsPath`, `ItemSelector` and `ResultPath` of one level.
//! Waits of `Retry` are not drawn at random: one machine has no crowd to spread.
//!
//! Specification: <https://states-language.net/spec.html>. A construct that is not known
//! is refused when the file is read, so that the file and this interpreter cannot drift.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::Value;

/// What a task fails with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskError {
    /// Matched by `ErrorEquals`.
    pub name: String,
    /// For people.
    pub cause: String,
}

/// What is under way: it gives an output or the error that it fails with.
pub type Call<'a> = Pin<Box<dyn Future<Output = Result<Value, TaskError>> + Send + 'a>>;

/// The functions behind `Resource`.
pub trait Tasks: Sync {
    /// Calls one; it may take so long from when it begins, and fails with `States.Timeout` then.
    fn call<'a>(&'a self, resource: &'a str, input: Value, limit: Option<Duration>) -> Call<'a>;
}

/// A state machine that is known to use only what this interpreter does.
pub struct Machine(Value);

const MACHINE_FIELDS: &[&str] = &["Comment", "StartAt", "TimeoutSeconds", "States", "ProcessorConfig"];

const STATE_FIELDS: &[&str] = &[
    "Type",
    "Label",
    "Resource",
    "TimeoutSeconds",
    "Error",
    "Cause",
    "Retry",
    "Catch",
    "Next",
    "End",
    "ItemsPath",
    "ItemSelector",
    "MaxConcurrency",
    "ItemProcessor",
    "ResultPath",
];

const RETRY_FIELDS: &[&str] =
    &["ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds", "JitterStrategy"];

const CATCH_FIELDS: &[&str] = &["ErrorEquals", "ResultPath", "Next"];

impl Machine {
    /// Reads a state machine.
    pub fn parse(text: &str) -> Result<Self, String> {
        let machine: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        check(&machine)?;
        Ok(Self(machine))
    }

    /// Runs it from its first state; gives the last state's output.
    pub async fn run(&self, tasks: &impl Tasks, input: Value) -> Result<Value, TaskError> {
        let running = run(&self.0, tasks, input);
        match limit(&self.0) {
            Some(limit) => {
                tokio::time::timeout(limit, running).await.unwrap_or_else(|_| Err(TaskError::timeout(limit)))
            }
            None => running.await,
        }
    }
}

impl TaskError {
    /// What took too long fails with this.
    pub fn timeout(limit: Duration) -> Self {
        Self { name: "States.Timeout".into(), cause: format!("it took longer than {} s", limit.as_secs()) }
    }
}

/// How long a machine or a state may take.
fn limit(part: &Value) -> Option<Duration> {
    part["TimeoutSeconds"].as_u64().map(Duration::from_secs)
}

/// Refuses fields that are not known.
fn known(what: &str, part: &Value, fields: &[&str]) -> Result<(), String> {
    let part = part.as_object().ok_or_else(|| format!("{what} is not an object"))?;
    match part.keys().find(|field| !fields.contains(&field.as_str())) {
        Some(field) => Err(format!("{what}: {field} is not supported")),
        None => Ok(()),
    }
}

fn check(machine: &Value) -> Result<(), String> {
    known("the machine", machine, MACHINE_FIELDS)?;
    let states = machine["States"].as_object().ok_or("a machine needs States")?;
    let start = machine["StartAt"].as_str().ok_or("a machine needs StartAt")?;
    let exists = |name: &str| if states.contains_key(name) { Ok(()) } else { Err(format!("there is no state {name}")) };
    exists(start)?;
    for (name, state) in states {
        known(name, state, STATE_FIELDS)?;
        match state["Type"].as_str() {
            Some("Task") => drop(state["Resource"].as_str().ok_or_else(|| format!("{name} needs a Resource"))?),
            Some("Map") => check(&state["ItemProcessor"])?,
            // It has no state after it.
            Some("Fail") => continue,
            other => return Err(format!("{name}: the type {other:?} is not supported")),
        }
        match state["Next"].as_str() {
            Some(next) => exists(next)?,
            None if state["End"] == true => {}
            None => return Err(format!("{name} needs Next or End")),
        }
        for retry in state["Retry"].as_array().into_iter().flatten() {
            known(name, retry, RETRY_FIELDS)?;
        }
        for catch in state["Catch"].as_array().into_iter().flatten() {
            known(name, catch, CATCH_FIELDS)?;
            exists(catch["Next"].as_str().unwrap_or_default())?;
        }
    }
    Ok(())
}

/// Runs a machine or a map's processor.
fn run<'a>(machine: &'a Value, tasks: &'a impl Tasks, input: Value) -> Call<'a> {
    Box::pin(async move {
        let mut name = machine["StartAt"].as_str().unwrap_or_default();
        let mut data = input;
        loop {
            let state = &machine["States"][name];
            if state["Type"] == "Fail" {
                let text = |field: &str| state[field].as_str().unwrap_or_default().to_owned();
                return Err(TaskError { name: text("Error"), cause: text("Cause") });
            }
            match retried(state, tasks, &data).await {
                Ok(output) => {
                    data = with_result(state.get("ResultPath"), data, output);
                    match state["Next"].as_str() {
                        Some(next) => name = next,
                        None => return Ok(data),
                    }
                }
                Err(error) => {
                    let Some(catch) =
                        state["Catch"].as_array().into_iter().flatten().find(|catch| matches(catch, &error))
                    else {
                        return Err(error);
                    };
                    let caught = serde_json::json!({ "Error": error.name, "Cause": error.cause });
                    data = with_result(catch.get("ResultPath"), data, caught);
                    name = catch["Next"].as_str().unwrap_or_default();
                }
            }
        }
    })
}

/// Runs a state, again where its `Retry` says so. Each rule counts its own attempts.
async fn retried(state: &Value, tasks: &impl Tasks, data: &Value) -> Result<Value, TaskError> {
    let rules = state["Retry"].as_array().map_or(&[][..], Vec::as_slice);
    let mut attempts = vec![0_i32; rules.len()];
    loop {
        let error = match once(state, tasks, data).await {
            Ok(output) => return Ok(output),
            Err(error) => error,
        };
        let Some(at) = rules.iter().position(|rule| matches(rule, &error)) else { return Err(error) };
        if i64::from(attempts[at]) >= rules[at]["MaxAttempts"].as_i64().unwrap_or(3) {
            return Err(error);
        }
        tokio::time::sleep(wait(&rules[at], attempts[at])).await;
        attempts[at] += 1;
    }
}

/// How long to wait before the attempt after so many.
fn wait(rule: &Value, attempt: i32) -> Duration {
    let longest_s = rule["MaxDelaySeconds"].as_f64().unwrap_or(f64::from(u32::MAX));
    let wait_s =
        rule["IntervalSeconds"].as_f64().unwrap_or(1.0) * rule["BackoffRate"].as_f64().unwrap_or(2.0).powi(attempt);
    Duration::from_secs_f64(wait_s.min(longest_s))
}

async fn once(state: &Value, tasks: &impl Tasks, data: &Value) -> Result<Value, TaskError> {
    if state["Type"] == "Task" {
        return tasks.call(state["Resource"].as_str().unwrap_or_default(), data.clone(), limit(state)).await;
    }
    let field = state["ItemsPath"].as_str().unwrap_or("$").trim_start_matches("$.");
    let items = data[field].as_array().cloned().unwrap_or_default();
    let at_once = usize::try_from(state["MaxConcurrency"].as_u64().unwrap_or(0)).unwrap_or(0);
    let mut outputs = Vec::with_capacity(items.len());
    for some in items.chunks(if at_once == 0 { items.len().max(1) } else { at_once }) {
        let started = some.iter().map(|item| run(&state["ItemProcessor"], tasks, selected(state, data, item)));
        for output in join_all(started).await {
            outputs.push(output?);
        }
    }
    Ok(Value::Array(outputs))
}

/// What an item's processor is given: the item, or what `ItemSelector` makes of it.
fn selected(state: &Value, data: &Value, item: &Value) -> Value {
    let Some(fields) = state["ItemSelector"].as_object() else { return item.clone() };
    let value = |path: &Value| match path.as_str() {
        Some("$$.Map.Item.Value") => item.clone(),
        Some(path) => data[path.trim_start_matches("$.")].clone(),
        None => Value::Null,
    };
    fields.iter().map(|(name, path)| (name.trim_end_matches(".$").to_owned(), value(path))).collect()
}

fn matches(rule: &Value, error: &TaskError) -> bool {
    let names = rule["ErrorEquals"].as_array().into_iter().flatten();
    names.filter_map(Value::as_str).any(|name| name == "States.ALL" || name == error.name)
}

/// `ResultPath`: absent replaces the data, null keeps it, `$.field` adds to it.
fn with_result(path: Option<&Value>, mut data: Value, output: Value) -> Value {
    match path {
        Some(Value::Null) => data,
        Some(Value::String(path)) if path != "$" => {
            data[path.trim_start_matches("$.")] = output;
            data
        }
        _ => output,
    }
}

#[cfg(test)]
mod tests;
