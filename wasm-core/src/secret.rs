//! Text that must not be seen by chance: owners' keys, tokens of shares, signed addresses,
//! credentials.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A text that lets its bearer do something. It can be sent and stored, where it is a plain
/// string, but a message or a log that shows a value around it does not show it: `{:?}` hides it
/// and there is no `{}`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Takes a text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for whoever sends it or makes a link of it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The text itself.
    #[must_use]
    pub fn into_revealed(self) -> String {
        self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{CreatedRecording, CreatedResult, CreatedShare, SharedFile, Signed, SignedRequest};

    const HIDDEN: &str = "5e1f0c0ffee";

    #[test]
    fn a_secret_is_a_string_on_the_wire_and_hidden_elsewhere() {
        let secret = Secret::new(HIDDEN);
        assert_eq!(serde_json::to_string(&secret).expect("JSON"), format!("\"{HIDDEN}\""));
        assert_eq!(serde_json::from_str::<Secret>(&format!("\"{HIDDEN}\"")).expect("JSON"), secret);
        assert_eq!(format!("{secret:?} {:#?}", Some(&secret)), "(secret) Some(\n    (secret),\n)");
        assert_eq!(secret.reveal(), HIDDEN);
    }

    /// Every type of the wire that lets its bearer in, as a log would show it.
    #[test]
    fn answers_of_the_api_do_not_show_their_secrets() {
        let secret = || Secret::new(HIDDEN);
        let created = CreatedRecording { recording_id: "id".into(), owner_key: secret() };
        let shared = CreatedShare { token: secret(), expires_at_s: 7 };
        let request = SignedRequest { url: secret(), headers: vec![("if-none-match".into(), "*".into())] };
        let signed = Signed { requests: vec![request.clone()] };
        let sent = CreatedResult { result_id: "id".into(), owner_key: secret(), upload: request.clone() };
        let file = SharedFile { size_bytes: 1, url: secret() };
        for shown in [format!("{sent:?}"), format!("{file:?}")] {
            assert!(!shown.contains(HIDDEN), "{shown}");
        }
        for shown in [format!("{created:?}"), format!("{shared:?}"), format!("{request:#?}"), format!("{signed:?}")] {
            assert!(!shown.contains(HIDDEN), "{shown}");
        }
        assert!(format!("{created:?}").contains("id"), "the rest is shown");
        // What the page keeps and sends is the text itself.
        assert!(serde_json::to_string(&created).expect("JSON").contains(HIDDEN));
    }
}
