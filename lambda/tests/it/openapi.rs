//! The OpenAPI file against the router.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use lambda::store::{Store, StoreConfig};
use serde_json::Value;
use tower::ServiceExt;
use wasm_core::secret::Secret;

const METHODS: &[&str] = &["get", "post", "put", "delete", "patch"];

fn described() -> Value {
    serde_json::from_str(include_str!("../../../infra/openapi.json")).expect("JSON")
}

/// A store that nothing listens to; no request here gets that far.
fn store() -> Store {
    Store::new(StoreConfig {
        bucket: "nobody".into(),
        region: "us-east-1".into(),
        endpoint: Some("http://127.0.0.1:9".into()),
        access_key: Secret::new("none"),
        secret_key: Secret::new("none"),
        session_token: None,
    })
}

#[tokio::test]
async fn every_described_operation_is_routed_and_no_other_method_is() {
    let described = described();
    for (path, operations) in described["paths"].as_object().expect("paths") {
        // Ids that are none are refused before the store is asked; share tokens are not ids.
        if path.starts_with("/api/shares") || path.starts_with("/share/") {
            continue;
        }
        for method in METHODS {
            let address = path.replace(['{', '}'], "");
            let request = Request::builder().method(method.to_uppercase().as_str()).uri(address);
            let request = request.header("content-type", "application/json").body(Body::from("{}")).expect("a request");
            let status = lambda::api::router(store()).oneshot(request).await.expect("an answer").status();
            let is_routed = status != StatusCode::METHOD_NOT_ALLOWED;
            assert_eq!(is_routed, operations[method].is_object(), "{method} {path}: {status}");
        }
    }
}

#[tokio::test]
async fn what_leads_nowhere_is_refused_in_words_too() {
    let run = format!("/api/recordings/{}/runs/%ff", "0".repeat(32));
    for (method, address, status, code) in [
        ("GET", "/api/nothing", 404, "not_found"),
        ("GET", "/api/recordings/%ff", 404, "not_found"),
        ("DELETE", run.as_str(), 404, "not_found"),
        ("PUT", "/api/recordings", 405, "no_method"),
        ("DELETE", "/api/health", 405, "no_method"),
    ] {
        let request = Request::builder().method(method).uri(address).body(Body::empty()).expect("a request");
        let answer = lambda::api::router(store()).oneshot(request).await.expect("an answer");
        assert_eq!(answer.status().as_u16(), status, "{method} {address}");
        let body = axum::body::to_bytes(answer.into_body(), 1000).await.expect("a body");
        let body: Value = serde_json::from_slice(&body).expect("JSON");
        assert!(body["code"] == code && body["message"].is_string(), "{method} {address}: {body}");
    }
}

#[tokio::test]
async fn a_share_that_cannot_be_one_shows_the_page() {
    for address in ["/share/%ff", "/share/", "/share/a/b"] {
        let request = Request::builder().uri(address).body(Body::empty()).expect("a request");
        let answer = lambda::api::router(store()).oneshot(request).await.expect("an answer");
        let kind = answer.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        assert!(answer.status() == 404 && kind.starts_with("text/html"), "{address}: {} {kind}", answer.status());
    }
}

#[test]
fn every_route_is_described() {
    let source = include_str!("../../src/api.rs");
    let quoted = source.split('"').skip(1).step_by(2);
    let routed: BTreeSet<&str> =
        quoted.filter(|text| text.starts_with("/api/") || text.starts_with("/share/")).collect();
    let described = described();
    let paths = described["paths"].as_object().expect("paths");
    let described: BTreeSet<&str> = paths.keys().map(String::as_str).collect();
    assert_eq!(routed, described);
}

/// The numbers that the router bounds, where the description has them.
#[test]
fn described_bounds_are_those_of_the_router() {
    use wasm_core::api::limits;
    let schemas = &described()["components"]["schemas"];
    for (place, bound) in [
        ("CreateRecording/properties/name/maxLength", limits::NAME_CHARS as u64),
        ("CreateRecording/properties/events/maxItems", limits::EVENTS as u64),
        ("Stream/properties/n_channels/maximum", limits::CHANNELS as u64),
        ("Stream/properties/segments/maxItems", limits::SEGMENTS as u64),
        ("Stream/properties/channel_ids/items/maxLength", limits::ID_CHARS as u64),
        ("Stream/properties/channel_names/items/maxLength", limits::ID_CHARS as u64),
        ("Stream/properties/wells/items/maxLength", limits::ID_CHARS as u64),
        ("CreateRecording/properties/format/maxLength", limits::FORMAT_CHARS as u64),
        ("CreateRecording/properties/notes/maxItems", limits::NOTES as u64),
        ("CreateRecording/properties/notes/items/maxLength", limits::NOTE_CHARS as u64),
        ("Stream/properties/name/maxLength", limits::STREAM_NAME_CHARS as u64),
        ("InvitationState/properties/name/maxLength", limits::INVITATION_NAME_CHARS as u64),
        ("CreateRecording/properties/facts/maxItems", limits::FACTS as u64),
        ("Fact/properties/name/maxLength", limits::FACT_NAME_CHARS as u64),
        ("Fact/properties/value/maxLength", limits::FACT_VALUE_CHARS as u64),
        ("SignUploads/properties/chunks/maxItems", limits::CHUNKS_PER_REQUEST as u64),
        ("SignUploads/properties/chunks/items/properties/size_bytes/maximum", limits::CHUNK_BYTES),
        ("CreateResult/properties/size_bytes/maximum", limits::RESULT_BYTES),
        ("CreateShare/properties/days/maximum", limits::SHARE_DAYS.into()),
        ("CreateShare/properties/title/maxLength", limits::SHARE_TITLE_CHARS as u64),
        ("CreateShare/properties/note/maxLength", limits::SHARE_NOTE_CHARS as u64),
        ("RunList/properties/runs/maxItems", limits::RUNS_LISTED as u64),
        ("SignReads/properties/chunks/maxItems", limits::CHUNKS_PER_REQUEST as u64),
        ("SignReads/properties/envelopes/maxItems", limits::CHUNKS_PER_REQUEST as u64),
    ] {
        assert_eq!(schemas.pointer(&format!("/{place}")).and_then(Value::as_u64), Some(bound), "{place}");
    }
    for (list, bound) in [("gain_to_uv", limits::GAIN_UV), ("offset_to_uv", limits::OFFSET_UV)] {
        let items = &schemas["Stream"]["properties"][list]["items"];
        assert_eq!((items["minimum"].as_f64(), items["maximum"].as_f64()), (Some(-bound), Some(bound)), "{list}");
    }
}

#[test]
fn the_described_summary_is_that_of_this_version() {
    let described = described();
    let words = described["components"]["schemas"]["ResultLinks"]["properties"]["summary"]["description"].as_str();
    let version = format!("version {}", wasm_core::run::SUMMARY_VERSION);
    assert!(words.is_some_and(|words| words.contains(&version)), "{words:?}");
}

#[test]
fn the_described_version_is_that_of_the_program() {
    assert_eq!(described()["info"]["version"], env!("CARGO_PKG_VERSION"));
}
