//! How far Plan is, for whoever follows the run.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::runtime::Handle;

use super::has_ended;
use crate::keys::{NOISE_MARKS, ObjectKey, RunKey};
use crate::store::Store;

/// Leaves an object behind for each eighth of the work, and looks whether the run is still wanted.
/// For threads on which a request may block.
pub struct Marks {
    store: Store,
    run: RunKey,
    runtime: Handle,
    total: usize,
    done: AtomicUsize,
    ended: AtomicBool,
}

impl Marks {
    /// Marks of a run whose plan takes `total` pieces of work.
    pub fn new(store: &Store, run: &RunKey, total: usize) -> Self {
        Self {
            store: store.clone(),
            run: run.clone(),
            runtime: Handle::current(),
            total,
            done: AtomicUsize::new(0),
            ended: AtomicBool::new(false),
        }
    }

    /// Whether the run was stopped, or its recording deleted, when the last mark was set.
    pub fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }

    /// One more piece of work is done.
    pub fn advance(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        let mark = |done: usize| done * NOISE_MARKS / self.total.max(1);
        if mark(done) > mark(done - 1) {
            self.runtime.block_on(self.set(mark(done)));
        }
    }

    /// A mark that cannot be set is missed by nobody but the progress bar.
    async fn set(&self, mark: usize) {
        match has_ended(&self.store, &self.run).await {
            Ok(true) => self.ended.store(true, Ordering::Relaxed),
            Ok(false) => drop(self.store.put(&ObjectKey::NoiseMark(self.run.clone(), mark), Vec::new()).await),
            Err(_) => {}
        }
    }
}
