//! The result that was computed in this browser, and whether it is kept somewhere.

use std::rc::Rc;

use yew::prelude::*;

/// A result `T`, if there is one, that is lost with the page unless it is kept.
pub struct Own<T>(Option<(Rc<T>, bool)>);

/// Changes of the result.
pub enum Action<T> {
    /// Another one was computed, or it is no more.
    Found(Option<Rc<T>>),
    /// This one is kept now. Keeping takes a while: another may have taken its place.
    Kept(Rc<T>),
}

impl<T> Default for Own<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Own<T> {
    /// The result.
    pub fn computed(&self) -> Option<Rc<T>> {
        self.0.as_ref().map(|(computed, _)| Rc::clone(computed))
    }

    /// Whether there is one that is kept nowhere.
    pub fn would_be_lost(&self) -> bool {
        self.0.as_ref().is_some_and(|(_, is_kept)| !is_kept)
    }
}

impl<T> Reducible for Own<T> {
    type Action = Action<T>;

    fn reduce(self: Rc<Self>, action: Action<T>) -> Rc<Self> {
        match action {
            Action::Found(found) => Rc::new(Self(found.map(|computed| (computed, false)))),
            Action::Kept(kept) => match &self.0 {
                Some((computed, false)) if Rc::ptr_eq(computed, &kept) => Rc::new(Self(Some((kept, true)))),
                _ => self,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_is_lost_until_it_is_kept() {
        let (first, second) = (Rc::new(1), Rc::new(1));
        let own = Rc::new(Own::default());
        assert!(own.computed().is_none() && !own.would_be_lost());
        let own = own.reduce(Action::Found(Some(Rc::clone(&first))));
        assert!(own.would_be_lost());
        let own = own.reduce(Action::Kept(Rc::clone(&first)));
        assert!(!own.would_be_lost());
        // Another result came while the first was being kept.
        let own = own.reduce(Action::Found(Some(Rc::clone(&second)))).reduce(Action::Kept(Rc::clone(&first)));
        assert!(own.would_be_lost() && own.computed().is_some_and(|computed| Rc::ptr_eq(&computed, &second)));
        let own = own.reduce(Action::Found(None)).reduce(Action::Kept(second));
        assert!(own.computed().is_none() && !own.would_be_lost());
    }
}
