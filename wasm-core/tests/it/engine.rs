//! Properties of the engine, against a slow implementation in double precision.

use wasm_core::engine::{BLOCK_FRAMES, BlockId, Engine, Workspace, blocks_of, check};
use wasm_core::filter::{Band, design};
use wasm_core::pipeline::Pipeline;
use wasm_core::recording::{FrameSource, ReadError, StreamInfo};
use wasm_core::run::{RecordingSummary, SliceResult, analyse, measure_noise, reduce, slices};
use wasm_core::sample::RawBlock;
use wasm_core::simulation::{Simulation, SimulationSpec};

use crate::memory::{Memory, cascade, run, run_with};

#[test]
fn blocks_equal_the_whole_within_a_thousandth_of_the_noise() {
    let source = Memory::simulated(5, 3.0);
    let engine = Engine::new(source.info(), &Pipeline::default()).expect("valid");
    let noise = measure_noise(&engine, &source).expect("noise");
    let n_frames = source.values.len() / 5;
    let sections = design(5, Band::BandPass { low_hz: 300.0, high_hz: 3000.0 }, 20_000.0);
    let mut whole: Vec<Vec<f64>> = (0..5)
        .map(|channel| {
            let base = f64::from(source.values[channel]);
            let mut values: Vec<f64> =
                (0..n_frames).map(|frame| f64::from(source.values[frame * 5 + channel]) - base).collect();
            cascade(&sections, &mut values, false);
            cascade(&sections, &mut values, true);
            values
        })
        .collect();
    for frame in 0..n_frames {
        let mut row: Vec<f64> = whole.iter().map(|channel| channel[frame]).collect();
        row.sort_by(f64::total_cmp);
        for channel in &mut whole {
            channel[frame] -= row[2];
        }
    }
    // The whole was filtered from rest, so its own ends are left out.
    let settled = 2000..n_frames - 2000;
    for id in blocks_of(source.info()) {
        let block = engine.block(&source, id).expect("reads");
        for (channel, values) in whole.iter().enumerate() {
            let first = usize::try_from(block.span.first_frame).expect("small") + block.span.own.start;
            for (frame, value) in (first..).zip(block.channel(channel, block.span.own.clone())) {
                let error = (f64::from(value) - values[frame]).abs();
                assert!(
                    !settled.contains(&frame) || error < 1e-3 * f64::from(noise[channel]),
                    "frame {frame}: {error}"
                );
            }
        }
    }
}

/// A recording whose frames are read when they are worked on, so many at once.
struct Pieces(Memory, usize);

impl FrameSource for Pieces {
    fn info(&self) -> &StreamInfo {
        self.0.info()
    }

    fn piece_frames(&self) -> Option<usize> {
        Some(self.1)
    }

    fn read(&self, segment: usize, start: u64, n_frames: usize) -> Result<RawBlock, ReadError> {
        assert!(n_frames <= self.1.max(32), "few at a time, not {n_frames}");
        self.0.read(segment, start, n_frames)
    }
}

#[test]
fn frames_read_when_they_are_needed_give_the_result_of_frames_read_at_once() {
    for (duration_s, piece) in [(0.005, 3), (0.1, 32), (1.3, 32), (1.3, 333), (1.3, 3000)] {
        let pieces = Pieces(Memory::simulated(18, duration_s), piece);
        for ftype in ["butter", "fir"] {
            let mut pipeline = Pipeline::default();
            pipeline.set("filter", "ftype", ftype.into());
            let [a, b] = [run_with(&pipeline, &pieces, 2), run_with(&pipeline, &pieces.0, 2)];
            assert_eq!(a.spikes, b.spikes);
            assert_eq!(a.peaks, b.peaks);
            assert_eq!(a.waveforms, b.waveforms);
        }
    }
}

/// Both ends of a segment go on mirrored, so a recording played backwards gives the same signal
/// backwards, however its length lies to the stretches that the engine cuts it into.
#[test]
fn a_reversed_recording_gives_the_reversed_signal() {
    let long = Memory::simulated(3, 0.4);
    for n_frames in (500..700).step_by(37).chain((1500..2300).step_by(23)).chain((4200..4900).step_by(41)) {
        let filtered = |reversed: bool| {
            let mut frames: Vec<&[f32]> = long.values.chunks_exact(3).take(n_frames).collect();
            if reversed {
                frames.reverse();
            }
            let mut source = Memory { values: frames.concat(), info: long.info.clone() };
            source.info.segments[0].n_frames = n_frames as u64;
            let engine = Engine::new(source.info(), &Pipeline::default()).expect("valid");
            let block = engine.block(&source, BlockId { segment: 0, index: 0 }).expect("reads");
            let mut values: Vec<f32> = block.channel(1, 0..n_frames).collect();
            if reversed {
                values.reverse();
            }
            values
        };
        let largest = filtered(false).iter().zip(filtered(true)).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(largest < 4e-3, "{n_frames} frames: {largest} µV apart, with a noise of 4 µV");
    }
}

#[test]
fn slices_and_their_order_change_nothing() {
    let source = Memory::simulated(17, 4.0);
    let whole = run(&source, u64::MAX);
    assert!(whole.spikes.len() > 100);
    for blocks in [1, 2, 3, 7] {
        let cut = run(&source, blocks);
        assert_eq!(cut.spikes, whole.spikes);
        assert_eq!(cut.peaks, whole.peaks);
        assert_eq!(cut.waveforms, whole.waveforms);
        assert_eq!(cut.summary, whole.summary);
    }
}

#[test]
fn permuted_channels_permute_the_spikes() {
    let source = Memory::simulated(19, 2.0);
    let order: Vec<usize> = (0..19).map(|at| (at * 7 + 3) % 19).collect();
    let mut expected = run(&source, 4).spikes;
    for spike in &mut expected {
        let place = order.iter().position(|channel| *channel == spike.channel_index as usize).expect("a permutation");
        spike.channel_index = u32::try_from(place).expect("small");
    }
    expected.sort_by_key(wasm_core::spikes::Spike::key);
    assert_eq!(run(&source.permuted(&order), 4).spikes, expected);
}

#[test]
fn doubled_gains_double_the_amplitudes() {
    let source = Memory::simulated(8, 2.0);
    let mut doubled = source.clone();
    doubled.info.gain_to_uv.fill(2.0);
    let (one, two) = (run(&source, 4).spikes, run(&doubled, 4).spikes);
    assert_eq!(one.len(), two.len());
    for (a, b) in one.iter().zip(&two) {
        assert_eq!((a.key(), a.amplitude_uv * 2.0), (b.key(), b.amplitude_uv));
    }
}

#[test]
fn strange_inputs_give_no_spikes_and_no_panic() {
    let n = usize::try_from(BLOCK_FRAMES).expect("small") * 2;
    let silent = Memory::new(3, vec![0.0; 3 * n]);
    let constant = Memory::new(3, vec![4321.0; 3 * n]);
    let missing = Memory::new(3, vec![f32::NAN; 3 * n]);
    let saturated =
        Memory::new(2, (0..2 * n).map(|at| if at / 2000 % 2 == 0 { 32_767.0 } else { -32_768.0 }).collect());
    for source in [&silent, &constant, &missing] {
        let result = run(source, 4);
        assert!(
            result.spikes.is_empty() && result.summary.channels.iter().all(|channel| channel.noise_uv == Some(0.0))
        );
    }
    run(&saturated, 4);
    // A lone channel is not referenced to itself.
    assert!(!run(&Memory::simulated(1, 3.0), 4).spikes.is_empty());
    // Shorter than the filter's response, down to one frame.
    for frames in [1, 2, 30, 500] {
        run(&Memory::new(2, vec![1.0; 2 * frames]), 4);
    }
}

#[test]
fn simulated_spikes_are_found() {
    let spec = SimulationSpec { n_channels: 30, sampling_frequency_hz: 20_000.0, duration_s: 5.0, seed: 2 };
    let simulation = Simulation::new(spec);
    let found = run(&simulation, 4).spikes;
    // Only spikes that stand clear of the noise, and of their neighbours in time.
    let clear: Vec<_> = simulation.truth().iter().filter(|spike| simulation.amplitude_uv(spike) > 80.0).collect();
    let near = |spike: &&&wasm_core::simulation::TruthSpike| {
        found
            .iter()
            .any(|f| f.channel_index == spike.channel_index && (f.sample_index - spike.sample_index).abs() <= 20)
    };
    let n_found = clear.iter().filter(near).count();
    assert!(clear.len() > 50 && n_found * 100 > clear.len() * 97, "{n_found} of {}", clear.len());
}

/// Runs one pipeline over a recording.
fn spikes_of(source: &Memory, change: impl Fn(&mut Pipeline)) -> Vec<wasm_core::spikes::Spike> {
    let mut pipeline = Pipeline::default();
    change(&mut pipeline);
    let engine = Engine::new(source.info(), &pipeline).expect("valid");
    let noise = measure_noise(&engine, source).expect("noise");
    let mut whole = SliceResult::empty(&engine);
    for slice in slices(source.info(), 4) {
        let part = analyse(&engine, source, slice, &noise, &mut Workspace::default(), |_| Ok(true));
        whole.add(part.expect("analysed").expect("not stopped"));
    }
    reduce(&engine, &pipeline, RecordingSummary::new("memory", "memory", source.info(), &[], &[]), &noise, whole).spikes
}

#[test]
fn of_peaks_nearby_only_the_largest_is_kept() {
    let mut source = Memory::simulated(16, 3.0);
    source.info.positions_um = Some((0_u16..16).map(|at| [f64::from(at) * 20.0, 0.0]).collect());
    let all = spikes_of(&source, |_| {});
    let kept = spikes_of(&source, |pipeline| {
        pipeline.set("detect_peaks", "method", "locally_exclusive".into());
        pipeline.set("detect_peaks", "radius_um", 50.into());
    });
    // The slow way: a peak goes where a neighbour within 50 µm and 1 ms has a deeper one.
    let is_beaten = |one: &wasm_core::spikes::Spike| {
        all.iter().any(|other| {
            let apart = one.channel_index.abs_diff(other.channel_index);
            (1..=2).contains(&apart)
                && (one.sample_index - other.sample_index).abs() <= 20
                && other.amplitude_uv < one.amplitude_uv
        })
    };
    assert!(kept.len() > 50 && kept.len() < all.len());
    assert!(kept.iter().all(|spike| all.contains(spike) && !is_beaten(spike)));
    source.info.positions_um = None;
    let mut pipeline = Pipeline::default();
    pipeline.set("detect_peaks", "method", "locally_exclusive".into());
    let message = Engine::new(source.info(), &pipeline).err().expect("refused").to_string();
    assert!(message.contains("no electrode positions"), "{message}");
}

#[test]
fn each_well_is_referenced_by_itself() {
    let (left, right) = (Memory::simulated(6, 2.0), Memory::simulated(6, 2.0));
    let rows = left.values.chunks_exact(6).zip(right.values.chunks_exact(6));
    // The second well carries a hum that the first does not know.
    let hum = |at: usize| if at % 40 < 20 { 300.0 } else { -300.0 };
    let values = rows
        .enumerate()
        .flat_map(|(at, (a, b))| a.iter().copied().chain(b.iter().map(move |value| value + hum(at))))
        .collect();
    let mut plate = Memory::new(12, values);
    plate.info.wells = Some((0..12).map(|at| if at < 6 { "A1".to_owned() } else { "A2".to_owned() }).collect());
    let by_well = spikes_of(&plate, |pipeline| pipeline.set("common_reference", "reference", "group".into()));
    let first: Vec<_> = by_well.into_iter().filter(|spike| spike.channel_index < 6).collect();
    assert_eq!(first, spikes_of(&left, |_| {}));
    let local = spikes_of(&Memory { info: with_positions(&left), ..left.clone() }, |pipeline| {
        pipeline.set("common_reference", "reference", "local".into());
        pipeline.set("common_reference", "local_radius_min_um", 0.into());
        pipeline.set("common_reference", "local_radius_max_um", 1000.into());
    });
    assert!(!local.is_empty());
}

/// Electrodes in a row, 20 µm apart.
fn with_positions(source: &Memory) -> StreamInfo {
    let positions = (0..source.info.n_channels).map(|at| [f64::from(u32::try_from(at).expect("small")) * 20.0, 0.0]);
    StreamInfo { positions_um: Some(positions.collect()), ..source.info.clone() }
}

/// Checksum of the spikes that the next test finds, amplitudes to the last bit.
const FINGERPRINT: u32 = 4_062_957_269;

/// One number stands for all platforms: x86-64 with any vectors, aarch64, wasm.
#[test]
fn spikes_are_the_same_on_every_processor() {
    let source = Memory::simulated(33, 2.5);
    let mut bytes = Vec::new();
    for spike in run(&source, 2).peaks {
        bytes.extend(spike.sample_index.to_le_bytes());
        bytes.extend(spike.channel_index.to_le_bytes());
        bytes.extend(spike.amplitude_uv.to_bits().to_le_bytes());
    }
    assert!(bytes.len() > 1000 * 16, "a recording with spikes in it");
    assert_eq!(wasm_core::crc32c(&bytes), FINGERPRINT);
}

/// What is said without building an engine is what an engine says.
#[test]
fn a_check_says_what_an_engine_would() {
    let with = |kind: &str, param: &str, value: serde_json::Value| {
        let mut pipeline = Pipeline::default();
        pipeline.set(kind, param, value);
        pipeline
    };
    let pipelines = [
        Pipeline::default(),
        Pipeline::default().with_analyses(),
        Pipeline::empty(),
        with("common_reference", "reference", "local".into()),
        with("common_reference", "reference", "group".into()),
        with("detect_peaks", "method", "locally_exclusive".into()),
        with("bad_channels", "channel_ids", vec!["nobody"].into()),
        with("filter", "freq_max_hz", 20_000.into()),
        with("filter", "freq_min_hz", 1.into()),
        with("notch_filter", "freq_hz", 9_999.into()),
        with("detect_peaks", "detect_threshold", 1.into()),
    ];
    let mut places = Memory::simulated(17, 0.1).info;
    let mut all = with("bad_channels", "channel_ids", places.channel_ids.clone().into());
    all.set("filter", "btype", "none".into());
    for pipeline in pipelines.iter().chain([&all]) {
        assert_eq!(check(&places, pipeline).err(), Engine::new(&places, pipeline).err(), "{pipeline:?}");
    }
    places.positions_um = None;
    for pipeline in &pipelines {
        assert_eq!(check(&places, pipeline).err(), Engine::new(&places, pipeline).err(), "{pipeline:?}");
    }
}
