//! Asking one thing at a time: of what is wished meanwhile the newest comes next.

use std::rc::Rc;

use yew::prelude::*;

/// What is asked for, by wishes `W`, and what is known of it, `K`.
#[derive(Clone, Debug, PartialEq)]
pub struct Asking<W, K> {
    /// The request that is under way.
    under_way: Option<W>,
    /// The request that comes next.
    next: Option<W>,
    /// Requests so far.
    n_asked: u32,
    known: K,
}

/// Actions of the reducer.
pub enum Action<W, K> {
    /// Somebody wishes something.
    Wish(W),
    /// What is known after the answer, and whether there is more to ask for.
    Answered(K, bool),
}

impl<W, K: Default> Default for Asking<W, K> {
    fn default() -> Self {
        Self { under_way: None, next: None, n_asked: 0, known: K::default() }
    }
}

impl<W, K> Asking<W, K> {
    /// What is to be asked for now.
    pub const fn under_way(&self) -> Option<&W> {
        self.under_way.as_ref()
    }

    /// Another number for each request.
    pub const fn n_asked(&self) -> u32 {
        self.n_asked
    }

    /// The newest answer.
    pub const fn known(&self) -> &K {
        &self.known
    }

    fn take(&mut self, action: Action<W, K>) {
        match action {
            Action::Wish(wish) => self.next = Some(wish),
            Action::Answered(known, is_more) => {
                self.known = known;
                let asked = self.under_way.take();
                // The rest comes unless somebody wishes something else meanwhile.
                self.next = self.next.take().or(asked.filter(|_| is_more));
            }
        }
        if self.under_way.is_none() && self.next.is_some() {
            self.under_way = self.next.take();
            self.n_asked = self.n_asked.wrapping_add(1);
        }
    }
}

impl<W: Clone, K: Clone> Reducible for Asking<W, K> {
    type Action = Action<W, K>;

    fn reduce(self: Rc<Self>, action: Action<W, K>) -> Rc<Self> {
        let mut next = Rc::unwrap_or_clone(self);
        next.take(action);
        Rc::new(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(actions: impl IntoIterator<Item = Action<char, u8>>) -> Rc<Asking<char, u8>> {
        actions.into_iter().fold(Rc::new(Asking::default()), Reducible::reduce)
    }

    #[test]
    fn one_thing_is_asked_for_at_a_time_and_the_newest_wish_comes_next() {
        let now = after([Action::Wish('a'), Action::Wish('b'), Action::Wish('c')]);
        assert_eq!((now.under_way(), now.n_asked(), *now.known()), (Some(&'a'), 1, 0));
        let now = now.reduce(Action::Answered(1, false));
        assert_eq!((now.under_way(), now.n_asked(), *now.known()), (Some(&'c'), 2, 1));
        let now = now.reduce(Action::Answered(2, false));
        assert_eq!((now.under_way(), now.n_asked(), *now.known()), (None, 2, 2));
    }

    #[test]
    fn the_rest_is_asked_for_unless_something_else_is_wished() {
        let now = after([Action::Wish('a'), Action::Answered(1, true)]);
        assert_eq!((now.under_way(), now.n_asked()), (Some(&'a'), 2));
        let now = now.reduce(Action::Wish('b')).reduce(Action::Answered(2, true));
        assert_eq!((now.under_way(), now.n_asked()), (Some(&'b'), 3));
    }
}
