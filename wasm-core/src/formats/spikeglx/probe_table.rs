//! Neuropixels probes: geometry and gains by part number, after imec's probe table
//! (`ProbeTable`, `probe_features.json`), and positions from it.

use super::meta::Meta;

/// What a reader needs to know of a probe.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Probe {
    /// Gain set per channel (Neuropixels 1.0) rather than fixed in hardware.
    pub adjustable_gain: bool,
    /// The fixed gain.
    pub fixed_gain: Option<f64>,
    shanks: u32,
    columns: u32,
    pitch_um: [f64; 2],
    /// Shift of the even rows against the odd ones.
    stagger_um: f64,
    shank_pitch_um: f64,
    imro: Imro,
}

/// How entries of `~imroTbl` name the electrode.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Imro {
    /// `(channel bank ..)`: electrode = bank x 384 + channel.
    Bank,
    /// `(channel mask reference electrode)`.
    Electrode,
    /// `(channel shank .. electrode)`, the electrode last.
    ShankElectrode,
    /// Groups of 32 channels with two banks each.
    Ultra,
}

impl Probe {
    /// The probe of a meta; a missing part number with `imProbeOpt` is the first generation.
    pub fn of(meta: &Meta) -> Option<Self> {
        let part = meta.get("imDatPrb_pn");
        let part = if part.is_none() && meta.get("imProbeOpt").is_some() { "NP1010" } else { part? };
        Self::of_part(part)
    }

    fn of_part(part: &str) -> Option<Self> {
        let np1 = |columns, pitch_um, stagger_um, imro| Self {
            adjustable_gain: true,
            fixed_gain: None,
            shanks: 1,
            columns,
            pitch_um,
            stagger_um,
            shank_pitch_um: 0.0,
            imro,
        };
        let np2 = |gain, shanks, pitch_x, stagger_um, shank_pitch_um, imro| Self {
            adjustable_gain: false,
            fixed_gain: Some(gain),
            shanks,
            columns: 2,
            pitch_um: [pitch_x, 15.0],
            stagger_um,
            shank_pitch_um,
            imro,
        };
        Some(match part {
            "NP1000" | "NP1001" | "NP1010" | "NP1011" | "NP1012" | "NP1013" | "NP1014" | "PRB_1_2_0480_2"
            | "PRB_1_4_0480_1" | "PRB_1_4_0480_1_C" => np1(2, [32.0, 20.0], 16.0, Imro::Bank),
            "NP1015" | "NP1016" | "NP1017" => np1(2, [32.0, 20.0], 0.0, Imro::Bank),
            "NP1020" | "NP1021" | "NP1030" | "NP1031" => np1(2, [87.0, 20.0], 16.0, Imro::Bank),
            "NP1022" | "NP1032" | "NP1033" | "NP1040" | "NP1041" | "NP1042" | "NP1050" | "NP1051" => {
                np1(2, [103.0, 20.0], 0.0, Imro::Bank)
            }
            "NP1100" => np1(8, [6.0, 6.0], 0.0, Imro::Bank),
            "NP1110" => np1(8, [6.0, 6.0], 0.0, Imro::Ultra),
            "NP1120" => np1(2, [4.5, 4.5], 0.0, Imro::Bank),
            "NP1121" => np1(1, [0.0, 3.0], 0.0, Imro::Bank),
            "NP1122" => np1(16, [3.0, 3.0], 0.0, Imro::Bank),
            "NP1123" => np1(12, [4.5, 4.5], 0.0, Imro::Bank),
            "NP1200" | "NP1210" => np1(2, [32.0, 31.0], 20.0, Imro::Bank),
            "NP1300" | "NP1400" => np1(2, [48.0, 20.0], 0.0, Imro::Bank),
            "NP3000" => np1(1, [0.0, 15.0], 0.0, Imro::Bank),
            "NP2000" | "PRB2_1_2_0640_0" => np2(80.0, 1, 32.0, 0.0, 0.0, Imro::Electrode),
            "NP2003" | "NP2004" | "NP2005" | "NP3010" | "NP3011" | "NP3012" => {
                np2(100.0, 1, 32.0, 0.0, 0.0, Imro::Electrode)
            }
            "NP2006" => np2(100.0, 1, 32.0, 16.0, 0.0, Imro::Electrode),
            "NP2300" => np2(100.0, 1, 48.0, 0.0, 0.0, Imro::Electrode),
            "NP2010" | "PRB2_4_2_0640_0" => np2(80.0, 4, 32.0, 0.0, 250.0, Imro::ShankElectrode),
            "NP2013" | "NP2014" | "NP2020" | "NP2021" | "NP3020" | "NP3021" | "NP3022" | "NP3023" | "NP3024" => {
                np2(100.0, 4, 32.0, 0.0, 250.0, Imro::ShankElectrode)
            }
            "NP2022" => np2(100.0, 4, 20.0, 16.0, 2141.45, Imro::ShankElectrode),
            _ => return None,
        })
    }

    fn position_um(&self, shank: u32, electrode: u32) -> [f64; 2] {
        let (row, column) = (electrode / self.columns, electrode % self.columns);
        let stagger = if row.is_multiple_of(2) { self.stagger_um } else { 0.0 };
        let shank_x = if self.shanks > 1 { f64::from(shank) * self.shank_pitch_um } else { 0.0 };
        [f64::from(column) * self.pitch_um[0] + stagger + shank_x, f64::from(row) * self.pitch_um[1]]
    }
}

/// Whether the probe is the switchable ultra-high-density one.
pub fn is_ultra(meta: &Meta) -> bool {
    Probe::of(meta).is_some_and(|probe| probe.imro == Imro::Ultra)
}

/// Positions of the saved electrodes, when the probe and its table are known.
pub fn positions(meta: &Meta, n_channels: usize) -> Option<Vec<[f64; 2]>> {
    let probe = Probe::of(meta)?;
    let (header, entries) = meta.table("~imroTbl")?;
    let all: Option<Vec<[f64; 2]>> = match probe.imro {
        Imro::Ultra => ultra(&probe, header, &entries),
        _ => entries.iter().map(|entry| place(&probe, entry)).collect(),
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
