//! The outcome of a request, and what follows from it for the next one.

/// Codes of a 400 that tell of an address whose time is over. The 400 comes where the credentials that
/// signed ended before the address did.
const EXPIRED: &[&str] = &["ExpiredToken", "TokenRefreshRequired", "InvalidToken", "ExpiredTokenException"];

/// Codes of a 400 that tell of bytes which came late, in part or damaged.
const DAMAGED: &[&str] = &["RequestTimeout", "IncompleteBody", "BadDigest", "XAmzContentChecksumMismatch"];

/// The outcome of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It was done, or had been done before.
    Done,
    /// Nothing came back: it may have been done.
    Unreachable,
    /// The signature does not hold any more; a new one may.
    Expired,
    /// The request failed, and the same one may do better later.
    MayPass,
    /// It will not do better: the status.
    Refused(u16),
}

impl Answer {
    /// Of the storage to a signed request: its status, 0 where there is none, and its text.
    #[must_use]
    pub fn of_storage(status: u16, text: &str) -> Self {
        let is_one_of = |codes: &[&str]| code(text).is_some_and(|code| codes.contains(&code));
        match status {
            0 => Self::Unreachable,
            // The object is only written where there is none: 412 says that it is there.
            200..=299 | 412 => Self::Done,
            // Time is over, keys were changed, clocks differ: all that a new signature can help.
            403 => Self::Expired,
            400 if is_one_of(EXPIRED) || text.contains("Request has expired") => Self::Expired,
            400 if is_one_of(DAMAGED) => Self::MayPass,
            408 | 409 | 429 | 500.. => Self::MayPass,
            refused => Self::Refused(refused),
        }
    }
}

/// The code in an answer of the storage.
fn code(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("<Code>")?;
    rest.split_once("</Code>").map(|(code, _)| code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(code: &str) -> String {
        format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>The provided token has expired.</Message>")
    }

    #[test]
    fn what_is_there_is_done() {
        assert_eq!([200, 204, 412].map(|status| Answer::of_storage(status, "")), [Answer::Done; 3]);
    }

    #[test]
    fn addresses_whose_time_is_over_are_told_by_status_or_code() {
        assert_eq!(Answer::of_storage(403, &error("AccessDenied")), Answer::Expired);
        assert_eq!(Answer::of_storage(403, ""), Answer::Expired);
        assert_eq!(Answer::of_storage(400, &error("ExpiredToken")), Answer::Expired);
        assert_eq!(Answer::of_storage(400, "<Message>Request has expired</Message>"), Answer::Expired);
    }

    #[test]
    fn a_400_is_final_unless_its_code_says_otherwise() {
        assert_eq!(Answer::of_storage(400, &error("RequestTimeout")), Answer::MayPass);
        assert_eq!(Answer::of_storage(400, &error("BadDigest")), Answer::MayPass);
        for text in ["", "<Code>", "ExpiredToken", &error("InvalidArgument")] {
            assert_eq!(Answer::of_storage(400, text), Answer::Refused(400), "{text}");
        }
        assert_eq!(Answer::of_storage(404, &error("NoSuchBucket")), Answer::Refused(404));
    }

    #[test]
    fn what_is_busy_may_pass_and_silence_is_no_answer() {
        assert_eq!([408, 409, 429, 500, 503].map(|status| Answer::of_storage(status, "")), [Answer::MayPass; 5]);
        assert_eq!(Answer::of_storage(0, ""), Answer::Unreachable);
    }
}
