//! The deployed state machine, whose functions fail.

use std::sync::Mutex;

use serde_json::json;

use super::*;

/// Fails the first calls of a resource, then echoes.
struct Flaky {
    failures: Mutex<Vec<(&'static str, String)>>,
    calls: Mutex<Vec<String>>,
}

impl Tasks for Flaky {
    fn call<'a>(&'a self, resource: &'a str, input: Value, limit: Option<Duration>) -> Call<'a> {
        Box::pin(async move {
            assert!(limit.is_some(), "no function of AWS takes for ever");
            let what = if input["failure"].is_null() { resource.to_owned() } else { format!("why {resource}") };
            self.calls.lock().expect("lock").push(what);
            if resource.contains("Analyse") {
                assert_eq!(input["request_key"], "r", "each slice knows its run");
                assert!(input["slice"].is_u64(), "{input}");
            }
            let mut failures = self.failures.lock().expect("lock");
            if let Some(at) = failures.iter().position(|(of, _)| *of == resource) {
                let (_, name) = failures.remove(at);
                return Err(TaskError { name, cause: "on purpose".into() });
            }
            let planned = json!({ "request_key": "r", "slices": [0, 1] });
            Ok(if resource.contains("Plan") { planned } else { input })
        })
    }
}

const PLAN: &str = "${PlanFunctionArn}";
const ANALYSE: &str = "${AnalyseFunctionArn}";
const REDUCE: &str = "${ReduceFunctionArn}";
const WHY: &str = "why ${ReduceFunctionArn}";

async fn calls(failures: Vec<(&'static str, &str)>) -> (Vec<String>, Result<Value, TaskError>) {
    let text = include_str!("../../../state-machine.asl.json").replace("${AnalysisConcurrency}", "1");
    let machine = Machine::parse(&text).expect("the deployed file is understood");
    let failures = failures.into_iter().map(|(of, name)| (of, name.to_owned())).collect();
    let tasks = Flaky { failures: Mutex::new(failures), calls: Mutex::default() };
    let ended = machine.run(&tasks, json!({ "request_key": "r" })).await;
    (tasks.calls.into_inner().expect("lock"), ended)
}

fn is_failed(ended: &Result<Value, TaskError>) -> bool {
    ended.as_ref().is_err_and(|error| error.name == "RunFailed")
}

#[tokio::test(start_paused = true)]
async fn the_deployed_machine_plans_maps_and_reduces() {
    let (calls, ended) = calls(Vec::new()).await;
    assert_eq!(calls, [PLAN, ANALYSE, ANALYSE, REDUCE]);
    assert!(ended.is_ok(), "{ended:?}");
}

/// The scenarios through which `infra/interpreters.py` takes interpreters that are not ours.
#[tokio::test(start_paused = true)]
async fn a_function_is_tried_again_as_often_as_its_failure_deserves() {
    let scenarios = include_str!("../../../state-machine.scenarios.json");
    let scenarios: Vec<Value> = serde_json::from_str(scenarios).expect("JSON");
    for scenario in &scenarios {
        let text = |field: &str| scenario[field].as_str().expect("text");
        let number = |field: &str| usize::try_from(scenario[field].as_u64().expect("a number")).expect("small");
        let function = [PLAN, ANALYSE, REDUCE].into_iter().find(|name| name.contains(text("function")));
        let function = function.expect("one of the three");
        let (calls, ended) = calls(vec![(function, text("error")); number("times")]).await;
        // The slice that did not fail is called once.
        let others = usize::from(function == ANALYSE && scenario["told"] == false);
        let n_calls = calls.iter().filter(|call| *call == function).count();
        assert_eq!(n_calls, number("calls") + others, "{scenario}: {calls:?}");
        assert_eq!(is_failed(&ended), scenario["told"] == true, "{scenario}: {ended:?}");
        // A slice says why, and then the run, of which the first is kept.
        let n_told = calls.iter().filter(|call| *call == WHY).count();
        let expected = if scenario["told"] == false { 0 } else { 1 + usize::from(function == ANALYSE) };
        assert_eq!(n_told, expected, "{scenario}: {calls:?}");
    }
}

/// Being throttled does not use up what is granted to failures.
#[tokio::test(start_paused = true)]
async fn each_rule_counts_its_own_attempts() {
    let mut failures = vec![(ANALYSE, "Lambda.TooManyRequestsException"); 20];
    failures.extend([(ANALYSE, "Runtime.ExitError"), (ANALYSE, "Retryable")]);
    let (_, ended) = calls(failures).await;
    assert!(ended.is_ok(), "{ended:?}");
}

#[tokio::test(start_paused = true)]
async fn what_plan_and_reduce_fail_with_is_written_down() {
    let (failed, ended) = calls(vec![(PLAN, "Final")]).await;
    assert_eq!((failed, is_failed(&ended)), (vec![PLAN.to_owned(), WHY.to_owned()], true));
    let (failed, ended) = calls(vec![(REDUCE, "Final")]).await;
    assert_eq!(failed[3..], [REDUCE, WHY]);
    assert!(is_failed(&ended), "{ended:?}");
    // Writing it down is tried again whatever it fails with.
    let (failed, ended) = calls(vec![(PLAN, "Final"), (REDUCE, "Final"), (REDUCE, "Runtime.ExitError")]).await;
    assert_eq!(failed, [PLAN, WHY, WHY, WHY]);
    assert!(is_failed(&ended), "{ended:?}");
}

#[test]
fn waits_grow_up_to_the_longest() {
    let rule = json!({ "IntervalSeconds": 5, "BackoffRate": 1.5, "MaxDelaySeconds": 60 });
    let waits: Vec<u64> = [0, 1, 6, 7, 199].map(|attempt| wait(&rule, attempt).as_secs()).to_vec();
    assert_eq!(waits, [5, 7, 56, 60, 60]);
}

#[test]
fn what_is_not_interpreted_is_refused() {
    for machine in [
        r#"{ "StartAt": "W", "States": { "W": { "Type": "Wait", "Seconds": 1, "End": true } } }"#,
        r#"{ "StartAt": "W", "QueryLanguage": "JSONata", "States": { "W": { "Type": "Fail" } } }"#,
        r#"{ "StartAt": "T", "States": { "T": { "Type": "Task", "Resource": "f", "End": true,
            "Retry": [{ "ErrorEquals": ["States.ALL"], "Forever": true }] } } }"#,
    ] {
        assert!(Machine::parse(machine).is_err(), "{machine}");
    }
}
