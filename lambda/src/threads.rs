//! Work shared out to threads.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use wasm_core::engine::Workspace;
use wasm_core::run::{Job, Next, Task};

/// The workspace that a thread keeps from one task to the next.
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

/// Locks a mutex; a thread that panicked ends the work anyway.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Carries a job on some threads until it has ended or a task fails. They do tasks until each is told
/// to wait, come together, and go on. `work` gives the noise that a task measured, nothing of others;
/// `observe` sees the job before each task is taken and may stop it.
pub fn carry<E: Send>(
    n_threads: usize,
    job: Job,
    work: impl Fn(&Task, &mut Thread) -> Result<Vec<f32>, E> + Sync,
    observe: impl Fn(&mut Job) + Sync,
) -> Result<Job, E> {
    let shared = Mutex::new((job, None));
    let do_tasks = |worker: usize| {
        let mut thread = Thread::default();
        loop {
            let next = {
                let mut shared = lock(&shared);
                observe(&mut shared.0);
                shared.0.next(worker)
            };
            let Next::Task(task) = next else { break };
            let start = Instant::now();
            let result = work(&task, &mut thread);
            let mut shared = lock(&shared);
            let (job, failure) = &mut *shared;
            job.took(job.stage(), start.elapsed().as_secs_f64());
            match (result, &task) {
                (Ok(levels_uv), Task::Measure { at, .. }) => job.measured(*at, levels_uv),
                (Ok(_), task) => job.searched(task),
                (Err(error), _) => {
                    *failure = Some(error);
                    job.stop();
                }
            }
        }
    };
    while !lock(&shared).0.has_ended() {
        std::thread::scope(|scope| {
            for worker in 0..n_threads.max(1) {
                scope.spawn(move || do_tasks(worker));
            }
        });
    }
    let (job, failure) = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
    failure.map_or(Ok(job), Err)
}

/// Does `n` pieces of work on some threads; results come in order.
pub fn parallel<T: Send, E: Send>(
    n_threads: usize,
    n: usize,
    work: impl Fn(usize) -> Result<T, E> + Sync,
) -> Result<Vec<T>, E> {
    let next = AtomicUsize::new(0);
    let failed = AtomicBool::new(false);
    let done = Mutex::new((Vec::with_capacity(n), None));
    std::thread::scope(|scope| {
        for _ in 0..n_threads.min(n) {
            scope.spawn(|| {
                while !failed.load(Ordering::Relaxed) {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= n {
                        break;
                    }
                    match work(at) {
                        Ok(result) => lock(&done).0.push((at, result)),
                        Err(error) => {
                            failed.store(true, Ordering::Relaxed);
                            lock(&done).1 = Some(error);
                        }
                    }
                }
            });
        }
    });
    let (mut results, error) = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some(error) = error {
        return Err(error);
    }
    results.sort_unstable_by_key(|(at, _)| *at);
    Ok(results.into_iter().map(|(_, result)| result).collect())
}
