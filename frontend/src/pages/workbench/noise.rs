//! Noise of every channel, measured in the background on the excerpts that the cloud takes.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use wasm_bindgen_futures::spawn_local;
use wasm_core::engine::{NoiseExcerpt, combine_noise, noise_sample};
use wasm_core::pipeline::{Pipeline, Settings};
use yew::prelude::*;

use crate::services::analysis::{Searched, now_ms};
use crate::services::session::Session;

/// Milliseconds before measuring begins: the first traces come first, and a control that is
/// still being moved does not start a measurement at every step.
const SETTLE_MS: u32 = 300;

/// Milliseconds between two means that are shown, for each thousand channels: each is drawn on map
/// and list and marks the spikes in view anew, which takes the longer the more channels there are.
const SHOW_MS: f64 = 400.0;

/// What is known so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Noise {
    /// Mean over the excerpts measured so far; none before the first.
    pub levels_uv: Option<Rc<Vec<f32>>>,
    /// Excerpts measured.
    pub done: usize,
    /// Excerpts to measure.
    pub total: usize,
    /// What was searched along the recording.
    pub activity: Rc<Vec<Searched>>,
    /// Why it cannot be measured.
    pub problem: Option<String>,
}

/// Measures anew when the stream or the pipeline changes; nothing of a stream that is not searched.
#[hook]
pub fn use_noise(
    session: Rc<Session>,
    stream: usize,
    pipeline: Rc<Pipeline>,
    is_searched: bool,
) -> UseStateHandle<Noise> {
    let noise = use_state(Noise::default);
    let generation = use_mut_ref(|| 0_u64);
    {
        let noise = noise.setter();
        use_effect_with((stream, Rc::clone(&pipeline), is_searched), move |(.., is_searched)| {
            *generation.borrow_mut() += 1;
            if *is_searched {
                spawn_local(measure(session, stream, pipeline, noise, Rc::clone(&generation)));
            } else {
                noise.set(Noise::default());
            }
            // A page that was left measures no more.
            move || *generation.borrow_mut() += 1
        });
    }
    noise
}

#[expect(clippy::cast_precision_loss, reason = "frames stay far below 2^53")]
async fn measure(
    session: Rc<Session>,
    stream: usize,
    pipeline: Rc<Pipeline>,
    noise: UseStateSetter<Noise>,
    generation: Rc<RefCell<u64>>,
) {
    let own = *generation.borrow();
    TimeoutFuture::new(SETTLE_MS).await;
    if *generation.borrow() != own {
        return;
    }
    let info = &session.streams[stream];
    let settings = match Settings::new(&pipeline, info.sampling_frequency_hz) {
        Ok(settings) => settings,
        Err(problem) => {
            noise.set(Noise { problem: Some(problem.to_string()), ..Noise::default() });
            return;
        }
    };
    let sample = noise_sample(info, settings.noise);
    let excerpts = RefCell::new(vec![Vec::new(); sample.len()]);
    let activity = RefCell::new(Vec::new());
    let next = RefCell::new(order(sample.len()));
    let failed = Cell::new(false);
    let shown_ms = Cell::new(f64::NEG_INFINITY);
    let pause_ms = SHOW_MS * (info.n_channels as f64 / 1000.0).max(1.0);
    // The first worker stays free for the traces.
    let workers = 1..session.pool.len().max(2);
    let one = async |worker: usize| {
        loop {
            let index = next.borrow_mut().pop();
            let Some(index) = index else { return };
            let measured = session.noise(worker, stream, &pipeline, index).await;
            if *generation.borrow() != own || failed.get() {
                return;
            }
            match measured {
                Ok(measured) => {
                    excerpts.borrow_mut()[index].clone_from(&measured.levels_uv);
                    let NoiseExcerpt { segment, frames, .. } = &sample[index];
                    let [from_s, to_s] = [frames.start, frames.end].map(|at| at as f64 / info.sampling_frequency_hz);
                    let rate_hz = measured.rate_hz;
                    activity.borrow_mut().push(Searched { segment: *segment, from_s, to_s, rate_hz });
                    let done = activity.borrow().len();
                    if done < sample.len() && now_ms() - shown_ms.get() < pause_ms {
                        continue;
                    }
                    shown_ms.set(now_ms());
                    noise.set(Noise {
                        levels_uv: Some(Rc::new(combine_noise(&sample, &excerpts.borrow()))),
                        done,
                        total: sample.len(),
                        activity: Rc::new(activity.borrow().clone()),
                        problem: None,
                    });
                }
                Err(failure) => {
                    // The others stop, or their next measurement would hide why.
                    next.borrow_mut().clear();
                    failed.set(true);
                    noise.set(Noise { problem: Some(failure.reason), total: sample.len(), ..Noise::default() });
                    return;
                }
            }
        }
    };
    futures_util::future::join_all(workers.map(one)).await;
}

/// Every other excerpt first, so that an early mean already spans the recording.
fn order(n: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).step_by(2).chain((1..n).step_by(2)).collect();
    order.reverse();
    order
}
