//! Invitations: what they allow, and all that is refused without one or beyond its limits.

use serde_json::{Value, json};
use wasm_core::api::limits;
use wasm_core::pipeline::Pipeline;

use lambda::invitations::owner::{Invite, accounts, revoke};
use lambda::invitations::{Allowance, Secret};
use lambda::random::sha256_hex;

use super::{Cloud, chunk, http, recording, until};

/// Bytes that a recording of the tests counts for: it has one chunk.
const COUNTED: u64 = limits::CHARGED_CHUNK_BYTES;

async fn invite(cloud: &Cloud, bytes: u64, runs: u64, concurrent_runs: u64) -> Secret {
    let limits = Allowance { bytes, runs, concurrent_runs };
    cloud.running.invite(Invite { name: "Ana".into(), limits, days: 1 }).await.expect("an invitation")
}

async fn announce(cloud: &Cloud, code: &Secret) -> (u16, Value) {
    cloud.ask_as(Some(code.reveal()), "POST", "/recordings", None, Some(&recording(3, 0))).await
}

fn message(answer: &Value) -> &str {
    answer["message"].as_str().unwrap_or_default()
}

/// A recording whose chunk is there: its path and key.
async fn uploaded(cloud: &Cloud, code: &Secret) -> (String, String) {
    let (status, created) = announce(cloud, code).await;
    assert_eq!(status, 200, "{created}");
    let text = |field: &str| created[field].as_str().expect("text").to_owned();
    let (path, key) = (format!("/recordings/{}", text("recording_id")), text("owner_key"));
    let good = chunk();
    let wanted = json!({ "chunks": [{ "chunk": { "segment": 0, "row": 0, "group": 0 }, "size_bytes": good.len(),
        "crc32c": wasm_core::crc32c(&good) }] });
    // The owner's key suffices: the recording knows its invitation.
    let (_, signed) = cloud.ask_as(None, "POST", &format!("{path}/uploads"), Some(&key), Some(&wanted)).await;
    let headers: Vec<(String, String)> =
        serde_json::from_value(signed["requests"][0]["headers"].clone()).expect("a list of headers");
    http("PUT", signed["requests"][0]["url"].as_str().expect("an address"), &headers, &good).await;
    (path, key)
}

/// Asks for a run whose id is this digit, 32 times.
async fn start(cloud: &Cloud, path: &str, key: &str, digit: &str) -> (u16, Value) {
    let body = json!({ "pipeline": Pipeline::default(), "run_id": digit.repeat(32) });
    cloud.ask_as(None, "POST", &format!("{path}/runs"), Some(key), Some(&body)).await
}

async fn wait_for(cloud: &Cloud, path: &str, key: &str, digit: &str) {
    let run = format!("{path}/runs/{}", digit.repeat(32));
    until("the run is done", async || match cloud.ask_as(None, "GET", &run, Some(key), None).await.1 {
        status if status["state"] == "done" => Ok(()),
        status => Err(status.to_string()),
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_uploads_without_an_invitation_that_is_open() {
    let cloud = Cloud::start().await;
    let file = json!({ "size_bytes": 6, "crc32c": 0 });
    let before = cloud.objects("").len();
    let guessed = "0123456789abcdef".repeat(4);
    let hash = sha256_hex(cloud.running.invitation.reveal());
    for (code, said) in [
        (None, "Uploading needs an invitation"),
        (Some(""), "There is no such invitation"),
        (Some("../../recordings"), "There is no such invitation"),
        (Some(guessed.as_str()), "There is no such invitation"),
        // What lies in the bucket opens nothing.
        (Some(hash.as_str()), "There is no such invitation"),
    ] {
        for (method, path, body) in [
            ("POST", "/recordings", Some(&recording(3, 0))),
            ("POST", "/results", Some(&file)),
            ("GET", "/invitation", None),
        ] {
            let (status, answer) = cloud.ask_as(code, method, path, None, body).await;
            let is_refused = status == 403 && answer["code"] == "uninvited" && message(&answer).contains(said);
            assert!(is_refused, "{code:?} {path}: {status} {answer}");
        }
    }
    // An owner's key or a code as a bearer is no invitation.
    let (body, as_key) = (recording(3, 0), Some(cloud.running.invitation.reveal()));
    assert_eq!(cloud.ask_as(None, "POST", "/recordings", as_key, Some(&body)).await.0, 403);
    assert_eq!(cloud.objects("").len(), before, "what was refused left nothing");

    let code = invite(&cloud, 10 * COUNTED, 2, 1).await;
    assert!(cloud.objects("").iter().all(|object| !object.contains(code.reveal())), "codes are not stored");
    let (path, key) = uploaded(&cloud, &code).await;
    let (status, state) = cloud.ask_as(Some(code.reveal()), "GET", "/invitation", None, None).await;
    assert_eq!((status, state["name"].as_str(), state["used"]["bytes"].as_u64()), (200, Some("Ana"), Some(COUNTED)));

    // Revoked, it ends uploads and runs; what is there can still be seen and deleted.
    let id = &sha256_hex(code.reveal())[..12];
    assert!(revoke(cloud.running.store(), "x").await.is_err_and(|error| error.to_string().contains("0 invitations")));
    assert_eq!(revoke(cloud.running.store(), id).await.expect("revoked"), "Ana");
    let (status, answer) = announce(&cloud, &code).await;
    assert!(status == 403 && message(&answer).contains("“Ana” was revoked on"), "{status} {answer}");
    let wanted =
        json!({ "chunks": [{ "chunk": { "segment": 0, "row": 0, "group": 0 }, "size_bytes": 9, "crc32c": 0 }] });
    assert_eq!(cloud.ask("POST", &format!("{path}/uploads"), Some(&key), Some(&wanted)).await.0, 403);
    assert_eq!(start(&cloud, &path, &key, "1").await.0, 403);
    assert_eq!(cloud.ask_as(None, "GET", &path, Some(&key), None).await.0, 200);
    assert_eq!(cloud.ask_as(None, "DELETE", &path, Some(&key), None).await.0, 204);
    cloud.running.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_invitation_says_when_it_ended() {
    let cloud = Cloud::start().await;
    let code = invite(&cloud, COUNTED, 1, 1).await;
    let file = cloud.objects(&format!("{}.json", sha256_hex(code.reveal())));
    let file = file.iter().find(|path| path.contains("/invitations/")).expect("its object");
    let mut stored: Value = serde_json::from_slice(&std::fs::read(file).expect("readable")).expect("JSON");
    stored["expires_at_s"] = json!(951_782_400);
    std::fs::write(file, stored.to_string()).expect("writable");
    let (status, answer) = announce(&cloud, &code).await;
    assert!(status == 403 && message(&answer).contains("“Ana” expired on 2000-02-29"), "{status} {answer}");
    cloud.running.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_are_counted_and_never_given_back() {
    let cloud = Cloud::start().await;
    let code = invite(&cloud, 2 * COUNTED + 1, 5, 1).await;
    let (path, key) = uploaded(&cloud, &code).await;
    assert_eq!(cloud.ask_as(None, "DELETE", &path, Some(&key), None).await.0, 204);
    // A file counts too; then nothing fits, and the words tell the limit and what would be accepted.
    let file = |size_bytes: u64| json!({ "size_bytes": size_bytes, "crc32c": 0 });
    assert_eq!(cloud.ask_as(Some(code.reveal()), "POST", "/results", None, Some(&file(9))).await.0, 200);
    for (path, body) in [("/recordings", recording(3, 0)), ("/results", file(9))] {
        let (status, answer) = cloud.ask_as(Some(code.reveal()), "POST", path, None, Some(&body)).await;
        assert_eq!((status, answer["code"].as_str()), (403, Some("limit")), "{answer}");
        let parts = ["takes 262 kB in all", "1 B are left", "counts for 131 kB", "What is smaller is taken"];
        assert!(parts.iter().all(|part| message(&answer).contains(part)), "{answer}");
    }
    cloud.running.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_are_counted_once_each_and_so_many_at_a_time() {
    let cloud = Cloud::start().await;
    let code = invite(&cloud, 10 * COUNTED, 2, 1).await;
    let (path, key) = uploaded(&cloud, &code).await;
    // A replayed request is the same run.
    for _ in 0..3 {
        assert_eq!(start(&cloud, &path, &key, "1").await.0, 200);
    }
    wait_for(&cloud, &path, &key, "1").await;
    assert_eq!(start(&cloud, &path, &key, "1").await.0, 200, "and stays it when it is done");
    assert_eq!(start(&cloud, &path, &key, "2").await.0, 200);
    wait_for(&cloud, &path, &key, "2").await;
    let (status, answer) = start(&cloud, &path, &key, "3").await;
    assert!(status == 403 && message(&answer).contains("allows 2 runs, and all were used"), "{status} {answer}");
    assert!(cloud.objects(&"3".repeat(32)).is_empty(), "what was refused left nothing");

    // The owner's view has both, with what they cost.
    let all = accounts(cloud.running.store()).await.expect("readable");
    let account = all.iter().find(|account| account.invitation.name == "Ana").expect("Ana");
    assert_eq!((account.used.runs, account.used.concurrent_runs, account.n_uploads, account.n_kept), (2, 0, 1, 1));
    assert!(account.n_unpriced == 0 && account.spent_usd > 0.0 && account.used.bytes == COUNTED, "{account:?}");

    // One at a time: a run that is not known to have ended keeps others out.
    let code = invite(&cloud, 10 * COUNTED, 9, 1).await;
    let (path, key) = uploaded(&cloud, &code).await;
    let id = path.trim_start_matches("/recordings/");
    let folder = format!("data/objects/neurocyte-data/invitations/{}/runs", sha256_hex(code.reveal()));
    let folder = cloud.folder.path().join(folder);
    std::fs::create_dir_all(&folder).expect("writable");
    let entry = json!({ "recording": id, "run": "4".repeat(32), "expected_usd": 0.1, "at_s": now_s() });
    std::fs::write(folder.join("0000.json"), entry.to_string()).expect("writable");
    let (status, answer) = start(&cloud, &path, &key, "5").await;
    assert!(status == 409 && message(&answer).contains("allows 1 run at a time"), "{status} {answer}");
    // Stopped, it makes room.
    let own = cloud.folder.path().join(format!("data/objects/neurocyte-data{path}/runs/{}", "4".repeat(32)));
    std::fs::create_dir_all(&own).expect("writable");
    std::fs::write(own.join("request.json"), json!({ "pipeline": Pipeline::default() }).to_string()).expect("writable");
    let stopped = format!("{path}/runs/{}", "4".repeat(32));
    assert_eq!(cloud.ask_as(None, "DELETE", &stopped, Some(&key), None).await.0, 204);
    assert_eq!(start(&cloud, &path, &key, "5").await.0, 200);
    wait_for(&cloud, &path, &key, "5").await;
    cloud.running.stop();
}

fn now_s() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.expect("after 1970").as_secs()
}

#[tokio::test(flavor = "multi_thread")]
async fn oversize_and_wrong_bodies_are_refused() {
    let cloud = Cloud::start().await;
    let code = cloud.running.invitation.reveal();
    let send = async |path: &str, kind: &str, body: &[u8]| {
        let headers = [("content-type", kind), (wasm_core::api::INVITATION_HEADER, code)];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let (status, bytes) = http("POST", &format!("{}/api{path}", cloud.running.address), &headers, body).await;
        (status, String::from_utf8_lossy(&bytes).into_owned())
    };
    let (status, said) = send("/recordings", "application/json", &vec![b' '; (4 << 20) + 1]).await;
    assert!(status == 422 && said.contains("at most 4194304 bytes"), "{status} {said}");
    assert_eq!(send("/recordings", "application/json", b"[1, 2").await.0, 422);
    assert_eq!(send("/recordings", "text/plain", recording(3, 0).to_string().as_bytes()).await.0, 422);
    assert_eq!(send("/probe", "application/octet-stream", &vec![0; limits::PROBE_BYTES]).await.0, 204);
    assert_eq!(send("/probe", "application/octet-stream", &vec![0; limits::PROBE_BYTES + 1]).await.0, 422);
    let mut wrong = recording(3, 0);
    wrong["notes"] = json!(["a".repeat(limits::NOTE_CHARS + 1)]);
    let (status, said) = send("/recordings", "application/json", wrong.to_string().as_bytes()).await;
    assert!(status == 422 && said.contains("a note must be at most 2000 characters, not 2001"), "{status} {said}");
    let mut wrong = recording(3, 0);
    wrong["stream"]["segments"] = json!([{ "n_frames": 300_001_u64 * 65_536, "t_start_s": 0.0 }]);
    let (status, said) = send("/recordings", "application/json", wrong.to_string().as_bytes()).await;
    assert!(status == 422 && said.contains("at most 300000 chunks"), "{status} {said}");
    cloud.running.stop();
}
