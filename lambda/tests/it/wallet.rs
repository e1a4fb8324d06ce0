//! What one request of the API asks of S3 at most, and what that costs. `docs/wallet.md` has the same
//! table; a test holds the three together: what is measured, what is bounded, what is written.

use axum::body::{Body, to_bytes};
use axum::http::Request;
use lambda::invitations::Allowance;
use lambda::invitations::books::TRIES;
use lambda::invitations::owner::{Invite, make, widest};
use lambda::store::Store;
use serde_json::{Value, json};
use tower::ServiceExt;
use wasm_core::api::{INVITATION_HEADER, limits};
use wasm_core::cost::Paid;
use wasm_core::pipeline::Pipeline;
use wasm_core::regions::priced;

use crate::counting_s3::{Asked, CountingS3};

/// Memory of the API's function in GB, and the seconds after which it is ended: see `infra/template.yaml`.
const API_GB: f64 = 0.512;
const API_S: f64 = 29.0;

const TRIES_OF_BOOKS: u64 = TRIES as u64;
/// Pages of the list of as many chunks as a recording can have.
const PAGES: u64 = limits::CHUNKS.div_ceil(1000);
/// Objects of a recording's Zarr group beside a segment's: three of the group, two of each of six columns.
const GROUP: u64 = 3 + 2 * 6;

/// What a request may ask of S3.
struct Bound {
    request: &'static str,
    writes: u64,
    reads: u64,
}

const BOUNDS: [Bound; 10] = [
    // Segments, the group, the announcement, events; a list and an entry of the book for each try.
    Bound {
        request: "POST /api/recordings",
        writes: limits::SEGMENTS as u64 + GROUP + 2 + 2 * TRIES_OF_BOOKS,
        reads: 1 + TRIES_OF_BOOKS,
    },
    Bound { request: "POST /api/results", writes: 1 + 2 * TRIES_OF_BOOKS, reads: 1 + TRIES_OF_BOOKS },
    // The last upload and the invitation; of each open run its entry, receipt, failure, recording and request.
    Bound { request: "GET /api/invitation", writes: 3, reads: 2 + 5 * limits::INVITATION_CONCURRENT_RUNS },
    Bound { request: "POST /api/recordings/ID/uploads", writes: 0, reads: 2 },
    Bound { request: "GET /api/recordings/ID/chunks", writes: PAGES, reads: 1 },
    // Two lists and an entry for each try, the ends of runs, the request and a list of its attempts; of each open run
    // its entry, receipt, failure, recording and request. The request is looked at before and after, the recording once
    // more.
    Bound {
        request: "POST /api/recordings/ID/runs",
        writes: PAGES + 3 * TRIES_OF_BOOKS + limits::INVITATION_CONCURRENT_RUNS + 2,
        reads: 6 + 5 * TRIES_OF_BOOKS * limits::INVITATION_CONCURRENT_RUNS,
    },
    Bound { request: "POST /api/probe", writes: 0, reads: 0 },
    Bound { request: "without an invitation, or with a wrong one", writes: 0, reads: 1 },
    Bound { request: "a guessed id, key or token", writes: 0, reads: 1 },
    // One after the other: S3 takes 50 ms for a list or a write and 10 ms for a read, at least.
    Bound { request: "any other, as much as its time allows", writes: 580, reads: 2900 },
];

impl Bound {
    /// In US dollars, if the function also takes all the time it has.
    fn usd(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "counts")]
        let (writes, reads) = (self.writes as f64, self.reads as f64);
        let (_, prices) = priced(None);
        let parts = [
            (Paid::Put, writes),
            (Paid::Get, reads),
            (Paid::ApiCall, 1.0),
            (Paid::Call, 1.0),
            (Paid::ComputeGbS, API_GB * API_S),
        ];
        parts.into_iter().map(|(paid, amount)| prices.usd(paid, amount)).sum()
    }

    /// Its row in the document.
    fn row(&self) -> String {
        let Self { request, writes, reads } = self;
        format!("| {request} | {writes} | {reads} | {:.3} ¢ |", self.usd() * 100.0)
    }
}

/// No request costs more, in US dollars.
const MOST_USD: f64 = 0.006;

#[test]
fn the_document_has_these_bounds_and_none_is_passed() {
    let document = include_str!("../../../docs/wallet.md");
    for bound in &BOUNDS {
        assert!(document.contains(&bound.row()), "docs/wallet.md lacks\n{}", bound.row());
        assert!(bound.usd() <= MOST_USD, "{}", bound.row());
    }
    assert!(document.contains("0.6 of a cent"));
    let rows = document.lines().filter(|line| line.ends_with(" ¢ |")).count();
    assert_eq!(rows, BOUNDS.len(), "docs/wallet.md has rows that nothing holds");
}

/// Asks the API; gives status, answer and what it asked of S3.
struct Api {
    s3: CountingS3,
    store: Store,
    code: String,
}

impl Api {
    async fn start() -> Self {
        let (s3, store) = CountingS3::start().await;
        let code = make(&store, widest("Ana")).await.expect("an invitation").into_revealed();
        s3.asked();
        Self { s3, store, code }
    }

    async fn ask(&self, method: &str, path: &str, key: &str, body: &Value) -> (u16, Value, Asked) {
        self.ask_with(&self.code, method, path, key, body).await
    }

    async fn ask_with(&self, code: &str, method: &str, path: &str, key: &str, body: &Value) -> (u16, Value, Asked) {
        let request = Request::builder().method(method).uri(format!("/api{path}"));
        let request =
            request.header("content-type", "application/json").header("authorization", format!("Bearer {key}"));
        let request = request.header(INVITATION_HEADER, code).body(Body::from(body.to_string())).expect("a request");
        let answer = lambda::api::router(self.store.clone()).oneshot(request).await.expect("an answer");
        let status = answer.status().as_u16();
        let body = to_bytes(answer.into_body(), 1 << 26).await.expect("a body");
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null), self.s3.asked())
    }
}

fn stream(n_channels: usize, segments: &[u64]) -> Value {
    let ids: Vec<String> = (0..n_channels).map(|at| at.to_string()).collect();
    let segments: Vec<Value> = segments.iter().map(|n| json!({ "n_frames": n, "t_start_s": 0.0 })).collect();
    let event = json!({ "segment": 0, "time_s": 0.1, "duration_s": 0.0, "source": "port", "label": "on" });
    json!({
        "name": "culture", "format": "plain_binary", "notes": [], "events": [event],
        "stream": {
            "name": "traces", "sampling_frequency_hz": 20_000.0, "n_channels": n_channels, "dtype": "int16",
            "channel_ids": ids, "channel_names": ids, "gain_to_uv": vec![1.0; n_channels],
            "offset_to_uv": vec![0.0; n_channels], "positions_um": null, "wells": ids, "segments": segments,
        },
    })
}

#[track_caller]
fn held(request: &str, status: u16, asked: Asked) {
    let bound = BOUNDS.iter().find(|bound| bound.request == request).expect("a bound");
    assert_eq!(status, 200, "{request}");
    assert!(asked.writes <= bound.writes && asked.reads <= bound.reads, "{request}: {asked:?} > {}", bound.row());
}

#[tokio::test]
async fn no_request_asks_more_of_s3_than_its_bound() {
    let api = Api::start().await;
    // As many segments as there can be, with all columns.
    let (status, _, asked) = api.ask("POST", "/recordings", "", &stream(2, &vec![1; limits::SEGMENTS])).await;
    held("POST /api/recordings", status, asked);
    assert!(asked.writes > limits::SEGMENTS as u64, "{asked:?}");
    let (status, _, asked) = api.ask("POST", "/results", "", &json!({ "size_bytes": 9, "crc32c": 0 })).await;
    held("POST /api/results", status, asked);
    let (status, _, asked) = api.ask("GET", "/invitation", "", &Value::Null).await;
    held("GET /api/invitation", status, asked);

    // Three pages of chunks; their rows are as long as they can be.
    let n_chunks = 2500_u64;
    let (_, created, _) = api.ask("POST", "/recordings", "", &stream(3, &[n_chunks * 65_536])).await;
    let text = |field: &str| created[field].as_str().expect("text").to_owned();
    let (id, key) = (text("recording_id"), text("owner_key"));
    for row in 0..n_chunks {
        api.s3.place(&format!("recordings/{id}/traces.zarr/traces_seg0/{row}.0"), b"");
    }
    let path = format!("/recordings/{id}");
    let chunks: Vec<Value> = (0..limits::CHUNKS_PER_REQUEST)
        .map(|row| json!({ "chunk": { "segment": 0, "row": row, "group": 0 }, "size_bytes": 9, "crc32c": 0 }))
        .collect();
    let (status, _, asked) = api.ask("POST", &format!("{path}/uploads"), &key, &json!({ "chunks": chunks })).await;
    held("POST /api/recordings/ID/uploads", status, asked);
    let (status, _, asked) = api.ask("GET", &format!("{path}/chunks"), &key, &Value::Null).await;
    held("GET /api/recordings/ID/chunks", status, asked);
    assert_eq!(asked.writes, 3, "a page for each thousand");
    // As many runs as may be under way.
    for at in 0..limits::INVITATION_CONCURRENT_RUNS {
        let start = json!({ "pipeline": Pipeline::default(), "run_id": format!("{at:032x}") });
        let (status, answer, asked) = api.ask("POST", &format!("{path}/runs"), &key, &start).await;
        assert_eq!(status, 200, "{answer}");
        held("POST /api/recordings/ID/runs", status, asked);
    }
    let start = json!({ "pipeline": Pipeline::default(), "run_id": "f".repeat(32) });
    let (status, answer, _) = api.ask("POST", &format!("{path}/runs"), &key, &start).await;
    assert_eq!(status, 409, "{answer}");
}

#[tokio::test]
async fn guesses_cost_one_read_and_list_nothing() {
    let api = Api::start().await;
    let (_, created, _) = api.ask("POST", "/recordings", "", &stream(1, &[1])).await;
    let own = format!("/recordings/{}", created["recording_id"].as_str().expect("an id"));
    let guess = "0123456789abcdef".repeat(2);
    let code = guess.repeat(2);
    for (method, path) in [
        ("POST", "/recordings".to_owned()),
        ("POST", "/results".into()),
        ("GET", "/invitation".into()),
        ("GET", own.clone()),
        ("GET", format!("{own}/chunks")),
        ("POST", format!("{own}/uploads")),
        ("POST", format!("{own}/runs")),
        ("DELETE", own.clone()),
        ("GET", format!("/recordings/{guess}")),
        ("DELETE", format!("/recordings/{guess}")),
        ("GET", format!("/recordings/{guess}/runs/{guess}")),
        ("DELETE", format!("/results/{guess}")),
        ("GET", format!("/shares/{code}")),
        ("POST", format!("/shares/{code}/reads")),
        ("GET", "/recordings".into()),
        ("GET", "/results".into()),
        ("GET", "/shares".into()),
    ] {
        let (status, _, asked) = api.ask_with(&code, method, &path, "wrong", &json!({})).await;
        assert!((403..=405).contains(&status), "{method} {path}: {status}");
        assert!(asked.writes == 0 && asked.reads <= 1, "{method} {path}: {asked:?}");
    }
}

/// However many ask at once, the limit is the limit.
#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_do_not_pass_a_limit() {
    let api = Api::start().await;
    let limits = Allowance { bytes: 3 * limits::CHARGED_CHUNK_BYTES, runs: 1, concurrent_runs: 1 };
    let wish = Invite { name: "Narrow".into(), limits, days: 1 };
    let code = make(&api.store, wish).await.expect("an invitation").into_revealed();
    let body = stream(1, &[1]);
    let all = (0..12).map(|_| api.ask_with(&code, "POST", "/recordings", "", &body));
    let answers = futures_util::future::join_all(all).await;
    let statuses: Vec<u16> = answers.iter().map(|(status, ..)| *status).collect();
    let n_taken = statuses.iter().filter(|status| **status == 200).count();
    // Those that met too many others are told to try again.
    assert!(
        (1..=3).contains(&n_taken) && statuses.iter().all(|status| [200, 403, 409].contains(status)),
        "{statuses:?}"
    );
    assert_eq!(api.s3.keys("recordings/").iter().filter(|key| key.ends_with("/recording.json")).count(), n_taken);
    let (_, state, _) = api.ask_with(&code, "GET", "/invitation", "", &Value::Null).await;
    assert_eq!(state["used"]["bytes"], n_taken as u64 * wasm_core::api::limits::CHARGED_CHUNK_BYTES);
}
