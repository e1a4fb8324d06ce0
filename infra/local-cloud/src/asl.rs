//! An interpreter of the Amazon States Language, as far as our state machine uses it:
//! `Task`, `Map`, `Retry`, `Catch`, and `ItemsPath`, `ItemSelector` and `ResultPath` of one level.
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

/// The functions behind `Resource`.
pub trait Tasks: Sync {
    /// Calls one.
    fn call<'a>(
        &'a self,
        resource: &'a str,
        input: Value,
    ) -> Pin<Box<dyn Future<Output = Result<Value, TaskError>> + Send + 'a>>;
}

/// A state machine that is known to use only what this interpreter does.
pub struct Machine(Value);

const STATE_FIELDS: &[&str] = &[
    "Type",
    "Resource",
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

impl Machine {
    /// Reads a state machine.
    pub fn parse(text: &str) -> Result<Self, String> {
        let machine: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        check(&machine)?;
        Ok(Self(machine))
    }

    /// Runs it from its first state; gives the last state's output.
    pub async fn run(&self, tasks: &impl Tasks, input: Value) -> Result<Value, TaskError> {
        run(&self.0, tasks, input).await
    }
}

fn check(machine: &Value) -> Result<(), String> {
    let states = machine["States"].as_object().ok_or("a machine needs States")?;
    let start = machine["StartAt"].as_str().ok_or("a machine needs StartAt")?;
    let exists = |name: &str| if states.contains_key(name) { Ok(()) } else { Err(format!("there is no state {name}")) };
    exists(start)?;
    for (name, state) in states {
        let fields = state.as_object().ok_or_else(|| format!("{name} is not an object"))?;
        if let Some(field) = fields.keys().find(|field| !STATE_FIELDS.contains(&field.as_str())) {
            return Err(format!("{name}: {field} is not supported"));
        }
        match state["Type"].as_str() {
            Some("Task") => drop(state["Resource"].as_str().ok_or_else(|| format!("{name} needs a Resource"))?),
            Some("Map") => check(&state["ItemProcessor"])?,
            other => return Err(format!("{name}: the type {other:?} is not supported")),
        }
        match state["Next"].as_str() {
            Some(next) => exists(next)?,
            None if state["End"] == true => {}
            None => return Err(format!("{name} needs Next or End")),
        }
        for catch in state["Catch"].as_array().into_iter().flatten() {
            exists(catch["Next"].as_str().unwrap_or_default())?;
        }
    }
    Ok(())
}

/// Runs a machine or a map's processor.
fn run<'a>(
    machine: &'a Value,
    tasks: &'a impl Tasks,
    input: Value,
) -> Pin<Box<dyn Future<Output = Result<Value, TaskError>> + Send + 'a>> {
    Box::pin(async move {
        let mut name = machine["StartAt"].as_str().unwrap_or_default();
        let mut data = input;
        loop {
            let state = &machine["States"][name];
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

/// Runs a state, again where its `Retry` says so.
async fn retried(state: &Value, tasks: &impl Tasks, data: &Value) -> Result<Value, TaskError> {
    let mut attempt = 0;
    loop {
        let error = match once(state, tasks, data).await {
            Ok(output) => return Ok(output),
            Err(error) => error,
        };
        let Some(retry) = state["Retry"].as_array().into_iter().flatten().find(|retry| matches(retry, &error)) else {
            return Err(error);
        };
        if attempt >= retry["MaxAttempts"].as_i64().unwrap_or(3) {
            return Err(error);
        }
        let exponent = i32::try_from(attempt).unwrap_or(i32::MAX);
        let wait_s = retry["IntervalSeconds"].as_f64().unwrap_or(1.0)
            * retry["BackoffRate"].as_f64().unwrap_or(2.0).powi(exponent);
        tokio::time::sleep(Duration::from_secs_f64(wait_s)).await;
        attempt += 1;
    }
}

async fn once(state: &Value, tasks: &impl Tasks, data: &Value) -> Result<Value, TaskError> {
    if state["Type"] == "Task" {
        return tasks.call(state["Resource"].as_str().unwrap_or_default(), data.clone()).await;
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
mod tests {
    use std::sync::Mutex;

    use serde_json::json;

    use super::*;

    /// Fails the first calls of a resource, then echoes.
    struct Flaky {
        failures: Mutex<Vec<(&'static str, &'static str)>>,
        calls: Mutex<Vec<String>>,
    }

    impl Tasks for Flaky {
        fn call<'a>(
            &'a self,
            resource: &'a str,
            input: Value,
        ) -> Pin<Box<dyn Future<Output = Result<Value, TaskError>> + Send + 'a>> {
            Box::pin(async move {
                self.calls.lock().expect("lock").push(resource.to_owned());
                if resource.contains("Analyse") {
                    assert_eq!(input["request_key"], "r", "each slice knows its run");
                    assert!(input["slice"].is_u64(), "{input}");
                }
                let mut failures = self.failures.lock().expect("lock");
                if let Some(at) = failures.iter().position(|(of, _)| *of == resource) {
                    let (_, name) = failures.remove(at);
                    return Err(TaskError { name: name.into(), cause: "on purpose".into() });
                }
                let planned = json!({ "request_key": "r", "slices": [0, 1] });
                Ok(if resource.contains("Plan") { planned } else { input })
            })
        }
    }

    async fn calls(failures: Vec<(&'static str, &'static str)>) -> (Vec<String>, Value) {
        let machine =
            Machine::parse(include_str!("../../state-machine.asl.json")).expect("the deployed file is understood");
        let tasks = Flaky { failures: Mutex::new(failures), calls: Mutex::default() };
        let output = machine.run(&tasks, json!({ "request_key": "r" })).await.expect("caught");
        (tasks.calls.into_inner().expect("lock"), output)
    }

    #[tokio::test(start_paused = true)]
    async fn the_deployed_machine_plans_maps_and_reduces() {
        let (calls, output) = calls(Vec::new()).await;
        assert_eq!(
            calls,
            ["${PlanFunctionArn}", "${AnalyseFunctionArn}", "${AnalyseFunctionArn}", "${ReduceFunctionArn}"]
        );
        assert!(output["failure"].is_null(), "{output}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_retryable_failure_is_tried_again_and_a_final_one_reaches_reduce() {
        let (tried, _) = calls(vec![("${AnalyseFunctionArn}", "Retryable")]).await;
        assert_eq!(tried.iter().filter(|name| name.contains("Analyse")).count(), 3);
        let (failed, output) = calls(vec![("${PlanFunctionArn}", "Final")]).await;
        assert_eq!(failed, ["${PlanFunctionArn}", "${ReduceFunctionArn}"]);
        assert_eq!(output["failure"], json!({ "Error": "Final", "Cause": "on purpose" }));
        // A Reduce that fails is called again, to write down why.
        let (failed, output) = calls(vec![("${ReduceFunctionArn}", "Final")]).await;
        assert_eq!(failed.iter().filter(|name| name.contains("Reduce")).count(), 2);
        assert_eq!(output["failure"]["Error"], "Final");
    }

    #[test]
    fn what_is_not_interpreted_is_refused() {
        let wait = r#"{ "StartAt": "W", "States": { "W": { "Type": "Wait", "Seconds": 1, "End": true } } }"#;
        assert!(Machine::parse(wait).is_err());
    }
}
