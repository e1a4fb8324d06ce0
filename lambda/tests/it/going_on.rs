//! Going on with runs, beside a Step Functions in memory: each time is one run of the invitation, whoever asks
//! however often, and however long ago the run ended.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use axum::response::{IntoResponse, Response};
use lambda::api::{Cloud, router};
use lambda::executions::Executions;
use lambda::invitations::Allowance;
use lambda::invitations::owner::{Invite, make};
use lambda::keys::{Id, ObjectKey, RunKey};
use lambda::store::{Store, StoreConfig};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tower::ServiceExt;
use wasm_core::api::INVITATION_HEADER;
use wasm_core::pipeline::Pipeline;
use wasm_core::secret::Secret;

use crate::counting_s3::CountingS3;

const MACHINE: &str = "arn:aws:states:us-east-1:1:stateMachine:run";

/// Executions by their names, and where each is.
#[derive(Clone, Default)]
pub struct States(Arc<Mutex<BTreeMap<String, &'static str>>>);

impl States {
    async fn start(&self) -> Executions {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let states = self.clone();
        let answer = move |headers: HeaderMap, body: Bytes| {
            let answer = states.answer(&headers, &body);
            async move { answer }
        };
        let server = Router::new().fallback(answer);
        tokio::spawn(async move { axum::serve(listener, server).await });
        let config = StoreConfig {
            bucket: "lab-bucket".into(),
            region: "us-east-1".into(),
            endpoint: None,
            access_key: Secret::new("id"),
            secret_key: Secret::new("key"),
            session_token: None,
        };
        Executions::new(MACHINE.into(), Some(endpoint), &config)
    }

    fn inside<T>(&self, look: impl FnOnce(&mut BTreeMap<String, &'static str>) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn answer(&self, headers: &HeaderMap, body: &[u8]) -> Response {
        let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let asked: Value = serde_json::from_slice(body).expect("JSON");
        let refusal = |code: &str| (StatusCode::BAD_REQUEST, json!({ "__type": code }).to_string()).into_response();
        if target.ends_with(".StartExecution") {
            let name = asked["name"].as_str().expect("a name").to_owned();
            return self.inside(|there| {
                if there.contains_key(&name) {
                    return refusal("ExecutionAlreadyExists");
                }
                there.insert(name, "RUNNING");
                "{}".into_response()
            });
        }
        let name = asked["executionArn"].as_str().and_then(|arn| arn.rsplit(':').next()).expect("a name");
        match self.inside(|there| there.get(name).copied()) {
            Some(status) => json!({ "status": status }).to_string().into_response(),
            None => refusal("ExecutionDoesNotExist"),
        }
    }

    pub fn names(&self) -> Vec<String> {
        self.inside(|there| there.keys().cloned().collect())
    }

    /// All of them have failed.
    fn fail(&self) {
        self.inside(|there| {
            for status in there.values_mut() {
                *status = "FAILED";
            }
        });
    }

    /// As after ninety days.
    fn forget(&self) {
        self.inside(BTreeMap::clear);
    }
}

/// A recording with a run that is under way.
pub struct Stage {
    pub s3: CountingS3,
    pub states: States,
    cloud: Cloud,
    code: String,
    pub key: String,
    pub recording: String,
    pub run: String,
}

impl Stage {
    pub async fn open(n_runs: u64) -> Self {
        let (s3, store): (CountingS3, Store) = CountingS3::start().await;
        let limits = Allowance { bytes: 1 << 30, runs: n_runs, concurrent_runs: 1 };
        let wish = Invite { name: "Ana".into(), limits, days: 1 };
        let code = make(&store, wish).await.expect("an invitation").into_revealed();
        let states = States::default();
        let cloud = Cloud { store, executions: Some(states.start().await) };
        let run = "0123456789abcdef".repeat(2);
        let mut stage = Self { s3, states, cloud, code, key: String::new(), recording: String::new(), run };
        stage.announce().await;
        let run = stage.run.clone();
        let (status, answer) = stage.start(&run, &Pipeline::default()).await;
        assert_eq!(status, 200, "{answer}");
        stage
    }

    /// Another recording takes the place of this one, and is uploaded.
    pub async fn announce(&mut self) {
        let ids = ["a", "b", "c"];
        let stream = json!({
            "name": "traces", "sampling_frequency_hz": 20_000.0, "n_channels": 3, "dtype": "int16",
            "channel_ids": ids, "channel_names": null, "gain_to_uv": [1.0, 1.0, 1.0], "offset_to_uv": [0.0, 0.0, 0.0],
            "positions_um": null, "wells": null, "segments": [{ "n_frames": 65_536, "t_start_s": 0.0 }],
        });
        let recording = json!({ "name": "culture", "format": "plain_binary", "notes": [], "stream": stream });
        let (status, created) = self.ask("POST", "/recordings", &recording).await;
        assert_eq!(status, 200, "{created}");
        created["recording_id"].as_str().expect("an id").clone_into(&mut self.recording);
        created["owner_key"].as_str().expect("a key").clone_into(&mut self.key);
        self.s3.place(&format!("recordings/{}/traces.zarr/traces_seg0/0.0", self.recording), b"");
    }

    pub async fn start(&self, run: &str, pipeline: &Pipeline) -> (u16, Value) {
        let start = json!({ "pipeline": pipeline, "run_id": run });
        self.ask("POST", &format!("/recordings/{}/runs", self.recording), &start).await
    }

    pub async fn ask(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let request = Request::builder().method(method).uri(format!("/api{path}"));
        let request = request.header("content-type", "application/json").header(INVITATION_HEADER, &self.code);
        let request = request.header("authorization", format!("Bearer {}", self.key));
        let request = request.body(Body::from(body.to_string())).expect("a request");
        let answer = router(self.cloud.clone()).oneshot(request).await.expect("an answer");
        let status = answer.status().as_u16();
        let body = to_bytes(answer.into_body(), 1 << 20).await.expect("a body");
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }

    pub async fn go_on(&self) -> u16 {
        self.ask("POST", &format!("/recordings/{}/runs/{}/redrive", self.recording, self.run), &Value::Null).await.0
    }

    pub fn failure(&self) -> String {
        format!("recordings/{}/runs/{}/failure.json", self.recording, self.run)
    }

    /// The run ends with a reason.
    pub fn fail(&self) {
        self.s3.place(&self.failure(), br#"{ "reason": "on purpose" }"#);
        self.states.fail();
    }

    pub async fn n_runs_used(&self) -> u64 {
        self.ask("GET", "/invitation", &Value::Null).await.1["used"]["runs"].as_u64().expect("a number")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_together_goes_on_once() {
    let stage = Stage::open(10).await;
    let first = format!("{}-{}", stage.recording, stage.run);
    assert_eq!(stage.states.names(), std::slice::from_ref(&first));
    stage.fail();
    let statuses = futures_util::future::join_all((0..8).map(|_| stage.go_on())).await;
    assert!(statuses.contains(&200) && statuses.iter().all(|status| [200, 409].contains(status)), "{statuses:?}");
    assert_eq!(stage.states.names(), [first.clone(), format!("{first}-1")]);
    assert_eq!(stage.n_runs_used().await, 2);
    // One that goes on already is left to it.
    assert_eq!((stage.go_on().await, stage.n_runs_used().await), (200, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_step_functions_forgot_is_counted_like_any_other() {
    let stage = Stage::open(2).await;
    stage.fail();
    stage.states.forget();
    assert_eq!(stage.go_on().await, 409, "somebody may be at it");
    stage.s3.age();
    assert_eq!((stage.go_on().await, stage.n_runs_used().await), (200, 2));
    stage.fail();
    stage.states.forget();
    assert_eq!((stage.go_on().await, stage.n_runs_used().await), (403, 2), "the invitation has no run left");
    assert!(stage.s3.keys(&stage.failure()).len() == 1 && stage.states.names().is_empty(), "nothing was begun");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_ended_without_a_word_is_counted_like_any_other() {
    let stage = Stage::open(10).await;
    stage.states.fail();
    assert_eq!((stage.go_on().await, stage.n_runs_used().await, stage.states.names().len()), (200, 2, 2));
    stage.states.fail();
    assert_eq!((stage.go_on().await, stage.n_runs_used().await, stage.states.names().len()), (200, 3, 3));
    // Of a run that is under way nothing is touched.
    assert_eq!((stage.go_on().await, stage.n_runs_used().await, stage.states.names().len()), (200, 3, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_told_that_an_attempt_is_stopped_that_is_about_to_begin() {
    let stage = Stage::open(10).await;
    stage.fail();
    let id = |text: &str| Id::parse(text).expect("an id");
    let run = RunKey { recording: id(&stage.recording), run: id(&stage.run) };
    stage.cloud.store.put(&ObjectKey::Attempt(run, 1), Vec::new()).await.expect("written");
    let path = format!("/recordings/{}/runs/{}", stage.recording, stage.run);
    assert_eq!(stage.ask("DELETE", &path, &Value::Null).await.0, 409);
    // Who wrote it down never came to begin it.
    stage.s3.age();
    assert_eq!(stage.ask("DELETE", &path, &Value::Null).await.0, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_over_a_damaged_chunk_is_not_gone_on_with() {
    let stage = Stage::open(10).await;
    let reason = "traces_seg0/0.0 is damaged: cut. Delete the recording and upload it again.";
    stage.s3.place(&stage.failure(), json!({ "reason": reason }).to_string().as_bytes());
    stage.states.fail();
    let path = format!("/recordings/{}/runs/{}/redrive", stage.recording, stage.run);
    let (status, answer) = stage.ask("POST", &path, &Value::Null).await;
    assert!(status == 409 && answer["message"].to_string().contains("upload it again"), "{status} {answer}");
    assert_eq!((stage.n_runs_used().await, stage.states.names().len()), (1, 1), "nothing is counted or begun");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_invitation_is_called_one() {
    let stage = Stage::open(10).await;
    let keys = stage.s3.keys("invitations/");
    let invitation = keys.iter().find(|key| key.matches('/').count() == 1).expect("the invitation");
    stage.s3.place(invitation, b"{");
    let (status, answer) = stage.ask("GET", "/invitation", &Value::Null).await;
    assert!(status == 500 && answer["code"] == "damaged", "{status} {answer}");
    let said = answer["message"].as_str().expect("words");
    assert!(said.contains("this invitation") && !said.contains("recording"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_refused_can_be_gone_on_with_later() {
    let stage = Stage::open(1).await;
    stage.fail();
    for _ in 0..2 {
        assert_eq!(stage.go_on().await, 403, "the invitation has no run left");
        let attempts = format!("recordings/{}/runs/{}/attempts/", stage.recording, stage.run);
        assert!(stage.s3.keys(&attempts).is_empty(), "it does not count as an attempt");
    }
    assert_eq!(stage.s3.keys(&stage.failure()).len(), 1, "its reason stays");
    assert_eq!(stage.states.names().len(), 1);
}
