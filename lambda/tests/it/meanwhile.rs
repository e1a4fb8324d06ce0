//! What is asked for while its recording is deleted, and runs that are named wrongly.

use serde_json::{Value, json};
use wasm_core::pipeline::Pipeline;

use crate::going_on::Stage;

/// From when an object is written whose key holds this, the recording is gone.
fn deleted_at(stage: &Stage, written: &'static str) {
    stage.s3.goes_with(written, format!("recordings/{}/recording.json", stage.recording));
}

/// Objects of a run of the recording.
fn objects(stage: &Stage, run: &str) -> Vec<String> {
    stage.s3.keys(&format!("recordings/{}/runs/{run}/", stage.recording))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_started_while_its_recording_goes_takes_no_place() {
    let mut stage = Stage::open(10).await;
    stage.fail();
    deleted_at(&stage, "/request.json");
    let late = "f".repeat(32);
    let (status, answer) = stage.start(&late, &Pipeline::default()).await;
    assert!(status == 404 && answer["code"] == "not_found", "{status} {answer}");
    assert!(objects(&stage, &late).is_empty(), "its request is taken back");
    assert_eq!(stage.states.names().len(), 1, "and nothing is begun");
    // Even one that was left behind is a run no more: the invitation allows one at a time.
    stage.s3.place(&format!("recordings/{}/runs/{late}/request.json", stage.recording), b"{}");
    stage.announce().await;
    let (status, answer) = stage.start(&"e".repeat(32), &Pipeline::default()).await;
    assert_eq!(status, 200, "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_not_gone_on_with_while_its_recording_goes() {
    let stage = Stage::open(10).await;
    stage.fail();
    deleted_at(&stage, "/attempts/");
    assert_eq!(stage.go_on().await, 404);
    assert!(objects(&stage, &stage.run).iter().all(|key| !key.contains("/attempts/")));
    assert_eq!(stage.states.names().len(), 1, "nothing is begun");
}

/// A result that came as a file, with its id.
async fn result(stage: &mut Stage) -> String {
    let (status, created) = stage.ask("POST", "/results", &json!({ "size_bytes": 9, "crc32c": 0 })).await;
    assert_eq!(status, 200, "{created}");
    let id = created["result_id"].as_str().expect("an id").to_owned();
    created["owner_key"].as_str().expect("a key").clone_into(&mut stage.key);
    stage.s3.place(&format!("results/{id}/result.neurocyte"), b"nine long");
    id
}

/// What is there of a result that is shared now: the answer's status, and the number of shares and of what tells of
/// them.
async fn shared(stage: &Stage, id: &str) -> (u16, usize, usize) {
    let (status, _) = stage.ask("POST", &format!("/results/{id}/shares"), &json!({ "days": 1 })).await;
    (status, stage.s3.keys("shares/").len(), stage.s3.keys(&format!("results/{id}/shares/")).len())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_shared_while_it_goes_leaves_no_link() {
    let mut stage = Stage::open(1).await;
    let id = result(&mut stage).await;
    assert_eq!(shared(&stage, &id).await, (200, 1, 1), "nobody deletes");
    stage.s3.goes_with("/shares/", format!("results/{id}/result.json"));
    assert_eq!(shared(&stage, &id).await, (404, 1, 1), "the first one stays as it was");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_whose_mark_was_deleted_before_it_was_there_is_taken_back() {
    let mut stage = Stage::open(1).await;
    let id = result(&mut stage).await;
    // The deletion is at the marks when the share is written, and what is announced goes last.
    stage.s3.goes_with("shares/", format!("results/{id}/shares/"));
    assert_eq!(shared(&stage, &id).await, (404, 0, 0));
    assert_eq!(stage.s3.keys(&format!("results/{id}/result.json")).len(), 1, "the result is still announced");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_run_that_is_there_is_stopped() {
    let stage = Stage::open(1).await;
    let nobodys = "e".repeat(32);
    let stop = async |run: &str| {
        stage.ask("DELETE", &format!("/recordings/{}/runs/{run}", stage.recording), &Value::Null).await.0
    };
    assert_eq!(stop(&nobodys).await, 404);
    assert!(objects(&stage, &nobodys).is_empty(), "nothing is written");
    assert_eq!(stop(&stage.run).await, 204);
    assert_eq!(stage.s3.keys(&stage.failure()).len(), 1);
    assert_eq!(stop(&stage.run).await, 204, "stopped twice is stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_of_a_run_stands_for_its_values() {
    let stage = Stage::open(10).await;
    let mut others = Pipeline::default();
    others.set("detect_peaks", "detect_threshold", json!(7.5));
    assert_eq!(stage.start(&stage.run, &Pipeline::default()).await.0, 200, "the same request once more");
    let (status, answer) = stage.start(&stage.run, &others).await;
    assert_eq!((status, answer["code"].as_str()), (409, Some("conflict")), "{answer}");
    assert!(answer["message"].as_str().is_some_and(|words| words.contains("other values")), "{answer}");
    assert_eq!((stage.n_runs_used().await, stage.states.names().len()), (1, 1));
}
