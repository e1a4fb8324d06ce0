//! The formats in words: for the start page, for messages and for `docs/formats.md`.

/// One kind of recording; several formats of a vendor may share it.
#[derive(Debug, PartialEq, Eq)]
pub struct Support {
    /// The system and its files, as the start page lists them.
    pub name: &'static str,
    /// The files to hand over.
    pub give: &'static str,
    /// Versions and layouts that the tests open.
    pub tested: &'static str,
    /// Where electrode positions come from.
    pub positions: &'static str,
    /// Whether neo 0.14 reads it.
    pub neo: &'static str,
    /// Whether `SpikeInterface` 0.105 reads it.
    pub spikeinterface: &'static str,
}
