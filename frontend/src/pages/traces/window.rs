//! Which part of the recording is on screen.

use wasm_core::recording::StreamInfo;

use crate::services::address::Place;
use crate::ui::canvas::Input;

/// Length of the first window.
const FIRST_S: f64 = 0.5;
/// Samples (frames x channels) that the first window may hold, so that the first trace comes at once.
const FIRST_SAMPLES: f64 = 4e6;
/// Channels of the first view.
const FIRST_CHANNELS: usize = 16;
/// Fewest frames of a window.
const MIN_FRAMES: f64 = 20.0;

/// Time, channels and scale.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    /// Segment of the stream.
    pub segment: usize,
    /// Start in seconds from the segment's start.
    pub from_s: f64,
    /// Length in seconds.
    pub span_s: f64,
    /// First channel shown.
    pub top: usize,
    /// Channels shown.
    pub n_channels: usize,
    /// Scale: above 1 traces are larger.
    pub gain: f64,
    /// After filter and reference, or as stored.
    pub filtered: bool,
    /// Length of the segment in seconds.
    pub length_s: f64,
    /// Frames per second.
    pub rate_hz: f64,
}

impl Window {
    /// The first view of a stream: its longest segment, filtered, and short where there are many channels.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "lengths of recordings")]
    pub fn first(info: &StreamInfo) -> Self {
        let segment =
            (0..info.segments.len()).max_by_key(|at| (info.segments[*at].n_frames, usize::MAX - at)).unwrap_or(0);
        let rate_hz = info.sampling_frequency_hz;
        let length_s = info.segments.get(segment).map_or(0.0, |segment| segment.n_frames as f64) / rate_hz;
        // Of a signal of a few frames a second as many as make a trace.
        let span_s = FIRST_S.max(MIN_FRAMES / rate_hz).min(length_s);
        let span_s = span_s.min(FIRST_SAMPLES / info.n_channels.max(1) as f64 / rate_hz);
        // A little into the recording: amplifiers settle in the first moments.
        let from_s = (length_s * 0.1).min(length_s - span_s).max(0.0);
        Self {
            segment,
            from_s,
            span_s,
            top: 0,
            n_channels: FIRST_CHANNELS,
            gain: 1.0,
            filtered: true,
            length_s,
            rate_hz,
        }
    }

    /// This view of another segment.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "lengths of recordings")]
    pub fn of_segment(&self, info: &StreamInfo, segment: usize) -> Self {
        let length_s = info.segments.get(segment).map_or(0.0, |segment| segment.n_frames as f64) / self.rate_hz;
        Self { segment, length_s, from_s: 0.0, ..self.clone() }.fitted()
    }

    /// The view that an address names, kept inside the recording.
    #[must_use]
    pub fn at_place(info: &StreamInfo, place: &Place) -> Self {
        let segment = place.segment.min(info.segments.len().saturating_sub(1));
        let (from_s, span_s) = place.traces_s;
        let window = Self { from_s, span_s, ..Self::first(info).of_segment(info, segment) }.fitted();
        place.channel.map_or(window.clone(), |channel| window.showing(channel, info.n_channels))
    }

    /// End in seconds.
    #[must_use]
    pub fn to_s(&self) -> f64 {
        self.from_s + self.span_s
    }

    /// Channels shown, of `n` there are.
    #[must_use]
    pub fn channels(&self, n: usize) -> std::ops::Range<usize> {
        let shown = self.n_channels.min(n);
        let top = self.top.min(n - shown);
        top..top + shown
    }

    /// First frame and number of frames.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "inside the segment")]
    pub fn frames(&self) -> (u64, u64) {
        let from = (self.from_s * self.rate_hz).round() as u64;
        (from, (self.span_s * self.rate_hz).round().max(1.0) as u64)
    }

    /// The window with this channel in view.
    #[must_use]
    pub fn showing(&self, channel: usize, n: usize) -> Self {
        if self.channels(n).contains(&channel) {
            return self.clone();
        }
        Self { top: channel.saturating_sub(self.n_channels / 2), ..self.clone() }
    }

    /// Centred on a time.
    #[must_use]
    pub fn at(&self, time_s: f64) -> Self {
        Self { from_s: time_s - self.span_s / 2.0, ..self.clone() }.fitted()
    }

    /// Kept inside the segment.
    #[must_use]
    pub fn fitted(mut self) -> Self {
        self.span_s = self.span_s.clamp((MIN_FRAMES / self.rate_hz).min(self.length_s), self.length_s.max(1e-9));
        self.from_s = self.from_s.clamp(0.0, (self.length_s - self.span_s).max(0.0));
        self
    }

    /// So many times closer about a place from the left; no closer than its fewest frames, where it
    /// stays what it is.
    #[must_use]
    pub fn zoomed(&self, factor: f64, x: f64) -> Self {
        let span_s = Self { span_s: self.span_s / factor, ..self.clone() }.fitted().span_s;
        Self { from_s: self.from_s + (self.span_s - span_s) * x, span_s, ..self.clone() }.fitted()
    }

    /// After what a person did on the traces.
    #[must_use]
    pub fn after(&self, input: &Input, n: usize) -> Self {
        let moved = |share: f64| Self { from_s: self.from_s + self.span_s * share, ..self.clone() };
        let scrolled = |rows: isize| Self { top: self.channels(n).start.saturating_add_signed(rows), ..self.clone() };
        let page = isize::try_from(self.n_channels).unwrap_or(1);
        match input {
            Input::Zoom { factor, x } => self.zoomed(*factor, *x),
            Input::Pan { dx, .. } => moved(-dx),
            Input::Click { .. } | Input::Rows { .. } => self.clone(),
            Input::Key(key) => match key.as_str() {
                "ArrowLeft" => moved(-0.2),
                "ArrowRight" => moved(0.2),
                "ArrowUp" => scrolled(-1),
                "ArrowDown" => scrolled(1),
                "PageUp" => scrolled(-page),
                "PageDown" => scrolled(page),
                "Home" => Self { from_s: 0.0, ..self.clone() },
                "End" => Self { from_s: self.length_s, ..self.clone() },
                "-" => self.zoomed(0.5, 0.5),
                _ => self.zoomed(2.0, 0.5),
            },
        }
        .fitted()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_core::recording::FrameSource;
    use wasm_core::simulation::{Simulation, SimulationSpec};

    #[test]
    fn windows_stay_inside_the_recording() {
        let spec = SimulationSpec { n_channels: 4, sampling_frequency_hz: 1000.0, duration_s: 10.0, seed: 1 };
        let info = Simulation::new(spec).info().clone();
        let mut window = Window::first(&info);
        for input in [
            Input::Zoom { factor: 0.001, x: 0.9 },
            Input::Pan { dx: 5.0, dy: 0.0 },
            Input::Key("End".into()),
            Input::Zoom { factor: 1e9, x: 0.1 },
            Input::Key("ArrowRight".into()),
            Input::Key("PageDown".into()),
        ] {
            window = window.after(&input, 4);
            assert!(window.from_s >= 0.0 && window.to_s() <= 10.0 + 1e-9, "{input:?} gives {window:?}");
            assert_eq!(window.channels(4), 0..4);
        }
        assert!((window.span_s - 0.02).abs() < 1e-9, "no fewer than 20 frames");
        assert_eq!(window.zoomed(2.0, 0.5), window, "and there it stays");
    }
}
