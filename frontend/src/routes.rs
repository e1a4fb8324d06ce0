//! Where the address bar points, and how to go elsewhere.

use wasm_bindgen::JsValue;
use wasm_core::secret::Secret;

use crate::services::invitation;

/// The start page.
pub const HOME: &str = "#/";
/// The recording that is open, and what of it is shown: each has an address, so that the browser's Back
/// leads from one to the other and not away from the page.
pub const OPEN: &str = "#/open";
/// The result that was computed in this browser.
pub const OPEN_RESULT: &str = "#/open/result";
/// The spikes that its files hold.
pub const OPEN_SPIKES: &str = "#/open/spikes";

/// What of a recording that is open is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Traces, and the values of an analysis.
    Traces,
    /// A result that was computed here.
    Result,
    /// The spikes that the files hold.
    Spikes,
}

/// A place of this page. Shares have a path of their own, so that the server can answer 404 once they are
/// revoked; all else stands behind `#`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// The start page.
    Home,
    /// The recording that is open; the start page where none is.
    Open(Part),
    /// A run of an uploaded recording.
    Run {
        /// The recording.
        recording: String,
        /// The run.
        run: String,
    },
    /// A result that this browser keeps.
    Kept {
        /// The id of the result.
        id: String,
    },
    /// Regions of AWS, and what they cost.
    Regions,
    /// A result that somebody shared.
    Share {
        /// The share.
        token: Secret,
    },
}

impl Route {
    /// Where the address bar points now.
    pub fn now() -> Self {
        // A link to an invitation leads to the start page, or to what is open there.
        invitation::take_from_address();
        let location = web_sys::window().map(|window| window.location());
        let path = location.as_ref().and_then(|location| location.pathname().ok()).unwrap_or_default();
        let hash = location.and_then(|location| location.hash().ok()).unwrap_or_default();
        Self::of(&path, &hash)
    }

    /// Where a path and what stands behind `#` point. What stands behind `?` is the view of a result.
    fn of(path: &str, hash: &str) -> Self {
        if let Some(token) = path.strip_prefix("/share/") {
            return Self::Share { token: Secret::new(token.trim_end_matches('/')) };
        }
        let path = hash.split('?').next().unwrap_or_default();
        let parts: Vec<&str> = path.trim_start_matches('#').split('/').filter(|part| !part.is_empty()).collect();
        match parts.as_slice() {
            ["recordings", recording, "runs", run] => Self::Run { recording: (*recording).into(), run: (*run).into() },
            ["regions"] => Self::Regions,
            ["kept", id] => Self::Kept { id: (*id).into() },
            ["open"] => Self::Open(Part::Traces),
            ["open", "result"] => Self::Open(Part::Result),
            ["open", "spikes"] => Self::Open(Part::Spikes),
            _ => Self::Home,
        }
    }
}

/// Goes to an address of this page.
pub fn go(hash: &str) {
    if let Some(window) = web_sys::window() {
        drop(window.location().set_hash(hash));
    }
}

/// Puts an address of this page in the place of the one that the address bar has, which Back then leads past.
pub fn go_instead(hash: &str) {
    let history = web_sys::window().and_then(|window| window.history().ok());
    if let Some(history) = history {
        drop(history.replace_state_with_url(&JsValue::NULL, "", Some(hash)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lead_to_places() {
        let run = Route::Run { recording: "a".into(), run: "b".into() };
        for (path, hash, route) in [
            ("/", "", Route::Home),
            ("/", "#/", Route::Home),
            ("/", "#/nowhere", Route::Home),
            ("/", OPEN, Route::Open(Part::Traces)),
            ("/", OPEN_RESULT, Route::Open(Part::Result)),
            ("/", "#/open/result?segment=0&traces=1,2&threshold=5", Route::Open(Part::Result)),
            ("/", OPEN_SPIKES, Route::Open(Part::Spikes)),
            ("/", "#/recordings/a/runs/b?segment=0", run),
            ("/", "#/kept/7", Route::Kept { id: "7".into() }),
            ("/share/xyz/", "#/open", Route::Share { token: Secret::new("xyz") }),
        ] {
            assert_eq!(Route::of(path, hash), route, "{path} {hash}");
        }
    }
}
