//! The HTTP API: the same router in Lambda and in the local cloud; `infra/openapi.json`
//! describes it, and a test holds the two together.

mod access;
mod attempts;
mod bounds;
mod error;
mod everyone;
mod invited;
mod listing;
mod path;
mod recordings;
mod removal;
mod results;
mod run_list;
mod runs;
mod shares;

use axum::Router;
use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRef, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use wasm_core::api::{REGION_HEADER, limits};

use crate::executions::Executions;
use crate::log;
use crate::region;
use crate::store::Store;
use error::ApiError;

/// Requests carry metadata only: 4,096 channels with ids, gains and positions take
/// half a megabyte, as many events as are taken at most 2.5.
const MAX_BODY_BYTES: usize = 4 << 20;

/// What the API stands on.
#[derive(Clone, Debug)]
pub struct Cloud {
    /// The bucket.
    pub store: Store,
    /// What carries runs; `None` where something else starts them.
    pub executions: Option<Executions>,
}

impl From<Store> for Cloud {
    fn from(store: Store) -> Self {
        Self { store, executions: None }
    }
}

impl FromRef<Cloud> for Store {
    fn from_ref(cloud: &Cloud) -> Self {
        cloud.store.clone()
    }
}

impl FromRef<Cloud> for Option<Executions> {
    fn from_ref(cloud: &Cloud) -> Self {
        cloud.executions.clone()
    }
}

/// What `NEUROCYTE_INVITE_EVERYONE` must say, so that nobody sets it unawares.
const FOR_TESTS: &str = "for-tests";

/// The router as the environment wants it. `NEUROCYTE_INVITE_EVERYONE=for-tests` gives everyone an
/// invitation, but only where `endpoint` names an S3 that is not AWS's: a deployed function has none.
pub fn router_of(cloud: Cloud, endpoint: Option<&str>, everyone: Option<&str>) -> Router {
    let store = cloud.store.clone();
    let router = router(cloud);
    if endpoint.is_some() && everyone == Some(FOR_TESTS) { everyone::invite(router, store) } else { router }
}

/// The router over a bucket, and what carries its runs.
pub fn router(cloud: impl Into<Cloud>) -> Router {
    let cloud: Cloud = cloud.into();
    Router::new()
        .route("/api/health", get(health))
        .route("/api/probe", post(probe).layer(DefaultBodyLimit::max(limits::PROBE_BYTES)))
        .route("/api/invitation", get(invited::state))
        .route("/api/recordings", post(recordings::create))
        .route("/api/recordings/{recording_id}", get(recordings::state).delete(recordings::remove))
        .route("/api/recordings/{recording_id}/chunks", get(recordings::chunks))
        .route("/api/recordings/{recording_id}/uploads", post(recordings::sign_uploads))
        .route("/api/recordings/{recording_id}/runs", post(runs::start).get(run_list::list))
        .route("/api/recordings/{recording_id}/runs/{run_id}", get(runs::status).delete(runs::cancel))
        .route("/api/recordings/{recording_id}/runs/{run_id}/redrive", post(attempts::redrive))
        .route("/api/recordings/{recording_id}/runs/{run_id}/result", get(runs::result))
        .route("/api/recordings/{recording_id}/runs/{run_id}/reads", post(runs::sign_reads))
        .route("/api/recordings/{recording_id}/runs/{run_id}/shares", post(shares::create))
        .route("/api/recordings/{recording_id}/shares/{token}", delete(shares::revoke))
        .route("/api/results", post(results::create))
        .route("/api/results/{result_id}", delete(results::remove))
        .route("/api/results/{result_id}/shares", post(results::share))
        .route("/api/results/{result_id}/shares/{token}", delete(results::revoke))
        .route("/api/shares/{token}", get(shares::resolve))
        .route("/api/shares/{token}/reads", post(shares::sign_reads))
        .route("/share/{token}", get(shares::page))
        .fallback(shares::nowhere)
        .method_not_allowed_fallback(|| async { ApiError::NoMethod })
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(middleware::from_fn(never_cached))
        .layer(middleware::from_fn(log::request))
        .with_state(cloud)
}

/// Says that the API is there, and in which region, whose prices the page then shows.
async fn health() -> Response {
    let mut response = "ok".into_response();
    if let Some(code) = region::here().and_then(|code| HeaderValue::from_str(&code).ok()) {
        response.headers_mut().insert(REGION_HEADER, code);
    }
    response
}

/// Takes a body and forgets it, so that a page can tell how fast its uplink is.
async fn probe(body: Result<Bytes, BytesRejection>) -> Result<StatusCode, ApiError> {
    let too_long =
        |_: BytesRejection| ApiError::Invalid(format!("the body must have at most {} bytes", limits::PROBE_BYTES));
    body.map(|_| StatusCode::NO_CONTENT).map_err(too_long)
}

/// Answers hold capabilities; no cache may keep them.
async fn never_cached(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
