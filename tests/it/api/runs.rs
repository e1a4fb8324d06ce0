//! Runs that fail, are stopped, and are gone on with.

use std::time::SystemTime;

use serde_json::{Value, json};
use wasm_core::pipeline::Pipeline;

use super::{Cloud, chunk, http, recording, until};

/// A recording that is uploaded whole; its address, and the owner's key.
async fn uploaded(cloud: &Cloud) -> (String, String) {
    let (_, created) = cloud.ask("POST", "/recordings", None, Some(&recording(3, 2))).await;
    let text = |field: &str| created[field].as_str().expect("text").to_owned();
    let (path, key) = (format!("/recordings/{}", text("recording_id")), text("owner_key"));
    let good = chunk();
    let wanted = json!({ "chunks": [{ "chunk": { "segment": 0, "row": 0, "group": 0 }, "size_bytes": good.len(),
        "crc32c": wasm_core::crc32c(&good) }] });
    let (_, signed) = cloud.ask("POST", &format!("{path}/uploads"), Some(&key), Some(&wanted)).await;
    let headers: Vec<(String, String)> =
        serde_json::from_value(signed["requests"][0]["headers"].clone()).expect("a list of headers");
    http("PUT", signed["requests"][0]["url"].as_str().expect("an address"), &headers, &good).await;
    (path, key)
}

/// Starts a run of the default pipeline; its address.
async fn started(cloud: &Cloud, path: &str, key: &str) -> String {
    let start = json!({ "pipeline": Pipeline::default() });
    let (status, answer) = cloud.ask("POST", &format!("{path}/runs"), Some(key), Some(&start)).await;
    assert_eq!(status, 200, "{answer}");
    format!("{path}/runs/{}", answer["run_id"].as_str().expect("an id"))
}

/// What a run is once it is neither planned nor analysed any more.
async fn ended(cloud: &Cloud, run: &str, key: &str) -> Value {
    until("the run has ended", async || match cloud.ask("GET", run, Some(key), None).await.1 {
        status if status["state"] == "done" || status["state"] == "failed" => Ok(()),
        status => Err(status.to_string()),
    })
    .await;
    cloud.ask("GET", run, Some(key), None).await.1
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_says_why_it_failed_and_goes_on_from_there() {
    let cloud = Cloud::start().await;
    let (path, key) = uploaded(&cloud).await;
    // Reduce is the first to read the events.
    let events = cloud.objects("/events.json").pop().expect("events");
    let good = std::fs::read(&events).expect("readable");
    std::fs::write(&events, "no events").expect("writable");
    let run = started(&cloud, &path, &key).await;
    let status = ended(&cloud, &run, &key).await;
    let reason = status["reason"].as_str().expect("a reason");
    assert!(reason.contains("events.json is damaged"), "{status}");

    let written = |name: &str| -> Vec<SystemTime> {
        let mut there = cloud.objects(name);
        there.sort();
        there.iter().map(|path| std::fs::metadata(path).and_then(|there| there.modified()).expect("a time")).collect()
    };
    let (plan, slices) = (written("/plan.json"), written("/slices/"));
    assert_eq!((plan.len(), slices.len()), (1, 2), "planned, and the one slice analysed");
    std::fs::write(&events, good).expect("writable");
    let going = format!("{run}/redrive");
    assert_eq!(cloud.ask("POST", &going, Some("0"), None).await.0, 403, "only its owner goes on with it");
    let go_on = async || match cloud.ask("POST", &going, Some(&key), None).await {
        (200, _) => Ok(()),
        (status, answer) => Err(format!("{status} {answer}")),
    };
    until("the run goes on", go_on).await;
    assert_eq!(ended(&cloud, &run, &key).await["state"], "done");
    assert_eq!((written("/plan.json"), written("/slices/")), (plan, slices), "what was done is not done again");
    assert_eq!(cloud.objects("/attempts/").len(), 1);
    assert_eq!(cloud.ask("POST", &going, Some(&key), None).await.0, 409, "there is nothing to go on with");
    let other = format!("{path}/runs/{}/redrive", "0".repeat(32));
    assert_eq!(cloud.ask("POST", &other, Some(&key), None).await.0, 404);
    cloud.running.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_run_ends_and_can_be_gone_on_with() {
    let cloud = Cloud::start().await;
    let (path, key) = uploaded(&cloud).await;
    let run = started(&cloud, &path, &key).await;
    // It may have been faster.
    let (status, _) = cloud.ask("DELETE", &run, Some(&key), None).await;
    assert!([204, 409].contains(&status), "{status}");
    until("no run is worked on", async || match cloud.running.n_running() {
        0 => Ok(()),
        n => Err(format!("{n} under way")),
    })
    .await;
    if status == 204 {
        let told = ended(&cloud, &run, &key).await;
        assert!(told["state"] == "done" || told["reason"] == "You stopped this run.", "{told}");
        if told["state"] == "failed" {
            assert_eq!(cloud.ask("POST", &format!("{run}/redrive"), Some(&key), None).await.0, 200);
        }
    }
    assert_eq!(ended(&cloud, &run, &key).await["state"], "done");
    cloud.running.stop();
}

/// Executions are started and stopped by the API alone.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_may_start_or_stop_executions() {
    let cloud = Cloud::start().await;
    for operation in ["StartExecution", "StopExecution", "DescribeExecution"] {
        let headers = [
            ("x-amz-target".to_owned(), format!("AWSStepFunctions.{operation}")),
            ("x-amz-security-token".to_owned(), "guessed".to_owned()),
        ];
        let (status, answer) = http("POST", &format!("{}/", cloud.running.address), &headers, b"{}").await;
        let answer = String::from_utf8_lossy(&answer);
        assert!(status == 400 && answer.contains("UnrecognizedClientException"), "{operation}: {status} {answer}");
    }
    cloud.running.stop();
}
