//! Parts of a view as they arrive, over what was there before.

use std::rc::Rc;

use wasm_core::recording::StreamInfo;
use wasm_core::view::Detail;

use super::asking::{Ask, Seen};
use super::parts::Part;
use crate::pages::names::briefly;
use crate::plots::traces::TraceData;
use crate::services::analysis::now_ms;

/// Time between two pictures: while the page draws, parts wait.
const PICTURE_MS: f64 = 40.0;

/// What has arrived of a view.
pub struct Arriving {
    data: TraceData,
    detail: Detail,
    rate_hz: f64,
    n_parts: usize,
    n_missing: usize,
    /// What was shown before of the same signals.
    before: Option<Rc<TraceData>>,
    /// Whether that was another window.
    is_moved: bool,
    pictured_ms: f64,
}

impl Arriving {
    /// Nothing yet. Where the last view was of the same signals in the same window, the first part
    /// is shown at once, as when a filter is moved.
    pub fn new(ask: &Ask, info: &StreamInfo, last: Option<&(Ask, Rc<TraceData>)>) -> Self {
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
        let is_moved = last.is_some_and(|(last, _)| !last.is_place_of(ask));
        Self {
            data,
            detail: Detail::Every,
            rate_hz: info.sampling_frequency_hz,
            n_parts: 0,
            n_missing: 0,
            before: last.map(|(_, data)| Rc::clone(data)),
            is_moved,
            pictured_ms: if is_moved { now_ms() } else { 0.0 },
        }
    }

    /// How many parts there are.
    pub const fn expect(&mut self, n_parts: usize) {
        (self.n_parts, self.n_missing) = (n_parts, n_parts);
    }

    /// Takes a part; gives a picture where it is time for one and some parts are missing.
    #[expect(clippy::cast_precision_loss, reason = "a share for people; frames stay far below 2^53")]
    pub fn take(&mut self, part: Part) -> Option<Seen> {
        let Part { n_columns, columns, min_uv, max_uv, spikes, detail } = part;
        let Self { data, n_missing, .. } = self;
        self.detail = detail;
        data.widen(n_columns, columns, &min_uv, &max_uv);
        let rate_hz = self.rate_hz;
        let spike = |(channel, frame, amplitude): (u32, i64, f32)| (channel, frame as f64 / rate_hz, amplitude);
        data.spikes.extend(spikes.into_iter().map(spike));
        *n_missing -= 1;
        let is_time = *n_missing > 0 && now_ms() - self.pictured_ms > PICTURE_MS;
        let picture = if is_time { self.picture() } else { None }?;
        let share = match detail {
            Detail::Sampled => 0.0,
            _ if self.is_moved => 1.0 - self.n_missing as f64 / self.n_parts as f64,
            _ => 1.0,
        };
        self.pictured_ms = now_ms();
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

    /// All of it; else a picture of what has arrived, if something has.
    pub fn finish(mut self) -> Result<(Rc<TraceData>, Detail), Option<Rc<TraceData>>> {
        if self.n_missing == 0 {
            return Ok((Rc::new(self.data), self.detail));
        }
        Err(if self.n_missing < self.n_parts { self.picture() } else { None })
    }
}
