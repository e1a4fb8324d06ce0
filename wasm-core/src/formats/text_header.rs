//! Fixed-width and line-wise text that older formats begin with.

use super::OpenError;
use crate::io::NamedFile;

/// Reads `size` bytes from `offset`.
pub fn bytes(file: &NamedFile, offset: u64, size: usize) -> Result<Vec<u8>, OpenError> {
    let available = file.file.size_bytes();
    if offset.checked_add(size as u64).is_none_or(|end| end > available) {
        let found = format!("{available} bytes long");
        return Err(OpenError::field(
            &file.path,
            "file",
            found,
            format!("at least {} bytes", offset.saturating_add(size as u64)),
        ));
    }
    let mut out = vec![0; size];
    file.file.read_exact_at(offset, &mut out).map_err(OpenError::io(&file.path))?;
    Ok(out)
}

/// Bytes that [`for_each_record`] reads at a time.
const RECORDS_BYTES: usize = 1 << 20;

/// Shows each whole record of `record_bytes` in a part of the file, a megabyte at a time.
pub fn for_each_record(
    file: &NamedFile,
    part: std::ops::Range<u64>,
    record_bytes: usize,
    mut show: impl FnMut(&[u8]),
) -> Result<(), OpenError> {
    let step = (RECORDS_BYTES / record_bytes.max(1)).max(1) * record_bytes;
    let end = part.end.min(file.file.size_bytes());
    let mut at = part.start;
    while at < end {
        let size = usize::try_from(end - at).unwrap_or(usize::MAX).min(step);
        let records = bytes(file, at, size / record_bytes.max(1) * record_bytes)?;
        if records.is_empty() {
            break;
        }
        records.chunks_exact(record_bytes).for_each(&mut show);
        at += records.len() as u64;
    }
    Ok(())
}

/// The first `size` bytes where the file has them.
pub fn head<const N: usize>(file: &NamedFile) -> Option<[u8; N]> {
    let mut out = [0; N];
    file.file.read_exact_at(0, &mut out).ok()?;
    Some(out)
}

/// Latin-1 text without the zeros and blanks at its end.
pub fn latin1(bytes: &[u8]) -> String {
    let text: String = bytes.iter().take_while(|byte| **byte != 0).map(|byte| char::from(*byte)).collect();
    text.trim().to_owned()
}

/// Text that people wrote, without the zeros and blanks at its end: UTF-8 where it is that, else
/// Latin-1.
pub fn decoded(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    std::str::from_utf8(&bytes[..end]).map_or_else(|_| latin1(bytes), |text| text.trim().to_owned())
}

/// The value that all have; none where they differ.
pub fn shared<'a>(mut values: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let first = values.next()?;
    values.all(|value| value == first).then_some(first)
}

/// A date and time as ISO 8601 writes it, `2024-05-09T12:03:00`; none where it is no date.
pub fn date_time([year, month, day]: [u32; 3], [hour, minute, second]: [u32; 3]) -> Option<String> {
    let is_date = (1900..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    let is_time = hour < 24 && minute < 60 && second < 61;
    (is_date && is_time).then(|| format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"))
}

/// The ending of a file's name in lower case, without the dot.
pub fn ending(file: &NamedFile) -> String {
    file.name().rsplit_once('.').map_or_else(String::new, |(_, ending)| ending.to_lowercase())
}

/// The name without its ending.
pub fn stem(file: &NamedFile) -> &str {
    file.name().rsplit_once('.').map_or(file.name(), |(stem, _)| stem)
}

/// The value of largest size in a waveform of 16-bit samples.
pub fn peak(waveform: &[u8]) -> i16 {
    let samples = waveform.as_chunks::<2>().0.iter().map(|sample| i16::from_le_bytes(*sample));
    samples.max_by_key(|sample| sample.unsigned_abs()).unwrap_or(0)
}

/// A little-endian number of two bytes at a place that is known to be there.
pub fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |chunk| u16::from_le_bytes(*chunk))
}

/// A little-endian number of four bytes at a place that is known to be there.
pub fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |chunk| u32::from_le_bytes(*chunk))
}

/// A little-endian number of eight bytes at a place that is known to be there.
pub fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |chunk| u64::from_le_bytes(*chunk))
}

/// Whether a part of a name is a number that tells objects apart (UUID).
pub fn is_uuid(part: &str) -> bool {
    let groups: Vec<&str> = part.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_iso_8601_or_nothing() {
        assert_eq!(date_time([2024, 5, 9], [12, 3, 0]).as_deref(), Some("2024-05-09T12:03:00"));
        assert_eq!((date_time([2024, 13, 9], [12, 3, 0]), date_time([0; 3], [0; 3])), (None, None));
    }

    #[test]
    fn text_is_utf_8_or_latin_1() {
        assert_eq!(decoded("CA1 µ2\0 ".as_bytes()), "CA1 µ2");
        assert_eq!(decoded(b"CA1 \xb52  "), "CA1 µ2");
        assert_eq!((shared(["a", "a"].into_iter()), shared(["a", "b"].into_iter())), (Some("a"), None));
    }
}
