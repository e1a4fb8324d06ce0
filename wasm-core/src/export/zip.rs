//! Several files as one download: a ZIP archive without compression.
//!
//! Layout: PKWARE's .ZIP File Format Specification 6.3, without its 64-bit extension.

use flate2::Crc;

/// Version 2.0 of the format is needed; names are UTF-8; contents are stored as they are.
const STORED: [u8; 6] = [20, 0, 0x00, 0x08, 0, 0];
/// No time of day, and the first day that there is: archives of the same files are the same.
const MADE: [u8; 4] = [0, 0, 0x21, 0];

/// The bytes of an archive of a folder with files of these names. None where they are too many or too large:
/// 65,534 files and 4 GB are the most.
#[must_use]
pub fn archive(folder: &str, files: &[(&str, Vec<u8>)]) -> Option<Vec<u8>> {
    let (mut bytes, mut directory): (Vec<u8>, Vec<u8>) = (Vec::new(), Vec::new());
    for (name, content) in files {
        let at = u32::try_from(bytes.len()).ok()?.to_le_bytes();
        let name = format!("{folder}/{name}");
        let entry = entry(&name, content)?;
        bytes.extend(b"PK\x03\x04");
        bytes.extend(&entry);
        bytes.extend(name.as_bytes());
        bytes.extend(content);
        // Made by version 2.0; no comment, first disk, no attributes.
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(&entry);
        directory.extend([0; 10]);
        directory.extend(at);
        directory.extend(name.as_bytes());
    }
    let at = u32::try_from(bytes.len()).ok()?.to_le_bytes();
    let n_files = u16::try_from(files.len()).ok().filter(|n_files| *n_files < u16::MAX)?.to_le_bytes();
    let n_directory = u32::try_from(directory.len()).ok()?.to_le_bytes();
    bytes.extend(directory);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend(n_files);
    bytes.extend(n_files);
    bytes.extend(n_directory);
    bytes.extend(at);
    bytes.extend([0; 2]);
    Some(bytes)
}

/// What stands both before a file and in the directory.
fn entry(name: &str, content: &[u8]) -> Option<Vec<u8>> {
    let size = u32::try_from(content.len()).ok().filter(|size| *size < u32::MAX)?.to_le_bytes();
    let mut sum = Crc::new();
    sum.update(content);
    let mut entry = [&STORED[..], &MADE, &sum.sum().to_le_bytes(), &size, &size].concat();
    entry.extend(u16::try_from(name.len()).ok()?.to_le_bytes());
    // Nothing more is told.
    entry.extend([0; 2]);
    Some(entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Python's `zipfile` writes it, up to the attributes.
    #[test]
    fn an_archive_has_its_parts_in_place() {
        let bytes = archive("f", &[("a.txt", b"123456789".to_vec()), ("ä", Vec::new())]).expect("an archive");
        let u32_at = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        // The known sum of the nine digits.
        assert_eq!((u32_at(14), u32_at(18), u32_at(22)), (0xCBF4_3926, 9, 9));
        assert_eq!(&bytes[30..46], b"f/a.txt123456789");
        let second = 46;
        assert_eq!(&bytes[second..second + 4], b"PK\x03\x04");
        let directory = second + 30 + 4;
        assert_eq!(&bytes[directory..directory + 4], b"PK\x01\x02");
        assert_eq!(u32_at(directory + 42), 0);
        assert_eq!(u32_at(directory + 46 + 7 + 42), u32::try_from(second).expect("small"));
        let end = bytes.len() - 22;
        assert_eq!(&bytes[end..end + 4], b"PK\x05\x06");
        assert_eq!((u32_at(end + 12), u32_at(end + 16)), (46 + 7 + 46 + 4, u32::try_from(directory).expect("small")));
    }
}
