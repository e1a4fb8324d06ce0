//! What a failed request is answered: a status, a stable code, words for people.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use wasm_core::api::Failure;

use crate::executions::ExecutionError;
use crate::handlers::StepError;
use crate::invitations::books::Refusal;
use crate::keys::INVITATIONS_PREFIX;
use crate::store::StoreError;

pub enum ApiError {
    /// There is no such thing, or the caller may not know of it.
    NotFound(&'static str),
    /// No route leads here.
    NoRoute,
    /// One does, but not with this method.
    NoMethod,
    /// The owner's key is missing or wrong.
    Forbidden,
    /// There is no invitation, or it allows nothing any more; in words.
    Uninvited(String),
    /// The invitation allows no more of it; which limit, and what would be accepted.
    Limit(String),
    /// A value is outside what is accepted.
    Invalid(String),
    /// The request fits, but not now.
    Conflict(String),
    /// Not the caller's fault; trying again may help.
    Unavailable(String),
    /// This cloud may not use its own bucket; trying again does not help.
    Refused(String),
    /// Step Functions did not answer; trying again may help.
    RunsUnavailable(String),
    /// This cloud may not start its own runs; trying again does not help.
    RunsRefused(String),
    /// The result was written by a version whose numbers mean something else.
    Outdated,
    /// An object does not hold what it must; trying again does not help.
    Damaged(String),
    /// The same of what is stored of an invitation.
    InvitationDamaged(String),
}

impl ApiError {
    /// The reason of a failure that is not the caller's. It names accounts and roles: it is for the log alone.
    fn reason(&self) -> Option<&str> {
        match self {
            Self::Unavailable(reason)
            | Self::Refused(reason)
            | Self::RunsUnavailable(reason)
            | Self::RunsRefused(reason)
            | Self::Damaged(reason)
            | Self::InvitationDamaged(reason) => Some(reason),
            _ => None,
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        if let Some(reason) = self.reason() {
            tracing::error!(reason, "request failed");
        }
        let (status, code, message) = match self {
            Self::NotFound(what) => (
                StatusCode::NOT_FOUND,
                "not_found",
                format!("There is no {what}; it may have been deleted, or its link revoked."),
            ),
            Self::NoRoute => (StatusCode::NOT_FOUND, "not_found", "The API has no such address.".into()),
            Self::NoMethod => (
                StatusCode::METHOD_NOT_ALLOWED,
                "no_method",
                "The API has this address, but not with this method; see the header “allow”.".into(),
            ),
            Self::Forbidden => {
                (StatusCode::FORBIDDEN, "forbidden", "Only the browser that uploaded it may do this.".into())
            }
            Self::Uninvited(reason) => (StatusCode::FORBIDDEN, "uninvited", reason),
            Self::Limit(reason) => (StatusCode::FORBIDDEN, "limit", reason),
            Self::Invalid(reason) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid", reason),
            Self::Conflict(reason) => (StatusCode::CONFLICT, "conflict", reason),
            Self::Damaged(_) => {
                let message = "What is stored of this recording is damaged; upload it again.".into();
                (StatusCode::INTERNAL_SERVER_ERROR, "damaged", message)
            }
            Self::InvitationDamaged(_) => {
                let message = "What is stored of this invitation is damaged; ask whoever sent it for another one.";
                (StatusCode::INTERNAL_SERVER_ERROR, "damaged", message.into())
            }
            Self::Refused(_) => {
                let message = "This cloud may not use its own bucket. Trying again does not help. \
                    The person who runs it finds the reason in the log."
                    .to_owned();
                (StatusCode::INTERNAL_SERVER_ERROR, "refused", message)
            }
            Self::RunsUnavailable(_) => {
                let message = "The service that runs the analysis did not answer; try again in a moment.".into();
                (StatusCode::SERVICE_UNAVAILABLE, "unavailable", message)
            }
            Self::RunsRefused(_) => {
                let message = "This cloud may not start its own runs. Trying again does not help. \
                    The person who runs it finds the reason in the log."
                    .to_owned();
                (StatusCode::INTERNAL_SERVER_ERROR, "refused", message)
            }
            Self::Outdated => (
                StatusCode::GONE,
                "outdated",
                "Another version of Neurocyte wrote this result and counted otherwise; run the analysis again.".into(),
            ),
            Self::Unavailable(_) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "The storage did not answer; try again in a moment.".into(),
            ),
        };
        (status, Json(Failure { code: code.into(), message })).into_response()
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Refused { .. } => Self::Refused(error.to_string()),
            StoreError::Exists { .. } | StoreError::Unavailable { .. } => Self::Unavailable(error.to_string()),
        }
    }
}

impl From<ExecutionError> for ApiError {
    fn from(error: ExecutionError) -> Self {
        match error {
            ExecutionError::Refused { .. } => Self::RunsRefused(error.to_string()),
            ExecutionError::Unavailable { .. } => Self::RunsUnavailable(error.to_string()),
        }
    }
}

impl From<StepError> for ApiError {
    fn from(error: StepError) -> Self {
        match error {
            StepError::Store(error) => error.into(),
            StepError::Missing { .. } => Self::NotFound("such recording"),
            StepError::Damaged { ref key, .. } if key.starts_with(INVITATIONS_PREFIX) => {
                Self::InvitationDamaged(error.to_string())
            }
            StepError::Damaged { .. } | StepError::Pipeline(_) => Self::Damaged(error.to_string()),
            other => Self::Unavailable(other.to_string()),
        }
    }
}

/// Says that `what` is not there when its object is missing; that the storage does not answer
/// is something else.
pub fn missing(what: &'static str) -> impl Fn(StepError) -> ApiError {
    move |error| match error {
        StepError::Missing { .. } => ApiError::NotFound(what),
        other => other.into(),
    }
}

impl From<std::io::Error> for ApiError {
    fn from(error: std::io::Error) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl From<JsonRejection> for ApiError {
    fn from(error: JsonRejection) -> Self {
        if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
            return Self::Invalid(format!("the request must have at most {} bytes", super::MAX_BODY_BYTES));
        }
        Self::Invalid(error.body_text())
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Limit(reason) => Self::Limit(reason),
            Refusal::Later(reason) => Self::Conflict(reason),
            Refusal::Step(error) => error.into(),
        }
    }
}
