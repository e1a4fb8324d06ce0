//! Work shared out to threads.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use wasm_core::engine::Workspace;

/// What a thread keeps from one piece of work to the next.
#[derive(Default)]
pub struct Thread {
    /// The engine's memory.
    pub workspace: Workspace,
    /// A guess at the noise.
    pub expected_uv: Vec<f32>,
}

/// So many threads, or one for each processor core.
pub fn threads_or_all(wanted: Option<u16>) -> usize {
    wanted.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from)
}

/// Does `n` pieces of work on some threads; results come in order, with the threads' time together.
pub fn parallel<T: Send, E: Send>(
    n_threads: usize,
    n: usize,
    work: impl Fn(usize, &mut Thread) -> Result<T, E> + Sync,
) -> Result<(Vec<T>, Duration), E> {
    let next = AtomicUsize::new(0);
    let failed = AtomicBool::new(false);
    let done = Mutex::new((Vec::with_capacity(n), Duration::ZERO, None));
    let lock = || done.lock().unwrap_or_else(PoisonError::into_inner);
    std::thread::scope(|scope| {
        for _ in 0..n_threads.min(n) {
            scope.spawn(|| {
                let mut thread = Thread::default();
                while !failed.load(Ordering::Relaxed) {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= n {
                        break;
                    }
                    let start = Instant::now();
                    match work(at, &mut thread) {
                        Ok(result) => {
                            let mut done = lock();
                            done.0.push((at, result));
                            done.1 += start.elapsed();
                        }
                        Err(error) => {
                            failed.store(true, Ordering::Relaxed);
                            lock().2 = Some(error);
                        }
                    }
                }
            });
        }
    });
    let (mut results, time, error) = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some(error) = error {
        return Err(error);
    }
    results.sort_unstable_by_key(|(at, _)| *at);
    Ok((results.into_iter().map(|(_, result)| result).collect(), time))
}
