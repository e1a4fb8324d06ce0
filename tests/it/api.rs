//! The API and the bucket behind it, asked as a program would, and as nobody should.

mod invitations;
mod results;
mod runs;

use std::path::Path;
use std::time::{Duration, Instant};

use local_cloud::{Config, Running, serve};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use wasm_core::api::{INVITATION_HEADER, limits};
use wasm_core::pipeline::Pipeline;
use wasm_core::sample::SampleType;
use wasm_core::zarr::encode_chunk;

/// No step takes longer, even on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);
/// Time between two looks at what is waited for.
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

const N_CHANNELS: usize = 3;
const N_FRAMES: usize = 9000;

/// A local cloud without a page.
struct Cloud {
    running: Running,
    folder: TempDir,
}

impl Cloud {
    async fn start() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let config = Config { port: 0, data: folder.path().join("data"), site: folder.path().join("site") };
        Self { running: serve(config).await.expect("the local cloud"), folder }
    }

    /// Status and JSON of an answer to whoever was invited.
    async fn ask(&self, method: &str, path: &str, key: Option<&str>, body: Option<&Value>) -> (u16, Value) {
        self.ask_as(Some(self.running.invitation.reveal()), method, path, key, body).await
    }

    /// The same with another invitation, or without one.
    async fn ask_as(
        &self,
        invitation: Option<&str>,
        method: &str,
        path: &str,
        key: Option<&str>,
        body: Option<&Value>,
    ) -> (u16, Value) {
        let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        headers.extend(key.map(|key| ("authorization".to_owned(), format!("Bearer {key}"))));
        headers.extend(invitation.map(|code| (INVITATION_HEADER.to_owned(), code.to_owned())));
        let body = body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
        let (status, bytes) = http(method, &format!("{}/api{path}", self.running.address), &headers, &body).await;
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    /// Objects of the bucket whose key holds this.
    fn objects(&self, part: &str) -> Vec<String> {
        fn walk(folder: &Path, found: &mut Vec<String>) {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() { walk(&path, found) } else { found.push(path.display().to_string()) }
            }
        }
        let mut found = Vec::new();
        walk(&self.folder.path().join("data/objects/neurocyte-data"), &mut found);
        found.retain(|path| path.contains(part));
        found
    }
}

/// Waits until `look` finds what it looks for; it tells what there is otherwise.
async fn until(what: &str, look: impl AsyncFn() -> Result<(), String>) {
    let end = Instant::now() + PATIENCE;
    loop {
        let Err(found) = look().await else { return };
        assert!(Instant::now() < end, "waited {PATIENCE:?} until {what}; there is {found}");
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}

/// One request over a connection of its own.
async fn http(method: &str, url: &str, headers: &[(String, String)], body: &[u8]) -> (u16, Vec<u8>) {
    let answer = tokio::time::timeout(PATIENCE, exchange(method, url, headers, body)).await;
    answer.unwrap_or_else(|_| panic!("waited {PATIENCE:?} for an answer to {method} {url}"))
}

async fn exchange(method: &str, url: &str, headers: &[(String, String)], body: &[u8]) -> (u16, Vec<u8>) {
    let (host, path) = url.trim_start_matches("http://").split_once('/').expect("an address");
    let mut stream = TcpStream::connect(host).await.expect("connects");
    let lines: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let head = format!(
        "{method} /{path} HTTP/1.0\r\nhost: {host}\r\ncontent-length: {}\r\n{}\r\n",
        body.len(),
        lines.concat()
    );
    stream.write_all(&[head.as_bytes(), body].concat()).await.expect("sends");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("answers");
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
    let status = String::from_utf8_lossy(&answer[..end]).split(' ').nth(1).and_then(|text| text.parse().ok());
    (status.expect("a status"), answer[end + 4..].to_vec())
}

fn recording(n_channels: usize, n_events: usize) -> Value {
    let event = json!({ "segment": 0, "time_s": 0.1, "duration_s": 0.0, "source": "port", "label": "on" });
    json!({
        "name": "culture", "format": "plain_binary", "notes": [], "events": vec![event; n_events],
        "facts": [{ "name": "Operator", "value": "Ana" }],
        "stream": {
            "name": "traces", "sampling_frequency_hz": 20_000.0, "n_channels": n_channels, "dtype": "int16",
            "channel_ids": ["a", "b", "c"], "channel_names": null, "gain_to_uv": [1.0, 1.0, 1.0],
            "offset_to_uv": [0.0, 0.0, 0.0], "positions_um": null, "wells": null,
            "segments": [{ "n_frames": N_FRAMES, "t_start_s": 0.0 }],
        },
    })
}

/// The whole recording as its one chunk.
fn chunk() -> Vec<u8> {
    let samples = (0..N_CHANNELS * N_FRAMES).map(|at| i16::try_from(at * 7919 % 200).expect("small"));
    let bytes: Vec<u8> = samples.flat_map(i16::to_le_bytes).collect();
    encode_chunk(SampleType::Int16, &bytes, N_FRAMES).expect("compresses")
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_but_the_owner_may_and_numbers_are_bounded() {
    let cloud = Cloud::start().await;
    let with = |place: &str, value: Value| {
        let mut changed = recording(3, 0);
        *changed.pointer_mut(place).expect("a place") = value;
        changed
    };
    let fact = |name: usize, value: usize| json!([{ "name": "a".repeat(name), "value": "a".repeat(value) }]);
    let segments = vec![json!({ "n_frames": 1, "t_start_s": 0.0 }); limits::SEGMENTS + 1];
    // What is refused says what is accepted and what there was.
    for (wrong, said) in [
        (recording(4, 0), "channel_ids must be a list of 4 values, one per channel, not of 3"),
        (recording(0, 0), "n_channels must be 1 to 4096, not 0"),
        (recording(3, 5001), "events must be at most 5000, not 5001"),
        (with("/stream/channel_ids/0", json!("a".repeat(101))), "channel_ids must be texts of at most 100 characters"),
        (with("/stream/channel_names", json!(["A1"])), "channel_names must be a list of 3 values"),
        (with("/stream/channel_names", json!(["A1", "A2", "a".repeat(101)])), "at most 100 characters, not of 101"),
        (with("/stream/segments", json!(segments)), "1 to 1000 segments: stretches without a gap, not 1001"),
        (with("/facts", json!(vec![fact(1, 1)[0].clone(); 201])), "facts must be at most 200, not 201"),
        (with("/facts", fact(101, 1)), "a fact's name must be at most 100 characters, not 101"),
        (with("/stream/gain_to_uv/1", json!(1e308)), "gain_to_uv must be between -1e9 and 1e9 µV, not 1e308"),
        (with("/stream/offset_to_uv/0", json!(-1e16)), "offset_to_uv must be between -1e15 and 1e15 µV, not -1e16"),
        (with("/facts", fact(1, 1001)), "a fact's value must be at most 1000 characters, not 1001"),
    ] {
        let (status, answer) = cloud.ask("POST", "/recordings", None, Some(&wrong)).await;
        assert!(status == 422 && answer["message"].to_string().contains(said), "{said}: {status} {answer}");
    }
    let mut keys = Vec::new();
    for _ in 0..2 {
        let (status, created) = cloud.ask("POST", "/recordings", None, Some(&recording(3, 2))).await;
        assert_eq!(status, 200, "{created}");
        let text = |field: &str| created[field].as_str().expect("text").to_owned();
        keys.push((format!("/recordings/{}", text("recording_id")), text("owner_key")));
    }
    let [(path, key), (_, others)] = &keys[..] else { panic!("two recordings") };
    for (key, expected) in [(None, 403), (Some("0"), 403), (Some(others.as_str()), 403), (Some(key.as_str()), 200)] {
        assert_eq!(cloud.ask("GET", path, key, None).await.0, expected, "{key:?}");
    }
    assert_eq!(cloud.ask("GET", "/recordings/../../etc", Some(key), None).await.0, 404);

    let key = Some(key.as_str());
    let uploads = format!("{path}/uploads");
    let wanted = |row: u64, size_bytes: usize| {
        json!({ "chunks": [{ "chunk": { "segment": 0, "row": row, "group": 0 }, "size_bytes": size_bytes,
            "crc32c": wasm_core::crc32c(&chunk()) }] })
    };
    for wrong in [wanted(1, 100), wanted(0, 0), wanted(0, 41 << 20), json!({ "chunks": [] })] {
        assert_eq!(cloud.ask("POST", &uploads, key, Some(&wrong)).await.0, 422, "{wrong}");
    }
    let run = json!({ "pipeline": Pipeline::default(), "run_id": "0123456789abcdef0123456789abcdef" });
    assert_eq!(cloud.ask("POST", &format!("{path}/runs"), key, Some(&run)).await.0, 409, "nothing is uploaded yet");

    // A body that is not the one that was signed is refused, and leaves nothing.
    let good = chunk();
    let (_, signed) = cloud.ask("POST", &uploads, key, Some(&wanted(0, good.len()))).await;
    let url = signed["requests"][0]["url"].as_str().expect("an address").to_owned();
    let headers: Vec<(String, String)> =
        serde_json::from_value(signed["requests"][0]["headers"].clone()).expect("a list of headers");
    let mut damaged = good.clone();
    damaged[40] ^= 1;
    assert!(http("PUT", &url, &headers, &damaged).await.0 >= 400);
    assert!(http("PUT", &url, &headers, &good[1..]).await.0 >= 400);
    assert!(http("PUT", &url.replace("/0.0", "/0.1"), &headers, &good).await.0 >= 400, "another object");
    assert_eq!(cloud.ask("GET", &format!("{path}/chunks"), key, None).await.1["present"], json!([]));
    // Of two at once one is taken.
    let ((one, _), (other, _)) = tokio::join!(http("PUT", &url, &headers, &good), http("PUT", &url, &headers, &good));
    assert_eq!((one.min(other), one.max(other)), (200, 412));
    assert_eq!(http("PUT", &url, &headers, &good).await.0, 412, "what is there stays");
    cloud.running.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_start_is_one_run_and_deletion_leaves_nothing() {
    let cloud = Cloud::start().await;
    let (_, created) = cloud.ask("POST", "/recordings", None, Some(&recording(3, 2))).await;
    let id = created["recording_id"].as_str().expect("an id");
    let (path, key) = (format!("/recordings/{id}"), created["owner_key"].as_str());
    let good = chunk();
    let wanted = json!({ "chunks": [{ "chunk": { "segment": 0, "row": 0, "group": 0 }, "size_bytes": good.len(),
        "crc32c": wasm_core::crc32c(&good) }] });
    let (_, signed) = cloud.ask("POST", &format!("{path}/uploads"), key, Some(&wanted)).await;
    let headers: Vec<(String, String)> =
        serde_json::from_value(signed["requests"][0]["headers"].clone()).expect("a list of headers");
    http("PUT", signed["requests"][0]["url"].as_str().expect("an address"), &headers, &good).await;

    let runs = format!("{path}/runs");
    let start = json!({ "pipeline": Pipeline::default(), "run_id": "0123456789abcdef0123456789abcdef" });
    assert_eq!(
        cloud.ask("POST", &runs, key, Some(&json!({ "pipeline": Pipeline::default(), "run_id": "../x" }))).await.0,
        422
    );
    for _ in 0..2 {
        assert_eq!(cloud.ask("POST", &runs, key, Some(&start)).await.1["run_id"], start["run_id"]);
    }
    assert_eq!(cloud.ask("GET", &path, key, None).await.1["runs"], json!([start["run_id"]]));
    let run = format!("{runs}/0123456789abcdef0123456789abcdef");
    until("the run is done", async || match cloud.ask("GET", &run, key, None).await.1 {
        status if status["state"] == "done" => Ok(()),
        status => Err(status.to_string()),
    })
    .await;
    the_run_is_listed(&cloud, &runs, key, &start).await;
    let (_, result) = cloud.ask("GET", &format!("{run}/result"), key, None).await;
    assert_eq!(result["events"].as_array().map(Vec::len), Some(2), "events come back with the result");
    assert_eq!(result["receipt"]["n_workers"], 1);
    assert_eq!(result["summary"]["recording"]["facts"], recording(3, 2)["facts"], "so does what the files told");
    assert_eq!(cloud.ask("DELETE", &run, key, None).await.0, 409, "there is nothing to stop");
    assert_eq!(cloud.ask("GET", &run, key, None).await.1["state"], "done");
    // So short a recording is one excerpt: all of its noise was known at once.
    let marks = cloud.objects("/noise/");
    assert!(marks.len() == 1 && marks[0].ends_with("/noise/8"), "{marks:?}");

    // What is not there cannot be stopped, and nothing is written of it.
    let stopped = "f123456789abcdef0123456789abcdef";
    assert_eq!(cloud.ask("DELETE", &format!("{runs}/{stopped}"), key, None).await.0, 404);
    assert!(cloud.objects(stopped).is_empty());
    // One that is stopped before its first step looks.
    let folder = cloud.folder.path().join(format!("data/objects/neurocyte-data/recordings/{id}/runs/{stopped}"));
    std::fs::create_dir_all(&folder).expect("writable");
    std::fs::write(folder.join("failure.json"), r#"{ "reason": "You stopped this run." }"#).expect("writable");
    let start = json!({ "pipeline": Pipeline::default(), "run_id": stopped });
    assert_eq!(cloud.ask("POST", &runs, key, Some(&start)).await.0, 200);
    until("no run is worked on", async || match cloud.running.n_running() {
        0 => Ok(()),
        n => Err(format!("{n} under way")),
    })
    .await;
    assert_eq!(cloud.ask("GET", &format!("{runs}/{stopped}"), key, None).await.1["state"], "failed");
    let mut left = cloud.objects(stopped);
    left.retain(|path| !path.ends_with("request.json") && !path.ends_with("failure.json"));
    assert!(left.is_empty(), "{left:?}");

    let share = |days: u32| json!({ "days": days });
    assert_eq!(cloud.ask("POST", &format!("{run}/shares"), key, Some(&share(0))).await.0, 422);
    let (_, shared) = cloud.ask("POST", &format!("{run}/shares"), key, Some(&share(1))).await;
    let token = format!("/shares/{}", shared["token"].as_str().expect("a token"));
    assert_eq!(cloud.ask("GET", &token, None, None).await.0, 200);
    assert_eq!(cloud.ask("GET", &token[..token.len() - 1], None, None).await.0, 404);
    assert!(cloud.objects("shares/").iter().all(|object| !object.contains(&token[8..])), "tokens are not stored");

    assert_eq!(cloud.ask("DELETE", &path, key, None).await.0, 204);
    assert_eq!(cloud.ask("GET", &path, key, None).await.0, 404);
    assert_eq!(cloud.ask("GET", &token, None, None).await.0, 404, "its shares go with it");
    // Neither objects nor what the S3 server notes beside them, nor folders.
    let folder = cloud.folder.path().join("data/objects");
    let names = |folder: &Path| -> Vec<String> {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
    };
    // What is left is what the invitation was used for; the S3 server notes keys in base 64.
    let mut left = names(&folder);
    left.retain(|name| !name.contains(".object-aW52aXRhdGlvbnMv"));
    assert_eq!(left, ["neurocyte-data"]);
    assert_eq!(names(&folder.join("neurocyte-data")), ["invitations"]);
    cloud.running.stop();
}

/// All runs are listed, to the owner alone.
async fn the_run_is_listed(cloud: &Cloud, runs: &str, key: Option<&str>, start: &Value) {
    assert_eq!(cloud.ask("GET", runs, None, None).await.0, 403);
    let (_, listed) = cloud.ask("GET", runs, key, None).await;
    assert_eq!((listed["n_runs"].as_u64(), listed["runs"].as_array().map(Vec::len)), (Some(1), Some(1)), "{listed}");
    let one = &listed["runs"][0];
    assert_eq!((&one["run_id"], &one["status"]["state"]), (&start["run_id"], &json!("done")));
    assert_eq!(one["pipeline"], start["pipeline"]);
    assert!(one["started_at_s"].as_f64().is_some_and(|seconds| seconds > 1.7e9), "{one}");
}

/// Chunks of auxiliary inputs can be kept; no spikes are looked for in them.
#[tokio::test(flavor = "multi_thread")]
async fn auxiliary_inputs_are_not_analysed() {
    let cloud = Cloud::start().await;
    let mut auxiliary = recording(3, 0);
    auxiliary["stream"]["kind"] = json!("auxiliary");
    let (_, created) = cloud.ask("POST", "/recordings", None, Some(&auxiliary)).await;
    let path = format!("/recordings/{}/runs", created["recording_id"].as_str().expect("an id"));
    let start = json!({ "pipeline": Pipeline::default() });
    let (status, answer) = cloud.ask("POST", &path, created["owner_key"].as_str(), Some(&start)).await;
    let said = answer["message"].as_str().expect("words");
    assert!(status == 422 && said.contains("traces holds no electrodes"), "{status} {answer}");
    cloud.running.stop();
}

/// Numbers of another version meant something else: they are not shown as if they were ours.
#[tokio::test(flavor = "multi_thread")]
async fn a_result_of_another_version_is_said_to_be_one() {
    let cloud = Cloud::start().await;
    let (_, created) = cloud.ask("POST", "/recordings", None, Some(&recording(3, 0))).await;
    let id = created["recording_id"].as_str().expect("an id");
    let run = "0123456789abcdef0123456789abcdef";
    let folder = cloud.folder.path().join(format!("data/objects/neurocyte-data/recordings/{id}/runs/{run}"));
    std::fs::create_dir_all(&folder).expect("writable");
    let receipt = json!({ "place": "local", "n_workers": 1, "wall_s": 1.0, "stages": [], "n_samples": 1,
        "peak_memory_bytes": null, "cost_usd": 0.0 });
    std::fs::write(folder.join("receipt.json"), receipt.to_string()).expect("writable");
    std::fs::write(folder.join("summary.json"), json!({ "version": 1 }).to_string()).expect("writable");
    let path = format!("/recordings/{id}/runs/{run}/result");
    let (status, answer) = cloud.ask("GET", &path, created["owner_key"].as_str(), None).await;
    assert_eq!((status, answer["code"].as_str()), (410, Some("outdated")), "{answer}");
    cloud.running.stop();
}
