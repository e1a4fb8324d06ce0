//! What is being done, and what the person wants of it.

use wasm_core::upload::{Counts, Limit};

use crate::services::analysis::Searching;
use crate::services::runs::Following;

/// What the person wants of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Go on.
    Go,
    /// Wait; what is under way is finished.
    Pause,
    /// Stop; what is sent stays, and a later upload goes on from there.
    Stop,
    /// As stop, because the page was left; a run that has begun goes on.
    Leave,
}

impl Wish {
    /// Whether the work ends here.
    pub const fn is_end(self) -> bool {
        matches!(self, Self::Stop | Self::Leave)
    }
}

/// The step under way.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Nothing that can be counted yet.
    Preparing,
    /// A recording is searched in this browser.
    Searching(Searching),
    /// A recording is uploaded: how far that is, and what it waits for most.
    Uploading(Counts, Option<Limit>),
    /// A file of so many bytes is sent.
    Sending(f64),
    /// All was sent: what follows from it, a run or a link, is asked for.
    Concluding,
    /// A run goes on in the cloud.
    Running(Following),
    /// The person stopped a run: the cloud is told of it.
    Stopping,
}

/// What was handed to the network of an object that is being sent.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Handed {
    /// Bytes.
    pub bytes: f64,
    /// The share of the object that they are.
    pub share: f64,
}
