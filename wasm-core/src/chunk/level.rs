//! How hard chunks are packed: bytes against time.

use serde::{Deserialize, Serialize};

/// How hard a chunk is packed. All levels write pco, and who reads a chunk need not know its level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// For a line that is faster than packing.
    Fast,
    /// About 1 % more bytes than [`Level::Small`], in two thirds of its time (128 simulated channels).
    #[default]
    Even,
    /// The fewest bytes, for a line that is slower than packing.
    Small,
}

/// The speed and the ratio of a level, counted in bytes before packing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Speed {
    /// Bytes per second that one worker packs.
    pub raw_bytes_per_s: f64,
    /// Bytes after packing for each byte before.
    pub packed_per_raw: f64,
}

impl Level {
    /// All of them, fewer bytes from one to the next.
    pub const ALL: [Self; 3] = [Self::Fast, Self::Even, Self::Small];

    /// Place in [`Level::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The word for the level.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fast => "fast",
            Self::Even => "even",
            Self::Small => "small",
        }
    }

    /// pco's level: values are sorted into two to this power of bins, which are then joined.
    ///
    /// `cargo run --release -p wasm-core --example pack` prints speed and bytes of all of pco's levels, of a
    /// simulated recording or of given files. [`Level::Even`] should stay within 3 % of [`Level::Small`]'s bytes
    /// (0.8 % on 128 simulated channels), [`Level::Fast`] within 8 % (4.3 %).
    pub(super) const fn pco_level(self) -> usize {
        match self {
            Self::Fast => 4,
            Self::Even => 6,
            Self::Small => 8,
        }
    }

    /// Whether pco looks for differences and grids by itself: it packs a sample of each channel in five
    /// ways, where [`super::guess`] looks at the spread of some values.
    pub(super) const fn is_searched(self) -> bool {
        matches!(self, Self::Small)
    }

    /// The expected speed until one is measured, of one core in a browser. The same example prints these numbers;
    /// once a level was measured, only their ratios matter.
    #[must_use]
    pub const fn expected(self) -> Speed {
        match self {
            Self::Fast => Speed { raw_bytes_per_s: 130e6, packed_per_raw: 0.53 },
            Self::Even => Speed { raw_bytes_per_s: 100e6, packed_per_raw: 0.51 },
            Self::Small => Speed { raw_bytes_per_s: 50e6, packed_per_raw: 0.50 },
        }
    }
}
