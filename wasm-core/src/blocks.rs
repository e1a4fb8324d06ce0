//! The blocks that pipelines are made of. Each is a value in a file of its own, and a line of the
//! registry. From that value come its controls, its checks, its place on the page, its words in the
//! methods, its entry in the JSON Schema, and, for what starts from spikes, its tables and figures.

mod bad_channels;
mod bursts_log_isi;
mod bursts_max_interval;
mod coincident_events;
pub(crate) mod common_reference;
pub(crate) mod detect_peaks;
pub(crate) mod filter;
mod intervals;
mod network_bursts;
pub(crate) mod noise_levels;
pub(crate) mod notch_filter;
mod of_bursts;
mod param;
mod schema;
mod spec;
mod sttc;

pub(crate) use coincident_events::{MIN_ELECTRODES, WINDOW_US};
pub use param::{Control, ParamSpec, Values, number};
pub use schema::schema;
pub use spec::{BlockSpec, Outcome, Port, Run, Work};

/// All blocks, and how those that start from spikes are computed: those of the signal in the order in which a
/// pipeline does them, then the others in the order of the result page.
const REGISTRY: &[(&BlockSpec, Option<Run>)] = &[
    (&bad_channels::BLOCK, None),
    (&filter::BLOCK, None),
    (&notch_filter::BLOCK, None),
    (&common_reference::BLOCK, None),
    (&noise_levels::BLOCK, None),
    (&detect_peaks::BLOCK, None),
    (&coincident_events::BLOCK, None),
    (&bursts_max_interval::BLOCK, Some(bursts_max_interval::run)),
    (&bursts_log_isi::BLOCK, Some(bursts_log_isi::run)),
    (&network_bursts::BLOCK, Some(network_bursts::run)),
    (&sttc::BLOCK, Some(sttc::run)),
    (&intervals::BLOCK, Some(intervals::run)),
];

/// What all blocks are. A page that only shows them carries no code that computes them.
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
