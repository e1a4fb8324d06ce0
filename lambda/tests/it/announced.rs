//! What is announced of a recording: its texts are made plain, and what is refused is refused in words.

use serde_json::{Value, json};

use crate::going_on::Stage;

/// A recording whose names are what files may be called.
fn recording(kind: &str, rate_hz: f64) -> Value {
    let odd = "a\u{202e}b\n\0c";
    let event = json!({ "segment": 0, "time_s": 0.1, "duration_s": 0.0, "source": odd, "label": odd });
    json!({
        "name": odd, "format": "plain_binary", "notes": [odd], "facts": [{ "name": "Operator", "value": odd }],
        "events": [event],
        "stream": {
            "name": odd, "kind": kind, "sampling_frequency_hz": rate_hz, "n_channels": 1, "dtype": "int16",
            "channel_ids": [odd], "channel_names": [odd], "gain_to_uv": [1.0], "offset_to_uv": [0.0],
            "positions_um": null, "wells": [odd], "segments": [{ "n_frames": 1, "t_start_s": 0.0 }],
        },
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_names_are_taken_as_plain_text() {
    let mut stage = Stage::open(1).await;
    let (status, created) = stage.ask("POST", "/recordings", &recording("electrodes", 20_000.0)).await;
    assert_eq!(status, 200, "{created}");
    created["owner_key"].as_str().expect("a key").clone_into(&mut stage.key);
    let path = format!("/recordings/{}", created["recording_id"].as_str().expect("an id"));
    let (status, kept) = stage.ask("GET", &path, &Value::Null).await;
    assert_eq!(status, 200, "{kept}");
    for place in [
        "/name",
        "/notes/0",
        "/facts/0/value",
        "/stream/name",
        "/stream/channel_ids/0",
        "/stream/channel_names/0",
        "/stream/wells/0",
    ] {
        let found = kept.pointer(&format!("/recording{place}"));
        assert_eq!(found, Some(&json!("a b  c")), "{place}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_announced_is_refused_in_short_words() {
    let stage = Stage::open(1).await;
    for (wrong, said) in [
        (recording("units", 20_000.0), "stream.kind must be electrodes or auxiliary, not units"),
        (recording("electrodes", 1e308), "must be 0.001 to 1,000,000, not 1e308"),
        (recording("electrodes", 1e-300), "must be 0.001 to 1,000,000, not 1e-300"),
        (Value::Null, "expected an object with name, format, stream and notes"),
    ] {
        let (status, answer) = stage.ask("POST", "/recordings", &wrong).await;
        assert!(status == 422 && answer["message"].to_string().contains(said), "{said}: {status} {answer}");
    }
}
