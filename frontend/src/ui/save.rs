//! Files that the page offers to save.

use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, Clipboard, HtmlAnchorElement, Url};

/// Saves bytes under a name, as a download.
pub fn bytes(name: &str, media_type: &str, content: &[u8]) {
    if let Some(blob) = made_of(media_type, &js_sys::Uint8Array::from(content)) {
        self::blob(name, &blob);
    }
}

/// Saves what a worker attached, one part after another, under a name. The parts go into the file as they
/// are: copies of many megabytes would stop the page.
///
/// # Errors
///
/// Why there is no file, where the browser has no room for it.
pub fn attached(name: &str, media_type: &str, parts: &[JsValue]) -> Result<(), String> {
    let list = js_sys::Array::new();
    for part in parts {
        list.push(part);
    }
    let Some(blob) = joined(media_type, &list) else { return Err(no_room(name)) };
    self::blob(name, &blob);
    Ok(())
}

/// What is said where the browser has no room for a file.
fn no_room(name: &str) -> String {
    format!(
        "{name} could not be made: the browser has no room for a file of this size. Close other tabs and try again."
    )
}

/// A blob of an array or buffer of bytes; `None` where there is no room for it.
pub fn made_of(media_type: &str, content: &JsValue) -> Option<Blob> {
    joined(media_type, &js_sys::Array::of1(content))
}

/// A blob of arrays or buffers of bytes, one after another; `None` where there is no room for it.
fn joined(media_type: &str, parts: &js_sys::Array) -> Option<Blob> {
    let options = BlobPropertyBag::new();
    options.set_type(media_type);
    Blob::new_with_u8_array_sequence_and_options(parts, &options).ok()
}

/// Puts text on the clipboard; `false` where the browser does not let pages do so.
async fn to_clipboard(text: &str) -> bool {
    let navigator = web_sys::window().map(|window| window.navigator());
    // Pages that are not served over HTTPS have no clipboard, whatever the type says.
    let clipboard = navigator.and_then(|navigator| Reflect::get(&navigator, &"clipboard".into()).ok());
    match clipboard.and_then(|clipboard| clipboard.dyn_into::<Clipboard>().ok()) {
        Some(clipboard) => JsFuture::from(clipboard.write_text(text)).await.is_ok(),
        None => false,
    }
}

/// Puts a link on the clipboard, and says what came of it: `done` where it is there.
pub async fn copied(link: &str, done: &str) -> String {
    if to_clipboard(link).await {
        done.to_owned()
    } else {
        format!("This browser does not let pages copy. The link: {link}")
    }
}

/// Saves a blob under a name.
pub fn blob(name: &str, blob: &Blob) {
    let Ok(url) = Url::create_object_url_with_blob(blob) else { return };
    let document = web_sys::window().and_then(|window| window.document());
    let anchor = document.and_then(|document| document.create_element("a").ok()?.dyn_into::<HtmlAnchorElement>().ok());
    if let Some(anchor) = anchor {
        anchor.set_href(&url);
        anchor.set_download(name);
        anchor.click();
    }
    drop(Url::revoke_object_url(&url));
}
