//! One invitation for whoever asks, for tests of the functions against an S3 of their own: scripts that
//! know of no invitations then walk the same path as everyone else.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::middleware::{self, Next};
use axum::response::IntoResponse;
use tokio::sync::OnceCell;
use wasm_core::api::INVITATION_HEADER;

use super::error::ApiError;
use crate::invitations::owner::{make, widest};
use crate::store::Store;

/// The router, behind which requests that bear no invitation bear one that is made at the first of them.
pub fn invite(router: Router, store: Store) -> Router {
    let made = Arc::new(OnceCell::new());
    router.layer(middleware::from_fn(move |mut request: Request, next: Next| {
        let (store, made) = (store.clone(), Arc::clone(&made));
        async move {
            if !request.headers().contains_key(INVITATION_HEADER) && request.uri().path() != "/api/health" {
                match made.get_or_try_init(|| code(&store)).await {
                    Ok(code) => drop(request.headers_mut().insert(INVITATION_HEADER, code.clone())),
                    Err(reason) => return ApiError::Unavailable(reason).into_response(),
                }
            }
            next.run(request).await
        }
    }))
}

async fn code(store: &Store) -> Result<HeaderValue, String> {
    let code = make(store, widest("Everyone, for tests")).await.map_err(|error| error.to_string())?;
    HeaderValue::from_str(code.reveal()).map_err(|error| error.to_string())
}
