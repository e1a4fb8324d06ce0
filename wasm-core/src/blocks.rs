//! The blocks that pipelines are made of. Each is a value in a file of its own, and a line of the
//! registry. From that value come its controls, its checks, its place on the page, its words in the
//! methods, its entry in the JSON Schema, and, for what starts from spikes, its tables and figures.

mod avalanches;
mod bad_channels;
mod band_powers;
mod bursts_compared;
mod bursts_fixed_interval;
mod bursts_log_isi;
mod bursts_max_interval;
mod bursts_poisson_surprise;
mod bursts_rank_surprise;
mod coincident_events;
pub(crate) mod common_reference;
mod connectivity;
mod cross_correlograms;
pub(crate) mod detect_peaks;
mod facts;
pub(crate) mod field_potentials;
pub(crate) mod filter;
mod firing;
mod handbook;
mod intervals;
mod network_burst_shape;
mod network_bursts;
mod network_bursts_isi_n;
mod network_bursts_overlap;
mod network_bursts_population_rate;
mod network_bursts_well_plate;
mod network_formation_assay;
mod network_spikes;
mod neural_metrics;
pub(crate) mod noise_levels;
pub(crate) mod notch_filter;
mod of_bursts;
mod of_cultures;
mod of_field;
mod of_network;
mod of_pairs;
mod of_rate;
mod of_rows;
mod of_surprise;
mod param;
mod psth;
mod spec;
mod spectrogram;
mod spike_contrast;
mod spike_distances;
mod spikes_by_phase;
mod sttc;
mod sttc_lags;

pub(crate) use bursts_compared::MAX_INTERVAL_VALUES;
pub(crate) use coincident_events::{MIN_ELECTRODES, WINDOW_US};
pub(crate) use facts::lacking;
pub use facts::{DataFact, Need};
pub use handbook::handbook;
pub use param::{Control, ParamSpec, Values, number};
pub use spec::{BlockSpec, Outcome, Port, Run, Work};

/// All blocks, and how those that start from spikes are computed: those of the signal in the order in which a
/// pipeline does them, then the others in the order of the result page.
const REGISTRY: &[(&BlockSpec, Option<Run>)] = &[
    (&bad_channels::BLOCK, None),
    (&field_potentials::BLOCK, None),
    (&filter::BLOCK, None),
    (&notch_filter::BLOCK, None),
    (&common_reference::BLOCK, None),
    (&noise_levels::BLOCK, None),
    (&detect_peaks::BLOCK, None),
    (&coincident_events::BLOCK, None),
    (&firing::BLOCK, Some(firing::run)),
    (&bursts_max_interval::BLOCK, Some(bursts_max_interval::run)),
    (&bursts_log_isi::BLOCK, Some(bursts_log_isi::run)),
    (&bursts_fixed_interval::BLOCK, Some(bursts_fixed_interval::run)),
    (&bursts_poisson_surprise::BLOCK, Some(bursts_poisson_surprise::run)),
    (&bursts_rank_surprise::BLOCK, Some(bursts_rank_surprise::run)),
    (&bursts_compared::BLOCK, Some(bursts_compared::run)),
    (&network_bursts::BLOCK, Some(network_bursts::run)),
    (&network_bursts_overlap::BLOCK, Some(network_bursts_overlap::run)),
    (&network_bursts_isi_n::BLOCK, Some(network_bursts_isi_n::run)),
    (&network_bursts_population_rate::BLOCK, Some(network_bursts_population_rate::run)),
    (&network_bursts_well_plate::BLOCK, Some(network_bursts_well_plate::run)),
    (&network_spikes::BLOCK, Some(network_spikes::run)),
    (&network_burst_shape::BLOCK, Some(network_burst_shape::run)),
    (&sttc::BLOCK, Some(sttc::run)),
    (&sttc_lags::BLOCK, Some(sttc_lags::run)),
    (&connectivity::BLOCK, Some(connectivity::run)),
    (&spike_distances::BLOCK, Some(spike_distances::run)),
    (&cross_correlograms::BLOCK, Some(cross_correlograms::run)),
    (&spike_contrast::BLOCK, Some(spike_contrast::run)),
    (&avalanches::BLOCK, Some(avalanches::run)),
    (&intervals::BLOCK, Some(intervals::run)),
    (&psth::BLOCK, Some(psth::run)),
    (&band_powers::BLOCK, Some(band_powers::run)),
    (&spectrogram::BLOCK, Some(spectrogram::run)),
    (&spikes_by_phase::BLOCK, Some(spikes_by_phase::run)),
    (&network_formation_assay::BLOCK, Some(network_formation_assay::run)),
    (&neural_metrics::BLOCK, Some(neural_metrics::run)),
];

/// The descriptions of all blocks. A page that only shows them carries no code that computes them.
pub const BLOCKS: [&BlockSpec; REGISTRY.len()] = {
    let mut specs = [REGISTRY[0].0; REGISTRY.len()];
    let mut at = 0;
    while at < REGISTRY.len() {
        specs[at] = REGISTRY[at].0;
        at += 1;
    }
    specs
};

/// How a block is computed from spikes; none where the engine does it.
#[must_use]
pub fn run_of(spec: &BlockSpec) -> Option<Run> {
    REGISTRY.iter().find(|(known, _)| known.kind == spec.kind).and_then(|(_, run)| *run)
}

/// The block of this kind.
#[must_use]
pub fn spec(kind: &str) -> Option<&'static BlockSpec> {
    BLOCKS.into_iter().find(|spec| spec.kind == kind)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::analyses::{
        BURST_MAX_ISI_S, BURST_MIN_SPIKES, POISSON_LOOK_AHEAD, POISSON_MIN_SURPRISE, RANK_MAX_PROBABILITY,
        RANK_SHORT_PERCENT,
    };

    #[test]
    fn the_defaults_are_those_of_the_methods() {
        for (kind, name, default) in [
            ("bursts_fixed_interval", "max_interval_ms", (BURST_MAX_ISI_S * 1000.0).to_string()),
            ("bursts_fixed_interval", "min_spikes", BURST_MIN_SPIKES.to_string()),
            ("bursts_poisson_surprise", "min_surprise", POISSON_MIN_SURPRISE.to_string()),
            ("bursts_poisson_surprise", "look_ahead", POISSON_LOOK_AHEAD.to_string()),
            ("bursts_rank_surprise", "short_percent", RANK_SHORT_PERCENT.to_string()),
            ("bursts_rank_surprise", "percent_by_chance", (100.0 * RANK_MAX_PROBABILITY).to_string()),
        ] {
            let block = spec(kind).expect(kind);
            let param = block.params.iter().find(|param| param.name == name).expect(name);
            assert_eq!(Values::default().text(param), default, "{kind}.{name}");
        }
    }

    #[test]
    fn every_block_is_whole() {
        let kinds: BTreeSet<&str> = BLOCKS.iter().map(|spec| spec.kind).collect();
        assert_eq!(kinds.len(), BLOCKS.len(), "two blocks have one name");
        for spec in BLOCKS {
            assert!(!spec.title.is_empty() && spec.purpose.ends_with(['.', '?']), "{}", spec.kind);
            let names: BTreeSet<&str> = spec.params.iter().map(|param| param.name).collect();
            assert_eq!(names.len(), spec.params.len(), "{}", spec.kind);
            for param in spec.params {
                assert!(param.accepts(&param.default_value()), "{}.{}", spec.kind, param.name);
                assert!(!param.label.is_empty() && !param.source.is_empty(), "{}.{}", spec.kind, param.name);
                let other = param.only_if.map(|(other, _)| other.name);
                assert!(other.is_none_or(|other| names.contains(other)), "{}.{}", spec.kind, param.name);
            }
            let is_of_spikes = spec.is_analysis();
            assert_eq!(run_of(spec).is_some(), is_of_spikes, "{}", spec.kind);
            assert_eq!(is_of_spikes, spec.takes == Port::Spikes && spec.kind != "coincident_events", "{}", spec.kind);
            if is_of_spikes {
                assert!(!spec.source.is_empty(), "{} names no source", spec.kind);
                let words = (spec.words)(Values::default());
                assert!(words.ends_with('.') && words.len() > 40, "{}: {words}", spec.kind);
            }
        }
    }
}
