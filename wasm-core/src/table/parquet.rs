//! Tables as Parquet: a column each, absent numbers as nulls. Title and unit of each column, and the
//! table's own title, stand in the file's metadata, so that what is read back is the same table.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::Compression;
use parquet::column::reader::get_typed_column_reader;
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::ColumnDescriptor;
use serde::{Deserialize, Serialize};

use super::{Column, Table, Values};

/// Key of the metadata.
const KEY: &str = "neurocyte_table";

/// Rows of a row group.
const ROW_GROUP: usize = 1 << 18;

/// What the metadata tell of a table.
#[derive(Serialize, Deserialize)]
struct About {
    id: String,
    title: String,
    /// Title and unit of each column.
    columns: Vec<(String, String)>,
}

impl Table {
    /// The table as a Parquet file.
    ///
    /// # Errors
    /// When the encoder fails, which it does not on memory.
    pub fn to_parquet(&self) -> Result<Vec<u8>, ParquetError> {
        let about = About {
            id: self.id.clone(),
            title: self.title.clone(),
            columns: self.columns.iter().map(|column| (column.title.clone(), column.unit.clone())).collect(),
        };
        let about = serde_json::to_string(&about).map_err(|error| ParquetError::General(error.to_string()))?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_key_value_metadata(Some(vec![KeyValue::new(KEY.to_owned(), about)]))
            .build();
        let schema = Arc::new(parse_message_type(&self.schema())?);
        let mut bytes = Vec::new();
        let mut writer = SerializedFileWriter::new(&mut bytes, schema, Arc::new(properties))?;
        for from in (0..self.n_rows()).step_by(ROW_GROUP) {
            let rows = from..(from + ROW_GROUP).min(self.n_rows());
            let mut group = writer.next_row_group()?;
            for column in &self.columns {
                match &column.values {
                    Values::Number(values) => {
                        let values = &values[rows.clone()];
                        let levels: Vec<i16> = values.iter().map(|value| i16::from(value.is_some())).collect();
                        let known: Vec<f64> = values.iter().copied().flatten().collect();
                        write::<DoubleType>(&mut group, &known, Some(&levels))?;
                    }
                    Values::Count(values) => {
                        let values: Vec<i64> = values[rows.clone()].iter().map(|value| value.cast_signed()).collect();
                        write::<Int64Type>(&mut group, &values, None)?;
                    }
                    Values::Text(values) => {
                        let values: Vec<ByteArray> =
                            values[rows.clone()].iter().map(|value| value.as_str().into()).collect();
                        write::<ByteArrayType>(&mut group, &values, None)?;
                    }
                }
            }
            group.close()?;
        }
        writer.close()?;
        Ok(bytes)
    }

    fn schema(&self) -> String {
        let mut schema = "message table {\n".to_owned();
        for column in &self.columns {
            let kind = match column.values {
                Values::Number(_) => "OPTIONAL DOUBLE",
                Values::Count(_) => "REQUIRED INT64",
                Values::Text(_) => "REQUIRED BYTE_ARRAY",
            };
            let logical = match column.values {
                Values::Number(_) => "",
                Values::Count(_) => " (INTEGER(64, false))",
                Values::Text(_) => " (UTF8)",
            };
            // Writing to a string does not fail.
            let _ = writeln!(schema, "{kind} {}{logical};", column.name);
        }
        schema + "}"
    }

    /// Reads a file that [`Table::to_parquet`] wrote.
    ///
    /// # Errors
    /// When it is not such a file.
    pub fn from_parquet(bytes: Bytes) -> Result<Self, ParquetError> {
        let reader = SerializedFileReader::new(bytes)?;
        let meta = reader.metadata().file_metadata();
        let other = || ParquetError::General("not a table of an analysis".to_owned());
        let pairs: HashMap<&str, &str> = meta
            .key_value_metadata()
            .into_iter()
            .flatten()
            .filter_map(|pair| Some((pair.key.as_str(), pair.value.as_deref()?)))
            .collect();
        let about = pairs.get(KEY).ok_or_else(other)?;
        let About { id, title, columns } = serde_json::from_str(about).map_err(|_| other())?;
        let schema = meta.schema_descr();
        if schema.num_columns() != columns.len() {
            return Err(other());
        }
        let mut table = Self { id, title, columns: Vec::new() };
        for (at, (title, unit)) in columns.into_iter().enumerate() {
            let described = schema.column(at);
            if !is_flat(&described) {
                return Err(other());
            }
            let mut values = match described.physical_type() {
                parquet::basic::Type::DOUBLE => Values::Number(Vec::new()),
                parquet::basic::Type::INT64 => Values::Count(Vec::new()),
                parquet::basic::Type::BYTE_ARRAY => Values::Text(Vec::new()),
                _ => return Err(other()),
            };
            for index in 0..reader.num_row_groups() {
                let group = reader.get_row_group(index)?;
                match &mut values {
                    Values::Number(all) => {
                        let (known, levels) = read::<DoubleType>(&*group, at)?;
                        if levels.is_empty() {
                            all.extend(known.into_iter().map(Some));
                        } else {
                            let mut known = known.into_iter();
                            all.extend(levels.into_iter().map(|level| if level > 0 { known.next() } else { None }));
                        }
                    }
                    Values::Count(all) => {
                        let counts = read_each::<Int64Type>(&*group, at)?.ok_or_else(other)?;
                        all.extend(counts.into_iter().map(i64::cast_unsigned));
                    }
                    Values::Text(all) => {
                        for text in read_each::<ByteArrayType>(&*group, at)?.ok_or_else(other)? {
                            all.push(text.as_utf8()?.to_owned());
                        }
                    }
                }
            }
            table.columns.push(Column { name: described.name().to_owned(), title, unit, values });
        }
        Ok(table)
    }
}

/// Writes a column of a row group: its known values, and for each row whether there is one where the schema allows
/// for none.
pub fn write<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, impl std::io::Write + Send>,
    values: &[T::T],
    levels: Option<&[i16]>,
) -> Result<(), ParquetError> {
    let Some(mut column) = group.next_column()? else {
        return Err(ParquetError::General("the schema has fewer columns".into()));
    };
    column.typed::<T>().write_batch(values, levels, None)?;
    column.close()
}

/// Whether a column has at most one value in each row, which is what [`read`] takes.
pub fn is_flat(column: &ColumnDescriptor) -> bool {
    column.max_rep_level() == 0 && column.max_def_level() <= 1
}

/// The values of a column that has one in each row; none where one is absent.
pub fn read_each<T: DataType>(group: &dyn RowGroupReader, at: usize) -> Result<Option<Vec<T::T>>, ParquetError> {
    let (values, levels) = read::<T>(group, at)?;
    Ok((!levels.contains(&0)).then_some(values))
}

/// The known values of a column, and for each row whether there is one; nothing of the latter where the schema has a
/// value in each.
pub fn read<T: DataType>(group: &dyn RowGroupReader, at: usize) -> Result<(Vec<T::T>, Vec<i16>), ParquetError> {
    let n_rows = usize::try_from(group.metadata().num_rows()).unwrap_or(0);
    let (mut values, mut levels) = (Vec::new(), Vec::new());
    let mut reader = get_typed_column_reader::<T>(group.get_column_reader(at)?);
    let mut n = 0;
    while n < n_rows {
        let (records, _, _) = reader.read_records(n_rows - n, Some(&mut levels), None, &mut values)?;
        if records == 0 {
            return Err(ParquetError::EOF(format!("column {at} ends early")));
        }
        n += records;
    }
    Ok((values, levels))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_back_as_it_was() {
        let table = Table::new("bursts", "Bursts")
            .texts(("electrode", "Electrode"), ["A1".to_owned(), "B, 2".to_owned(), "µ".to_owned()])
            .counts(("n_spikes", "Spikes"), [5, u64::MAX, 0])
            .numbers(("duration_s", "Duration", "s"), [Some(0.1 + 0.2), None, Some(-1e-300)]);
        for table in [table.clone(), table.head(0), Table::new("empty", "Nothing")] {
            let bytes = table.to_parquet().expect("writes");
            assert_eq!(Table::from_parquet(bytes.clone().into()).expect("reads"), table);
            for length in [0, bytes.len() / 2, bytes.len() - 1] {
                assert!(Table::from_parquet(Bytes::copy_from_slice(&bytes[..length])).is_err(), "{length}");
            }
        }
        let spikes = crate::spikes::write_parquet(&[]).expect("writes");
        assert!(Table::from_parquet(spikes.into()).is_err());
    }

    /// A file of another program: a column with this schema, and what the metadata must tell.
    fn foreign<T: DataType>(column: &str, values: &[T::T], levels: Option<&[i16]>) -> Bytes {
        let about = r#"{"id":"other","title":"Other","columns":[["Value","s"]]}"#;
        let properties = WriterProperties::builder()
            .set_key_value_metadata(Some(vec![KeyValue::new(KEY.to_owned(), about.to_owned())]))
            .build();
        let schema = Arc::new(parse_message_type(&format!("message table {{ {column} }}")).expect("a schema"));
        let mut bytes = Vec::new();
        let mut writer = SerializedFileWriter::new(&mut bytes, schema, Arc::new(properties)).expect("a writer");
        let mut group = writer.next_row_group().expect("a group");
        write::<T>(&mut group, values, levels).expect("written");
        group.close().expect("closed");
        writer.close().expect("closed");
        bytes.into()
    }

    #[test]
    fn a_column_without_marks_of_absent_values_has_all_its_rows() {
        let table = Table::from_parquet(foreign::<DoubleType>("REQUIRED DOUBLE value;", &[0.5, -2.0], None));
        let expected = Table::new("other", "Other").numbers(("value", "Value", "s"), [Some(0.5), Some(-2.0)]);
        assert_eq!(table.expect("reads"), expected);
        let all = foreign::<Int64Type>("OPTIONAL INT64 value;", &[3, 4], Some(&[1, 1]));
        assert_eq!(Table::from_parquet(all).expect("reads").n_rows(), 2);
        let some = foreign::<Int64Type>("OPTIONAL INT64 value;", &[4], Some(&[0, 1]));
        assert!(Table::from_parquet(some).is_err(), "a count must not move to another row");
        let some = foreign::<ByteArrayType>("OPTIONAL BYTE_ARRAY value;", &["a".into()], Some(&[1, 0]));
        assert!(Table::from_parquet(some).is_err());
        let deep = "OPTIONAL group within { OPTIONAL DOUBLE value; }";
        assert!(Table::from_parquet(foreign::<DoubleType>(deep, &[0.5], Some(&[2, 1]))).is_err());
    }
}
