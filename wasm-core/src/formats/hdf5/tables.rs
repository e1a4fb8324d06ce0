//! Tables of a file: lists of numbers, records, texts. Long ones are read in pieces.

use std::ops::Range;
use std::sync::Arc;

use hdf5_reader::messages::datatype::{Datatype, StringSize};
use hdf5_reader::{ByteOrder, Dataset};

use super::H5;
use super::signal::{Frames, Stored};
use crate::formats::OpenError;

/// Values of a list that are read at once.
const PIECE: u64 = 1 << 20;

/// Bytes that a byte of a file may stand for, and bytes that any table may have: no length is believed
/// beyond what its file can hold.
const MOST_PACKED: u64 = 1 << 12;
const MIN_TABLE_BYTES: u64 = 1 << 20;

/// One field of a record: its type and its first byte.
type Field = (Datatype, usize);

impl H5 {
    /// The first extent of a dataset.
    pub fn length(&self, path: &str) -> Option<u64> {
        self.dataset(path).ok()?.shape().first().copied()
    }

    /// All values of a dataset of numbers, of any length.
    ///
    /// # Errors
    /// When there is no such dataset, or it does not hold numbers.
    pub fn numbers(&self, path: &str) -> Result<Vec<f64>, OpenError> {
        let dataset = self.dataset(path)?;
        if dataset.shape().is_empty() {
            let bytes = dataset.read_native_bytes().map_err(|error| self.problem(path, &error))?;
            return native(dataset.dtype(), &bytes).ok_or_else(|| self.problem(path, &"not a table of numbers"));
        }
        let mut values = Vec::new();
        self.pieces(path, |piece| {
            values.extend_from_slice(piece);
            Ok(())
        })?;
        Ok(values)
    }

    /// The first value of a dataset of numbers.
    ///
    /// # Errors
    /// As [`Self::numbers`], and when it is empty.
    pub fn number(&self, path: &str) -> Result<f64, OpenError> {
        let first = match self.length(path) {
            Some(0) => Vec::new(),
            Some(_) => self.numbers_in(path, 0..1)?,
            None => self.numbers(path)?,
        };
        first.first().copied().ok_or_else(|| self.problem(path, &"empty"))
    }

    /// Some rows of a dataset of numbers, a list or a matrix.
    ///
    /// # Errors
    /// As [`Self::numbers`], and when the rows do not exist.
    pub fn numbers_in(&self, path: &str, rows: Range<u64>) -> Result<Vec<f64>, OpenError> {
        let frames = self.frames(path)?;
        let kind = frames.1.dataset.dtype().clone();
        self.fetch(path, &frames, rows, |bytes| {
            bytes.chunks_exact(item_of(&kind).max(1)).map(|item| value(&kind, item)).collect()
        })
    }

    /// All values of a dataset of numbers, some at a time.
    ///
    /// # Errors
    /// As [`Self::numbers`], and those of `take`.
    pub fn pieces(&self, path: &str, mut take: impl FnMut(&[f64]) -> Result<(), OpenError>) -> Result<(), OpenError> {
        let frames = self.frames(path)?;
        let kind = frames.1.dataset.dtype().clone();
        let step = (PIECE / frames.0.n_channels().max(1)).max(1);
        let n_rows = frames.0.n_frames();
        for first in (0..n_rows).step_by(usize::try_from(step).unwrap_or(1)) {
            let values: Vec<f64> = self.fetch(path, &frames, first..n_rows.min(first + step), |bytes| {
                bytes.chunks_exact(item_of(&kind).max(1)).map(|item| value(&kind, item)).collect()
            })?;
            take(&values)?;
        }
        Ok(())
    }

    /// Columns of a table of records, some rows at a time.
    ///
    /// # Errors
    /// When there is no such table or column, or a column does not hold numbers; and those of `take`.
    pub fn rows(
        &self,
        path: &str,
        columns: &[&str],
        mut take: impl FnMut(&[Vec<f64>]) -> Result<(), OpenError>,
    ) -> Result<(), OpenError> {
        let frames = self.frames(path)?;
        let fields: Vec<Field> =
            columns.iter().map(|column| self.field(path, &frames.1.dataset, column)).collect::<Result<_, _>>()?;
        let record = frames.1.item_bytes.max(1);
        let n_rows = frames.0.n_frames();
        let step = (8 * PIECE / record as u64).max(1);
        for first in (0..n_rows).step_by(usize::try_from(step).unwrap_or(1)) {
            let values: Vec<Vec<f64>> = self.fetch(path, &frames, first..n_rows.min(first + step), |bytes| {
                let column = |(kind, at): &Field| {
                    let item = |record: &[u8]| value(kind, record.get(*at..*at + item_of(kind))?);
                    bytes.chunks_exact(record).map(item).collect::<Option<Vec<f64>>>()
                };
                fields.iter().map(column).collect()
            })?;
            take(&values)?;
        }
        Ok(())
    }

    /// One column of a table of records.
    ///
    /// # Errors
    /// As [`Self::rows`].
    pub fn column(&self, path: &str, field: &str) -> Result<Vec<f64>, OpenError> {
        let mut values = Vec::new();
        self.rows(path, &[field], |columns| {
            values.extend_from_slice(&columns[0]);
            Ok(())
        })?;
        Ok(values)
    }

    /// A column of text of a table of records.
    ///
    /// # Errors
    /// When there is no such table or column, or it does not hold text.
    pub fn texts(&self, path: &str, field: &str) -> Result<Vec<String>, OpenError> {
        let frames = self.frames(path)?;
        let dataset = &frames.1.dataset;
        let (kind, at) = self.field(path, dataset, field)?;
        let record = frames.1.item_bytes.max(1);
        let size = match &kind {
            Datatype::String { size: StringSize::Fixed(size), .. } => *size as usize,
            Datatype::String { .. } | Datatype::VarLen { .. } => dataset.vlen_reference_size(),
            _ => return Err(self.problem(&format!("{path}.{field}"), &"not a column of text")),
        };
        let is_fixed = matches!(kind, Datatype::String { size: StringSize::Fixed(_), .. });
        let text = |record: &[u8]| {
            let stored = record.get(at..at + size)?;
            let bytes =
                if is_fixed { stored.to_vec() } else { dataset.resolve_vlen_reference_bytes(stored, 1).ok()? };
            let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
            Some(String::from_utf8_lossy(&bytes[..end]).trim_end().to_owned())
        };
        let n_rows = frames.0.n_frames();
        self.fetch(path, &frames, 0..n_rows, |bytes| bytes.chunks_exact(record).map(text).collect())
    }

    /// All values of a dataset of text.
    ///
    /// # Errors
    /// When there is no such dataset, or it does not hold text.
    pub fn strings(&self, path: &str) -> Result<Vec<String>, OpenError> {
        let dataset = self.dataset(path)?;
        let text = dataset.read_strings().or_else(|_| dataset.read_string().map(|text| vec![text]));
        text.map_err(|error| self.problem(path, &error))
    }

    /// A field of the records of a dataset.
    fn field(&self, path: &str, dataset: &Dataset, name: &str) -> Result<Field, OpenError> {
        let problem = || self.problem(&format!("{path}.{name}"), &"not a column of that name");
        let Datatype::Compound { fields, .. } = dataset.dtype() else { return Err(problem()) };
        let found = fields.iter().find(|found| found.name == name).ok_or_else(problem)?;
        Ok((found.datatype.clone(), found.byte_offset as usize))
    }

    /// A dataset along its first axis.
    fn frames(&self, path: &str) -> Result<Arc<(Frames, Arc<Stored>)>, OpenError> {
        let known = self.known_frames();
        if let Some(frames) = known.get(path) {
            return Ok(Arc::clone(frames));
        }
        drop(known);
        let stored = Arc::new(self.stored(path)?);
        let frames = Frames::new(Arc::clone(&stored), true).map_err(|error| self.problem(path, &error))?;
        let n_items = frames.n_frames().saturating_mul(frames.n_channels());
        let earned = stored.container.file.size_bytes().saturating_mul(MOST_PACKED).saturating_add(MIN_TABLE_BYTES);
        if n_items.saturating_mul(stored.item_bytes as u64) > earned {
            let shape = stored.dataset.shape();
            return Err(self.problem(path, &format!("of shape {shape:?}, more than the file can hold")));
        }
        let frames = Arc::new((frames, stored));
        self.known_frames().insert(path.to_owned(), Arc::clone(&frames));
        Ok(frames)
    }

    /// Reads rows and makes values of their bytes.
    fn fetch<T>(
        &self,
        path: &str,
        (frames, stored): &(Frames, Arc<Stored>),
        rows: Range<u64>,
        values: impl FnOnce(&[u8]) -> Option<Vec<T>>,
    ) -> Result<Vec<T>, OpenError> {
        let n_rows = rows.end.saturating_sub(rows.start);
        let n_items = n_rows.saturating_mul(frames.n_channels());
        let n_bytes = usize::try_from(n_items).unwrap_or(usize::MAX).saturating_mul(stored.item_bytes);
        if rows.end > frames.n_frames() || n_bytes > super::MAX_READ_BYTES {
            return Err(self.problem(path, &format!("{} rows", frames.n_frames())));
        }
        let mut bytes = vec![0; n_bytes];
        frames.read(rows.start, &mut bytes).map_err(|error| self.problem(path, &error))?;
        values(&bytes).ok_or_else(|| self.problem(path, &"not a table of numbers"))
    }
}

/// Bytes of a number; none of what is no number.
fn item_of(kind: &Datatype) -> usize {
    match kind {
        Datatype::FixedPoint { size, .. } | Datatype::FloatingPoint { size, .. } => usize::from(*size),
        Datatype::Enum { base, .. } => item_of(base),
        _ => 0,
    }
}

/// A number as stored.
#[expect(clippy::cast_precision_loss, reason = "times, counters and coordinates")]
fn value(kind: &Datatype, item: &[u8]) -> Option<f64> {
    let (is_float, is_signed, order) = match kind {
        Datatype::FloatingPoint { byte_order, .. } => (true, true, byte_order),
        Datatype::FixedPoint { signed, byte_order, .. } => (false, *signed, byte_order),
        Datatype::Enum { base, .. } => return value(base, item),
        _ => return None,
    };
    let mut bytes = [0; 8];
    let own = bytes.get_mut(..item.len())?;
    own.copy_from_slice(item);
    if *order == ByteOrder::BigEndian {
        own.reverse();
    }
    let bits = u64::from_le_bytes(bytes);
    if is_float {
        return match item.len() {
            4 => Some(f64::from(f32::from_bits(u32::try_from(bits).ok()?))),
            8 => Some(f64::from_bits(bits)),
            _ => None,
        };
    }
    let n_bits = u32::try_from(8 * item.len()).ok().filter(|n_bits| (8..=64).contains(n_bits))?;
    if is_signed {
        // Shifted up and back, so that the sign fills what lies before it.
        Some(((bits << (64 - n_bits)).cast_signed() >> (64 - n_bits)) as f64)
    } else {
        Some(bits as f64)
    }
}

/// Numbers in the machine's byte order, as the library gives those of a single value.
fn native(kind: &Datatype, bytes: &[u8]) -> Option<Vec<f64>> {
    let little = match kind {
        Datatype::FixedPoint { size, signed, .. } => {
            Datatype::FixedPoint { size: *size, signed: *signed, byte_order: ByteOrder::LittleEndian }
        }
        Datatype::FloatingPoint { size, .. } => {
            Datatype::FloatingPoint { size: *size, byte_order: ByteOrder::LittleEndian }
        }
        Datatype::Enum { base, .. } => return native(base, bytes),
        _ => return None,
    };
    bytes.chunks_exact(item_of(&little).max(1)).map(|item| value(&little, item)).collect()
}
