//! Every message arrives as it was sent.

use wasm_core::sample::SampleType;

use super::*;
use crate::bridge::assert_arrives;
use crate::bridge::stored::sample;

const SLICE: Slice = Slice { segment: 0, first_block: 3, n_blocks: 2 };

fn view() -> ViewRequest {
    ViewRequest {
        segment: 0,
        start: 100,
        n_frames: 2_000,
        channels: vec![1, 0],
        n_columns: 640,
        filtered: true,
        thresholds_uv: Some(vec![-31.25, 28.5]),
        whole: false,
    }
}

#[test]
fn requests_arrive() {
    let (pipeline, of) = (Pipeline::default(), sample());
    let described = PlainBinary {
        sampling_frequency_hz: 12_500.1,
        n_channels: 60,
        sample_type: SampleType::Int16,
        gain_to_uv: 0.195,
        offset_to_uv: 0.0,
        positions_um: None,
        file_offset_bytes: 8,
    };
    for request in [
        Request::Open { paths: vec!["run/a.bin".into(), "run/a.meta".into()], described: None },
        Request::Open { paths: vec!["a.raw".into()], described: Some(described) },
        Request::Simulate { n_channels: 64, duration_s: 30.0 },
        Request::OpenRemote {
            stream: Box::new(of.stored.info.clone()),
            reads_url: "/api/shares/x/reads".into(),
            slices: vec![SLICE],
            events: of.events.clone(),
            owner_key: Some(Secret::new("key")),
        },
        Request::View { stream: 1, pipeline: pipeline.clone(), view: view(), part: 100..1_100 },
        Request::Noise { stream: 0, pipeline: pipeline.clone(), index: 7 },
        Request::Analyse { run: 9, stream: 0, pipeline: pipeline.clone(), noise_uv: vec![4.75, 0.0], slice: SLICE },
        Request::Field { stream: 0, pipeline: pipeline.clone(), slice: SLICE },
        Request::Sums { run: 9 },
        Request::BadChannels { stream: 0, method: BadChannelMethod::CoherencePsd },
        Request::Spectrum { stream: 0, pipeline, segment: 0, around: 20_000, channel: 1 },
        Request::TryPacking { stream: 0 },
        Request::Encode { stream: 0, segment: 0, row: 4, groups: vec![0, 1], level: Level::Small },
        Request::StoredSpikes,
    ] {
        assert_arrives(&request);
    }
}

#[test]
fn replies_arrive() {
    let of = sample();
    for reply in [
        Reply::Opened {
            format: of.format.clone(),
            streams: vec![of.stored.info.clone()],
            stored: Some((Box::new(of.stored.clone()), 12)),
            events: of.events.clone(),
            facts: of.facts.clone(),
            notes: of.notes.clone(),
            from_file: Some("a.spk".into()),
        },
        Reply::BadChannels { labels: vec![ChannelLabel::Good, ChannelLabel::Saturated] },
        Reply::Spectrum { duration_s: 10.0 },
        Reply::View { n_columns: 640, columns: 0..320, spikes: vec![(1, 150, -44.125)], detail: Detail::Sampled },
        Reply::Noise { noise_uv: vec![4.75, 0.0], rate_hz: 2.5, took_ms: 31.0 },
        Reply::Analysed { n_spikes: 118 },
        Reply::Sums,
        Reply::Field,
        Reply::Packed { raw_bytes: 4_096, packed_bytes: 1_500 },
        Reply::Encoded {
            chunks: vec![(ChunkId { segment: 0, row: 4, group: 1 }, 0xdead_beef)],
            raw_bytes: 4_096,
            took_ms: 12.5,
        },
        Reply::StoredSpikes { of: Box::new(of) },
    ] {
        assert_arrives(&reply);
    }
}
