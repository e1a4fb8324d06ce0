//! What SciPy says of a field potential, for the tests of several analyses.

use serde::Deserialize;

/// Written by `golden/field_potentials.py`.
const FILE: &str = include_str!("../../golden/field_potentials.json");

#[derive(Deserialize)]
pub struct Golden {
    pub rate_hz: f64,
    pub input: Vec<f32>,
    pub band_powers: Vec<f64>,
    pub spectrogram: Pieces,
    pub filtered: Vec<f64>,
    pub phase_rad: Vec<f64>,
    pub circular: Vec<Case>,
}

#[derive(Deserialize)]
pub struct Pieces {
    pub starts_s: Vec<f64>,
    pub density: Vec<Vec<f64>>,
}

#[derive(Deserialize)]
pub struct Case {
    pub angles_rad: Vec<f64>,
    pub mean_rad: f64,
    pub length: f64,
    pub p_zar: f64,
    pub p_series: f64,
    pub ppc: f64,
}

pub fn golden() -> Golden {
    serde_json::from_str(FILE).expect("golden file")
}
