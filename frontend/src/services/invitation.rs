//! The invitation that lets this browser upload: its code, and what is left of it.

use std::cell::{Cell, RefCell};

use wasm_bindgen::JsValue;
use wasm_core::api::{InvitationState, code_in};
use wasm_core::secret::Secret;

use super::cloud::{self, CloudError};
use super::memory::shelf::{Shelf, Unstored};

/// How the address of an invitation begins.
const ADDRESS: &str = "#/invitation/";

thread_local! {
    static UNSTORED: Unstored<Secret> = const { RefCell::new(None) };
    /// Whether the address of an invitation was opened that holds no code.
    static WAS_BROKEN: Cell<bool> = const { Cell::new(false) };
}

/// One code, or none.
fn shelf() -> Shelf<Secret> {
    Shelf { key: "neurocyte-invitation", id: Secret::reveal, unstored: &UNSTORED }
}

/// The code.
pub fn code() -> Option<Secret> {
    shelf().all().into_iter().next()
}

/// Takes what a person pasted; false where it holds no code.
pub fn take(text: &str) -> bool {
    let code = code_in(text);
    if let Some(code) = code {
        shelf().keep(vec![Secret::new(code)]);
        WAS_BROKEN.set(false);
    }
    code.is_some()
}

/// Whether the link that was opened last holds no code: somebody should hear of that.
pub fn was_broken() -> bool {
    WAS_BROKEN.get()
}

/// Forgets it. It stays valid for whoever else has its link.
pub fn forget() {
    shelf().keep(Vec::new());
}

/// Takes the code out of the address, where it must not be read or shared by chance.
pub fn take_from_address() {
    let Some(window) = web_sys::window() else { return };
    let hash = window.location().hash().unwrap_or_default();
    if !hash.starts_with(ADDRESS) {
        return;
    }
    if !take(&hash) {
        WAS_BROKEN.set(true);
    }
    if let Ok(history) = window.history() {
        // Only fails where a page is not allowed to change its address.
        drop(history.replace_state_with_url(&JsValue::NULL, "", Some("#/")));
    }
}

/// The rest of the invitation.
pub async fn look() -> Result<InvitationState, CloudError> {
    cloud::get("/invitation", None).await
}
