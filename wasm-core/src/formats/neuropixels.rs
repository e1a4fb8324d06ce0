//! Neuropixels probes: geometry and gains by part number, after imec's probe table
//! (`ProbeTable`, `probe_features.json`).

/// Electrodes of a shank of those probes that have several.
const ELECTRODES_OF_SHANK: u32 = 1280;

/// What a reader needs to know of a probe.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Probe {
    /// Gain set per channel (Neuropixels 1.0) rather than fixed in hardware.
    pub adjustable_gain: bool,
    /// The fixed gain.
    pub fixed_gain: Option<f64>,
    shanks: u32,
    columns: u32,
    /// Between columns, and between rows.
    pitch_um: [f64; 2],
    /// Shift of the even rows against the odd ones.
    stagger_um: f64,
    /// Between shanks; zero where there is one.
    pub shank_pitch_um: f64,
    /// How a table of electrodes names them.
    pub imro: Imro,
}

/// How entries of `~imroTbl` name the electrode.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Imro {
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
    /// The probe of a part number.
    pub fn of_part(part: &str) -> Option<Self> {
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

    /// Where an electrode of a shank is, from the leftmost electrode of the lowest row.
    pub fn position_um(&self, shank: u32, electrode: u32) -> [f64; 2] {
        let (row, column) = (electrode / self.columns, electrode % self.columns);
        let stagger = if row.is_multiple_of(2) { self.stagger_um } else { 0.0 };
        let shank_x = if self.shanks > 1 { f64::from(shank) * self.shank_pitch_um } else { 0.0 };
        [f64::from(column) * self.pitch_um[0] + stagger + shank_x, f64::from(row) * self.pitch_um[1]]
    }

    /// Where the electrode is that lies at a place of a shank, given from the leftmost electrode.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "numbers of electrodes")]
    pub fn nearest(&self, shank: u32, [x, y]: [f64; 2]) -> [f64; 2] {
        let row = y / self.pitch_um[1];
        let stagger = if (row.round() as u32).is_multiple_of(2) { self.stagger_um } else { 0.0 };
        let column = if self.pitch_um[0] > 0.0 { (x - stagger) / self.pitch_um[0] } else { 0.0 };
        self.position_um(shank, (f64::from(self.columns) * row.round() + column.round()) as u32)
    }

    /// Where the electrode of this number is, counted through all shanks.
    pub fn position_of(&self, number: u32) -> [f64; 2] {
        if self.shanks > 1 {
            return self.position_um(number / ELECTRODES_OF_SHANK, number % ELECTRODES_OF_SHANK);
        }
        self.position_um(0, number)
    }
}
