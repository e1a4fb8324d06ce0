//! `NumPy` files: their header, and the first number in them.

use super::OpenError;
use super::text_header::bytes;
use crate::io::NamedFile;
use crate::sample::SampleType;

/// Bytes of texts that are read of a file.
const MAX_TEXT_BYTES: u64 = 8 << 20;

/// Where a `NumPy` array begins and what it holds.
pub struct Header {
    /// Type string, such as `<i2`.
    pub descr: String,
    /// First byte of the array.
    pub data_at: u64,
    /// Extents.
    pub shape: Vec<u64>,
    /// Whether the first index runs fastest.
    pub fortran_order: bool,
}

/// Reads the header: magic, version, length, then a Python dictionary
/// (`NumPy` enhancement proposal 1).
pub fn header(file: &NamedFile) -> Option<Header> {
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
    let shape = text.split_once("'shape'")?.1.split_once('(')?.1.split_once(')')?.0;
    let shape: Result<Vec<u64>, _> =
        shape.split(',').map(str::trim).filter(|n| !n.is_empty()).map(str::parse).collect();
    Some(Header {
        descr: after.split_once('\'')?.0.to_owned(),
        data_at: text_at + length,
        shape: shape.ok()?,
        fortran_order: text.split_once("'fortran_order'")?.1.trim_start_matches([':', ' ']).starts_with("True"),
    })
}

/// The first element as a number: what timestamps files are asked for.
pub fn first_number(file: &NamedFile) -> Option<f64> {
    let header = header(file)?;
    let kind = Number::parse(&header.descr)?;
    let mut bytes = [0; 8];
    file.file.read_exact_at(header.data_at, &mut bytes).ok()?;
    Some(kind.decode(bytes))
}

/// Numbers that a list of consecutive ones leaves out between its first and its last.
pub fn n_left_out(file: &NamedFile) -> Option<f64> {
    let header = header(file)?;
    let kind = Number::parse(&header.descr)?;
    let n = header.shape.first().copied().filter(|n| *n > 0)?;
    let number = |at: u64| {
        let mut bytes = [0; 8];
        file.file.read_exact_at(header.data_at.checked_add(at.checked_mul(8)?)?, &mut bytes).ok()?;
        Some(kind.decode(bytes))
    };
    #[expect(clippy::cast_precision_loss, reason = "a number of frames")]
    let left_out = number(n - 1)? - number(0)? - (n - 1) as f64;
    Some(left_out)
}

/// All elements of a list of whole numbers, such as the frames of spikes.
pub fn integers(file: &NamedFile) -> Result<Vec<i64>, OpenError> {
    let wrong = |field: &str, found: &str, expected: &str| OpenError::field(&file.path, field, found, expected);
    let header = header(file).ok_or_else(|| wrong("header", "something else", "that of a NumPy array"))?;
    let kind = SampleType::parse(&header.descr)
        .ok_or_else(|| wrong("descr", &header.descr, "a little-endian type such as <i8"))?;
    let size = kind.size_bytes() as u64;
    // Lists of one column are written as such.
    let ([n] | [n, 1]) = *header.shape else {
        return Err(wrong("shape", &format!("{:?}", header.shape), "one column"));
    };
    let available = file.file.size_bytes().saturating_sub(header.data_at);
    if n.checked_mul(size).is_none_or(|needed| needed > available) {
        return Err(wrong("shape", &format!("{n} entries"), "a list that fits the file"));
    }
    let raw = bytes(file, header.data_at, usize::try_from(n * size).unwrap_or(usize::MAX))?;
    Ok(kind.integers(&raw))
}

/// `n` rows of numbers in double precision: all numbers, and how many a row has.
fn rows(file: &NamedFile, n: usize) -> Option<(Vec<f64>, usize)> {
    let header = header(file).filter(|header| header.descr == "<f8" && !header.fortran_order)?;
    let n_columns = match header.shape[..] {
        [rows] if rows == n as u64 => 1,
        [rows, columns @ (1..=3)] if rows == n as u64 => usize::try_from(columns).ok()?,
        _ => return None,
    };
    let raw = bytes(file, header.data_at, n.checked_mul(n_columns * 8)?).ok()?;
    let (numbers, _) = raw.as_chunks::<8>();
    let numbers: Vec<f64> = numbers.iter().map(|number| f64::from_le_bytes(*number)).collect();
    numbers.iter().all(|number| number.is_finite()).then_some((numbers, n_columns))
}

/// A list of `n` numbers in double precision.
pub fn doubles(file: &NamedFile, n: usize) -> Option<Vec<f64>> {
    rows(file, n).filter(|(_, n_columns)| *n_columns == 1).map(|(numbers, _)| numbers)
}

/// Places on a plane from `n` rows of two or three coordinates in double precision.
pub fn places(file: &NamedFile, n: usize) -> Option<Vec<[f64; 2]>> {
    let (numbers, n_columns) = rows(file, n).filter(|(_, n_columns)| *n_columns > 1)?;
    Some(numbers.chunks_exact(n_columns).map(|row| [row[0], row[1]]).collect())
}

/// All elements of a list of texts of fixed width, such as messages.
pub fn texts(file: &NamedFile) -> Result<Vec<String>, OpenError> {
    let wrong = |field: &str, found: &str, expected: &str| OpenError::field(&file.path, field, found, expected);
    let header = header(file).ok_or_else(|| wrong("header", "something else", "that of a NumPy array"))?;
    let width = header.descr.strip_prefix("|S").and_then(|width| width.parse::<u64>().ok()).filter(|width| *width > 0);
    let (Some(width), [n]) = (width, &header.shape[..]) else {
        return Err(wrong("descr and shape", &format!("{} {:?}", header.descr, header.shape), "a list of |S texts"));
    };
    let available = file.file.size_bytes().saturating_sub(header.data_at);
    let size = n.checked_mul(width).filter(|size| *size <= available.min(MAX_TEXT_BYTES));
    let size = size.ok_or_else(|| wrong("shape", &format!("{n} texts"), "a list that fits the file and 8 MB"))?;
    let raw = bytes(file, header.data_at, usize::try_from(size).unwrap_or(usize::MAX))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end_matches('\0').to_owned();
    Ok(raw.chunks_exact(usize::try_from(width).unwrap_or(usize::MAX)).map(text).collect())
}

/// Types that timestamps are stored in.
#[derive(Clone, Copy)]
enum Number {
    Int64,
    Uint64,
    Float64,
}

impl Number {
    fn parse(descr: &str) -> Option<Self> {
        match descr {
            "<i8" => Some(Self::Int64),
            "<u8" => Some(Self::Uint64),
            "<f8" => Some(Self::Float64),
            _ => None,
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "timestamps stay far below 2^53")]
    fn decode(self, bytes: [u8; 8]) -> f64 {
        match self {
            Self::Int64 => i64::from_le_bytes(bytes) as f64,
            Self::Uint64 => u64::from_le_bytes(bytes) as f64,
            Self::Float64 => f64::from_le_bytes(bytes),
        }
    }
}
