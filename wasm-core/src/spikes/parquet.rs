//! `spikes.parquet`: columns `segment_index` u32, `sample_index` i64, `channel_index` u32,
//! `amplitude_uv` f32, sorted by the first three. An amplitude that nobody recorded is null. Spikes of
//! units have a further column, `unit_index`, with the same numbers: they say that these are units.

use std::io::Write;
use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{Compression, Encoding, Type};
use parquet::data_type::{FloatType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use super::Spike;
use crate::kind::StreamKind;
use crate::table::{is_flat, read_column, read_each_row, write_column};

/// Names of the columns, and the one that spikes of units have besides.
const CHANNELS: [&str; 4] = ["segment_index", "sample_index", "channel_index", "amplitude_uv"];
const UNIT: &str = "unit_index";
/// Columns of spikes of units in files of an earlier version.
const UNITS_BEFORE: [&str; 4] = ["segment_index", "sample_index", UNIT, "amplitude_uv"];
/// Types of the columns that are read.
const TYPES: [Type; 4] = [Type::INT32, Type::INT64, Type::INT32, Type::FLOAT];

fn schema(kind: StreamKind) -> String {
    let [segment, sample, channel, amplitude] = CHANNELS;
    let unit =
        if kind == StreamKind::Units { format!("REQUIRED INT32 {UNIT} (INTEGER(32, false));") } else { String::new() };
    format!(
        "message spikes {{
            REQUIRED INT32 {segment} (INTEGER(32, false));
            REQUIRED INT64 {sample};
            REQUIRED INT32 {channel} (INTEGER(32, false));
            OPTIONAL FLOAT {amplitude};
            {unit}
        }}"
    )
}

/// Spikes of a row group: 24 MB in memory.
pub const ROW_GROUP: usize = 1 << 20;

/// Why a spike file could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum SpikeFileError {
    /// Not a Parquet file, or damaged.
    #[error("the spike table is not readable: {0}")]
    Parquet(#[from] ParquetError),
    /// A Parquet file with other columns.
    #[error(
        "the spike table has the columns {found:?}, not segment_index, sample_index, channel_index, amplitude_uv and perhaps unit_index"
    )]
    Columns {
        /// Columns of the file.
        found: Vec<String>,
    },
    /// A column of another type.
    #[error("the column {column} of the spike table is not one of {expected}, at most one a row")]
    Values {
        /// Its name.
        column: String,
        /// The type that it must have.
        expected: Type,
    },
    /// A column in which values are absent, of which each spike needs one.
    #[error("the column {column} of the spike table has no value in some rows")]
    Absent {
        /// Its name.
        column: String,
    },
    /// More rows than there can be spikes.
    #[error(
        "the spike table has {found} spikes, and its recording has room for {most}; ask whoever made the file for another one"
    )]
    TooMany {
        /// Rows of the file.
        found: u64,
        /// Rows that are taken.
        most: u64,
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
    let mut bytes = Vec::new();
    let mut writer = SpikeWriter::new(kind, &mut bytes)?;
    writer.push(spikes)?;
    writer.finish()?;
    Ok(bytes)
}

/// Writes spikes that come bit by bit: the same file as of all of them at once.
pub struct SpikeWriter<W: Write + Send> {
    writer: SerializedFileWriter<W>,
    kind: StreamKind,
    /// Spikes of the row group that is not full yet.
    rows: Vec<Spike>,
}

impl<W: Write + Send> SpikeWriter<W> {
    /// A file without spikes.
    ///
    /// # Errors
    /// When nothing can be written to `to`.
    pub fn new(kind: StreamKind, to: W) -> Result<Self, SpikeFileError> {
        let schema = Arc::new(parse_message_type(&schema(kind))?);
        // Sample numbers ascend, so their differences are small; amplitudes hardly ever repeat.
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_column_dictionary_enabled("sample_index".into(), false)
            .set_column_encoding("sample_index".into(), Encoding::DELTA_BINARY_PACKED)
            .set_column_dictionary_enabled("amplitude_uv".into(), false)
            .build();
        Ok(Self { writer: SerializedFileWriter::new(to, schema, Arc::new(properties))?, kind, rows: Vec::new() })
    }

    /// Takes the spikes that follow.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn push(&mut self, spikes: &[Spike]) -> Result<(), SpikeFileError> {
        let mut left = spikes;
        while !left.is_empty() {
            let (some, others) = left.split_at(left.len().min(ROW_GROUP - self.rows.len()));
            left = others;
            if some.len() == ROW_GROUP {
                write_group(&mut self.writer, self.kind, some)?;
                continue;
            }
            self.rows.extend_from_slice(some);
            if self.rows.len() == ROW_GROUP {
                write_group(&mut self.writer, self.kind, &self.rows)?;
                self.rows.clear();
            }
        }
        Ok(())
    }

    /// Writes what is left, and the end of the file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self) -> Result<(), SpikeFileError> {
        if !self.rows.is_empty() {
            write_group(&mut self.writer, self.kind, &self.rows)?;
        }
        self.writer.close()?;
        Ok(())
    }

    /// Bytes of memory that the spikes take which are not written yet.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.rows.capacity() * size_of::<Spike>()
    }
}

fn write_group<W: Write + Send>(
    writer: &mut SerializedFileWriter<W>,
    kind: StreamKind,
    rows: &[Spike],
) -> Result<(), SpikeFileError> {
    let mut group = writer.next_row_group()?;
    let segments: Vec<i32> = rows.iter().map(|spike| spike.segment_index.cast_signed()).collect();
    let samples: Vec<i64> = rows.iter().map(|spike| spike.sample_index).collect();
    let channels: Vec<i32> = rows.iter().map(|spike| spike.channel_index.cast_signed()).collect();
    let amplitudes: Vec<f32> = rows.iter().filter_map(Spike::known_uv).collect();
    let are_known: Vec<i16> = rows.iter().map(|spike| i16::from(spike.known_uv().is_some())).collect();
    write_column::<Int32Type>(&mut group, &segments, None)?;
    write_column::<Int64Type>(&mut group, &samples, None)?;
    write_column::<Int32Type>(&mut group, &channels, None)?;
    write_column::<FloatType>(&mut group, &amplitudes, Some(&are_known))?;
    if kind == StreamKind::Units {
        write_column::<Int32Type>(&mut group, &channels, None)?;
    }
    group.close()?;
    Ok(())
}

/// Reads a file that [`write_parquet`] wrote, or another with the same columns. Files of earlier versions
/// have an amplitude for every spike, 0 where it was not known. Others may allow for absent values in each column, if
/// only amplitudes are.
///
/// # Errors
/// When it is not such a file.
pub fn read_parquet(bytes: Bytes) -> Result<Vec<Spike>, SpikeFileError> {
    read_at_most(bytes, u64::MAX)
}

/// Reads a file of somebody else, in which some bytes can stand for any number of rows: of more than `most` none is
/// read.
///
/// # Errors
/// As [`read_parquet`], and for more rows.
pub fn read_at_most(bytes: Bytes, most: u64) -> Result<Vec<Spike>, SpikeFileError> {
    let reader = SerializedFileReader::new(bytes)?;
    let rows = reader.metadata().row_groups().iter().map(|group| u64::try_from(group.num_rows()).unwrap_or(0));
    let found = rows.fold(0, u64::saturating_add);
    if found > most {
        return Err(SpikeFileError::TooMany { found, most });
    }
    let schema = reader.metadata().file_metadata().schema_descr();
    let found: Vec<String> = schema.columns().iter().map(|column| column.name().to_owned()).collect();
    let is_known = found == CHANNELS || found == UNITS_BEFORE || found == [&CHANNELS[..], &[UNIT]].concat();
    if !is_known {
        return Err(SpikeFileError::Columns { found });
    }
    for (column, expected) in schema.columns().iter().zip(TYPES) {
        if column.physical_type() != expected || !is_flat(column) {
            return Err(SpikeFileError::Values { column: column.name().to_owned(), expected });
        }
    }
    let absent = |at: usize| SpikeFileError::Absent { column: found[at].clone() };
    let mut spikes = Vec::new();
    for index in 0..reader.num_row_groups() {
        let group = reader.get_row_group(index)?;
        let segments = read_each_row::<Int32Type>(&*group, 0)?.ok_or_else(|| absent(0))?;
        let samples = read_each_row::<Int64Type>(&*group, 1)?.ok_or_else(|| absent(1))?;
        let channels = read_each_row::<Int32Type>(&*group, 2)?.ok_or_else(|| absent(2))?;
        let (amplitudes, are_known) = read_column::<FloatType>(&*group, 3)?;
        let mut amplitudes = amplitudes.into_iter();
        let rows = segments.iter().zip(&samples).zip(&channels).enumerate();
        spikes.extend(rows.map(|(at, ((segment, sample), channel))| {
            // A column that must have all values has no marks of those that are there.
            let is_known = are_known.get(at).is_none_or(|level| *level > 0);
            Spike {
                segment_index: segment.cast_unsigned(),
                sample_index: *sample,
                channel_index: channel.cast_unsigned(),
                amplitude_uv: if is_known { amplitudes.next().unwrap_or_default() } else { 0.0 },
            }
        }));
    }
    Ok(spikes)
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
    fn more_rows_than_there_is_room_for_are_refused() {
        let bytes = Bytes::from(write_parquet(&spikes()).expect("writes"));
        assert_eq!(read_at_most(bytes.clone(), 1000).expect("reads"), spikes());
        let refused = read_at_most(bytes, 999).expect_err("refused");
        assert!(matches!(refused, SpikeFileError::TooMany { found: 1000, most: 999 }), "{refused}");
    }

    #[test]
    fn bit_by_bit_gives_the_same_file() {
        let n = u32::try_from(ROW_GROUP * 2 + 1000).expect("few");
        let spike = |at: u32| Spike {
            segment_index: 0,
            sample_index: i64::from(at) * 3,
            channel_index: at % 64,
            amplitude_uv: if at.is_multiple_of(5) { 0.0 } else { -20.0 },
        };
        let many: Vec<Spike> = (0..n).map(spike).collect();
        for (spikes, bit) in [(spikes(), 1), (spikes(), 1000), (Vec::new(), 7), (many, ROW_GROUP - 3)] {
            let mut bytes = Vec::new();
            let mut writer = SpikeWriter::new(StreamKind::Electrodes, &mut bytes).expect("begins");
            for some in spikes.chunks(bit) {
                writer.push(some).expect("writes");
                assert!(writer.held_bytes() <= 2 * ROW_GROUP * size_of::<Spike>());
            }
            writer.finish().expect("ends");
            assert_eq!(bytes, write_parquet(&spikes).expect("writes"));
        }
    }

    /// The amplitudes of a table, as readers of Parquet see them.
    fn amplitudes(bytes: Vec<u8>) -> Vec<Option<f32>> {
        let reader = SerializedFileReader::new(Bytes::from(bytes)).expect("reads");
        let group = reader.get_row_group(0).expect("a group");
        let (values, are_known) = read_column::<FloatType>(&*group, 3).expect("a column");
        let mut values = values.into_iter();
        are_known.into_iter().map(|level| if level > 0 { values.next() } else { None }).collect()
    }

    #[test]
    fn an_amplitude_that_nobody_recorded_is_null() {
        let spike = |sample_index: i64, amplitude_uv: f32| Spike {
            segment_index: 0,
            sample_index,
            channel_index: 0,
            amplitude_uv,
        };
        let spikes = [spike(1, -40.25), spike(2, 0.0), spike(3, f32::NAN), spike(4, 12.5)];
        let bytes = write_parquet(&spikes).expect("writes");
        assert_eq!(amplitudes(bytes.clone()), [Some(-40.25), None, None, Some(12.5)]);
        let back = read_parquet(bytes.into()).expect("reads");
        assert_eq!(back, [spike(1, -40.25), spike(2, 0.0), spike(3, 0.0), spike(4, 12.5)]);
        let bytes = write_parquet(&spikes[1..3]).expect("writes");
        assert_eq!(amplitudes(bytes), [None, None]);
    }

    /// A table as earlier versions wrote it: an amplitude for each spike.
    #[test]
    fn a_table_of_an_earlier_version_is_read() {
        let schema = schema(StreamKind::Electrodes).replace("OPTIONAL", "REQUIRED");
        let schema = Arc::new(parse_message_type(&schema).expect("a schema"));
        let mut bytes = Vec::new();
        let properties = Arc::new(WriterProperties::builder().build());
        let mut writer = SerializedFileWriter::new(&mut bytes, schema, properties).expect("a writer");
        let mut group = writer.next_row_group().expect("a group");
        write_column::<Int32Type>(&mut group, &[0, 0], None).expect("written");
        write_column::<Int64Type>(&mut group, &[5, 9], None).expect("written");
        write_column::<Int32Type>(&mut group, &[1, 0], None).expect("written");
        write_column::<FloatType>(&mut group, &[0.0, -3.5], None).expect("written");
        group.close().expect("closed");
        writer.close().expect("closed");
        let spikes = read_parquet(bytes.into()).expect("reads");
        let told: Vec<(i64, Option<f32>)> = spikes.iter().map(|spike| (spike.sample_index, spike.known_uv())).collect();
        assert_eq!(told, [(5, None), (9, Some(-3.5))]);
    }

    /// A table of two spikes whose columns are optional, with marks of the segments that are there.
    fn optional(segments: &[i32], are_known: &[i16]) -> Bytes {
        let schema = schema(StreamKind::Electrodes).replace("REQUIRED", "OPTIONAL");
        let schema = Arc::new(parse_message_type(&schema).expect("a schema"));
        let mut bytes = Vec::new();
        let properties = Arc::new(WriterProperties::builder().build());
        let mut writer = SerializedFileWriter::new(&mut bytes, schema, properties).expect("a writer");
        let mut group = writer.next_row_group().expect("a group");
        write_column::<Int32Type>(&mut group, segments, Some(are_known)).expect("written");
        write_column::<Int64Type>(&mut group, &[5, 9], Some(&[1, 1])).expect("written");
        write_column::<Int32Type>(&mut group, &[1, 0], Some(&[1, 1])).expect("written");
        write_column::<FloatType>(&mut group, &[-3.5], Some(&[0, 1])).expect("written");
        group.close().expect("closed");
        writer.close().expect("closed");
        bytes.into()
    }

    #[test]
    fn a_table_of_another_program_is_read_where_no_index_is_absent() {
        let spikes = read_parquet(optional(&[0, 1], &[1, 1])).expect("reads");
        let told: Vec<(u32, Option<f32>)> =
            spikes.iter().map(|spike| (spike.segment_index, spike.known_uv())).collect();
        assert_eq!(told, [(0, None), (1, Some(-3.5))]);
        let refused = read_parquet(optional(&[1], &[0, 1])).expect_err("refused");
        assert!(matches!(refused, SpikeFileError::Absent { column } if column == "segment_index"));
    }

    #[test]
    fn columns_of_other_types_are_refused() {
        for (ours, theirs, column) in [
            ("REQUIRED INT32 segment_index (INTEGER(32, false))", "REQUIRED INT64 segment_index", "segment_index"),
            ("REQUIRED INT64 sample_index", "REPEATED INT64 sample_index", "sample_index"),
            ("REQUIRED INT64 sample_index", "REQUIRED DOUBLE sample_index", "sample_index"),
            ("OPTIONAL FLOAT amplitude_uv", "OPTIONAL DOUBLE amplitude_uv", "amplitude_uv"),
        ] {
            let text = schema(StreamKind::Electrodes).replace(ours, theirs);
            assert!(text.contains(theirs), "{text}");
            let schema = Arc::new(parse_message_type(&text).expect("a schema"));
            let mut bytes = Vec::new();
            let properties = Arc::new(WriterProperties::builder().build());
            let writer = SerializedFileWriter::new(&mut bytes, schema, properties).expect("a writer");
            writer.close().expect("closed");
            let refused = read_parquet(bytes.into()).expect_err("refused");
            assert!(matches!(&refused, SpikeFileError::Values { column: name, .. } if name == column), "{refused}");
        }
    }

    #[test]
    fn a_cut_file_is_an_error() {
        let bytes = write_parquet(&spikes()).expect("writes");
        for length in [0, 1, 8, bytes.len() / 2, bytes.len() - 1] {
            assert!(read_parquet(Bytes::copy_from_slice(&bytes[..length])).is_err(), "{length}");
        }
    }
}
