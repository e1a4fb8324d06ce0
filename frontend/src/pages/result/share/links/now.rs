//! What the owner of links did last, and what came of it.

use std::rc::Rc;

use wasm_core::secret::Secret;
use yew::prelude::*;

/// State of the links of a result.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Now {
    /// The link that the owner was asked about: is it to be revoked?
    pub asked: Option<Secret>,
    /// The outcome of the last action, in words.
    pub said: Option<String>,
    /// Why it could not be done.
    pub problem: Option<String>,
    /// Whether a link is being revoked.
    pub is_busy: bool,
}

/// Actions of the reducer.
pub enum Action {
    /// Asks about a link; without one the question is taken back.
    Ask(Option<Secret>),
    /// Says what came of copying, which the browser may tell late.
    Say(String),
    /// The link that was asked about is being revoked.
    Revoke,
    /// It is revoked, in words, or why not.
    Revoked(Result<String, String>),
}

impl Reducible for Now {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        Rc::new(match action {
            Action::Ask(asked) => Self { asked, ..Self::default() },
            Action::Say(said) => Self { said: Some(said), ..(*self).clone() },
            Action::Revoke => Self { is_busy: true, ..(*self).clone() },
            Action::Revoked(Ok(said)) => Self { said: Some(said), ..Self::default() },
            Action::Revoked(Err(problem)) => Self { problem: Some(problem), ..Self::default() },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_word_about_copying_leaves_the_question() {
        let token = Secret::new("a");
        let mut now = Rc::new(Now::default());
        for action in [Action::Ask(Some(token.clone())), Action::Say("Copied.".into()), Action::Revoke] {
            now = now.reduce(action);
        }
        assert_eq!((&now.asked, now.said.as_deref(), now.is_busy), (&Some(token), Some("Copied."), true));
        now = now.reduce(Action::Revoked(Err("The cloud cannot be reached.".into())));
        assert!(now.asked.is_none() && !now.is_busy && now.problem.is_some());
        now = now.reduce(Action::Ask(None));
        assert_eq!(*now, Now::default());
        assert_eq!(now.reduce(Action::Revoked(Ok("Revoked.".into()))).said.as_deref(), Some("Revoked."));
    }
}
