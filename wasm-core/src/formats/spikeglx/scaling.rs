//! Microvolts per step of each saved channel.

use super::meta::Meta;
use super::probe_table::{self, probe_of};
use crate::formats::OpenError;

pub struct Scaling {
    pub gains: Vec<f64>,
    /// What a person should know about them.
    pub notes: Vec<String>,
}

/// Steps of the 10-bit converter of Neuropixels 1.0 to one side.
const NP1_STEPS: f64 = 512.0;
/// Steps to one side where the meta does not say (Neuropixels 2.0's 14-bit converter).
const NP2_STEPS: f64 = 8192.0;
/// Steps to one side of a National Instruments converter.
const NIDQ_STEPS: f64 = 32_768.0;

pub fn gains_to_uv(meta: &Meta, names: &[String]) -> Result<Scaling, OpenError> {
    if meta.is_imec() {
        return imec(meta, names);
    }
    let n = names.len();
    let gains = if meta.get("obAiRangeMax").is_some() {
        vec![meta.required("obAiRangeMax")? / meta.number("obMaxInt").unwrap_or(NIDQ_STEPS) * 1e6; n]
    } else {
        let step = meta.required("niAiRangeMax")? / NIDQ_STEPS * 1e6;
        // Channels come as MN, MA, XA, XD; the first two have amplifiers of their own. Metas of 2015
        // count them by name alone.
        let named = |kind: &str| names.iter().filter(|name| name.starts_with(kind)).count();
        let counts = meta.counts("snsMnMaXaDw").unwrap_or_else(|| vec![named("MN"), named("MA")]);
        let count = |at: usize| counts.get(at).copied().unwrap_or(0);
        let gain = |key: &str| meta.number(key).filter(|gain| *gain > 0.0).unwrap_or(1.0);
        let of = |at: usize| match at {
            at if at < count(0) => step / gain("niMNGain"),
            at if at < count(0) + count(1) => step / gain("niMAGain"),
            _ => step,
        };
        (0..n).map(of).collect()
    };
    Ok(Scaling { gains, notes: Vec::new() })
}

fn imec(meta: &Meta, names: &[String]) -> Result<Scaling, OpenError> {
    let probe = probe_of(meta);
    let range_v = meta.required("imAiRangeMax")?;
    let max_int = meta.number("imMaxInt").filter(|steps| *steps > 0.0);
    let (_, imro) = meta.table("~imroTbl").unwrap_or_default();
    let is_lf = meta.stream_name().ends_with(".lf");
    // Neuropixels 1.0 sets each channel's gain on its own; its imro entries are
    // (channel bank reference apgain lfgain [filter]).
    let per_channel = |channel: usize| -> Option<f64> {
        let fields: Vec<&str> = imro.get(channel)?.split(' ').collect();
        if fields.len() < 5 {
            return None;
        }
        fields[if is_lf { 4 } else { 3 }].parse().ok()
    };
    let one_for_all = meta.number(if is_lf { "imChan0lfGain" } else { "imChan0apGain" });
    let np1 = probe.as_ref().is_none_or(|probe| probe.adjustable_gain);
    let fixed = one_for_all.or_else(|| probe.as_ref().and_then(|probe| probe.fixed_gain));
    let steps = if np1 { max_int.unwrap_or(NP1_STEPS) } else { max_int.unwrap_or(NP2_STEPS) };
    let gain_of = |at: usize| -> Option<f64> {
        let gain = if np1 { per_channel(at).or(header_gain(meta, is_lf)).or(fixed) } else { fixed };
        gain.filter(|gain| *gain > 0.0)
    };
    let mut notes = Vec::new();
    let mut gains = Vec::with_capacity(names.len());
    for (at, name) in names.iter().enumerate() {
        let is_sync = name.starts_with("SY");
        // neo and SpikeInterface take the last column for the synchronisation word, also in files
        // that were saved without it; amplitudes must compare one to one.
        if is_sync || at + 1 == names.len() {
            if !is_sync {
                notes.push(unscaled(name));
            }
            gains.push(range_v / steps * 1e6);
            continue;
        }
        // Saved channels keep the name of the acquired one, which is its place in imro.
        let acquired: usize = name.trim_start_matches(|c: char| !c.is_ascii_digit()).parse().unwrap_or(at);
        let found = gain_of(acquired).ok_or_else(|| {
            let part = meta.get("imDatPrb_pn").unwrap_or("no part number");
            OpenError::field(
                meta.path(),
                "~imroTbl",
                format!("no gain for {name} of probe {part}"),
                "a gain per channel, or imChan0apGain",
            )
        })?;
        gains.push(range_v / steps / found * 1e6);
    }
    if probe.is_none() {
        let part = meta.get("imDatPrb_pn").unwrap_or("without a part number");
        notes.push(format!("The probe {part} is not in the table of known probes; gains come from the file alone."));
    }
    Ok(Scaling { gains, notes })
}

/// What is said of an electrode in the place of the synchronisation word.
fn unscaled(name: &str) -> String {
    format!(
        "This file was saved without its synchronisation channel. {name}, its last electrode, stands where readers \
         expect that channel, and is scaled as neo and SpikeInterface scale it: not divided by the amplifier's gain. \
         Its amplitudes are too large by that gain; spikes are found by its own noise and are not affected."
    )
}

/// Ultra-high-density probes give one gain in the header:
/// (type, column mode, reference, apgain, lfgain, filter).
fn header_gain(meta: &Meta, is_lf: bool) -> Option<f64> {
    let (header, _) = meta.table("~imroTbl")?;
    let fields: Vec<&str> = header.split(',').collect();
    if fields.first() != Some(&"1110") || !probe_table::is_ultra(meta) {
        return None;
    }
    fields.get(if is_lf { 4 } else { 3 })?.trim().parse().ok()
}
