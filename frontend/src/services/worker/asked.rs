//! What a worker was asked and has not answered.

use std::collections::BTreeMap;

use futures_channel::oneshot::{self, Receiver, Sender};

/// Messages `M` that wait until the worker has loaded, and those `A` who wait for an answer.
pub struct Asked<M, A> {
    next_id: u32,
    pending: BTreeMap<u32, A>,
    /// `None` once the worker has loaded.
    waiting: Option<Vec<M>>,
    has_stopped: bool,
    /// Of those who wait until nothing is left to answer: dropped then.
    resting: Vec<Sender<()>>,
}

impl<M, A> Asked<M, A> {
    /// Of a worker that was asked nothing; whether it has loaded already.
    pub fn new(has_loaded: bool) -> Self {
        let waiting = if has_loaded { None } else { Some(Vec::new()) };
        Self { next_id: 0, pending: BTreeMap::new(), waiting, has_stopped: false, resting: Vec::new() }
    }

    /// Takes who asks; gives the message with its number, unless it waits until the worker has loaded.
    pub fn ask(&mut self, asker: A, message: impl FnOnce(u32) -> M) -> Option<M> {
        let id = self.next_id;
        self.next_id = id.wrapping_add(1);
        self.pending.insert(id, asker);
        let message = message(id);
        match &mut self.waiting {
            Some(waiting) => {
                waiting.push(message);
                None
            }
            None => Some(message),
        }
    }

    /// The worker has loaded: gives what waited for that, in order.
    pub fn loaded(&mut self) -> Vec<M> {
        self.waiting.take().unwrap_or_default()
    }

    /// Gives who waits for an answer with this number.
    pub fn answered(&mut self, id: u32) -> Option<A> {
        let asker = self.pending.remove(&id);
        if self.is_idle() {
            self.resting.clear();
        }
        asker
    }

    /// The worker stopped for good: gives all who wait.
    pub fn stopped(&mut self) -> Vec<A> {
        self.has_stopped = true;
        self.resting.clear();
        std::mem::take(&mut self.pending).into_values().collect()
    }

    /// Whether it stopped for good.
    pub const fn has_stopped(&self) -> bool {
        self.has_stopped
    }

    /// Whether it stopped before it had loaded.
    pub const fn never_loaded(&self) -> bool {
        self.has_stopped && self.waiting.is_some()
    }

    /// Whether it has answered all that it was asked.
    pub fn is_idle(&self) -> bool {
        self.pending.is_empty()
    }

    /// What ends once nothing is left to answer; none where nothing is.
    pub fn rest(&mut self) -> Option<Receiver<()>> {
        if self.is_idle() {
            return None;
        }
        let (told, rest) = oneshot::channel();
        self.resting.push(told);
        Some(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_before_the_worker_has_loaded_waits_in_order() {
        let mut asked = Asked::new(false);
        assert_eq!((asked.ask('a', |id| id), asked.ask('b', |id| id)), (None, None));
        assert_eq!(asked.loaded(), [0, 1]);
        assert_eq!(asked.ask('c', |id| id), Some(2));
        assert!(asked.loaded().is_empty(), "nothing is posted twice");
        assert_eq!((asked.answered(1), asked.answered(1)), (Some('b'), None));
        assert_eq!((asked.answered(0), asked.answered(2), asked.is_idle()), (Some('a'), Some('c'), true));
    }

    #[test]
    fn who_waits_for_rest_is_told_once_nothing_is_left_to_answer() {
        let mut asked = Asked::new(true);
        assert!(asked.rest().is_none());
        asked.ask('a', |id| id);
        asked.ask('b', |id| id);
        let mut rests = [asked.rest().expect("it is asked"), asked.rest().expect("it is asked")];
        asked.answered(1);
        assert!(rests.iter_mut().all(|rest| rest.try_recv().is_ok()), "one is left");
        asked.answered(0);
        assert!(rests.iter_mut().all(|rest| rest.try_recv().is_err()));
        // A worker that stopped has nothing to do.
        asked.ask('c', |id| id);
        let mut rest = asked.rest().expect("it is asked");
        asked.stopped();
        assert!(rest.try_recv().is_err() && asked.rest().is_none());
    }

    #[test]
    fn who_waits_is_told_that_the_worker_stopped() {
        for has_loaded in [false, true] {
            let mut asked = Asked::new(has_loaded);
            asked.ask('a', |id| id);
            assert!(!asked.has_stopped() && !asked.is_idle());
            assert_eq!(asked.stopped(), ['a']);
            assert!(asked.has_stopped() && asked.is_idle());
            assert_eq!(asked.never_loaded(), !has_loaded);
        }
    }
}
