//! What S3 answers, as the store, the steps and the API understand it. The server here answers
//! every request alike and counts them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use lambda::handlers::StepError;
use lambda::keys::{Id, ObjectKey};
use lambda::store::{Store, StoreConfig, StoreError};
use serde_json::Value;
use tokio::net::TcpListener;
use tower::ServiceExt;
use wasm_core::secret::Secret;

const BUCKET: &str = "lab-bucket";

/// A store at this address.
fn store_at(endpoint: String) -> Store {
    Store::new(StoreConfig {
        bucket: BUCKET.into(),
        region: "us-east-1".into(),
        endpoint: Some(endpoint),
        access_key: Secret::new("HIDDEN-id"),
        secret_key: Secret::new("HIDDEN-key"),
        session_token: Some(Secret::new("HIDDEN-token")),
    })
}

/// A store whose server always answers this, and how often it has.
async fn answering(status: u16, body: String) -> (Store, Arc<AtomicUsize>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
    let store = store_at(format!("http://{}", listener.local_addr().expect("an address")));
    let n_asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&n_asked);
    let answer = move || {
        counter.fetch_add(1, Ordering::Relaxed);
        let status = StatusCode::from_u16(status).expect("a status");
        let answer = (status, [(header::CONTENT_TYPE, "application/xml")], body.clone());
        async move { answer }
    };
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    (store, n_asked)
}

/// S3's description of an error. That of a wrong signature repeats what was signed.
fn error(code: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code><Message>words of S3</Message>\
         <CanonicalRequest>x-amz-security-token:HIDDEN-token</CanonicalRequest></Error>"
    )
}

fn recording() -> ObjectKey {
    ObjectKey::Recording(Id::parse("0123456789abcdef0123456789abcdef").expect("an id"))
}

#[tokio::test]
async fn access_denied_is_final_names_its_object_and_shows_no_secret() {
    for code in ["AccessDenied", "SignatureDoesNotMatch", "InvalidAccessKeyId"] {
        let (store, n_asked) = answering(403, error(code)).await;
        let key = recording();
        let read = store.get(&key).await.expect_err("refused");
        assert_eq!(n_asked.swap(0, Ordering::Relaxed), 1, "{code} is not tried again");
        let written = store.put_new(&key, b"{}".to_vec()).await.expect_err("refused");
        assert_eq!(n_asked.swap(0, Ordering::Relaxed), 1, "{code} is not tried again");
        let listed = store.list("recordings/").await.expect_err("refused");
        for (error, action) in [(read, "read"), (written, "write"), (listed, "list")] {
            let (shown, debug) = (error.to_string(), format!("{error:?}"));
            assert!(matches!(error, StoreError::Refused { .. }), "{shown}");
            let names_all = [action, BUCKET, "recordings/", code].iter().all(|part| shown.contains(part));
            assert!(names_all && !shown.contains("HIDDEN") && !debug.contains("HIDDEN"), "{shown} {debug}");
            assert_eq!(StepError::from(error).name(), "Final", "{shown}");
        }
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_there() {
    let (store, _) = answering(404, error("NoSuchKey")).await;
    assert_eq!(store.get(&recording()).await.expect("an answer"), None);
    let (store, n_asked) = answering(404, error("NoSuchBucket")).await;
    let reason = store.get(&recording()).await.expect_err("there is no bucket");
    assert!(matches!(reason, StoreError::Refused { .. }) && reason.to_string().contains(BUCKET), "{reason}");
    assert_eq!(n_asked.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn what_may_pass_is_tried_again() {
    for (status, code) in [(503, "SlowDown"), (500, "InternalError")] {
        let (store, n_asked) = answering(status, error(code)).await;
        let reason = store.get(&recording()).await.expect_err("S3 is busy");
        assert!(matches!(reason, StoreError::Unavailable { .. }), "{reason}");
        assert!(n_asked.load(Ordering::Relaxed) > 1, "{code} is tried again by the client");
        assert_eq!(StepError::from(reason).name(), "Retryable");
    }
    // Nothing listens there.
    let reason = store_at("http://127.0.0.1:9".into()).get(&recording()).await.expect_err("nobody answers");
    assert!(
        matches!(reason, StoreError::Unavailable { .. }) && !format!("{reason:?}").contains("HIDDEN"),
        "{reason:?}"
    );
}

#[tokio::test]
async fn an_object_that_may_not_be_deleted_is_named() {
    let body = "<DeleteResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Error><Key>a/b</Key>\
                <Code>AccessDenied</Code><Message>words of S3</Message></Error></DeleteResult>";
    let (store, _) = answering(200, body.into()).await;
    let reason = store.delete(&["a/a".into(), "a/b".into()]).await.expect_err("one is kept");
    assert!(matches!(reason, StoreError::Refused { .. }), "{reason}");
    assert!(reason.to_string().contains("delete a/b in the bucket lab-bucket"), "{reason}");
}

/// Status and body of the API's answer to a `GET`.
async fn ask(store: &Store, path: &str) -> (u16, Value) {
    let request = Request::builder().uri(path).header("authorization", "Bearer HIDDEN").body(Body::empty());
    let answer = lambda::api::router(store.clone()).oneshot(request.expect("a request")).await.expect("an answer");
    let status = answer.status().as_u16();
    let body = to_bytes(answer.into_body(), 1 << 20).await.expect("a body");
    (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
}

#[tokio::test]
async fn the_api_tells_refusals_from_what_is_gone_and_what_may_pass() {
    let path = "/api/recordings/0123456789abcdef0123456789abcdef";
    for (status, code, expected) in [
        (403, "AccessDenied", (500, "refused")),
        (404, "NoSuchKey", (404, "not_found")),
        (503, "SlowDown", (503, "unavailable")),
    ] {
        let (store, _) = answering(status, error(code)).await;
        let (found, answer) = ask(&store, path).await;
        assert_eq!((found, answer["code"].as_str()), (expected.0, Some(expected.1)), "{answer}");
        // A page must not say that a link was revoked when that is not known.
        assert_eq!(ask(&store, "/share/abc").await.0, expected.0, "{code}");
        let message = answer["message"].as_str().expect("words");
        // What the storage says names accounts and roles: it is for the log.
        assert!(code != "AccessDenied" || !message.contains(BUCKET), "{message}");
    }
}
