//! Faults of a pipeline, in words that name the block, the parameter and the accepted values.

use super::fitted::MIN_RATE_HZ;
use super::{CHAIN_VERSION, GRAPH_VERSION, MAX_BLOCKS, MAX_ID_LETTERS, RECORDING};
use crate::blocks::BLOCKS;

/// The kinds of all blocks, for messages.
fn names_of_blocks() -> String {
    BLOCKS.map(|spec| spec.kind).join(", ")
}

/// Why a pipeline cannot run. Always the author's to mend.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PipelineError {
    /// Not JSON, or not of the pipeline's shape.
    #[error("this is not a pipeline: {0}")]
    NotAPipeline(String),
    /// Written by another version.
    #[error("the pipeline has version {found}; this program reads versions {CHAIN_VERSION} and {GRAPH_VERSION}")]
    Version {
        /// Version found.
        found: u32,
    },
    /// No such block.
    #[error("there is no block “{kind}”; there are {}", names_of_blocks())]
    UnknownBlock {
        /// Kind found.
        kind: String,
    },
    /// An analysis in a file that ends with the spikes.
    #[error("the block “{kind}” starts from spikes, which needs a pipeline of version {GRAPH_VERSION}")]
    AnalysisInChain {
        /// Kind found.
        kind: String,
    },
    /// A name that no block may have.
    #[error(
        "“{id}” cannot be the id of a block: an id has 1 to {MAX_ID_LETTERS} letters, digits, _ and -, and is not “{RECORDING}”"
    )]
    Id {
        /// The id that was found.
        id: String,
    },
    /// A block without a name, or with one of blanks.
    #[error(
        "block {number} of the pipeline has no id: give it one that no other block has, such as its kind, “{kind}”"
    )]
    NoId {
        /// Place of the block among all, counted from 1.
        number: usize,
        /// Kind of the block.
        kind: String,
    },
    /// More blocks than anybody needs.
    #[error("the pipeline has {found} blocks; at most {MAX_BLOCKS} are read")]
    TooMany {
        /// Number of blocks.
        found: usize,
    },
    /// An analysis that takes something else than the spikes.
    #[error("block “{id}” must take the spikes of “{expected}”")]
    WrongPort {
        /// The block.
        id: String,
        /// The data that it must take.
        expected: String,
    },
    /// Two blocks of one id.
    #[error("two blocks are named “{id}”")]
    DuplicateId {
        /// The id.
        id: String,
    },
    /// A block that may occur once occurs twice.
    #[error("the block “{kind}” may occur once")]
    Repeated {
        /// The kind.
        kind: String,
    },
    /// Detections that take different signals.
    #[error(
        "“{first}” takes “{takes}” and “{second}” takes “{other}”, but all detections of a pipeline take the same filtered signal; let both take “{takes}”, or make a pipeline for each and run both"
    )]
    TwoSignals {
        /// The first detection.
        first: String,
        /// The block whose output the first detection takes.
        takes: String,
        /// Another detection.
        second: String,
        /// The block whose output the other detection takes.
        other: String,
    },
    /// A connection that leads nowhere, or backwards.
    #[error("block “{id}” takes “{input}”, which is not a block before it")]
    UnknownInput {
        /// The block.
        id: String,
        /// The block that it names.
        input: String,
    },
    /// A connection or an order that the engine does not follow.
    #[error("block “{id}” must take “{expected}”, and blocks must come in the order of the default pipeline")]
    OutOfOrder {
        /// The block.
        id: String,
        /// The block that it must take where it stands.
        expected: String,
    },
    /// No such parameter.
    #[error("block “{id}” has no parameter “{param}”; it has {known}")]
    UnknownParam {
        /// The block.
        id: String,
        /// The parameter.
        param: String,
        /// The parameters that it has.
        known: String,
    },
    /// A ring around an electrode that holds nothing.
    #[error(
        "block “common_reference”: local_radius_min_um is {min_um}, but it must be below local_radius_max_um, {max_um}"
    )]
    Radii {
        /// Inner radius.
        min_um: f64,
        /// Outer radius.
        max_um: f64,
    },
    /// A value outside its range.
    #[error("block “{id}”: {param} is {value}, but it must be {accepted}")]
    OutOfRange {
        /// The block.
        id: String,
        /// The parameter.
        param: String,
        /// The value that was given.
        value: String,
        /// The values that are accepted.
        accepted: String,
    },
    /// No detection, so nothing to compute.
    #[error("the pipeline has no block “{kind}”")]
    Missing {
        /// The kind.
        kind: String,
    },
    /// A step that goes by distance, on a recording that does not tell where its electrodes are.
    #[error("{step} goes by distance, but the recording holds no electrode positions")]
    NoPositions {
        /// The step, in words.
        step: &'static str,
    },
    /// Channels are left out that the recording does not have.
    #[error("block “bad_channels”: there is no channel {ids}")]
    NoSuchChannels {
        /// The ids, with commas between.
        ids: String,
    },
    /// All channels are left out.
    #[error("block “bad_channels”: no channel is left to analyse")]
    AllLeftOut,
    /// A notch that the recording's rate does not allow.
    #[error("the notch at {freq_hz} Hz does not fit a recording of {sampling_frequency_hz} Hz: it must lie below {} Hz", sampling_frequency_hz / 2.0)]
    Notch {
        /// Frequency of the notch, the highest multiple included.
        freq_hz: f64,
        /// Rate of the recording.
        sampling_frequency_hz: f64,
    },
    /// A filter that the recording's rate does not allow.
    #[error("the filter {low_hz} to {high_hz} Hz does not fit a recording of {sampling_frequency_hz} Hz: both must lie between 0 and {} Hz, the lower one first", sampling_frequency_hz / 2.0)]
    Band {
        /// Lower cut-off.
        low_hz: f64,
        /// Upper cut-off.
        high_hz: f64,
        /// Rate of the recording.
        sampling_frequency_hz: f64,
    },
    /// A stream that holds no electrodes.
    #[error("{stream} holds no electrodes (auxiliary channels): it is not searched for spikes")]
    NoElectrodes {
        /// The stream.
        stream: String,
    },
    /// A stream that is too slow to hold spikes.
    #[error(
        "{stream} has {sampling_frequency_hz} frames a second, too few for spikes, which last about a millisecond: at least {MIN_RATE_HZ:.0} are needed; it was not searched"
    )]
    TooSlow {
        /// The stream.
        stream: String,
        /// Rate of the stream.
        sampling_frequency_hz: f64,
    },
    /// A filter whose response is too long to be run in blocks.
    #[error(
        "the filter rings for more than 65,536 frames; take a lower order, a higher lower cut-off or a wider notch"
    )]
    TooLong,
}
