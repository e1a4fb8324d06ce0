//! Which electrodes of a Neuropixels probe a recording has, from its `~imroTbl`.

use super::meta::Meta;
use crate::formats::neuropixels::{Imro, Probe};

/// The probe of a meta; a missing part number with `imProbeOpt` is the first generation.
pub fn probe_of(meta: &Meta) -> Option<Probe> {
    let part = meta.get("imDatPrb_pn");
    Probe::of_part(if part.is_none() && meta.get("imProbeOpt").is_some() { "NP1010" } else { part? })
}

/// Whether the probe is the switchable ultra-high-density one.
pub fn is_ultra(meta: &Meta) -> bool {
    probe_of(meta).is_some_and(|probe| probe.imro == Imro::Ultra)
}

/// Positions of the saved electrodes: of a probe that is known by its table of electrodes, of others
/// as the file lists them.
pub fn positions(meta: &Meta, n_channels: usize) -> Option<Vec<[f64; 2]>> {
    probe_of(meta).and_then(|probe| of_electrodes(meta, &probe, n_channels)).or_else(|| listed(meta, n_channels))
}

/// The file's own map: the number and distance of shanks, and for each saved channel its shank and
/// its place there, in micrometres from the shank's left edge and from its lowest row.
fn listed(meta: &Meta, n_channels: usize) -> Option<Vec<[f64; 2]>> {
    let (header, entries) = meta.table("~snsGeomMap")?;
    let shank_pitch_um: f64 = header.split(',').nth(2)?.trim().parse().ok()?;
    let place = |entry: &&str| {
        let mut fields = entry.split(':').map(|field| field.trim().parse::<f64>().ok());
        let (shank, x, y) = (fields.next()??, fields.next()??, fields.next()??);
        Some([shank * shank_pitch_um + x, y])
    };
    let places: Option<Vec<[f64; 2]>> = entries.iter().map(place).collect();
    places.filter(|places| places.len() == n_channels && places.iter().flatten().all(|place| place.is_finite()))
}

fn of_electrodes(meta: &Meta, probe: &Probe, n_channels: usize) -> Option<Vec<[f64; 2]>> {
    let (header, entries) = meta.table("~imroTbl")?;
    let all: Option<Vec<[f64; 2]>> = match probe.imro {
        Imro::Ultra => ultra(probe, header, &entries),
        _ => entries.iter().map(|entry| place(probe, entry)).collect(),
    };
    let all = all?;
    // LF channels are numbered after all AP channels.
    let shift = if meta.stream_name().ends_with(".lf") { meta.counts("snsApLfSy").map_or(0, |_| all.len()) } else { 0 };
    let saved = meta.saved_subset(all.len() + shift + n_channels);
    let kept: Vec<[f64; 2]> =
        saved.iter().filter_map(|at| all.get(at.checked_sub(shift)?).copied()).take(n_channels).collect();
    (kept.len() == n_channels).then_some(kept)
}

fn place(probe: &Probe, entry: &str) -> Option<[f64; 2]> {
    let fields: Option<Vec<u32>> = entry.split(' ').map(|field| field.parse().ok()).collect();
    let fields = fields?;
    let (shank, electrode) = match probe.imro {
        Imro::Electrode => (0, *fields.get(3)?),
        Imro::ShankElectrode => (*fields.get(1)?, *fields.get(4)?),
        _ => (0, fields.get(1)?.checked_mul(384)?.checked_add(*fields.first()?)?),
    };
    Some(probe.position_um(shank, electrode))
}

/// The switchable probe: 24 groups of channels, each with a bank A and a bank B.
fn ultra(probe: &Probe, header: &str, entries: &[&str]) -> Option<Vec<[f64; 2]>> {
    const COLUMN_PAIRS: [u32; 8] = [0, 3, 1, 2, 1, 2, 0, 3];
    const ALL_COLUMNS_OF_A: u32 = 2;
    const OUTER: u32 = 1;
    let mode: u32 = header.split(',').nth(1)?.trim().parse().ok()?;
    let banks: Option<Vec<[u32; 2]>> = entries
        .iter()
        .map(|entry| {
            let mut fields = entry.split(' ').skip(1).map(|field| field.parse().ok());
            Some([fields.next()??, fields.next()??])
        })
        .collect();
    let banks = banks?;
    let column = |channel: u32, bank: u32| {
        let group = 2 * (channel / 32) + (channel & 1);
        let pair = COLUMN_PAIRS[(4 * (bank & 1) + group % 4) as usize];
        let inside = ((channel % 32 / 2) & 1) ^ ((bank / 4) & 1);
        2 * pair + if channel.is_multiple_of(2) { inside } else { 1 - inside }
    };
    (0..384_u32)
        .map(|channel| {
            let group = 2 * (channel / 32) + (channel & 1);
            let [a, b] = *banks.get(group as usize)?;
            let at_a = column(channel, a);
            let takes_a = mode == ALL_COLUMNS_OF_A
                || if at_a.is_multiple_of(2) { (at_a <= 3) == (mode == OUTER) } else { (at_a <= 3) != (mode == OUTER) };
            let bank = if takes_a { a } else { b };
            let within = channel % 32 / 4;
            let row = 48 * bank + 8 * (group / 4) + if channel.is_multiple_of(2) { within } else { 7 - within };
            Some(probe.position_um(0, 8 * row + column(channel, bank)))
        })
        .collect()
}
