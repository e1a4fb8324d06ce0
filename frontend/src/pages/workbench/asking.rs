//! Views asked of the workers: one window at a time, its parts side by side.

use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::pin::pin;
use std::rc::Rc;

use futures_channel::oneshot;
use futures_util::future::{Either, join_all, select};
use wasm_bindgen_futures::spawn_local;
use wasm_core::pipeline::Pipeline;
use wasm_core::view::{Detail, ViewRequest};
use yew::prelude::*;

use super::Window;
use super::channels::short_id;
use super::completing::complete;
use super::parts::{Part, part_of, worker_of};
use crate::plots::traces::TraceData;
use crate::services::analysis::now_ms;
use crate::services::session::Session;

/// Time between two pictures of a view whose parts come one by one: the page draws, the parts wait.
const PICTURE_MS: f64 = 40.0;

/// One view at a time: the newest wish waits, older ones are forgotten.
#[derive(Default)]
pub struct Runner {
    busy: bool,
    next: Option<Ask>,
    /// What was shown last, and what was asked for it.
    last: Option<(Ask, Rc<TraceData>)>,
    /// Gives up what is under way, where it only marks spikes anew.
    give_up: Option<(Ask, oneshot::Sender<()>)>,
    /// Whether nobody looks any more.
    closed: bool,
}

impl Runner {
    /// Ends what goes on in the background.
    pub fn close(&mut self) {
        self.closed = true;
    }

    /// Remembers what is shown, and what was asked for it.
    pub fn remember(&mut self, ask: Ask, data: Rc<TraceData>) {
        self.last = Some((ask, data));
    }

    /// Whether what was asked last is still what somebody looks at.
    pub fn is_wanted(&self) -> bool {
        !self.closed && self.next.is_none()
    }
}

/// A wish.
#[derive(Clone)]
pub struct Ask {
    pub pipeline: Rc<Pipeline>,
    pub stream: usize,
    pub request: ViewRequest,
    pub window: Window,
}

impl Ask {
    /// Whether the other asks for the same frames of the same channels, perhaps filtered otherwise.
    fn is_place_of(&self, other: &Self) -> bool {
        let place = |ask: &Self| {
            let ViewRequest { segment, start, n_frames, filtered, n_columns, .. } = ask.request;
            (ask.stream, segment, start, n_frames, filtered, n_columns)
        };
        place(self) == place(other) && self.request.channels == other.request.channels
    }

    /// Whether nothing but spikes would change.
    fn only_marks_anew(&self, shown: &Self) -> bool {
        self.pipeline == shown.pipeline && self.is_place_of(shown)
    }
}

/// What came back last.
#[derive(Clone, PartialEq)]
pub enum Seen {
    Nothing,
    View {
        data: Rc<TraceData>,
        detail: Detail,
        /// The part of the frames that was read beyond the sample.
        share: f64,
    },
    Problem(String),
}

/// Takes a wish; asks at once if nothing is under way.
pub fn ask(
    wish: Ask,
    session: Rc<Session>,
    runner: Rc<RefCell<Runner>>,
    seen: UseStateSetter<Seen>,
    on_spikes: Callback<Option<(usize, f64)>>,
) {
    // What only marks spikes anew may wait for a busy worker; a wish for more does not.
    let given_up = runner.borrow_mut().give_up.take_if(|(under_way, _)| !wish.only_marks_anew(under_way));
    if let Some((_, give_up)) = given_up {
        let _ended_before = give_up.send(());
    }
    runner.borrow_mut().next = Some(wish);
    if !runner.borrow().busy {
        runner.borrow_mut().busy = true;
        spawn_local(work(session, runner, seen, on_spikes));
    }
}

/// Asks until no newer wish is waiting.
async fn work(
    session: Rc<Session>,
    runner: Rc<RefCell<Runner>>,
    seen: UseStateSetter<Seen>,
    on_spikes: Callback<Option<(usize, f64)>>,
) {
    loop {
        let next = runner.borrow_mut().next.take();
        let Some(ask) = next else {
            runner.borrow_mut().busy = false;
            return;
        };
        let start = now_ms();
        let last = runner.borrow_mut().last.take().filter(|(last, _)| last.is_place_of(&ask));
        let (give_up, given_up) = oneshot::channel();
        runner.borrow_mut().give_up =
            last.as_ref().filter(|(last, _)| ask.only_marks_anew(last)).map(|_| (ask.clone(), give_up));
        let shown = last.as_ref().map(|(_, data)| Rc::clone(data));
        let answering = pin!(answer(&session, &ask, shown.as_deref(), &seen));
        let answered = match select(answering, given_up).await {
            Either::Left((answered, _)) => answered,
            Either::Right((Err(_), answering)) => answering.await,
            Either::Right((Ok(()), _)) => {
                runner.borrow_mut().last = last;
                continue;
            }
        };
        match answered {
            Ok((data, detail)) => {
                let counted = ask.request.filtered && detail == Detail::Every;
                let took_ms = now_ms() - start;
                on_spikes.emit(counted.then_some((data.spikes.len(), took_ms)));
                let data = Rc::new(data);
                runner.borrow_mut().remember(ask.clone(), Rc::clone(&data));
                seen.set(Seen::View { data: Rc::clone(&data), detail, share: 0.0 });
                if detail == Detail::Sampled {
                    complete(&session, &ask, &data, &runner, &seen).await;
                }
            }
            Err(reason) => seen.set(Seen::Problem(reason)),
        }
    }
}

/// Has the parts of a window computed side by side. Where the same window was shown before, as
/// when a filter is moved, each part is shown as soon as it is there.
async fn answer(
    session: &Session,
    ask: &Ask,
    last: Option<&TraceData>,
    seen: &UseStateSetter<Seen>,
) -> Result<(TraceData, Detail), String> {
    let info = &session.streams[ask.stream];
    let labels = ask.request.channels.iter().map(|channel| short_id(&info.channel_ids[*channel]).to_owned());
    let empty = TraceData {
        channels: ask.request.channels.clone(),
        labels: labels.collect(),
        n_columns: 0,
        min_uv: Vec::new(),
        max_uv: Vec::new(),
        spikes: Vec::new(),
        thresholds_uv: vec![None; ask.request.channels.len()],
        threshold_signs: &[],
        from_s: ask.window.from_s,
        to_s: ask.window.to_s(),
    };
    let answered = RefCell::new((empty, Detail::Every));
    let frames = ask.request.start..ask.request.start + ask.request.n_frames;
    let parts = if session.is_uploaded() { vec![(0, frames)] } else { ask.request.parts(info) };
    let (n_missing, pictured) = (Cell::new(parts.len()), Cell::new(0.0));
    let one = async |(number, part): (u64, Range<u64>)| -> Result<(), String> {
        // A block is asked of the same worker every time: it may know it from before.
        let worker = worker_of(session, number);
        let Part { n_columns, columns, min_uv, max_uv, spikes, detail } =
            part_of(session, ask, &ask.request, worker, part).await?;
        let mut answered = answered.borrow_mut();
        let (data, known) = &mut *answered;
        *known = detail;
        data.widen(n_columns, columns, &min_uv, &max_uv);
        data.spikes.extend(spikes.into_iter().map(|(channel, frame, amplitude)| {
            #[expect(clippy::cast_precision_loss, reason = "frames stay far below 2^53")]
            let time_s = frame as f64 / info.sampling_frequency_hz;
            (channel, time_s, amplitude)
        }));
        n_missing.set(n_missing.get() - 1);
        if n_missing.get() > 0
            && now_ms() - pictured.get() > PICTURE_MS
            && let Some(last) = last
        {
            pictured.set(now_ms());
            seen.set(Seen::View { data: Rc::new(data.over(last)), detail, share: 0.0 });
        }
        Ok(())
    };
    join_all(parts.into_iter().map(one)).await.into_iter().collect::<Result<(), String>>()?;
    Ok(answered.into_inner())
}
