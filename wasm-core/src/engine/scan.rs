//! One pass over a block for all that a run wants of it: noise, peaks, waveforms.

use std::collections::VecDeque;
use std::ops::Range;

use super::block::Engine;
use super::noise::NoiseRows;
use super::passes::{Ring, Span, Tiles, Workspace};
use super::peaks::{Bounds, Detector, Peak};
use super::waveforms::{WaveformList, WaveformSums};
use super::window::RawWindow;
use crate::recording::ReadError;
use crate::spikes::Spike;

/// Blocks whose noise is not known yet are searched above this part of the final floors, so
/// that their peaks need no second look once it is, unless the noise there was far above it.
const CAUTION: f32 = 0.8;

/// The noise, peaks and waveforms of one block.
#[derive(Clone, Debug, PartialEq)]
pub struct Scan {
    span: Span,
    /// Peaks beyond `floors_uv`, sorted.
    peaks: Vec<Peak>,
    floors_uv: Vec<f32>,
    /// Waveforms of those beyond `thresholds_uv`, where they are whole.
    waveforms: WaveformList,
    thresholds_uv: Vec<f32>,
    /// Peaks of each further detection.
    further: Vec<Beyond>,
}

/// The peaks of a detection beyond its own threshold, sorted. They are not kept from a floor on: that threshold
/// does not move.
#[derive(Clone, Debug, PartialEq)]
struct Beyond {
    peaks: Vec<Peak>,
    thresholds_uv: Vec<f32>,
}

impl Engine {
    /// Searches a block whose channels' noise is known.
    ///
    /// # Errors
    /// When the source cannot give the frames.
    pub fn scan(&self, window: &mut RawWindow, noise_uv: &[f32], workspace: &mut Workspace) -> Result<Scan, ReadError> {
        self.search(window, noise_uv, None, workspace)
    }

    /// Measures the noise of a block and searches it in the same pass, above what the noise
    /// will probably turn out to be; `expected_uv` is a guess, such as a neighbour's noise.
    ///
    /// # Errors
    /// When the source cannot give the frames.
    pub fn survey(
        &self,
        window: &mut RawWindow,
        expected_uv: &[f32],
        workspace: &mut Workspace,
    ) -> Result<(Vec<f32>, Scan), ReadError> {
        let mut noise = std::mem::take(&mut workspace.noise);
        noise.begin(self.noise_step);
        let scan = self.search_expecting(window, expected_uv, Some(&mut noise), workspace)?;
        workspace.noise = noise;
        Ok((self.noise_of(&workspace.noise), scan))
    }

    /// Searches a block as [`Self::survey`] does, without measuring its noise.
    ///
    /// # Errors
    /// When the source cannot give the frames.
    pub fn scan_expecting(
        &self,
        window: &mut RawWindow,
        expected_uv: &[f32],
        workspace: &mut Workspace,
    ) -> Result<Scan, ReadError> {
        self.search_expecting(window, expected_uv, None, workspace)
    }

    fn search_expecting(
        &self,
        window: &mut RawWindow,
        expected_uv: &[f32],
        noise: Option<&mut NoiseRows>,
        workspace: &mut Workspace,
    ) -> Result<Scan, ReadError> {
        let guess: Vec<f32> = expected_uv.iter().map(|noise| noise * CAUTION).collect();
        self.search(window, &guess, noise, workspace)
    }

    fn search(
        &self,
        window: &mut RawWindow,
        noise_uv: &[f32],
        noise: Option<&mut NoiseRows>,
        workspace: &mut Workspace,
    ) -> Result<Scan, ReadError> {
        let (floors_uv, thresholds_uv) = (self.floors(noise_uv), self.thresholds(noise_uv));
        let span = Span::new(self, window);
        let further = self.further.iter().zip(self.further_thresholds(noise_uv));
        let mut search = Search {
            engine: self,
            span: &span,
            bounds: self.detector.bounds(&floors_uv),
            noise,
            pending: VecDeque::new(),
            scan: Scan {
                span: span.clone(),
                peaks: Vec::with_capacity(workspace.n_peaks),
                floors_uv,
                waveforms: WaveformList::new(self.waveform_frames()),
                thresholds_uv,
                further: Vec::new(),
            },
            further: further.map(|(detector, thresholds_uv)| Finder::new(detector, thresholds_uv)).collect(),
        };
        self.process(window, &span, workspace, &mut search)?;
        let mut scan = search.scan;
        scan.peaks.sort_unstable_by_key(|peak| (peak.row, peak.channel));
        workspace.n_peaks = scan.peaks.len() + scan.peaks.len() / 8;
        scan.further = search.further.into_iter().map(Finder::beyond).collect();
        Ok(scan)
    }

    /// The threshold of each detection behind the first, per channel, in microvolts.
    fn further_thresholds(&self, noise_uv: &[f32]) -> impl Iterator<Item = Vec<f32>> {
        self.settings.further.iter().map(move |detection| self.thresholds_at(detection.detect_threshold, noise_uv))
    }
}

impl Scan {
    /// The peaks above the floors that this noise gives, whose waveforms go into `sums`;
    /// `None` when the block was not searched that deep.
    #[must_use]
    pub fn settle(&self, engine: &Engine, noise_uv: &[f32], sums: &mut WaveformSums) -> Option<Vec<Spike>> {
        let (floors_uv, thresholds_uv) = (engine.floors(noise_uv), engine.thresholds(noise_uv));
        let deep = |searched: &[f32], wanted: &[f32]| searched.iter().zip(wanted).all(|(a, b)| a <= b);
        let mut further = self.further.iter().zip(engine.further_thresholds(noise_uv));
        if !deep(&self.floors_uv, &floors_uv)
            || !deep(&self.thresholds_uv, &thresholds_uv)
            || !further.all(|(own, wanted)| deep(&own.thresholds_uv, &wanted))
        {
            return None;
        }
        self.waveforms.add_beyond(&thresholds_uv, sums);
        let counts = |peak: &&Peak| peak.amplitude_uv.abs() > floors_uv[peak.channel as usize];
        Some(self.peaks.iter().filter(counts).map(|peak| peak.spike(&self.span)).collect())
    }

    /// The spikes of each further detection, beyond the threshold that this noise gives. Only where
    /// [`Self::settle`] says that the block was searched that deep.
    #[must_use]
    pub fn further(&self, engine: &Engine, noise_uv: &[f32]) -> Vec<Vec<Spike>> {
        let one = |(own, thresholds_uv): (&Beyond, Vec<f32>)| {
            let counts = |peak: &&Peak| peak.amplitude_uv.abs() > thresholds_uv[peak.channel as usize];
            own.peaks.iter().filter(counts).map(|peak| peak.spike(&self.span)).collect()
        };
        self.further.iter().zip(engine.further_thresholds(noise_uv)).map(one).collect()
    }
}

/// Looks at tiles for one of the detections behind the first.
struct Finder<'a> {
    detector: &'a Detector,
    bounds: Vec<Bounds>,
    /// Candidates whose neighbourhood is not finished, last row first.
    pending: VecDeque<(usize, usize)>,
    found: Beyond,
}

impl<'a> Finder<'a> {
    fn new(detector: &'a Detector, thresholds_uv: Vec<f32>) -> Self {
        let bounds = detector.bounds(&thresholds_uv);
        Self { detector, bounds, pending: VecDeque::new(), found: Beyond { peaks: Vec::new(), thresholds_uv } }
    }

    /// Adds the candidates of some rows, and decides those whose neighbourhood is finished from a row on.
    fn look(&mut self, (ring, span): (&Ring, &Span), rows: Range<usize>, ready: usize) {
        let Self { detector, bounds, pending, found } = self;
        for row in rows.rev() {
            Engine::candidates(ring, span, row, bounds, pending);
        }
        while let Some(cell) = pending.pop_front_if(|(row, _)| *row >= ready) {
            detector.peaks_of_cell(ring, span, cell, bounds, |peak| found.peaks.push(peak));
        }
    }

    fn beyond(mut self) -> Beyond {
        self.found.peaks.sort_unstable_by_key(|peak| (peak.row, peak.channel));
        self.found
    }
}

/// Looks at tiles as they are finished.
struct Search<'a> {
    engine: &'a Engine,
    span: &'a Span,
    bounds: Vec<Bounds>,
    noise: Option<&'a mut NoiseRows>,
    /// Candidates whose neighbourhood is not finished, last row first.
    pending: VecDeque<(usize, usize)>,
    scan: Scan,
    /// One for each detection behind the first.
    further: Vec<Finder<'a>>,
}

impl Tiles for Search<'_> {
    fn tile(&mut self, ring: &Ring, rows: Range<usize>) {
        if let Some(noise) = &mut self.noise {
            let own = rows.start.max(self.span.own.start)..rows.end.min(self.span.own.end);
            noise.add(ring, own, self.span);
        }
        // Rows are searched once those before them are finished too; at the block's start there are none.
        let (first, ready) = if rows.start == 0 { (0, 0) } else { (rows.start + 1, rows.start + self.engine.lag()) };
        let own = first.max(self.span.own.start)..(rows.end + 1).min(self.span.own.end);
        for row in own.clone().rev() {
            Engine::candidates(ring, self.span, row, &self.bounds, &mut self.pending);
        }
        while let Some(cell) = self.pending.pop_front_if(|(row, _)| *row >= ready) {
            self.decide(ring, cell);
        }
        for finder in &mut self.further {
            finder.look((ring, self.span), own.clone(), ready);
        }
    }
}

impl Search<'_> {
    fn decide(&mut self, ring: &Ring, cell: (usize, usize)) {
        let Self { engine, span, bounds, scan, .. } = self;
        let (before, after) = engine.waveform;
        let row = cell.0;
        engine.detector.peaks_of_cell(ring, span, cell, bounds, |peak| {
            scan.peaks.push(peak);
            let channel = peak.channel as usize;
            // Peaks too close to an end of the segment for a whole waveform are left out.
            let whole = row >= before && row + after <= span.n_frames;
            if whole && peak.amplitude_uv.abs() > scan.thresholds_uv[channel] {
                scan.waveforms.push(peak, ring.column(row - before..row + after, channel));
            }
        });
    }
}
