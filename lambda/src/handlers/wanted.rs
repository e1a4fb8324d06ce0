//! Whether a run is still wanted, asked now and then by a step at work: a slice that nobody waits
//! for must not be paid to its end.

use std::time::{Duration, Instant};

use tokio::runtime::Handle;

use super::has_ended;
use crate::keys::RunKey;
use crate::store::Store;

/// Time between two questions; each costs three requests.
const BETWEEN: Duration = Duration::from_secs(5);

/// For a thread on which a request may block.
pub struct Wanted {
    store: Store,
    run: RunKey,
    runtime: Handle,
    next: Instant,
    has_ended: bool,
}

impl Wanted {
    /// A run that was wanted just now.
    pub fn new(store: &Store, run: &RunKey) -> Self {
        let next = Instant::now() + BETWEEN;
        Self { store: store.clone(), run: run.clone(), runtime: Handle::current(), next, has_ended: false }
    }

    /// Whether it still is, as far as is known. Where that cannot be asked the work goes on.
    pub fn is_wanted(&mut self) -> bool {
        if !self.has_ended && Instant::now() >= self.next {
            self.has_ended = matches!(self.runtime.block_on(has_ended(&self.store, &self.run)), Ok(true));
            self.next = Instant::now() + BETWEEN;
        }
        !self.has_ended
    }
}
