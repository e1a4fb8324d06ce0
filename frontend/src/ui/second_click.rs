//! The second click of a double click: the first has done what it asks, and what stands in its place now asks for
//! something else.

use yew::prelude::MouseEvent;

/// Whether it is one. Keys click once each.
pub fn is_second(event: &MouseEvent) -> bool {
    event.detail() > 1
}
