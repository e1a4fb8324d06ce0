//! A pipeline resolved against a recording's rate: what the engine runs.

use super::{Block, Detector, Pipeline, PipelineError};
use crate::blocks::{
    MIN_ELECTRODES, Values, WINDOW_US, common_reference, detect_peaks, filter, noise_levels, notch_filter,
};
use crate::filter::{Band, Cascade, Fir, Section, design, fir_taps, firwin, notch};

/// The value that is subtracted from all channels of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferenceOperator {
    /// Nothing.
    None,
    /// The exact median.
    Median,
    /// The mean.
    Mean,
}

/// The electrodes whose median or mean is subtracted from a channel.
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

/// The extrema that are peaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeakSign {
    /// Minima below minus the threshold.
    Neg,
    /// Maxima above the threshold.
    Pos,
    /// Either.
    Both,
}

/// Limits of events that many electrodes share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coincidence {
    /// Electrodes of a well that make a coincidence.
    pub min_electrodes: usize,
    /// Span that holds them, in frames.
    pub window_frames: i64,
}

/// How spikes are told from the filtered signal.
#[derive(Clone, Debug, PartialEq)]
pub struct Detection {
    /// Id of its block.
    pub id: String,
    /// The extrema that are peaks.
    pub peak_sign: PeakSign,
    /// Threshold in units of the noise.
    pub detect_threshold: f32,
    /// A peak is the largest within this many frames on each side.
    pub exclude_sweep_frames: usize,
    /// Where given, a peak is also the largest of all channels within this many micrometres.
    pub exclude_radius_um: Option<f64>,
    /// Which events are dropped because many electrodes share them, if any.
    pub coincidence: Option<Coincidence>,
}

impl Detection {
    /// Resolves a detection whose values were checked.
    fn new(of: &Detector<'_>, sampling_frequency_hz: f64) -> Self {
        let values = of.block.values();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the registry bounds both")]
        let (detect_threshold, exclude_sweep_frames) = (
            values.number(&detect_peaks::DETECT_THRESHOLD) as f32,
            // As SpikeInterface counts: rounded down.
            (values.number(&detect_peaks::EXCLUDE_SWEEP_MS) * sampling_frequency_hz / 1000.0) as usize,
        );
        #[expect(clippy::cast_possible_truncation, reason = "the registry bounds it")]
        let coincidence = of.coincident.map(Block::values).map(|values| Coincidence {
            min_electrodes: values.count(&MIN_ELECTRODES),
            window_frames: (values.number(&WINDOW_US) * sampling_frequency_hz / 1e6).round() as i64,
        });
        Self {
            id: of.block.id.clone(),
            peak_sign: match values.name(&detect_peaks::PEAK_SIGN).as_str() {
                "pos" => PeakSign::Pos,
                "both" => PeakSign::Both,
                _ => PeakSign::Neg,
            },
            detect_threshold,
            exclude_sweep_frames: exclude_sweep_frames.max(1),
            exclude_radius_um: (values.name(&detect_peaks::METHOD) == "locally_exclusive")
                .then(|| values.number(&detect_peaks::RADIUS_UM)),
            coincidence,
        }
    }
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
    /// Whether the recursive filter runs forward only.
    pub causal: bool,
    /// Whether the filter removes a constant, so that it may be subtracted beforehand.
    pub rejects_dc: bool,
    /// The reference that is subtracted from every frame.
    pub reference: ReferenceOperator,
    /// Channels that the reference is taken over.
    pub reference_scope: ReferenceScope,
    /// The method that measures noise.
    pub noise: NoiseMethod,
    /// The detection whose spikes are those of headline, raster and files.
    pub detection: Detection,
    /// The other detections, in their order.
    pub further: Vec<Detection>,
}

impl Settings {
    /// Resolves a pipeline.
    ///
    /// # Errors
    /// When the pipeline is not valid or its filter does not fit the rate.
    pub fn new(pipeline: &Pipeline, sampling_frequency_hz: f64) -> Result<Self, PipelineError> {
        pipeline.check()?;
        let detectors = pipeline.detectors();
        let mut detections = detectors.iter().map(|of| Detection::new(of, sampling_frequency_hz));
        let missing = || PipelineError::Missing { kind: detect_peaks::BLOCK.kind.into() };
        let detection = detections.next().ok_or_else(missing)?;
        let of_filter = pipeline.values(&filter::BLOCK);
        let of_reference = pipeline.values(&common_reference::BLOCK);
        let min_um = of_reference.number(&common_reference::LOCAL_RADIUS_MIN_UM);
        let max_um = of_reference.number(&common_reference::LOCAL_RADIUS_MAX_UM);
        if of_reference.is_given() && min_um >= max_um {
            return Err(PipelineError::Radii { min_um, max_um });
        }
        let band = band(of_filter, sampling_frequency_hz)?;
        let linear = band.filter(|_| of_filter.name(&filter::FTYPE) == "fir");
        let recursive = band.filter(|_| linear.is_none());
        let order = of_filter.count(&filter::FILTER_ORDER);
        let mut sections = recursive.map_or_else(Vec::new, |band| design(order, band, sampling_frequency_hz));
        sections.extend(notches(pipeline.values(&notch_filter::BLOCK), sampling_frequency_hz)?);
        let cascade = match sections.as_slice() {
            [] => None,
            sections => Some(Cascade::new(sections).ok_or(PipelineError::TooLong)?),
        };
        let beside = cascade.as_ref().map_or(0, Cascade::margin_frames);
        let fir = linear.map(|band| {
            let n_taps = fir_taps(of_filter.number(&filter::TRANSITION_HZ), sampling_frequency_hz);
            Fir::new(&firwin(n_taps, band, sampling_frequency_hz), beside)
        });
        let operator = of_reference.name(&common_reference::OPERATOR);
        let noise = pipeline.values(&noise_levels::BLOCK).name(&noise_levels::METHOD);
        Ok(Self {
            left_out: pipeline.left_out(),
            fir,
            filter: cascade,
            causal: recursive.is_some() && of_filter.name(&filter::DIRECTION) == "forward",
            rejects_dc: band.is_some_and(Band::rejects_dc),
            reference: match operator.as_str() {
                "median" if of_reference.is_given() => ReferenceOperator::Median,
                "mean" => ReferenceOperator::Mean,
                _ => ReferenceOperator::None,
            },
            reference_scope: match of_reference.name(&common_reference::REFERENCE).as_str() {
                "group" => ReferenceScope::Group,
                "local" => ReferenceScope::Local { min_um, max_um },
                _ => ReferenceScope::Global,
            },
            noise: match noise.as_str() {
                "rms" => NoiseMethod::Rms,
                "sd_start" => NoiseMethod::SdStart,
                _ => NoiseMethod::Mad,
            },
            detection,
            further: detections.collect(),
        })
    }

    /// All detections, in their order.
    pub fn detections(&self) -> impl Iterator<Item = &Detection> {
        std::iter::once(&self.detection).chain(&self.further)
    }

    /// Frames that a block needs on each side for its filters.
    #[must_use]
    pub fn margin_frames(&self) -> usize {
        self.fir_reach() + self.cascade_margin()
    }

    /// Frames that a block needs on each side for its linear-phase filter.
    #[must_use]
    pub fn fir_reach(&self) -> usize {
        self.fir.as_ref().map_or(0, Fir::reach)
    }

    /// Frames that a block needs on each side for its recursive filter.
    #[must_use]
    pub fn cascade_margin(&self) -> usize {
        self.filter.as_ref().map_or(0, Cascade::margin_frames)
    }
}

/// The band that a filter passes, where there is one and it fits the rate.
fn band(values: Values<'_>, sampling_frequency_hz: f64) -> Result<Option<Band>, PipelineError> {
    if !values.is_given() {
        return Ok(None);
    }
    let (low_hz, high_hz) = (values.number(&filter::FREQ_MIN_HZ), values.number(&filter::FREQ_MAX_HZ));
    let nyquist_hz = sampling_frequency_hz / 2.0;
    let (band, fits) = match values.name(&filter::BTYPE).as_str() {
        "bandpass" => (Band::BandPass { low_hz, high_hz }, 0.0 < low_hz && low_hz < high_hz && high_hz < nyquist_hz),
        "highpass" => (Band::HighPass { low_hz }, 0.0 < low_hz && low_hz < nyquist_hz),
        "lowpass" => (Band::LowPass { high_hz }, 0.0 < high_hz && high_hz < nyquist_hz),
        _ => return Ok(None),
    };
    if fits { Ok(Some(band)) } else { Err(PipelineError::Band { low_hz, high_hz, sampling_frequency_hz }) }
}

/// A notch at each multiple of the frequency.
fn notches(values: Values<'_>, sampling_frequency_hz: f64) -> Result<Vec<Section>, PipelineError> {
    if !values.is_given() {
        return Ok(Vec::new());
    }
    let (base_hz, quality) = (values.number(&notch_filter::FREQ_HZ), values.number(&notch_filter::Q));
    let n = u32::try_from(values.count(&notch_filter::N_HARMONICS)).unwrap_or(1);
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
