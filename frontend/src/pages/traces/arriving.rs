//! Parts of a view as they arrive, over what was there before.

use std::rc::Rc;

use wasm_core::view::Detail;

use super::asking::{Ask, Extent, Known, Seen};
use super::parts::{Part, Source, Waiting};
use crate::pages::names::briefly;
use crate::plots::traces::TraceData;

/// Time between two pictures: while the page draws, parts wait.
const PICTURE_MS: f64 = 40.0;

/// How long a view goes on although a newer one is wished for: whoever drags sees what passes.
const PATIENCE_MS: f64 = 100.0;

/// A view that is being answered, and what has arrived of it.
pub struct Arriving {
    pub ask: Rc<Ask>,
    pub started_ms: f64,
    /// Parts that no worker has been asked for yet.
    pub waiting: Waiting,
    /// From then on it is given up for a newer wish.
    until_ms: f64,
    data: TraceData,
    detail: Detail,
    rate_hz: f64,
    n_parts: usize,
    n_missing: usize,
    /// What is known of the view before, if it is of the same signals.
    last: Option<Known>,
    /// What is known of the view before, in the window of this one.
    before: Option<Rc<TraceData>>,
    /// Whether that was another window.
    is_moved: bool,
    pictured_ms: f64,
}

impl Arriving {
    /// Nothing yet. Where the last view was of the same signals in the same window, the first part
    /// is shown at once, as when a filter is moved.
    pub fn new(source: Source<'_>, ask: Rc<Ask>, last: Option<Known>, now_ms: f64) -> Self {
        let info = &source.streams[ask.stream];
        let last = last.filter(|last| last.ask.shows_signals_of(&ask));
        let labels = ask.request.channels.iter().map(|channel| briefly(info, *channel).to_owned());
        let data = TraceData {
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
        let is_moved = last.as_ref().is_some_and(|last| !last.ask.is_place_of(&ask));
        // What only marks spikes again may wait for a busy worker; a wish for more does not.
        let only_marks = last.as_ref().is_some_and(|last| ask.only_marks_anew(&last.ask));
        let waiting = Waiting::new(source, ask.stream, &ask.request);
        Self {
            started_ms: now_ms,
            until_ms: if only_marks { now_ms } else { now_ms + PATIENCE_MS },
            data,
            detail: Detail::Every,
            rate_hz: info.sampling_frequency_hz,
            n_parts: waiting.len(),
            n_missing: waiting.len(),
            before: last.as_ref().map(|last| Rc::clone(&last.data)),
            last,
            is_moved,
            pictured_ms: if is_moved { now_ms } else { f64::NEG_INFINITY },
            waiting,
            ask,
        }
    }

    /// Whether it is given up for this wish. What only marks spikes again never is worth it.
    pub fn gives_way_to(&self, wish: &Ask, now_ms: f64) -> bool {
        now_ms >= self.until_ms && !wish.only_marks_anew(&self.ask)
    }

    /// Whether all parts have arrived.
    pub const fn is_whole(&self) -> bool {
        self.n_missing == 0
    }

    /// Takes a part; gives a picture where it is time for one and some parts are missing.
    #[expect(clippy::cast_precision_loss, reason = "a share for people; frames stay far below 2^53")]
    pub fn take(&mut self, part: Part, now_ms: f64) -> Option<Seen> {
        let Part { n_columns, columns, min_uv, max_uv, spikes, detail } = part;
        let Self { data, n_missing, .. } = self;
        self.detail = detail;
        data.widen(n_columns, columns, &min_uv, &max_uv);
        let rate_hz = self.rate_hz;
        let spike = |(channel, frame, amplitude): (u32, i64, f32)| (channel, frame as f64 / rate_hz, amplitude);
        data.spikes.extend(spikes.into_iter().map(spike));
        *n_missing -= 1;
        let is_time = *n_missing > 0 && now_ms - self.pictured_ms > PICTURE_MS;
        let picture = if is_time { self.picture() } else { None }?;
        let share = match detail {
            Detail::Sampled => 0.0,
            _ if self.is_moved => 1.0 - self.n_missing as f64 / self.n_parts as f64,
            _ => 1.0,
        };
        self.pictured_ms = now_ms;
        Some(Seen::View { data: picture, detail, share })
    }

    /// What has arrived, over what was there before, if something was.
    fn picture(&mut self) -> Option<Rc<TraceData>> {
        let Self { data, before, .. } = self;
        let before = before.as_mut()?;
        if (before.from_s, before.to_s, before.n_columns) != (data.from_s, data.to_s, data.n_columns) {
            *before = Rc::new(before.in_window(data.from_s, data.to_s, data.n_columns));
        }
        Some(Rc::new(data.over(before)))
    }

    /// All of it.
    pub fn whole(self) -> (Known, Detail) {
        let extent = if self.detail == Detail::Sampled { Extent::Sampled } else { Extent::Whole };
        (Known { ask: self.ask, data: Rc::new(self.data), extent }, self.detail)
    }

    /// What there is of it: the next view is shown over that.
    pub fn given_up(mut self) -> Option<Known> {
        let picture = if self.n_missing < self.n_parts { self.picture() } else { None };
        picture.map(|data| Known { ask: self.ask, data, extent: Extent::Some }).or(self.last)
    }
}
