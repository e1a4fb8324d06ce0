//! The meaning of S3's answers: already there, refused for good, or passing.

use std::fmt;

/// A request to S3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// A verb: `read`, `write`, `list`, `delete`, `sign` or `create`.
    pub action: &'static str,
    /// The bucket.
    pub bucket: String,
    /// The key or prefix; empty for the bucket itself.
    pub key: String,
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { action, bucket, key } = self;
        if key.is_empty() {
            write!(f, "{action} the bucket {bucket}")
        } else {
            write!(f, "{action} {key} in the bucket {bucket}")
        }
    }
}

/// The failure of a request to S3.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The object exists already and must not be overwritten.
    #[error("{key} exists already")]
    Exists {
        /// The key of the object.
        key: String,
    },
    /// S3 refuses, and will refuse the same request again: a permission is missing, the bucket is
    /// not there, or the request itself is wrong.
    #[error("S3 refuses to {asked}: {reason}")]
    Refused {
        /// The request.
        asked: Asked,
        /// The answer of S3.
        reason: String,
    },
    /// S3 is busy or could not be reached; the same request may do better later.
    #[error("S3 could not {asked}: {reason}")]
    Unavailable {
        /// The request.
        asked: Asked,
        /// The answer of S3.
        reason: String,
    },
}

/// An answer that is no success.
#[derive(Clone, Copy, Debug, Default)]
pub struct Answer<'a> {
    /// Status of HTTP; none where nothing was answered, or for one object of several.
    pub status: Option<u16>,
    /// S3's name of the error, such as `AccessDenied`.
    pub code: Option<&'a str>,
    /// S3's words. They name users and resources, never a key or a signature.
    pub message: Option<&'a str>,
}

impl Answer<'_> {
    /// The error that this answer is. Codes:
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>.
    pub fn into_error(self, asked: Asked) -> StoreError {
        let reason = self.words();
        if self.may_pass() {
            return StoreError::Unavailable { asked, reason };
        }
        if !self.is_denied() {
            return StoreError::Refused { asked, reason };
        }
        // S3 answers so for objects that are not there where the role may not list them.
        let hint = match asked.action {
            "read" => "; the role needs s3:GetObject, and s3:ListBucket to be told of objects that are not there",
            _ => "; the role lacks the permission",
        };
        StoreError::Refused { asked, reason: reason + hint }
    }

    /// Whether the object, not the bucket, is what is missing.
    pub fn is_missing_object(&self) -> bool {
        match self.code {
            Some(code) => matches!(code, "NoSuchKey" | "NotFound"),
            None => self.status == Some(404),
        }
    }

    fn is_denied(&self) -> bool {
        matches!(self.code, Some("AccessDenied" | "AllAccessDisabled"))
            || self.code.is_none() && self.status == Some(403)
    }

    /// Whether the same request may do better later.
    fn may_pass(&self) -> bool {
        match self.code {
            // After `ExpiredToken` another process gets new credentials of its role; after
            // `ConditionalRequestConflict` the other upload of the key may have failed.
            Some(
                "SlowDown"
                | "InternalError"
                | "ServiceUnavailable"
                | "RequestTimeout"
                | "OperationAborted"
                | "ExpiredToken"
                | "ConditionalRequestConflict",
            ) => true,
            _ => match self.status {
                Some(501) => false,
                Some(status) => matches!(status, 408 | 409 | 429 | 500..),
                // One object of several that has an unknown reason of its own.
                None => self.code.is_none_or(|code| code != "AccessDenied" && !code.starts_with("Invalid")),
            },
        }
    }

    fn words(&self) -> String {
        let named = [self.code, self.message].into_iter().flatten().collect::<Vec<_>>().join(": ");
        match self.status {
            _ if !named.is_empty() => named,
            Some(status) => format!("it answered with status {status}"),
            None => "it did not say why".into(),
        }
    }
}

/// An error and its causes, as people read them. `Debug` would show the whole answer, in which S3
/// repeats what was signed.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_words = cause.to_string();
        // Some repeat their cause.
        if !words.contains(&cause_words) {
            words = format!("{words}: {cause_words}");
        }
        next = cause.source();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(action: &'static str) -> Asked {
        Asked { action, bucket: "lab-bucket".into(), key: "recordings/1/recording.json".into() }
    }

    #[test]
    fn refusals_are_final_and_the_rest_may_pass() {
        for (status, code, is_final) in [
            (403, Some("AccessDenied"), true),
            (403, None, true),
            (403, Some("InvalidAccessKeyId"), true),
            (403, Some("SignatureDoesNotMatch"), true),
            (404, Some("NoSuchBucket"), true),
            (301, Some("PermanentRedirect"), true),
            (400, Some("InvalidArgument"), true),
            (501, Some("NotImplemented"), true),
            (400, Some("RequestTimeout"), false),
            (400, Some("ExpiredToken"), false),
            (409, Some("OperationAborted"), false),
            (429, None, false),
            (500, Some("InternalError"), false),
            (503, Some("SlowDown"), false),
            (503, None, false),
            (504, None, false),
        ] {
            let answer = Answer { status: Some(status), code, message: None };
            let error = answer.into_error(asked("write"));
            assert_eq!(matches!(error, StoreError::Refused { .. }), is_final, "{status} {code:?}: {error}");
        }
        // One object of several has no status.
        let one = |code| Answer { status: None, code: Some(code), message: None }.into_error(asked("delete"));
        assert!(matches!(one("AccessDenied"), StoreError::Refused { .. }));
        assert!(matches!(one("InternalError"), StoreError::Unavailable { .. }));
    }

    #[test]
    fn what_is_refused_names_bucket_key_and_permission() {
        let answer = Answer { status: Some(403), code: Some("AccessDenied"), message: Some("Access Denied") };
        assert_eq!(
            answer.into_error(asked("read")).to_string(),
            "S3 refuses to read recordings/1/recording.json in the bucket lab-bucket: AccessDenied: Access Denied; \
             the role needs s3:GetObject, and s3:ListBucket to be told of objects that are not there"
        );
        let bucket = Asked { key: String::new(), ..asked("create") };
        assert!(answer.into_error(bucket).to_string().starts_with("S3 refuses to create the bucket lab-bucket: "));
    }

    #[test]
    fn a_missing_bucket_is_no_missing_object() {
        let missing = |code| Answer { status: Some(404), code, message: None }.is_missing_object();
        assert!(missing(Some("NoSuchKey")) && missing(None));
        assert!(!missing(Some("NoSuchBucket")));
    }
}
