//! `field.bin`: field potentials as a file. `docs/stored-formats.md` has its layout.

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::{FieldPlan, FieldPotentials, MAX_SAMPLES, from_le_bytes};
use crate::recording::StreamInfo;

/// Name of the file.
pub const FIELD_FILE: &str = "field.bin";

const MAGIC: &[u8; 16] = b"NEUROCYTE FIELDS";
const VERSION: u32 = 1;
const PREFIX_BYTES: usize = 32;

#[derive(Serialize, Deserialize)]
struct Header {
    rate_hz: f64,
    factor: usize,
    channels: Vec<usize>,
    lengths: Vec<usize>,
    notes: Vec<String>,
}

/// Why a file holds no field potentials of a recording.
#[derive(Debug, thiserror::Error)]
pub enum FieldError {
    /// It begins otherwise, is cut or changed.
    #[error("{FIELD_FILE} is damaged: {0}; save or run the result again")]
    Damaged(&'static str),
    /// It was written by a later version.
    #[error("a later version of Neurocyte wrote {FIELD_FILE} (layout {0}, this one reads up to {VERSION})")]
    Later(u32),
    /// It tells of other channels or segments.
    #[error("{FIELD_FILE} belongs to another recording")]
    Mismatch,
}

impl FieldPotentials {
    /// The file.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let FieldPlan { rate_hz, factor, channels, notes } = self.plan.clone();
        let header = Header { rate_hz, factor, channels, notes, lengths: self.lengths.clone() };
        // One of our own types, which cannot fail.
        let header = serde_json::to_vec(&header).unwrap_or_default();
        let mut file = MAGIC.to_vec();
        file.reserve_exact(PREFIX_BYTES + header.len() + 4 * self.values.len());
        file.extend(VERSION.to_le_bytes());
        file.extend([0; 4]);
        file.extend((header.len() as u64).to_le_bytes());
        file.extend(header);
        for value in &self.values {
            file.extend(value.to_le_bytes());
        }
        let checksum = crate::crc32c(&file[PREFIX_BYTES..]);
        file[20..24].copy_from_slice(&checksum.to_le_bytes());
        file
    }

    /// Reads the file of a stream's field potentials.
    ///
    /// # Errors
    /// When it is damaged, or another one's.
    #[expect(clippy::cast_precision_loss, reason = "some frames")]
    pub fn from_bytes(file: &[u8], info: &StreamInfo) -> Result<Self, FieldError> {
        let (prefix, rest) = file.split_at_checked(PREFIX_BYTES).ok_or(FieldError::Damaged("it is cut"))?;
        if !prefix.starts_with(MAGIC) {
            return Err(FieldError::Damaged("it begins otherwise"));
        }
        let words = prefix[16..].as_chunks::<4>().0;
        let [version, checksum] = [0, 1].map(|at| u32::from_le_bytes(words[at]));
        if version > VERSION {
            return Err(FieldError::Later(version));
        }
        if crate::crc32c(rest) != checksum {
            return Err(FieldError::Damaged("its checksum differs"));
        }
        let header_bytes = prefix[24..].as_chunks::<8>().0[0];
        let size = usize::try_from(u64::from_le_bytes(header_bytes)).unwrap_or(usize::MAX);
        let (header, values) = rest.split_at_checked(size).ok_or(FieldError::Damaged("it is cut"))?;
        let header: Header =
            serde_json::from_slice(header).map_err(|_| FieldError::Damaged("its header cannot be read"))?;
        let Header { rate_hz, factor, channels, lengths, notes } = header;
        let plan = FieldPlan { factor, rate_hz, channels, notes };
        let recorded_hz = info.sampling_frequency_hz;
        let is_own = factor > 0
            && rate_hz > 0.0
            && (rate_hz * factor as f64 - recorded_hz).abs() <= 1e-9 * recorded_hz
            && plan.channels.is_sorted_by(|a, b| a < b)
            && plan.channels.iter().all(|channel| *channel < info.n_channels)
            && lengths == plan.lengths(info);
        if !is_own {
            return Err(FieldError::Mismatch);
        }
        let n_samples =
            if plan.channels.is_empty() { 0 } else { lengths.iter().fold(0, |sum: usize, n| sum.saturating_add(*n)) };
        let n = plan.channels.len().saturating_mul(n_samples);
        if n as u64 > MAX_SAMPLES || values.len() != 4 * n {
            return Err(FieldError::Damaged("it is cut"));
        }
        let values = Array2::from_shape_vec((plan.channels.len(), n_samples), from_le_bytes(values));
        let values = values.map_err(|_| FieldError::Damaged("it is cut"))?;
        Ok(Self::new(plan, lengths, values))
    }
}
