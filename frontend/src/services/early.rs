//! What `www/early.js` did before this program was there: it started the first worker, and kept what was dropped.

use std::cell::RefCell;

use js_sys::{Array, Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Worker;

use super::drop::Dropped;

thread_local! {
    /// What was dropped on the start page and is not opened yet.
    static DROPPED: RefCell<Option<Dropped>> = const { RefCell::new(None) };
}

/// A value that it keeps; none where it did not run.
fn kept(name: &str) -> Option<JsValue> {
    let early = Reflect::get(&js_sys::global(), &"early".into()).ok()?;
    Reflect::get(&early, &name.into()).ok()
}

/// Calls a function of it without arguments.
fn called(name: &str) -> Option<JsValue> {
    kept(name)?.dyn_ref::<Function>()?.call0(&JsValue::NULL).ok()
}

/// The page takes drops itself from now on; those on the start page wait for [`dropped`].
pub fn end() {
    let taken = called("end").and_then(|taken| taken.dyn_into::<Array>().ok());
    let dropped = taken.map(|taken| Dropped::of(&list(&taken, 0), &list(&taken, 1)));
    DROPPED.set(dropped.filter(|dropped| !dropped.is_nothing()));
}

fn list(of: &Array, at: u32) -> Array {
    of.get(at).dyn_into().unwrap_or_default()
}

/// What was dropped while the program loaded, once.
pub fn dropped() -> Option<Dropped> {
    DROPPED.take()
}

/// The first worker, once, and whether it has loaded.
pub fn worker() -> Option<(Worker, bool)> {
    let worker = called("worker")?.dyn_into().ok()?;
    Some((worker, kept("hasLoaded").and_then(|loaded| loaded.as_bool()).unwrap_or(false)))
}
