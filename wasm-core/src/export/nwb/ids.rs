//! Types of the schema, and ids of what has one.

use crate::export::hdf5::{Array, Dataset, Group};

/// A type of the schema: its namespace and its name.
pub type Kind = (&'static str, &'static str);

/// Start and factor of the hash FNV-1a of 128 bits.
const START: u128 = 0x6C62_272E_07BB_0142_62B8_2175_6295_C58D;
const FACTOR: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013B;
/// Bits of an id that tell how it is made, and what they are: version 8 of RFC 9562.
const FIXED: u128 = (0xF << 76) | (0x3 << 62);
const VERSION: u128 = (0x8 << 76) | (0x2 << 62);

/// Ids that are the same whenever the same is written, and differ between files.
pub struct Ids {
    hash: u128,
}

impl Ids {
    /// Ids of the file that these texts tell from others.
    pub fn new(texts: &[&str]) -> Self {
        Self { hash: texts.iter().fold(START, |hash, text| hashed(hash, text)) }
    }

    /// The id of the object at a path.
    pub fn of(&self, path: &str) -> String {
        let text = format!("{:032x}", (hashed(self.hash, path) & !FIXED) | VERSION);
        [&text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..]].join("-")
    }

    /// An empty group of a type.
    pub fn group(&self, path: &str, kind: Kind) -> Group {
        Group { attributes: self.attributes(path, kind), members: Vec::new() }
    }

    /// Values of a type.
    pub fn dataset(&self, path: &str, kind: Kind, mut dataset: Dataset) -> Dataset {
        dataset.attributes.extend(self.attributes(path, kind));
        dataset
    }

    fn attributes(&self, path: &str, (namespace, kind): Kind) -> Vec<(String, Array)> {
        let id = self.of(path);
        let pairs = [("namespace", namespace), ("neurodata_type", kind), ("object_id", id.as_str())];
        pairs.into_iter().map(|(name, value)| (name.to_owned(), Array::from(value))).collect()
    }
}

/// A hash that goes on with a text and a zero behind it.
fn hashed(hash: u128, text: &str) -> u128 {
    text.bytes().chain([0]).fold(hash, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(FACTOR))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_differ_and_are_of_version_8() {
        let (one, two) = (Ids::new(&["a", "b"]), Ids::new(&["ab", ""]));
        assert_eq!(one.of("/units"), Ids::new(&["a", "b"]).of("/units"));
        assert_eq!(one.of("/units"), "e41f6ee7-a779-8d4f-8eca-dcd96bfaca02");
        let all = [one.of("/units"), one.of("/units/id"), two.of("/units"), two.of("")];
        for (at, id) in all.iter().enumerate() {
            assert!(id.len() == 36 && &id[14..15] == "8" && "89ab".contains(&id[19..20]), "{id}");
            assert!(!all[..at].contains(id), "{id}");
        }
    }
}
