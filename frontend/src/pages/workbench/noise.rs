//! Noise of every channel, measured in the background on the excerpts that the cloud takes.

use std::rc::{Rc, Weak};

use futures_util::stream::{FuturesUnordered, StreamExt};
use gloo_timers::future::TimeoutFuture;
use wasm_bindgen_futures::spawn_local;
use wasm_core::engine::{NoiseExcerpt, combine_noise, noise_sample};
use wasm_core::pipeline::{Pipeline, PipelineError, Settings};
use wasm_core::recording::StreamInfo;
use yew::prelude::*;

use crate::services::analysis::{Searched, now_ms};
use crate::services::noise_memory::ExcerptNoise;
use crate::services::session::Session;

/// Milliseconds before measuring begins: the first traces come first, and a control that is
/// still being moved does not start a measurement at every step.
const SETTLE_MS: u32 = 300;

/// Milliseconds between two means that are shown, for each thousand channels: each is drawn on map
/// and list and marks the spikes in view again, which takes the longer the more channels there are.
const SHOW_MS: f64 = 400.0;

/// The noise, as far as it was measured.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Noise {
    /// Mean over the excerpts measured so far; none before the first.
    pub levels_uv: Option<Rc<Vec<f32>>>,
    /// Excerpts measured.
    pub done: usize,
    /// Excerpts to measure.
    pub total: usize,
    /// Stretches of the recording that were searched.
    pub activity: Rc<Vec<Searched>>,
    /// Why it cannot be measured.
    pub problem: Option<String>,
}

/// Measures again when the stream or the pipeline changes; nothing of a stream that is not searched.
#[hook]
pub fn use_noise(
    session: Rc<Session>,
    stream: usize,
    pipeline: Rc<Pipeline>,
    is_searched: bool,
    on_noise: Callback<Noise>,
) {
    use_effect_with((stream, Rc::clone(&pipeline), is_searched), move |(.., is_searched)| {
        let looked_at = Rc::new(());
        if *is_searched {
            spawn_local(measure(session, stream, pipeline, on_noise, Rc::downgrade(&looked_at)));
        } else {
            on_noise.emit(Noise::default());
        }
        // A page that was left measures no more.
        move || drop(looked_at)
    });
}

/// Has the workers measure one excerpt after another, as long as somebody looks.
async fn measure(
    session: Rc<Session>,
    stream: usize,
    pipeline: Rc<Pipeline>,
    on_noise: Callback<Noise>,
    looked_at: Weak<()>,
) {
    TimeoutFuture::new(SETTLE_MS).await;
    if looked_at.strong_count() == 0 {
        return;
    }
    let mut measuring = match Measuring::new(&session.streams[stream], &pipeline) {
        Ok(measuring) => measuring,
        Err(problem) => {
            on_noise.emit(Noise { problem: Some(problem.to_string()), ..Noise::default() });
            return;
        }
    };
    let ask = |worker: usize, index: usize| {
        let (session, pipeline) = (&session, &pipeline);
        async move { (worker, index, session.noise(worker, stream, pipeline, index).await) }
    };
    let mut asked = FuturesUnordered::new();
    // The first worker stays free for the traces.
    for worker in 1..session.pool.len().max(2) {
        asked.extend(measuring.next().map(|index| ask(worker, index)));
    }
    while let Some((worker, index, measured)) = asked.next().await {
        // What is being measured is waited for: others may want to know it.
        if looked_at.strong_count() == 0 {
            continue;
        }
        let noise = match measured {
            Ok(measured) => measuring.take(index, &measured, now_ms()),
            Err(failure) => measuring.fail(failure.reason),
        };
        if let Some(noise) = noise {
            on_noise.emit(noise);
        }
        asked.extend(measuring.next().map(|index| ask(worker, index)));
    }
}

/// The excerpts of a stream, as they are measured.
struct Measuring {
    sample: Vec<NoiseExcerpt>,
    sampling_frequency_hz: f64,
    /// Levels of each excerpt; none of those that are not measured.
    excerpts: Vec<Vec<f32>>,
    activity: Vec<Searched>,
    /// Excerpts that no worker was asked for, the next one last.
    waiting: Vec<usize>,
    pause_ms: f64,
    shown_ms: f64,
    has_failed: bool,
}

impl Measuring {
    #[expect(clippy::cast_precision_loss, reason = "a number of channels")]
    fn new(info: &StreamInfo, pipeline: &Pipeline) -> Result<Self, PipelineError> {
        let settings = Settings::new(pipeline, info.sampling_frequency_hz)?;
        let sample = noise_sample(info, settings.noise);
        Ok(Self {
            sampling_frequency_hz: info.sampling_frequency_hz,
            excerpts: vec![Vec::new(); sample.len()],
            activity: Vec::new(),
            waiting: order(sample.len()),
            pause_ms: SHOW_MS * (info.n_channels as f64 / 1000.0).max(1.0),
            shown_ms: f64::NEG_INFINITY,
            has_failed: false,
            sample,
        })
    }

    /// The excerpt that is measured next.
    fn next(&mut self) -> Option<usize> {
        self.waiting.pop()
    }

    /// Takes the noise of an excerpt; gives the mean when it is time to show it.
    #[expect(clippy::cast_precision_loss, reason = "frames stay far below 2^53")]
    fn take(&mut self, index: usize, measured: &ExcerptNoise, now_ms: f64) -> Option<Noise> {
        if self.has_failed {
            return None;
        }
        self.excerpts[index].clone_from(&measured.levels_uv);
        let NoiseExcerpt { segment, frames, .. } = &self.sample[index];
        let [from_s, to_s] = [frames.start, frames.end].map(|at| at as f64 / self.sampling_frequency_hz);
        self.activity.push(Searched { segment: *segment, from_s, to_s, rate_hz: measured.rate_hz });
        let (done, total) = (self.activity.len(), self.sample.len());
        if done < total && now_ms - self.shown_ms < self.pause_ms {
            return None;
        }
        self.shown_ms = now_ms;
        let levels_uv = Some(Rc::new(combine_noise(&self.sample, &self.excerpts)));
        Some(Noise { levels_uv, done, total, activity: Rc::new(self.activity.clone()), problem: None })
    }

    /// Stops, and says why once: the next measurement would hide it.
    fn fail(&mut self, reason: String) -> Option<Noise> {
        self.waiting.clear();
        let is_first = !std::mem::replace(&mut self.has_failed, true);
        is_first.then(|| Noise { problem: Some(reason), total: self.sample.len(), ..Noise::default() })
    }
}

/// Every other excerpt first, so that an early mean already spans the recording.
fn order(n: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).step_by(2).chain((1..n).step_by(2)).collect();
    order.reverse();
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_core::recording::FrameSource;
    use wasm_core::simulation::{Simulation, SimulationSpec};

    fn measuring() -> Measuring {
        let spec = SimulationSpec { n_channels: 2, sampling_frequency_hz: 20_000.0, duration_s: 60.0, seed: 1 };
        Measuring::new(Simulation::new(spec).info(), &Pipeline::default()).expect("valid")
    }

    fn excerpt(uv: f32) -> ExcerptNoise {
        ExcerptNoise { levels_uv: vec![uv, 0.0], rate_hz: 3.0, took_ms: 1.0 }
    }

    #[test]
    fn the_mean_is_shown_at_once_now_and_then_and_at_the_end() {
        let mut measuring = measuring();
        let total = measuring.sample.len();
        assert!(total > 4, "{total} excerpts");
        let order: Vec<usize> = std::iter::from_fn(|| measuring.next()).collect();
        assert_eq!((order.len(), &order[..3]), (total, &[0, 2, 4][..]));
        let mut shown = Vec::new();
        for (at, now_ms) in order.into_iter().zip((0..).map(|n| 150.0 * f64::from(n))) {
            shown.extend(measuring.take(at, &excerpt(4.0), now_ms));
        }
        assert_eq!(shown.iter().take(3).map(|noise| noise.done).collect::<Vec<_>>(), [1, 4, 7]);
        let last = shown.last().expect("a mean");
        assert_eq!((last.done, last.total, last.activity.len()), (total, total, total));
        assert_eq!(last.levels_uv.as_deref(), Some(&vec![4.0, 0.0]));
    }

    #[test]
    fn a_failure_ends_it_and_stays() {
        let mut measuring = measuring();
        assert!(measuring.take(0, &excerpt(4.0), 0.0).is_some());
        let noise = measuring.fail("cut".into()).expect("told");
        assert_eq!((noise.problem.as_deref(), &noise.levels_uv), (Some("cut"), &None));
        assert_eq!((measuring.next(), measuring.fail("cut, too".into())), (None, None));
        assert_eq!(measuring.take(1, &excerpt(4.0), 1e6), None, "what others measured meanwhile");
    }
}
