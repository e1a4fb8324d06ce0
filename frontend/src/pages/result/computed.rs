//! A result as the page holds it, and how a worker's answer becomes one.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Float32Array, Float64Array, Uint32Array};
use wasm_bindgen::JsValue;
use wasm_core::api::{ShareAbout, make_summary_plain};
use wasm_core::pipeline::Pipeline;
use wasm_core::recording::StreamInfo;
use wasm_core::run::{Receipt, Summary};

use crate::bridge::floats;
use crate::bridge::result::Reply;
use crate::plots::raster::Spikes;
use crate::services::session::Session;

/// A result, with the session whose first worker keeps its peaks. It does not change, and equals itself alone.
pub struct Computed {
    /// Reads traces and moves the threshold.
    pub session: Rc<Session>,
    /// Stream of the session that was analysed; none for spikes that the files held, and where the
    /// recording is not there.
    pub stream: Option<usize>,
    /// The stream, or what stored spikes belong to.
    pub info: StreamInfo,
    /// The numbers at the run's threshold.
    pub summary: Rc<Summary>,
    /// Spikes of each segment.
    pub spikes: Rc<Vec<Rc<Spikes>>>,
    /// Mean waveforms in microvolts, `[channels, frames]`.
    pub waveforms_uv: Rc<Vec<f32>>,
    /// Frames of a waveform before the peak, and in all.
    pub waveform: (usize, usize),
    /// Time and cost; none where nothing was computed.
    pub receipt: Option<Receipt>,
    /// The pipeline with the analyses that were chosen when it was kept; none for one that was not.
    pub chosen: Option<Rc<Pipeline>>,
    /// What the sender says of a result that was shared; none for one's own.
    pub shared: Option<Rc<ShareAbout>>,
    /// Whether it was on screen before, so that its threshold may have been moved.
    pub was_shown: Cell<bool>,
}

impl PartialEq for Computed {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Computed {
    /// From a worker's answer; `None` when it is another answer.
    pub fn new(
        session: &Rc<Session>,
        stream: usize,
        reply: Reply,
        attached: &[JsValue],
        receipt: Receipt,
    ) -> Option<Self> {
        let info = session.streams[stream].clone();
        let computed = Self::unpacked(session, info, reply, attached)?;
        Some(Self { stream: Some(stream), receipt: Some(receipt), ..computed })
    }

    /// From a worker's answer about the spikes that the files hold.
    pub fn stored(session: &Rc<Session>, reply: Reply, attached: &[JsValue]) -> Option<Self> {
        let info = session.stored.as_ref()?.0.info.clone();
        Self::unpacked(session, info, reply, attached)
    }

    /// From a worker's answer about a result that was kept.
    pub fn kept(session: &Rc<Session>, reply: Reply, attached: &[JsValue]) -> Option<Self> {
        let kept = &session.kept.as_ref()?.head;
        let computed = Self::unpacked(session, kept.info.clone(), reply, attached)?;
        let chosen = Some(Rc::new(kept.about.pipeline.clone()));
        Some(Self { receipt: kept.about.receipt.clone(), chosen, ..computed })
    }

    /// Whether its spikes were searched for, so that they have a threshold.
    pub fn is_detected(&self) -> bool {
        self.summary.pipeline.has_signal()
    }

    /// Whether it was computed or opened here: nobody shared it, and no recording in the cloud has it.
    pub fn is_local(&self) -> bool {
        self.shared.is_none() && !self.session.is_uploaded()
    }

    fn unpacked(session: &Rc<Session>, info: StreamInfo, reply: Reply, attached: &[JsValue]) -> Option<Self> {
        let Unpacked { summary, spikes, waveforms_uv, waveform } = unpack(&info, reply, attached)?;
        let session = Rc::clone(session);
        Some(Self {
            session,
            stream: None,
            info,
            summary,
            spikes,
            waveforms_uv,
            waveform,
            receipt: None,
            chosen: None,
            shared: None,
            was_shown: Cell::new(false),
        })
    }
}

/// What a [`Reply::Result`] brings; see [`Computed`] for each.
pub struct Unpacked {
    pub summary: Rc<Summary>,
    pub spikes: Rc<Vec<Rc<Spikes>>>,
    waveforms_uv: Rc<Vec<f32>>,
    waveform: (usize, usize),
}

/// Takes a [`Reply::Result`] apart.
pub fn unpack(info: &StreamInfo, reply: Reply, attached: &[JsValue]) -> Option<Unpacked> {
    let Reply::Result { n_spikes, mut summary, waveform } = reply else { return None };
    make_summary_plain(&mut summary.recording);
    let [frames, channels, amplitudes, waveforms] = attached else { return None };
    let (frames, channels) = (Float64Array::new(frames), Uint32Array::new(channels));
    let amplitudes = Float32Array::new(amplitudes);
    let mut from = 0;
    let mut of_segment = |n: usize| {
        let own = from..from + u32::try_from(n).unwrap_or(u32::MAX);
        from = own.end;
        let mut times_s = frames.subarray(own.start, own.end).to_vec();
        for frame in &mut times_s {
            *frame /= info.sampling_frequency_hz;
        }
        Rc::new(Spikes {
            times_s,
            channels: channels.subarray(own.start, own.end).to_vec(),
            amplitudes_uv: amplitudes.subarray(own.start, own.end).to_vec(),
        })
    };
    let spikes = Rc::new(n_spikes.into_iter().map(&mut of_segment).collect());
    Some(Unpacked { summary: Rc::new(*summary), spikes, waveforms_uv: Rc::new(floats(waveforms)), waveform })
}
