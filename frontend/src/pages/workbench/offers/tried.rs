//! What the offers know of the cloud and of the recording.

use std::rc::Rc;

use yew::prelude::*;

use crate::services::upload::Estimate;

/// The cloud behind this page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cloud {
    /// It is looked for.
    Asking,
    /// There is none.
    Absent,
    /// It does not answer now.
    Silent,
    /// It is there, and the line to it is so fast.
    There {
        /// Bytes per second.
        bytes_per_s: f64,
    },
}

impl Cloud {
    /// Whether it takes something now.
    pub const fn is_there(self) -> bool {
        matches!(self, Self::There { .. })
    }

    /// Why it takes nothing.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Absent => "This page has no cloud behind it",
            Self::Silent => "The cloud does not answer; looking again…",
            Self::Asking | Self::There { .. } => "looking for the cloud…",
        }
    }
}

/// Something that is tried on a little of the recording.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Trial<T> {
    /// It is under way.
    Waiting,
    /// What the files claim to hold may not be there.
    Failed,
    /// It gave this.
    Done(T),
}

impl<T: Copy> Trial<T> {
    fn of(found: Option<T>) -> Self {
        found.map_or(Self::Failed, Self::Done)
    }

    /// What came of it, in words.
    pub fn words(&self, done: impl FnOnce(T) -> String) -> String {
        match self {
            Self::Waiting => "measuring…".into(),
            Self::Failed => "some of it cannot be read".into(),
            Self::Done(found) => done(*found),
        }
    }
}

/// The outcome of trying to pack and to analyse.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tried {
    /// The cloud.
    pub cloud: Cloud,
    /// The estimate of an upload.
    pub estimate: Trial<Estimate>,
    /// Samples per second that this browser analyses.
    pub speed: Trial<f64>,
}

/// Actions of the reducer.
pub enum Action {
    /// The cloud was looked for.
    Looked(Cloud),
    /// The recording was tried: what an upload takes, and how fast it is analysed; none where that failed.
    Tried(Option<Estimate>, Option<f64>),
}

impl Default for Tried {
    fn default() -> Self {
        Self { cloud: Cloud::Asking, estimate: Trial::Waiting, speed: Trial::Waiting }
    }
}

impl Reducible for Tried {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        Rc::new(match action {
            Action::Looked(cloud) => Self { cloud, ..*self },
            Action::Tried(estimate, speed) => Self { estimate: Trial::of(estimate), speed: Trial::of(speed), ..*self },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silent_cloud_is_said_and_taken_back_and_trials_stay() {
        let estimate = Estimate { compressed_bytes: 1e6, compress_s: 2.0 };
        let now = Rc::new(Tried::default());
        assert_eq!((now.cloud.reason(), now.cloud.is_there()), ("looking for the cloud…", false));
        let now = now.reduce(Action::Looked(Cloud::Silent)).reduce(Action::Tried(Some(estimate), None));
        assert_eq!(now.cloud.reason(), "The cloud does not answer; looking again…");
        let now = now.reduce(Action::Looked(Cloud::There { bytes_per_s: 1e6 }));
        assert!(now.cloud.is_there());
        assert_eq!((now.estimate, now.speed), (Trial::Done(estimate), Trial::Failed));
        assert_eq!(now.speed.words(|_| String::new()), "some of it cannot be read");
    }
}
