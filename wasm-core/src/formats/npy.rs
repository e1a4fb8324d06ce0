//! `NumPy` files: their header, and the numbers in them, in pieces where they are many.

use std::ops::Range;

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

/// Bytes of a list that are read at once.
const PIECE_BYTES: u64 = 16 << 20;

/// A list of numbers of any length, read in parts.
pub struct List<'a> {
    file: &'a NamedFile,
    kind: SampleType,
    data_at: u64,
    /// Number of entries.
    pub len: u64,
}

impl<'a> List<'a> {
    /// # Errors
    /// When the file holds no list of numbers, or less than its header says.
    pub fn open(file: &'a NamedFile) -> Result<Self, OpenError> {
        let wrong = |field: &str, found: &str, expected: &str| OpenError::field(&file.path, field, found, expected);
        let header = header(file).ok_or_else(|| wrong("header", "something else", "that of a NumPy array"))?;
        let kind = SampleType::parse(&header.descr)
            .ok_or_else(|| wrong("descr", &header.descr, "a little-endian type such as <i8"))?;
        // Lists of one column are written as such.
        let ([len] | [len, 1]) = *header.shape else {
            return Err(wrong("shape", &format!("{:?}", header.shape), "one column"));
        };
        let available = file.file.size_bytes().saturating_sub(header.data_at);
        if len.checked_mul(kind.size_bytes() as u64).is_none_or(|needed| needed > available) {
            return Err(wrong("shape", &format!("{len} entries"), "a list that fits the file"));
        }
        Ok(Self { file, kind, data_at: header.data_at, len })
    }

    /// Whether its numbers have digits behind the point.
    pub fn is_float(&self) -> bool {
        self.kind.is_float()
    }

    /// Parts of the list that are read at once, one after the other.
    pub fn parts(&self) -> impl Iterator<Item = Range<u64>> {
        let (len, step) = (self.len, (PIECE_BYTES / self.kind.size_bytes() as u64).max(1));
        (0..len.div_ceil(step)).map(move |part| part * step..((part + 1) * step).min(len))
    }

    fn bytes(&self, part: &Range<u64>) -> Result<Vec<u8>, OpenError> {
        let size = self.kind.size_bytes() as u64;
        let n_bytes = part.end.min(self.len).saturating_sub(part.start) * size;
        bytes(self.file, self.data_at + part.start * size, usize::try_from(n_bytes).unwrap_or(usize::MAX))
    }

    /// Entries as whole numbers; what stands behind the point is cut.
    pub fn integers(&self, part: &Range<u64>) -> Result<Vec<i64>, OpenError> {
        Ok(self.kind.integers(&self.bytes(part)?))
    }

    /// Entries in double precision.
    #[expect(clippy::cast_precision_loss, reason = "numbers of frames stay far below 2^53")]
    pub fn doubles(&self, part: &Range<u64>) -> Result<Vec<f64>, OpenError> {
        let raw = self.bytes(part)?;
        Ok(match self.kind {
            SampleType::Float32 => {
                raw.as_chunks::<4>().0.iter().map(|number| f64::from(f32::from_le_bytes(*number))).collect()
            }
            SampleType::Float64 => raw.as_chunks::<8>().0.iter().map(|number| f64::from_le_bytes(*number)).collect(),
            kind => kind.integers(&raw).into_iter().map(|number| number as f64).collect(),
        })
    }
}

/// All elements of a list of whole numbers, such as the frames of events.
pub fn integers(file: &NamedFile) -> Result<Vec<i64>, OpenError> {
    let list = List::open(file)?;
    let mut all = Vec::new();
    for part in list.parts() {
        all.extend(list.integers(&part)?);
    }
    Ok(all)
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

/// Texts of a list of `n`, such as the names of channels: letters of four bytes or of one.
pub fn names(file: &NamedFile, n: usize) -> Option<Vec<String>> {
    let header = header(file)?;
    let Some(width) = header.descr.strip_prefix("<U").and_then(|width| width.parse::<u64>().ok()) else {
        return texts(file).ok().filter(|texts| texts.len() == n);
    };
    let size = 4_u64.checked_mul(width)?.checked_mul(n as u64).filter(|size| *size <= MAX_TEXT_BYTES)?;
    if header.shape[..] != [n as u64] || width == 0 {
        return None;
    }
    let raw = bytes(file, header.data_at, usize::try_from(size).ok()?).ok()?;
    let text = |letters: &[u8]| -> String {
        let letters = letters.as_chunks::<4>().0.iter().map(|letter| u32::from_le_bytes(*letter));
        letters.take_while(|letter| *letter != 0).filter_map(char::from_u32).collect()
    };
    Some(raw.chunks_exact(usize::try_from(4 * width).ok()?).map(text).collect())
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
