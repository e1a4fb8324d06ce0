//! Results that come as files: announced, sent, shared, revoked, deleted, and asked for as nobody should.

use serde_json::{Value, json};
use wasm_core::api::limits;

use super::{Cloud, http};

const FILE: &[u8] = b"what the page would have made";

fn announced(size_bytes: u64) -> Value {
    json!({ "size_bytes": size_bytes, "crc32c": wasm_core::crc32c(FILE) })
}

/// A result that is announced: its path, its key, and what it was answered.
async fn announce(cloud: &Cloud) -> (String, String, Value) {
    let (status, created) = cloud.ask("POST", "/results", None, Some(&announced(FILE.len() as u64))).await;
    assert_eq!(status, 200, "{created}");
    let text = |field: &str| created[field].as_str().expect("text").to_owned();
    (format!("/results/{}", text("result_id")), text("owner_key"), created)
}

/// Address and headers of its upload.
fn upload(created: &Value) -> (String, Vec<(String, String)>) {
    let url = created["upload"]["url"].as_str().expect("an address").to_owned();
    (url, serde_json::from_value(created["upload"]["headers"].clone()).expect("a list of headers"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_taken_once_and_of_no_other_bytes() {
    let cloud = Cloud::start().await;
    for wrong in [announced(0), announced(limits::RESULT_BYTES + 1), json!({ "size_bytes": 6 }), json!({})] {
        assert_eq!(cloud.ask("POST", "/results", None, Some(&wrong)).await.0, 422, "{wrong}");
    }
    let (path, key, created) = announce(&cloud).await;
    let (others, _, _) = announce(&cloud).await;
    let (url, headers) = upload(&created);
    let share = json!({ "days": 7 });
    let shares = format!("{path}/shares");
    assert_eq!(cloud.ask("POST", &shares, Some(&key), Some(&share)).await.0, 409, "nothing is there yet");

    let mut damaged = FILE.to_vec();
    damaged[3] ^= 1;
    assert!(http("PUT", &url, &headers, &damaged).await.0 >= 400);
    assert!(http("PUT", &url, &headers, &FILE[1..]).await.0 >= 400);
    assert!(http("PUT", &url, &headers, &[FILE, FILE].concat()).await.0 >= 400);
    let elsewhere = url.replace(&path["/results/".len()..], &others["/results/".len()..]);
    assert!(http("PUT", &elsewhere, &headers, FILE).await.0 >= 400, "another result");
    assert_eq!(cloud.ask("POST", &shares, Some(&key), Some(&share)).await.0, 409, "what was refused left nothing");
    assert_eq!(http("PUT", &url, &headers, FILE).await.0, 200);
    assert_eq!(http("PUT", &url, &headers, FILE).await.0, 412, "what is there stays");
    assert_eq!(cloud.ask("POST", &shares, Some(&key), Some(&share)).await.0, 200);
    cloud.running.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn only_its_owner_shares_revokes_and_deletes_a_result() {
    let cloud = Cloud::start().await;
    let (path, key, created) = announce(&cloud).await;
    let (others, others_key, _) = announce(&cloud).await;
    let (url, headers) = upload(&created);
    assert_eq!(http("PUT", &url, &headers, FILE).await.0, 200);
    let shares = format!("{path}/shares");
    let share = json!({ "days": 7, "title": "Retina <i>", "note": "two\nlines" });
    let key = Some(key.as_str());
    for wrong in [None, Some("0"), Some(others_key.as_str())] {
        assert_eq!(cloud.ask("POST", &shares, wrong, Some(&share)).await.0, 403, "{wrong:?}");
        assert_eq!(cloud.ask("DELETE", &path, wrong, None).await.0, 403, "{wrong:?}");
    }
    let guessed = format!("/results/{}", "0123456789abcdef".repeat(2));
    for unknown in [guessed.as_str(), "/results/a", "/results/../../etc"] {
        assert_eq!(cloud.ask("POST", &format!("{unknown}/shares"), key, Some(&share)).await.0, 404, "{unknown}");
        assert_eq!(cloud.ask("DELETE", unknown, key, None).await.0, 404, "{unknown}");
    }
    for (wrong, said) in [
        (json!({ "days": 0 }), "days must be 1 to"),
        (json!({ "days": 7, "title": "a".repeat(201) }), "title must be at most 200 characters, not 201"),
        (json!({ "days": 7, "note": "a".repeat(1001) }), "note must be at most 1000 characters, not 1001"),
        (json!({ "days": 7, "title": "a\u{7}" }), "title must be plain text"),
        (json!({ "days": 7, "title": "a\nb" }), "title must be plain text, on one line"),
        (json!({ "days": 7, "title": "a\u{202e}gpj" }), "title must be plain text"),
        (json!({ "days": 7, "note": "a\u{2066}b" }), "note must be plain text"),
    ] {
        let (status, answer) = cloud.ask("POST", &shares, key, Some(&wrong)).await;
        assert!(status == 422 && answer["message"].to_string().contains(said), "{said}: {status} {answer}");
    }

    let pasted = json!({ "days": 7, "title": "Retina <i>", "note": "two\r\nlines\rand\ta tab" });
    let (status, shared) = cloud.ask("POST", &shares, key, Some(&pasted)).await;
    assert_eq!(status, 200, "{shared}");
    let at = format!("/shares/{}", shared["token"].as_str().expect("a token"));
    assert_eq!(cloud.ask("GET", &at, None, None).await.1["about"]["note"], "two\nlines\nand\ta tab");

    let (status, shared) = cloud.ask("POST", &shares, key, Some(&share)).await;
    assert_eq!(status, 200, "{shared}");
    let token = shared["token"].as_str().expect("a token");
    assert!(cloud.objects("shares/").iter().all(|object| !object.contains(token)), "tokens are not stored");
    let (status, shown) = cloud.ask("GET", &format!("/shares/{token}"), None, None).await;
    assert_eq!(status, 200, "{shown}");
    assert_eq!((&shown["about"]["title"], &shown["about"]["note"]), (&share["title"], &share["note"]));
    assert!(shown["about"]["created_at_s"].as_u64() < shown["about"]["expires_at_s"].as_u64());
    assert_eq!(shown["file"]["size_bytes"], FILE.len());
    let file = shown["file"]["url"].as_str().expect("an address");
    assert_eq!(http("GET", file, &[], b"").await, (200, FILE.to_vec()));
    // It came without a signal.
    let reads = json!({ "chunks": [{ "segment": 0, "row": 0, "group": 0 }] });
    assert_eq!(cloud.ask("POST", &format!("/shares/{token}/reads"), None, Some(&reads)).await.0, 422);
    let page = format!("{}/share/{token}", cloud.running.address);
    assert_eq!(http("GET", &page, &[], b"").await.0, 200);
    assert_eq!(http("GET", &page[..page.len() - 1], &[], b"").await.0, 404);

    let revoke = format!("{shares}/{token}");
    assert_eq!(cloud.ask("DELETE", &revoke, Some(&others_key), None).await.0, 403);
    let as_theirs = format!("{others}/shares/{token}");
    assert_eq!(cloud.ask("DELETE", &as_theirs, Some(&others_key), None).await.0, 404, "it is another's");
    assert_eq!(cloud.ask("DELETE", &revoke, key, None).await.0, 204);
    assert_eq!(cloud.ask("DELETE", &revoke, key, None).await.0, 404);
    assert_eq!(cloud.ask("GET", &format!("/shares/{token}"), None, None).await.0, 404);
    assert_eq!(http("GET", &page, &[], b"").await.0, 404);

    // The result is still there, for another link; deleted, it takes that along.
    let (_, shared) = cloud.ask("POST", &shares, key, Some(&share)).await;
    let again = format!("/shares/{}", shared["token"].as_str().expect("a token"));
    assert_eq!(cloud.ask("GET", &again, None, None).await.0, 200);
    assert_eq!(cloud.ask("DELETE", &path, key, None).await.0, 204);
    assert_eq!(cloud.ask("GET", &again, None, None).await.0, 404);
    assert_eq!(cloud.ask("DELETE", &path, key, None).await.0, 404);
    assert_eq!(cloud.objects(&path["/results/".len()..]), Vec::<String>::new());
    assert_eq!(cloud.objects("shares/"), Vec::<String>::new());
    cloud.running.stop();
}
