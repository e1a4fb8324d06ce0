//! Whether a part that unfolds is open: what is costly in it is made only then.

use web_sys::Element;
use yew::prelude::*;

/// Whether it is open, and what its `<details>` tells of that.
#[hook]
pub fn use_unfolding() -> (bool, Callback<Event>) {
    let is_open = use_state_eq(|| false);
    let ontoggle = {
        let is_open = is_open.setter();
        use_callback((), move |event: Event, ()| {
            is_open.set(event.target_unchecked_into::<Element>().has_attribute("open"));
        })
    };
    (*is_open, ontoggle)
}
