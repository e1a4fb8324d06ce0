//! The values of a plot one after another, by keys, for those who cannot point at them.

use std::rc::Rc;

use yew::prelude::*;

/// Values in their order, each in words. Compared by address.
#[derive(Clone)]
pub struct Values {
    n: usize,
    told: Rc<dyn Fn(usize) -> String>,
}

impl Values {
    /// So many, told by their number from 0.
    pub fn new(n: usize, told: impl Fn(usize) -> String + 'static) -> Self {
        Self { n, told: Rc::new(told) }
    }
}

impl PartialEq for Values {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.told, &other.told)
    }
}

/// Which of so many values a key leads to; none where the key leads nowhere.
fn after(at: Option<usize>, key: &str, n: usize) -> Option<usize> {
    let last = n.checked_sub(1)?;
    // A tenth of them.
    let page = (n / 10).max(1);
    let from = at.map(|at| at.min(last));
    let to = match key {
        "ArrowRight" | "ArrowDown" => from.map_or(0, |at| at + 1),
        "ArrowLeft" | "ArrowUp" => from.map_or(last, |at| at.saturating_sub(1)),
        "PageDown" => from.map_or(0, |at| at + page),
        "PageUp" => from.map_or(last, |at| at.saturating_sub(page)),
        "Home" => 0,
        "End" => last,
        _ => return None,
    };
    Some(to.min(last))
}

/// What is told, and what keys do.
pub struct Stepping {
    /// The value that was gone to.
    pub told: Option<String>,
    /// Takes a key.
    pub on_key: Option<Callback<KeyboardEvent>>,
    /// Ends it.
    pub on_blur: Callback<FocusEvent>,
}

/// Goes through the values by arrows, by shift and arrows where arrows alone do something `other`.
#[hook]
pub fn use_values(values: Option<Values>, other: Option<Callback<KeyboardEvent>>) -> Stepping {
    let at = use_state_eq(|| None::<usize>);
    let on_blur = {
        let at = at.setter();
        Callback::from(move |_: FocusEvent| at.set(None))
    };
    let Some(values) = values.filter(|values| values.n > 0) else {
        return Stepping { told: None, on_key: other, on_blur };
    };
    let told = at.map(|at| (values.told)(at.min(values.n - 1)));
    let on_key = Callback::from(move |event: KeyboardEvent| {
        let next = after(*at, &event.key(), values.n).filter(|_| other.is_none() || event.shift_key());
        if let Some(next) = next {
            event.prevent_default();
            at.set(Some(next));
            return;
        }
        if event.key() == "Escape" {
            at.set(None);
        }
        if let Some(other) = &other {
            other.emit(event);
        }
    });
    Stepping { told, on_key: Some(on_key), on_blur }
}

#[cfg(test)]
mod tests {
    use super::after;

    #[test]
    fn keys_go_through_all_values_and_not_beyond() {
        let go = |from: Option<usize>, keys: &[&str]| keys.iter().fold(from, |at, key| after(at, key, 30).or(at));
        assert_eq!(go(None, &["ArrowRight", "ArrowRight", "ArrowDown"]), Some(2));
        assert_eq!(go(None, &["ArrowLeft"]), Some(29));
        assert_eq!(go(Some(28), &["ArrowRight", "ArrowRight"]), Some(29));
        assert_eq!(go(Some(1), &["PageDown", "PageDown", "PageUp", "ArrowUp", "x"]), Some(3));
        assert_eq!((go(Some(7), &["Home"]), go(Some(7), &["End"])), (Some(0), Some(29)));
        assert_eq!((after(Some(7), "ArrowLeft", 3), after(None, "ArrowRight", 0)), (Some(1), None));
    }
}
