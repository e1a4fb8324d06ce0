//! `spikes.parquet`: columns `segment_index` u32, `sample_index` i64, `channel_index` u32,
//! `amplitude_uv` f32, sorted by the first three. Spikes of units have `unit_index` in place of
//! `channel_index`.

use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{Compression, Encoding};
use parquet::column::reader::get_typed_column_reader;
use parquet::data_type::{DataType, FloatType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;

use super::Spike;
use crate::recording::StreamKind;

/// Names of the columns of spikes of channels, and of units.
const CHANNELS: [&str; 4] = ["segment_index", "sample_index", "channel_index", "amplitude_uv"];
const UNITS: [&str; 4] = ["segment_index", "sample_index", "unit_index", "amplitude_uv"];

fn schema([segment, sample, of, amplitude]: [&str; 4]) -> String {
    format!(
        "message spikes {{
            REQUIRED INT32 {segment} (INTEGER(32, false));
            REQUIRED INT64 {sample};
            REQUIRED INT32 {of} (INTEGER(32, false));
            REQUIRED FLOAT {amplitude};
        }}"
    )
}

/// Spikes of a row group: 16 MB in memory.
const ROW_GROUP: usize = 1 << 20;

/// Why a spike file could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum SpikeFileError {
    /// Not a Parquet file, or damaged.
    #[error("the spike table is not readable: {0}")]
    Parquet(#[from] ParquetError),
    /// A Parquet file with other columns.
    #[error(
        "the spike table has the columns {found:?}, not segment_index, sample_index, channel_index or unit_index, amplitude_uv"
    )]
    Columns {
        /// Its columns.
        found: Vec<String>,
    },
}

/// Writes spikes of channels, in the order given.
///
/// # Errors
/// When the encoder fails, which it does not on memory.
pub fn write_parquet(spikes: &[Spike]) -> Result<Vec<u8>, SpikeFileError> {
    write_parquet_of(StreamKind::Electrodes, spikes)
}

/// Writes spikes of channels or units, in the order given.
///
/// # Errors
/// As [`write_parquet`].
pub fn write_parquet_of(kind: StreamKind, spikes: &[Spike]) -> Result<Vec<u8>, SpikeFileError> {
    let names = if kind == StreamKind::Units { UNITS } else { CHANNELS };
    let schema = Arc::new(parse_message_type(&schema(names))?);
    // Sample numbers ascend, so their differences are small; amplitudes hardly ever repeat.
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_column_dictionary_enabled("sample_index".into(), false)
        .set_column_encoding("sample_index".into(), Encoding::DELTA_BINARY_PACKED)
        .set_column_dictionary_enabled("amplitude_uv".into(), false)
        .build();
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, Arc::new(properties))?;
    for rows in spikes.chunks(ROW_GROUP) {
        let mut group = writer.next_row_group()?;
        column::<Int32Type>(&mut group, rows.iter().map(|spike| spike.segment_index.cast_signed()))?;
        column::<Int64Type>(&mut group, rows.iter().map(|spike| spike.sample_index))?;
        column::<Int32Type>(&mut group, rows.iter().map(|spike| spike.channel_index.cast_signed()))?;
        column::<FloatType>(&mut group, rows.iter().map(|spike| spike.amplitude_uv))?;
        group.close()?;
    }
    writer.close()?;
    Ok(bytes)
}

fn column<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, &mut Vec<u8>>,
    values: impl Iterator<Item = T::T>,
) -> Result<(), ParquetError> {
    let Some(mut column) = group.next_column()? else {
        return Err(ParquetError::General("the schema has four columns".into()));
    };
    column.typed::<T>().write_batch(&values.collect::<Vec<_>>(), None, None)?;
    column.close()
}

/// Reads a file that [`write_parquet`] wrote, or another with the same columns.
///
/// # Errors
/// When it is not such a file.
pub fn read_parquet(bytes: Bytes) -> Result<Vec<Spike>, SpikeFileError> {
    let reader = SerializedFileReader::new(bytes)?;
    let schema = reader.metadata().file_metadata().schema_descr();
    let found: Vec<String> = schema.columns().iter().map(|column| column.name().to_owned()).collect();
    if found != CHANNELS && found != UNITS {
        return Err(SpikeFileError::Columns { found });
    }
    let mut spikes = Vec::new();
    for index in 0..reader.num_row_groups() {
        let group = reader.get_row_group(index)?;
        let segments = values::<Int32Type>(&*group, 0)?;
        let samples = values::<Int64Type>(&*group, 1)?;
        let channels = values::<Int32Type>(&*group, 2)?;
        let amplitudes = values::<FloatType>(&*group, 3)?;
        let rows = segments.iter().zip(&samples).zip(&channels).zip(&amplitudes);
        spikes.extend(rows.map(|(((segment, sample), channel), amplitude)| Spike {
            segment_index: segment.cast_unsigned(),
            sample_index: *sample,
            channel_index: channel.cast_unsigned(),
            amplitude_uv: *amplitude,
        }));
    }
    Ok(spikes)
}

fn values<T: DataType>(group: &dyn RowGroupReader, column: usize) -> Result<Vec<T::T>, ParquetError> {
    let rows = usize::try_from(group.metadata().num_rows()).unwrap_or(0);
    let mut out = Vec::new();
    let mut reader = get_typed_column_reader::<T>(group.get_column_reader(column)?);
    while out.len() < rows {
        let (records, _, _) = reader.read_records(rows - out.len(), None, None, &mut out)?;
        if records == 0 {
            return Err(ParquetError::EOF(format!("column {column} ends early")));
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    fn spikes() -> Vec<Spike> {
        let spike = |at: u32| Spike {
            segment_index: at / 600,
            sample_index: i64::from(at) * 7_000_000_000,
            channel_index: at % 64 + u32::from(at == 999) * (u32::MAX - 64),
            amplitude_uv: -0.5 * at as f32,
        };
        (0..1000).map(spike).collect()
    }

    #[test]
    fn what_is_written_is_read_back() {
        let bytes = write_parquet(&spikes()).expect("writes");
        assert_eq!(read_parquet(bytes.into()).expect("reads"), spikes());
        let units = write_parquet_of(StreamKind::Units, &spikes()).expect("writes");
        assert_eq!(read_parquet(units.into()).expect("reads"), spikes());
        let empty = write_parquet(&[]).expect("writes");
        assert_eq!(read_parquet(empty.into()).expect("reads"), []);
    }

    #[test]
    fn a_cut_file_is_an_error() {
        let bytes = write_parquet(&spikes()).expect("writes");
        for length in [0, 1, 8, bytes.len() / 2, bytes.len() - 1] {
            assert!(read_parquet(Bytes::copy_from_slice(&bytes[..length])).is_err(), "{length}");
        }
    }
}
