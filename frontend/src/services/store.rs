//! A state that work under way and the page look at together: it changes by what happens alone, and whoever
//! waits for a change is woken by it.

use std::cell::RefCell;
use std::future::{pending, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Poll, Waker};

use futures_util::future::{AbortHandle, Abortable, select};
use gloo_timers::future::TimeoutFuture;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::analysis::now_ms;

/// Holds a state. It equals itself alone.
pub struct Store<S>(RefCell<Held<S>>);

struct Held<S> {
    state: Rc<S>,
    /// Tasks that wait for a change.
    waiting: Vec<Waker>,
}

impl<S> PartialEq for Store<S> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl<S: Reducible> Store<S> {
    /// Begins with a state.
    pub fn new(state: S) -> Self {
        Self(RefCell::new(Held { state: Rc::new(state), waiting: Vec::new() }))
    }

    /// The state of now.
    pub fn get(&self) -> Rc<S> {
        Rc::clone(&self.0.borrow().state)
    }

    /// Takes what happened; gives the state after it.
    pub fn tell(&self, action: S::Action) -> Rc<S> {
        let (state, waiting) = {
            let mut held = self.0.borrow_mut();
            held.state = Rc::clone(&held.state).reduce(action);
            (Rc::clone(&held.state), std::mem::take(&mut held.waiting))
        };
        for waker in waiting {
            waker.wake();
        }
        state
    }

    /// Waits until this is so; gives the state then.
    pub async fn until(&self, is_so: impl Fn(&S) -> bool) -> Rc<S> {
        poll_fn(|context| {
            let mut held = self.0.borrow_mut();
            if is_so(&held.state) {
                return Poll::Ready(Rc::clone(&held.state));
            }
            if !held.waiting.iter().any(|waker| waker.will_wake(context.waker())) {
                held.waiting.push(context.waker().clone());
            }
            Poll::Pending
        })
        .await
    }

    /// Waits until the time that the state tells, which may come sooner or later as the state changes.
    pub async fn due(&self, when_ms: impl Fn(&S) -> f64) {
        loop {
            let due_ms = when_ms(&self.get());
            if due_ms <= now_ms() {
                return;
            }
            let is_sooner = self.until(|state| when_ms(state) < due_ms);
            select(pin!(is_sooner), pin!(at(due_ms))).await;
        }
    }
}

/// Waits until a time on the page's clock, which never comes where it is infinite.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "milliseconds from now on")]
pub async fn at(due_ms: f64) {
    if due_ms.is_finite() {
        TimeoutFuture::new((due_ms - now_ms()).max(0.0).ceil() as u32).await;
    } else {
        pending::<()>().await;
    }
}

/// Work that ends with whoever holds this.
pub struct Spawned(AbortHandle);

impl Spawned {
    /// Begins work.
    pub fn begin(work: impl Future<Output = ()> + 'static) -> Self {
        let (handle, registration) = AbortHandle::new_pair();
        let work = Abortable::new(work, registration);
        // Who ended it does not ask what came of it.
        spawn_local(async move {
            let _ended = work.await;
        });
        Self(handle)
    }
}

impl Drop for Spawned {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Context, Wake};

    use super::*;

    struct Sum(u32);

    impl Reducible for Sum {
        type Action = u32;

        fn reduce(self: Rc<Self>, more: u32) -> Rc<Self> {
            Rc::new(Self(self.0 + more))
        }
    }

    #[derive(Default)]
    struct Wakes(AtomicUsize);

    impl Wake for Wakes {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn who_waits_is_woken_once_by_each_change_until_it_is_so() {
        let wakes = Arc::new(Wakes::default());
        let waker = Waker::from(Arc::clone(&wakes));
        let mut context = Context::from_waker(&waker);
        let store = Store::new(Sum(0));
        let mut waits = pin!(store.until(|sum| sum.0 >= 5));
        let mut poll = || waits.as_mut().poll(&mut context);
        assert!(poll().is_pending() && poll().is_pending());
        assert_eq!(store.tell(2).0, 2);
        assert_eq!(wakes.0.load(Ordering::Relaxed), 1, "asked twice, woken once");
        store.tell(1);
        assert_eq!(wakes.0.load(Ordering::Relaxed), 1, "nobody waits");
        assert!(poll().is_pending());
        store.tell(2);
        assert_eq!(wakes.0.load(Ordering::Relaxed), 2);
        assert!(poll().is_ready());
    }
}
