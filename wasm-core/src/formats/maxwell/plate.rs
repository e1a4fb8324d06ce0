//! The wells of a plate side by side.

use std::sync::Arc;

use super::place::Opened;
use crate::formats::joined::{Joined, OnClock};
use crate::formats::wells;
use crate::recording::StreamInfo;

/// Name of the stream of all wells.
const NAME: &str = "plate";
/// Distances of wells on the drawing: a little more than the chip's 3.85 mm x 2.10 mm.
const WELL_UM: [f64; 2] = [4500.0, 2700.0];

/// The first recordings of all wells as one stream, where there are several that were recorded
/// together at one rate.
pub fn join(opened: &[Opened], notes: &mut Vec<String>) -> Option<Joined> {
    let (first, others) = opened.split_first().filter(|(_, others)| !others.is_empty())?;
    let alike = |well: &Opened| {
        let (a, b) = (first.info(), well.info());
        (a.sampling_frequency_hz, a.sample_type) == (b.sampling_frequency_hz, b.sample_type)
    };
    let joined = others.iter().all(alike).then(|| {
        let infos: Vec<StreamInfo> = opened.iter().map(|well| well.info().clone()).collect();
        let parts: Option<Vec<OnClock>> = opened.iter().map(on_clock).collect();
        Joined::new(StreamInfo { name: NAME.into(), ..describe(&infos) }, &parts?)
    });
    let note = if joined.as_ref().is_some_and(Option::is_some) {
        format!(
            "The wells are streams of their own; the stream “{NAME}” is all of them together, to be analysed as one plate."
        )
    } else {
        "The wells were not recorded together, at one rate and by one clock: there is no stream of the whole plate."
            .into()
    };
    notes.push(note);
    joined.flatten()
}

/// A well on the clock that all share; without numbers of frames it is counted from its own start.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "numbers of frames")]
fn on_clock(well: &Opened) -> Option<OnClock> {
    let numbers = well.numbers.clone().unwrap_or_else(|| vec![0.0; well.info().segments.len()]);
    let is_sorted = numbers.iter().all(|number| *number >= 0.0) && numbers.is_sorted_by(|a, b| a < b);
    let starts: Vec<u64> = numbers.iter().map(|number| *number as u64).collect();
    is_sorted.then(|| OnClock { source: Arc::clone(&well.source), starts })
}

/// The channels of all wells, one after another: ids and places tell the wells apart. That of a
/// single well is as it is.
pub fn describe(infos: &[StreamInfo]) -> StreamInfo {
    let Some(mut info) = infos.first().cloned() else {
        return crate::formats::interleaved::uniform(
            NAME,
            f64::NAN,
            crate::sample::SampleType::Uint16,
            Vec::new(),
            1.0,
        );
    };
    if infos.len() < 2 {
        return info;
    }
    let id = |well: &StreamInfo, id: &String| format!("{} {id}", well.name);
    let ids = |well: &'_ StreamInfo| well.channel_ids.iter().map(|own| id(well, own)).collect::<Vec<_>>();
    info.channel_ids = infos.iter().flat_map(ids).collect();
    info.channel_names = None;
    info.n_channels = info.channel_ids.len();
    info.gain_to_uv = infos.iter().flat_map(|well| well.gain_to_uv.clone()).collect();
    info.offset_to_uv = infos.iter().flat_map(|well| well.offset_to_uv.clone()).collect();
    info.wells = Some(infos.iter().flat_map(|well| vec![well.name.clone(); well.n_channels]).collect());
    let moved = |(at, well): (usize, &StreamInfo)| -> Option<Vec<[f64; 2]>> {
        let place = wells::place(number_of(&well.name).unwrap_or(at), n_wells(infos));
        #[expect(clippy::cast_precision_loss, reason = "a number of wells")]
        let from = [place[0] as f64 * WELL_UM[0], place[1] as f64 * WELL_UM[1]];
        Some(well.positions_um.as_ref()?.iter().map(|[x, y]| [x + from[0], y + from[1]]).collect())
    };
    let positions: Option<Vec<Vec<[f64; 2]>>> = infos.iter().enumerate().map(moved).collect();
    info.positions_um = positions.map(|positions| positions.concat());
    info
}

/// Wells of the largest plate.
const MAX_WELLS: usize = 384;

/// The number of a well such as `well003`.
fn number_of(name: &str) -> Option<usize> {
    name.strip_prefix("well")?.parse().ok().filter(|number| *number < MAX_WELLS)
}

/// Wells of the smallest plate that has all of these.
fn n_wells(infos: &[StreamInfo]) -> usize {
    let last = infos.iter().filter_map(|info| number_of(&info.name)).max().unwrap_or(0);
    let n = infos.len().max(last + 1);
    [6, 24].into_iter().find(|plate| *plate >= n).unwrap_or(n)
}
