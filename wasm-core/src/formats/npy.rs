//! The first number of a `NumPy` file, and whole small columns.

use crate::io::NamedFile;
use crate::sample::SampleType;

/// Where a `NumPy` array begins and what it holds.
struct Header {
    descr: String,
    data_at: u64,
}

/// Reads the header: magic, version, length, then a Python dictionary
/// (`NumPy` enhancement proposal 1).
fn header(file: &NamedFile) -> Option<Header> {
    let mut start = [0; 12];
    file.file.read_exact_at(0, &mut start).ok()?;
    if &start[..6] != b"\x93NUMPY" {
        return None;
    }
    let (length, text_at) = match start[6] {
        1 => (u64::from(u16::from_le_bytes([start[8], start[9]])), 10),
        _ => (u64::from(u32::from_le_bytes([start[8], start[9], start[10], start[11]])), 12),
    };
    // Real headers take 128 bytes; NumPy itself refuses more than 10,000.
    let mut text = vec![0; usize::try_from(length.min(10_000)).ok()?];
    file.file.read_exact_at(text_at, &mut text).ok()?;
    let text = String::from_utf8_lossy(&text);
    let after = text.split_once("'descr'")?.1.split_once('\'')?.1;
    Some(Header { descr: after.split_once('\'')?.0.to_owned(), data_at: text_at + length })
}

/// The first element as a number: what timestamps files are asked for.
pub fn first_number(file: &NamedFile) -> Option<f64> {
    numbers(file, 1)?.first().copied()
}

/// Up to `limit` elements as numbers.
#[expect(clippy::cast_precision_loss, reason = "timestamps stay far below 2^53")]
pub fn numbers(file: &NamedFile, limit: usize) -> Option<Vec<f64>> {
    let header = header(file)?;
    let wide = |bytes: &[u8]| <[u8; 8]>::try_from(bytes).unwrap_or_default();
    let (size, decode): (usize, Box<dyn Fn(&[u8]) -> f64>) = match header.descr.trim_start_matches(['<', '|', '=']) {
        "i8" => (8, Box::new(move |bytes| i64::from_le_bytes(wide(bytes)) as f64)),
        "u8" => (8, Box::new(move |bytes| u64::from_le_bytes(wide(bytes)) as f64)),
        "f8" => (8, Box::new(move |bytes| f64::from_le_bytes(wide(bytes)))),
        other => {
            let kind = SampleType::parse(other)?;
            let block = move |bytes: &[u8]| crate::sample::RawBlock {
                sample_type: kind,
                layout: crate::sample::Layout::Interleaved,
                n_frames: 1,
                n_channels: 1,
                bytes: bytes.to_vec(),
            };
            (kind.size_bytes(), Box::new(move |bytes| f64::from(block(bytes).channel(0)[0])))
        }
    };
    let available = usize::try_from(file.file.size_bytes().saturating_sub(header.data_at)).ok()? / size;
    let mut bytes = vec![0; available.min(limit) * size];
    file.file.read_exact_at(header.data_at, &mut bytes).ok()?;
    Some(bytes.chunks_exact(size).map(decode).collect())
}
