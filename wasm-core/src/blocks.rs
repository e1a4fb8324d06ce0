//! The blocks that pipelines are made of. Each is a value in a file of its own, and a line of
//! [`BLOCKS`]. From that value come its controls, its checks, its place on the page, its words in the
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
pub use spec::{BlockSpec, Outcome, Port, Work};

/// All blocks: those of the signal in the order in which a pipeline does them, then those that start
/// from spikes, in the order of the result page.
pub const BLOCKS: &[&BlockSpec] = &[
    &bad_channels::BLOCK,
    &filter::BLOCK,
    &notch_filter::BLOCK,
    &common_reference::BLOCK,
    &noise_levels::BLOCK,
    &detect_peaks::BLOCK,
    &coincident_events::BLOCK,
    &bursts_max_interval::BLOCK,
    &bursts_log_isi::BLOCK,
    &network_bursts::BLOCK,
    &sttc::BLOCK,
    &intervals::BLOCK,
];

/// The block of this kind.
#[must_use]
pub fn spec(kind: &str) -> Option<&'static BlockSpec> {
    BLOCKS.iter().copied().find(|spec| spec.kind == kind)
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
            let is_of_spikes = matches!(spec.work, Work::Spikes(_));
            assert_eq!(is_of_spikes, spec.takes == Port::Spikes && spec.kind != "coincident_events", "{}", spec.kind);
            if is_of_spikes {
                assert!(!spec.source.is_empty(), "{} names no source", spec.kind);
                let words = (spec.words)(Values::default());
                assert!(words.ends_with('.') && words.len() > 40, "{}: {words}", spec.kind);
            }
        }
    }
}
