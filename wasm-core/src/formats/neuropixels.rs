//! Neuropixels probes: geometry and gains by part number, after imec's probe table
//! (`ProbeTable`, `probe_features.json`).

/// Electrodes of a shank of those probes that have several.
const ELECTRODES_OF_SHANK: u32 = 1280;
/// How far listed places may lie from an electrode: they are whole micrometres.
const TOLERANCE_UM: f64 = 0.75;

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

    /// Electrodes that lie at listed places, each on a shank, counted from an edge that is not
    /// told: the places of these electrodes. None unless one distance to the edge puts all places
    /// on electrodes. Where several do, the edge is at the smallest distance that is not negative.
    /// Places of a probe with one shank may be listed from its other side, as older programs do.
    pub fn places(&self, listed: &[(u32, [f64; 2])]) -> Option<Vec<[f64; 2]>> {
        let mirrored = || listed.iter().map(|(shank, [x, y])| (*shank, [-x, *y])).collect::<Vec<_>>();
        let found = self.on_one_side(listed);
        found.or_else(|| if self.shanks == 1 { self.on_one_side(&mirrored()) } else { None })
    }

    fn on_one_side(&self, listed: &[(u32, [f64; 2])]) -> Option<Vec<[f64; 2]>> {
        let (shank, [x, y]) = *listed.first()?;
        let from_column = x - f64::from(shank) * self.shank_pitch_um - self.stagger_of(self.row(y)?);
        let edges = (0..self.columns).map(|column| from_column - f64::from(column) * self.pitch_um[0]);
        let fits = |edge_um: f64| {
            let place = |(shank, [x, y]): &(u32, [f64; 2])| self.electrode_at(*shank, [x - edge_um, *y]);
            let electrodes: Option<Vec<(u32, u32)>> = listed.iter().map(place).collect();
            electrodes.map(|electrodes| (edge_um, electrodes))
        };
        // Far negative distances come last.
        let key = |edge_um: f64| if edge_um > -TOLERANCE_UM { edge_um } else { f64::MAX / 2.0 - edge_um };
        let best = edges.filter_map(fits).min_by(|a, b| key(a.0).total_cmp(&key(b.0)));
        let (_, electrodes) = best?;
        Some(electrodes.into_iter().map(|(shank, electrode)| self.position_um(shank, electrode)).collect())
    }

    fn stagger_of(&self, row: u32) -> f64 {
        if row.is_multiple_of(2) { self.stagger_um } else { 0.0 }
    }

    /// The row at a height, where there is one.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be small and positive")]
    fn row(&self, y: f64) -> Option<u32> {
        let row = y / self.pitch_um[1];
        let is_there =
            (row - row.round()).abs() * self.pitch_um[1] <= TOLERANCE_UM && (0.0..1e5).contains(&row.round());
        is_there.then_some(row.round() as u32)
    }

    /// Shank and number of the electrode at a place from the leftmost electrode of the lowest row.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be a column")]
    fn electrode_at(&self, shank: u32, [x, y]: [f64; 2]) -> Option<(u32, u32)> {
        let row = self.row(y)?;
        let x = x - f64::from(shank) * self.shank_pitch_um - self.stagger_of(row);
        let column = if self.pitch_um[0] > 0.0 { (x / self.pitch_um[0]).round() } else { 0.0 };
        let is_there = (x - column * self.pitch_um[0]).abs() <= TOLERANCE_UM
            && (0.0..f64::from(self.columns)).contains(&column)
            && shank < self.shanks.max(1);
        is_there.then(|| (shank, row * self.columns + column as u32))
    }

    /// Where the electrode of this number is, counted through all shanks.
    pub fn position_of(&self, number: u32) -> [f64; 2] {
        if self.shanks > 1 {
            return self.position_um(number / ELECTRODES_OF_SHANK, number % ELECTRODES_OF_SHANK);
        }
        self.position_um(0, number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lone_electrode_lies_on_the_grid_of_all() {
        let probe = Probe::of_part("NP2013").expect("known");
        let listed = [(1, [258.0, 0.0]), (1, [290.0, 0.0]), (0, [40.0, 705.0])];
        assert_eq!(probe.places(&listed), Some(vec![[250.0, 0.0], [282.0, 0.0], [32.0, 705.0]]));
        assert_eq!(probe.places(&[(0, [40.0, 15.0])]), Some(vec![[32.0, 15.0]]), "the smallest distance to the edge");
        assert_eq!(probe.places(&[(0, [0.0, 0.0]), (0, [32.0, 0.0])]), Some(vec![[0.0, 0.0], [32.0, 0.0]]));
        assert_eq!(probe.places(&[(0, [8.0, 0.0]), (0, [23.0, 0.0])]), None, "no two columns are 15 µm apart");
        assert_eq!(probe.places(&[(0, [8.0, 7.0])]), None, "no row is at 7 µm");
    }

    #[test]
    fn staggered_rows_are_found_from_either_side() {
        let probe = Probe::of_part("NP1010").expect("known");
        let expected = Some(vec![[16.0, 0.0], [48.0, 0.0], [0.0, 20.0], [32.0, 20.0]]);
        let listed = |x: [f64; 4]| std::array::from_fn::<_, 4, _>(|at| (0, [x[at], [0.0, 0.0, 20.0, 20.0][at]]));
        assert_eq!(probe.places(&listed([27.0, 59.0, 11.0, 43.0])), expected);
        assert_eq!(probe.places(&listed([43.0, 11.0, 59.0, 27.0])), expected);
    }
}
