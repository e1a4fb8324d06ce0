//! Parts of a view as they arrive, over what was there before.

use std::rc::Rc;

use wasm_core::recording::StreamInfo;
use wasm_core::view::Detail;

use super::asking::{Ask, Seen};
use super::channels::short_id;
use super::parts::Part;
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
    /// Nothing yet, of so many parts. With what was shown last of the same signals comes whether
    /// it was the same window: then the first part is shown at once, as when a filter is moved.
    pub fn new(ask: &Ask, info: &StreamInfo, last: Option<(bool, Rc<TraceData>)>, n_parts: usize) -> Self {
        let labels = ask.request.channels.iter().map(|channel| short_id(&info.channel_ids[*channel]).to_owned());
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
        let is_moved = last.as_ref().is_some_and(|(is_same, _)| !is_same);
        Self {
            data,
            detail: Detail::Every,
            rate_hz: info.sampling_frequency_hz,
            n_parts,
            n_missing: n_parts,
            before: last.map(|(_, data)| data),
            is_moved,
            pictured_ms: if is_moved { now_ms() } else { 0.0 },
        }
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
        let before = self.before.as_mut().filter(|_| is_time)?;
        if (before.from_s, before.to_s, before.n_columns) != (data.from_s, data.to_s, n_columns) {
            *before = Rc::new(before.in_window(data.from_s, data.to_s, n_columns));
        }
        let share = match detail {
            Detail::Sampled => 0.0,
            _ if self.is_moved => 1.0 - *n_missing as f64 / self.n_parts as f64,
            _ => 1.0,
        };
        let picture = Seen::View { data: Rc::new(data.over(before)), detail, share };
        self.pictured_ms = now_ms();
        Some(picture)
    }

    /// All of it.
    pub fn finish(self) -> (TraceData, Detail) {
        (self.data, self.detail)
    }
}
