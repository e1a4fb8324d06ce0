//! A run whose result is awaited on its page: followed, stopped, gone on with.

use std::rc::Rc;

use yew::prelude::*;

use crate::services::runs::{Following, Look};

/// Where it is; `T` is its result.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase<T> {
    /// Nothing is known yet.
    Loading,
    /// The run is under way.
    Running(Following),
    /// It is not here, and why.
    Gone(String),
    /// It could not be fetched, and why.
    Failed(String),
    /// The run ended without a result, and why.
    Ended(String),
    /// Here it is.
    There(T),
}

/// What a person asks of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// To be stopped.
    Stop,
    /// To go on after it ended without a result.
    GoOn,
}

/// A run that is being followed.
#[derive(Clone, Debug, PartialEq)]
pub struct Followed<T> {
    phase: Phase<T>,
    /// Times that it was gone on with.
    attempt: u32,
    is_stopped: bool,
    /// The request that is under way.
    asked: Option<Ask>,
    /// Why it could not be gone on with.
    problem: Option<String>,
}

/// Actions of the reducer.
pub enum Action<T> {
    /// A look at the run told something, at this time.
    Looked(Look, f64),
    /// Following it came to an end.
    Came(Phase<T>),
    /// The person asks for something.
    Ask(Ask),
    /// Whether that was done, or why it could not be.
    Answered(Result<bool, String>),
}

impl<T> Default for Followed<T> {
    fn default() -> Self {
        Self { phase: Phase::Loading, attempt: 0, is_stopped: false, asked: None, problem: None }
    }
}

impl<T> Followed<T> {
    /// Where it is.
    pub const fn phase(&self) -> &Phase<T> {
        &self.phase
    }

    /// The attempt that is to be followed; none of a run that was stopped here.
    pub fn attempt(&self) -> Option<u32> {
        (!self.is_stopped).then_some(self.attempt)
    }

    /// The request that is under way.
    pub const fn asked(&self) -> Option<Ask> {
        self.asked
    }

    /// Why it could not be gone on with.
    pub const fn problem(&self) -> Option<&String> {
        self.problem.as_ref()
    }

    fn take(&mut self, action: Action<T>) {
        match action {
            // Who stopped it was told so.
            Action::Looked(..) | Action::Came(_) if self.is_stopped => {}
            Action::Looked(look, now_ms) => {
                let before = match &mut self.phase {
                    Phase::Running(following) => std::mem::take(following),
                    _ => Following::default(),
                };
                self.phase = Phase::Running(before.after(look, now_ms));
            }
            Action::Came(phase) => self.phase = phase,
            Action::Ask(ask) => {
                // One thing at a time: a second click asks nothing.
                if self.asked.is_none() {
                    (self.asked, self.problem) = (Some(ask), None);
                }
            }
            Action::Answered(answer) => match (self.asked.take(), answer) {
                (Some(Ask::Stop), Ok(true)) => {
                    self.is_stopped = true;
                    self.phase = Phase::Gone("The analysis was stopped; what was uploaded is kept.".into());
                }
                // It ended first: the page goes on to the result.
                (Some(Ask::Stop), Ok(false)) | (None, _) => {}
                (Some(Ask::Stop), Err(reason)) => {
                    if matches!(self.phase, Phase::Running(_)) {
                        self.phase = Phase::Failed(reason);
                    }
                }
                (Some(Ask::GoOn), Ok(_)) => {
                    self.phase = Phase::Loading;
                    self.attempt += 1;
                }
                (Some(Ask::GoOn), Err(reason)) => self.problem = Some(reason),
            },
        }
    }
}

impl<T: Clone> Reducible for Followed<T> {
    type Action = Action<T>;

    fn reduce(self: Rc<Self>, action: Action<T>) -> Rc<Self> {
        let mut next = Rc::unwrap_or_clone(self);
        next.take(action);
        Rc::new(next)
    }
}

#[cfg(test)]
mod tests {
    use wasm_core::api::RunStatus;

    use super::*;

    fn after(actions: impl IntoIterator<Item = Action<u8>>) -> Rc<Followed<u8>> {
        actions.into_iter().fold(Rc::new(Followed::default()), Reducible::reduce)
    }

    fn look(done: u64) -> Action<u8> {
        Action::Looked(Look::Step(RunStatus::Analysing { done, total: 4 }), 0.0)
    }

    #[test]
    fn a_run_that_was_stopped_shows_nothing_that_comes_later() {
        let asked = after([look(1), Action::Ask(Ask::Stop)]);
        assert!(asked.asked() == Some(Ask::Stop) && matches!(asked.phase(), Phase::Running(_)));
        let stopped = asked.reduce(Action::Answered(Ok(true)));
        assert!(matches!(stopped.phase(), Phase::Gone(_)) && stopped.attempt().is_none());
        for late in [look(2), Action::Came(Phase::There(1)), Action::Came(Phase::Failed("The line is lost.".into()))] {
            let still = Rc::clone(&stopped).reduce(late);
            assert!(matches!(still.phase(), Phase::Gone(_)));
        }
    }

    #[test]
    fn a_run_that_ends_while_it_is_stopped_shows_its_result() {
        let there = after([look(4), Action::Ask(Ask::Stop), Action::Came(Phase::There(7))]);
        for answer in [Ok(false), Err("The cloud cannot be reached.".to_owned())] {
            let now = Rc::clone(&there).reduce(Action::Answered(answer));
            assert_eq!((now.phase(), now.attempt()), (&Phase::There(7), Some(0)));
        }
    }

    #[test]
    fn a_run_that_cannot_be_stopped_is_followed_on() {
        let failed = || Action::Answered(Err("The cloud cannot be reached.".into()));
        let now = after([look(1), Action::Ask(Ask::Stop), failed()]);
        assert!(matches!(now.phase(), Phase::Failed(_)) && now.asked().is_none());
        assert!(matches!(now.reduce(look(2)).phase(), Phase::Running(_)));
    }

    #[test]
    fn two_clicks_go_on_once() {
        let ended = || Action::Came(Phase::Ended("A step took too long.".into()));
        let now = after([ended(), Action::Ask(Ask::GoOn), Action::Ask(Ask::GoOn), Action::Answered(Ok(true))]);
        assert_eq!((now.phase(), now.attempt(), now.asked()), (&Phase::Loading, Some(1), None));
        // An answer to nothing changes nothing.
        assert_eq!(now.reduce(Action::Answered(Ok(true))).attempt(), Some(1));
        let now = after([ended(), Action::Ask(Ask::GoOn), Action::Answered(Err("It runs already.".into()))]);
        assert!(matches!(now.phase(), Phase::Ended(_)) && now.problem().is_some());
        assert_eq!((now.attempt(), now.reduce(Action::Ask(Ask::GoOn)).problem()), (Some(0), None));
    }
}
