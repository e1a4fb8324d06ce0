//! Work under way, as one state: what the person wants of it, what is known of the line, what is being sent, how
//! far it is, and why it failed. It knows no clock: whatever happens comes with its time.

mod line;
mod step;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::rc::Rc;

use wasm_core::upload::{Line as Told, Wants};
use yew::prelude::*;

pub use line::{Known, Signal};
pub use step::{Handed, Step, Wish};

use super::analysis::Searching;
use super::cloud::{Cause, Echo};
use super::runs::{Following, Look};

/// Actions of work.
#[derive(Clone, Debug)]
pub enum Action {
    /// The person wants something else of it.
    Wish(Wish),
    /// The person wants it to wait, or to go on where it waits.
    PauseOrGo,
    /// The next step begins.
    Begin(Step),
    /// The step that is under way is further.
    Further(Step),
    /// A look at a run in the cloud told something.
    Looked(Look),
    /// A request was answered, or failed and why.
    Heard(Option<Cause>),
    /// The cloud is asked for a sign.
    Asked,
    /// What came of that.
    Echoed(Echo),
    /// An object begins to be sent: its number is [`Work::newest`] then.
    Connect,
    /// So much of it was handed to the network.
    Handed(u32, Handed),
    /// It is not sent any more, or counted otherwise.
    Disconnect(u32),
    /// The work failed, and why.
    Failed(String),
    /// The person stopped a run, and the cloud did not take it.
    MayGoOn(Unstopped),
}

/// A run that the person stopped and that may go on all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unstopped {
    /// What is known of it, in words.
    pub reason: String,
    /// The address of its page.
    pub address: String,
}

/// An object that is being sent, and when something of it moved last.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Sending {
    handed: Handed,
    moved_ms: f64,
}

/// The state of work.
#[derive(Clone, Debug, PartialEq)]
pub struct Work {
    wish: Wish,
    line: Known,
    sending: BTreeMap<u32, Sending>,
    newest: u32,
    step: Step,
    /// When the step began, and when something happened last.
    begun_ms: f64,
    at_ms: f64,
    /// The largest share of the step that was done so far.
    share: f64,
    failure: Option<String>,
    /// The address of a run that the person stopped and that may go on.
    goes_on: Option<String>,
}

impl Work {
    /// Work that begins now.
    pub const fn new(now_ms: f64) -> Self {
        Self {
            wish: Wish::Go,
            line: Known::new(now_ms),
            sending: BTreeMap::new(),
            newest: 0,
            step: Step::Preparing,
            begun_ms: now_ms,
            at_ms: now_ms,
            share: 0.0,
            failure: None,
            goes_on: None,
        }
    }

    /// What the person wants.
    pub const fn wish(&self) -> Wish {
        self.wish
    }

    /// What is known of the line.
    pub const fn line(&self) -> Known {
        self.line
    }

    /// What an upload is told of the person and the line.
    pub fn told(&self) -> (Wants, Told) {
        let wants = match self.wish {
            Wish::Go => Wants::Go,
            Wish::Pause => Wants::Pause,
            Wish::Stop | Wish::Leave => Wants::Stop,
        };
        (wants, Told { is_there: self.line.signal() == Signal::There, n_unheard: self.line.n_unheard() })
    }

    /// The number of the object that began to be sent last.
    pub const fn newest(&self) -> u32 {
        self.newest
    }

    /// When an object that is being sent may be given up.
    pub fn gives_up_ms(&self, number: u32) -> f64 {
        let moved_ms = self.sending.get(&number).map_or(f64::INFINITY, |sending| sending.moved_ms);
        self.line.gives_up_ms(moved_ms, self.wish.is_end())
    }

    /// What was handed to the network and is not confirmed yet, of all objects together.
    pub fn under_way(&self) -> Handed {
        let add = |sum: Handed, sending: &Sending| Handed {
            bytes: sum.bytes + sending.handed.bytes,
            share: sum.share + sending.handed.share,
        };
        self.sending.values().fold(Handed::default(), add)
    }

    /// The step under way.
    pub const fn step(&self) -> &Step {
        &self.step
    }

    /// Seconds since the step began.
    pub fn seconds(&self) -> f64 {
        (self.at_ms - self.begun_ms) / 1000.0
    }

    /// Share of the step that is done. It never goes back: what did not arrive is sent again.
    pub const fn share(&self) -> f64 {
        self.share
    }

    /// Why it failed; none for work that the person ended, unless its run may go on.
    pub fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// The address of a run that the person stopped and that may go on.
    pub fn goes_on(&self) -> Option<&str> {
        self.goes_on.as_deref()
    }

    /// What the counts of now say.
    #[expect(clippy::cast_precision_loss, reason = "shares")]
    fn share_now(&self) -> f64 {
        let Handed { bytes, share: objects } = self.under_way();
        let share = match &self.step {
            Step::Preparing | Step::Concluding | Step::Running(_) | Step::Stopping => 0.0,
            Step::Searching(Searching { done, total, .. }) => *done as f64 / (*total).max(1) as f64,
            Step::Uploading(counts, _) => (counts.done as f64 + objects) / counts.all.max(1) as f64,
            Step::Sending(size_bytes) => bytes / size_bytes.max(1.0),
        };
        share.min(1.0)
    }

    fn take(&mut self, action: Action, now_ms: f64) {
        match action {
            // An end stays one.
            Action::Wish(_) | Action::PauseOrGo if self.wish.is_end() => {}
            Action::Wish(wish) => self.wish = wish,
            Action::PauseOrGo => self.wish = if self.wish == Wish::Pause { Wish::Go } else { Wish::Pause },
            Action::Begin(step) => (self.step, self.begun_ms, self.share) = (step, now_ms, 0.0),
            Action::Further(step) => self.step = step,
            Action::Looked(look) => {
                let before = match &self.step {
                    Step::Running(following) => following.clone(),
                    _ => Following::default(),
                };
                self.step = Step::Running(before.after(look, now_ms));
            }
            Action::Heard(cause) => self.line.heard(cause, now_ms),
            Action::Asked => self.line.asked(now_ms),
            Action::Echoed(echo) => self.line.echoed(echo, now_ms),
            Action::Connect => {
                self.newest = self.newest.wrapping_add(1);
                let begun = Sending { handed: Handed::default(), moved_ms: now_ms };
                self.sending.insert(self.newest, begun);
            }
            Action::Handed(number, handed) => {
                self.line.moved(now_ms);
                if let Some(sending) = self.sending.get_mut(&number) {
                    *sending = Sending { handed, moved_ms: now_ms };
                }
            }
            Action::Disconnect(number) => {
                self.sending.remove(&number);
            }
            // Who ended it need not hear why it would have failed.
            Action::Failed(reason) => self.failure = Some(reason).filter(|_| !self.wish.is_end()),
            // What goes on is paid for.
            Action::MayGoOn(Unstopped { reason, address }) => {
                (self.failure, self.goes_on) = (Some(reason), Some(address));
            }
        }
        self.at_ms = now_ms;
        self.share = self.share.max(self.share_now());
    }
}

impl Reducible for Work {
    /// When it happened, and what.
    type Action = (f64, Action);

    fn reduce(self: Rc<Self>, (now_ms, action): (f64, Action)) -> Rc<Self> {
        let mut next = Rc::unwrap_or_clone(self);
        next.take(action, now_ms);
        Rc::new(next)
    }
}
