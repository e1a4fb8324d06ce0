//! Fields of a card in which a value stands that is not accepted: the results below are of the last one that was.

use std::collections::BTreeSet;
use std::rc::Rc;

use yew::prelude::*;

/// Names of the parameters whose fields hold such a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refused(BTreeSet<&'static str>);

/// What was typed last into a field, and whether it was accepted.
pub type Typed = (&'static str, bool);

impl Refused {
    /// Whether any of these fields holds one.
    pub fn has_any_of(&self, shown: impl IntoIterator<Item = &'static str>) -> bool {
        shown.into_iter().any(|name| self.0.contains(name))
    }
}

impl Reducible for Refused {
    type Action = Typed;

    fn reduce(self: Rc<Self>, (name, is_accepted): Typed) -> Rc<Self> {
        let mut next = (*self).clone();
        if is_accepted {
            next.0.remove(name);
        } else {
            next.0.insert(name);
        }
        Rc::new(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_counts_until_its_value_is_accepted() {
        let mut now = Rc::new(Refused::default());
        for typed in [("bin_ms", false), ("lag_ms", false), ("bin_ms", true), ("window_ms", true)] {
            now = now.reduce(typed);
        }
        assert!(now.has_any_of(["bin_ms", "lag_ms"]));
        assert!(!now.has_any_of(["bin_ms", "window_ms"]), "a field that is not shown does not count");
        assert!(!now.reduce(("lag_ms", true)).has_any_of(["lag_ms"]));
    }
}
