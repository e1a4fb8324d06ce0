//! What stands in the address of a request.

use axum::extract::{self, FromRequestParts};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::error::ApiError;

/// The parts of an address that its route names. Where they are no text, the address leads nowhere.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let found = extract::Path::<T>::from_request_parts(parts, state).await;
        found.map(|extract::Path(found)| Self(found)).map_err(|_| ApiError::NoRoute)
    }
}
