//! A pipeline resolved against a recording's rate: what the engine runs.

use serde_json::Value;

use super::{Pipeline, PipelineError};
use crate::filter::{Band, Cascade, Fir, Section, design, fir_taps, firwin, notch};

/// What is subtracted from all channels of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferenceOperator {
    /// Nothing.
    None,
    /// The exact median.
    Median,
    /// The mean.
    Mean,
}

/// Whose median or mean is subtracted from a channel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ReferenceScope {
    /// All channels.
    Global,
    /// The channels of its well.
    Group,
    /// Channels at a distance within these micrometres, both ends included.
    Local {
        /// Smallest distance.
        min_um: f64,
        /// Largest distance.
        max_um: f64,
    },
}

/// How a channel's noise is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoiseMethod {
    /// `median(|x - median(x)|) / 0.6745`.
    Mad,
    /// Root of the mean square.
    Rms,
    /// Standard deviation of the recording's first 500 ms.
    SdStart,
}

/// Which extrema are peaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeakSign {
    /// Minima below minus the threshold.
    Neg,
    /// Maxima above the threshold.
    Pos,
    /// Either.
    Both,
}

/// Which events many electrodes share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coincidence {
    /// Electrodes of a well that make a coincidence.
    pub min_electrodes: usize,
    /// Span that holds them, in frames.
    pub window_frames: i64,
}

/// A validated pipeline in the engine's terms.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Ids of channels that are left out.
    pub left_out: Vec<String>,
    /// A linear-phase filter, which comes before the other.
    pub fir: Option<Fir>,
    /// The recursive filter, if any, notches included.
    pub filter: Option<Cascade>,
    /// Whether it runs forward only.
    pub causal: bool,
    /// Whether the filter removes a constant, so that it may be subtracted beforehand.
    pub rejects_dc: bool,
    /// What is subtracted from every frame.
    pub reference: ReferenceOperator,
    /// Over which channels.
    pub reference_scope: ReferenceScope,
    /// How noise is measured.
    pub noise: NoiseMethod,
    /// Which extrema count.
    pub peak_sign: PeakSign,
    /// Threshold in units of the noise.
    pub detect_threshold: f32,
    /// A peak is the largest within this many frames on each side.
    pub exclude_sweep_frames: usize,
    /// And, if given, of all channels within this many micrometres.
    pub exclude_radius_um: Option<f64>,
    /// Which events are dropped because many electrodes share them, if any.
    pub coincidence: Option<Coincidence>,
}

impl Settings {
    /// Resolves a pipeline.
    ///
    /// # Errors
    /// When the pipeline is not valid or its filter does not fit the rate.
    pub fn new(pipeline: &Pipeline, sampling_frequency_hz: f64) -> Result<Self, PipelineError> {
        pipeline.check()?;
        if pipeline.block("detect_peaks").is_none() {
            return Err(PipelineError::Missing { kind: "detect_peaks".into() });
        }
        let text =
            |kind: &str, param: &str| pipeline.value(kind, param).as_ref().and_then(Value::as_str).map(str::to_owned);
        let number =
            |kind: &str, param: &str| pipeline.value(kind, param).as_ref().and_then(Value::as_f64).unwrap_or_default();

        let radius_um = |end: &str| number("common_reference", &format!("local_radius_{end}_um"));
        let (min_um, max_um) = (radius_um("min"), radius_um("max"));
        if pipeline.block("common_reference").is_some() && min_um >= max_um {
            return Err(PipelineError::Radii { min_um, max_um });
        }
        let cut_offs_hz = (number("filter", "freq_min_hz"), number("filter", "freq_max_hz"));
        let band = band(text("filter", "btype").as_deref(), cut_offs_hz, sampling_frequency_hz)?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the registry bounds all three")]
        let (order, detect_threshold, exclude_sweep_frames) = (
            number("filter", "filter_order") as usize,
            number("detect_peaks", "detect_threshold") as f32,
            // As SpikeInterface counts: rounded down.
            (number("detect_peaks", "exclude_sweep_ms") * sampling_frequency_hz / 1000.0) as usize,
        );
        let linear = band.filter(|_| text("filter", "ftype").as_deref() == Some("fir"));
        let recursive = band.filter(|_| linear.is_none());
        let mut sections = recursive.map_or_else(Vec::new, |band| design(order, band, sampling_frequency_hz));
        sections.extend(notches(pipeline, &number, sampling_frequency_hz)?);
        let filter = match sections.as_slice() {
            [] => None,
            sections => Some(Cascade::new(sections).ok_or(PipelineError::TooLong)?),
        };
        let beside = filter.as_ref().map_or(0, Cascade::margin_frames);
        let fir = linear.map(|band| {
            let n_taps = fir_taps(number("filter", "transition_hz"), sampling_frequency_hz);
            Fir::new(&firwin(n_taps, band, sampling_frequency_hz), beside)
        });
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the registry bounds both")]
        let coincidence = pipeline.block("coincident_events").map(|_| Coincidence {
            min_electrodes: number("coincident_events", "min_electrodes") as usize,
            window_frames: (number("coincident_events", "window_us") * sampling_frequency_hz / 1e6).round() as i64,
        });
        Ok(Self {
            left_out: pipeline.left_out(),
            fir,
            filter,
            causal: recursive.is_some() && text("filter", "direction").as_deref() == Some("forward"),
            rejects_dc: band.is_some_and(Band::rejects_dc),
            reference: match text("common_reference", "operator").as_deref() {
                Some("median") => ReferenceOperator::Median,
                Some("mean") => ReferenceOperator::Mean,
                _ => ReferenceOperator::None,
            },
            reference_scope: match text("common_reference", "reference").as_deref() {
                Some("group") => ReferenceScope::Group,
                Some("local") => ReferenceScope::Local { min_um, max_um },
                _ => ReferenceScope::Global,
            },
            noise: match text("noise_levels", "method").as_deref() {
                Some("rms") => NoiseMethod::Rms,
                Some("sd_start") => NoiseMethod::SdStart,
                _ => NoiseMethod::Mad,
            },
            peak_sign: match text("detect_peaks", "peak_sign").as_deref() {
                Some("pos") => PeakSign::Pos,
                Some("both") => PeakSign::Both,
                _ => PeakSign::Neg,
            },
            detect_threshold,
            exclude_sweep_frames: exclude_sweep_frames.max(1),
            exclude_radius_um: (text("detect_peaks", "method").as_deref() == Some("locally_exclusive"))
                .then(|| number("detect_peaks", "radius_um")),
            coincidence,
        })
    }

    /// Frames that a block needs on each side for its filters.
    #[must_use]
    pub fn margin_frames(&self) -> usize {
        self.fir_reach() + self.cascade_margin()
    }

    /// Those of the linear-phase filter,
    #[must_use]
    pub fn fir_reach(&self) -> usize {
        self.fir.as_ref().map_or(0, Fir::reach)
    }

    /// and of the recursive one.
    #[must_use]
    pub fn cascade_margin(&self) -> usize {
        self.filter.as_ref().map_or(0, Cascade::margin_frames)
    }
}

/// The band that a filter passes, where there is one and it fits the rate.
fn band(
    kind: Option<&str>,
    (low_hz, high_hz): (f64, f64),
    sampling_frequency_hz: f64,
) -> Result<Option<Band>, PipelineError> {
    let nyquist_hz = sampling_frequency_hz / 2.0;
    let (band, fits) = match kind {
        Some("bandpass") => {
            (Band::BandPass { low_hz, high_hz }, 0.0 < low_hz && low_hz < high_hz && high_hz < nyquist_hz)
        }
        Some("highpass") => (Band::HighPass { low_hz }, 0.0 < low_hz && low_hz < nyquist_hz),
        Some("lowpass") => (Band::LowPass { high_hz }, 0.0 < high_hz && high_hz < nyquist_hz),
        _ => return Ok(None),
    };
    if fits { Ok(Some(band)) } else { Err(PipelineError::Band { low_hz, high_hz, sampling_frequency_hz }) }
}

/// A notch at each multiple of the frequency.
fn notches(
    pipeline: &Pipeline,
    number: &impl Fn(&str, &str) -> f64,
    sampling_frequency_hz: f64,
) -> Result<Vec<Section>, PipelineError> {
    if pipeline.block("notch_filter").is_none() {
        return Ok(Vec::new());
    }
    let (base_hz, quality) = (number("notch_filter", "freq_hz"), number("notch_filter", "q"));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the registry bounds it")]
    let n = number("notch_filter", "n_harmonics") as u32;
    let freq_hz = base_hz * f64::from(n);
    if freq_hz >= sampling_frequency_hz / 2.0 {
        return Err(PipelineError::Notch { freq_hz, sampling_frequency_hz });
    }
    // Multiples keep the width of the first notch, not its quality.
    let one = |multiple: u32| {
        let multiple = f64::from(multiple);
        notch(base_hz * multiple, quality * multiple, sampling_frequency_hz)
    };
    Ok((1..=n).map(one).collect())
}
