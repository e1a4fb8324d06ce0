//! S3 over a folder: `s3s` with a check in front of it.
//!
//! `s3s-fs` stores a body first and compares its checksum afterwards, so a damaged upload
//! would stay. Here a body is checked before it is let through.

mod files;
mod listing;

use std::path::Path;

use axum::Router;
use axum::body::Body;
use axum::error_handling::HandleError;
use axum::extract::Request;
use axum::http::{Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use http_body_util::BodyExt as _;

use files::Files;

/// Largest object: the API signs chunks of at most 40 MiB, results of long runs are larger.
const MAX_OBJECT_BYTES: usize = 1 << 30;

/// The S3 server.
pub fn router(folder: &Path, access_key: &str, secret_key: &str) -> Result<Router, String> {
    let mut builder = s3s::service::S3ServiceBuilder::new(Files::new(folder)?);
    builder.set_auth(s3s::auth::SimpleAuth::from_single(access_key, secret_key));
    let failed = |error: s3s::HttpError| async move { (StatusCode::INTERNAL_SERVER_ERROR, format!("{error:?}")) };
    Ok(Router::new()
        .fallback_service(HandleError::new(builder.build(), failed))
        .layer(middleware::from_fn(check_upload)))
}

/// Holds an upload that carries a checksum until its length and checksum are right.
async fn check_upload(request: Request, next: Next) -> Response {
    let Some(wanted) = request.headers().get("x-amz-checksum-crc32c").cloned() else { return next.run(request).await };
    if request.method() != Method::PUT {
        return next.run(request).await;
    }
    let announced =
        request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    let Some(length) = announced.filter(|length| *length <= MAX_OBJECT_BYTES) else {
        return refusal(
            StatusCode::LENGTH_REQUIRED,
            "MissingContentLength",
            "An upload needs a length of at most 1 GiB.",
        );
    };
    let (parts, body) = request.into_parts();
    let mut bytes = Vec::with_capacity(length.min(1 << 26));
    let mut body = http_body_util::Limited::new(body, length);
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            return refusal(
                StatusCode::BAD_REQUEST,
                "IncompleteBody",
                "The upload broke off or is longer than announced.",
            );
        };
        bytes.extend_from_slice(frame.data_ref().map_or(&[], |data| data));
    }
    let checksum = base64::engine::general_purpose::STANDARD.encode(crc32c::crc32c(&bytes).to_be_bytes());
    if bytes.len() != length {
        return refusal(StatusCode::BAD_REQUEST, "IncompleteBody", "The upload is shorter than announced.");
    }
    if wanted.as_bytes() != checksum.as_bytes() {
        return refusal(StatusCode::BAD_REQUEST, "BadDigest", "The checksum does not match.");
    }
    next.run(Request::from_parts(parts, Body::from(bytes))).await
}

fn refusal(status: StatusCode, code: &str, message: &str) -> Response {
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
    );
    (status, [(header::CONTENT_TYPE, "application/xml")], xml).into_response()
}
