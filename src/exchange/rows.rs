//! Rows as an Arrow IPC stream: four columns `kind` (text), `part` and `scan` (integers), `payload` (binary). Every stream ends with a row of kind
//! [`Kind::End`]; a reader refuses one that does not, since a pipe whose writer died looks like one that is done. All other payloads end with
//! a checksum of the row and of the work that it is of: a row that was changed on its way, or that belongs to another run, is refused.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, BinaryArray, Int32Array, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Int32Type, Schema};
use arrow::ipc::reader::StreamReader;
use arrow::ipc::writer::StreamWriter;
use arrow::record_batch::RecordBatch;

use super::row::{Kind, Row};
use crate::error::{Error, Problem, Result};

/// The version of what steps tell each other: raised when a row is of another form or means something else.
pub const PROTOCOL: &str = "1";

/// The keys of the metadata.
const PROTOCOL_KEY: &str = "huitou_protocol";
const WORK_KEY: &str = "huitou_work";

/// Bytes of payloads that one batch has at most, but for a single row that has more.
const BATCH_BYTES: usize = 8 << 20;

/// The columns.
fn schema(work: &str) -> Schema {
    let fields = [("kind", DataType::Utf8), ("part", DataType::Int32), ("scan", DataType::Int32), ("payload", DataType::Binary)];
    let fields: Vec<Field> = fields.into_iter().map(|(name, data_type)| Field::new(name, data_type, false)).collect();
    let metadata = [(PROTOCOL_KEY, PROTOCOL), (WORK_KEY, work)].map(|(key, value)| (key.to_owned(), value.to_owned()));
    Schema::new(fields).with_metadata(HashMap::from(metadata))
}

/// Writes the rows of some work, and the row that ends the stream.
///
/// # Errors
/// [`Error::Output`] where the reader is gone.
pub fn write(into: impl Write, work: &str, rows: impl IntoIterator<Item = Row>) -> Result<()> {
    let schema = Arc::new(schema(work));
    let mut writer = StreamWriter::try_new(into, &schema).map_err(unwritten)?;
    let (mut waiting, mut bytes) = (Vec::new(), 0);
    let end = Row { kind: Kind::End, part: 0, scan: 0, payload: Vec::new() };
    for row in rows.into_iter().chain([end]) {
        if bytes + row.payload.len() > BATCH_BYTES && !waiting.is_empty() {
            writer.write(&batch(&schema, &waiting)?).map_err(unwritten)?;
            (waiting, bytes) = (Vec::new(), 0);
        }
        bytes += row.payload.len();
        waiting.push(row);
    }
    writer.write(&batch(&schema, &waiting)?).map_err(unwritten)?;
    writer.finish().map_err(unwritten)
}

/// Bytes of a checksum.
const CHECKSUM: usize = 4;

/// The checksum of a row of some work.
fn checksum(work: &str, kind: Kind, [part, scan]: [u32; 2], payload: &[u8]) -> [u8; CHECKSUM] {
    let mut hasher = crc32fast::Hasher::new();
    [work.as_bytes(), &[0], kind.name().as_bytes(), &part.to_le_bytes(), &scan.to_le_bytes(), payload]
        .iter()
        .for_each(|part| hasher.update(part));
    hasher.finalize().to_le_bytes()
}

fn batch(schema: &Arc<Schema>, rows: &[Row]) -> Result<RecordBatch> {
    let work = schema.metadata().get(WORK_KEY).map(|work| work.to_string()).unwrap_or_default();
    let payload = |row: &Row| match row.kind {
        Kind::End => Vec::new(),
        kind => [row.payload.as_slice(), &checksum(&work, kind, [row.part, row.scan], &row.payload)].concat(),
    };
    let number = |number: u32| i32::try_from(number).map_err(|_| Error::bug("a row with a number beyond 31 bits"));
    let numbers = |of: fn(&Row) -> u32| rows.iter().map(|row| number(of(row))).collect::<Result<Vec<i32>>>();
    if let Some(large) = rows.iter().find(|row| row.payload.len() > i32::MAX as usize - CHECKSUM) {
        let what = format!("a row of kind `{}` has {} bytes, and a row can have 2 GiB", large.kind.name(), large.payload.len());
        return Err(Error::Output(Problem::new("the stream of a step", what).help("share the work out to more tasks")));
    }
    let columns: [ArrayRef; 4] = [
        Arc::new(StringArray::from_iter_values(rows.iter().map(|row| row.kind.name()))),
        Arc::new(Int32Array::from(numbers(|row| row.part)?)),
        Arc::new(Int32Array::from(numbers(|row| row.scan)?)),
        Arc::new(BinaryArray::from_iter_values(rows.iter().map(payload))),
    ];
    Ok(RecordBatch::try_new(Arc::clone(schema), columns.to_vec())?)
}

fn unwritten(cause: arrow::error::ArrowError) -> Error {
    Error::Output(Problem::new("standard output", cause.to_string()).help("whoever started the step does not read on"))
}

/// Reads all rows of a stream, and the work that it is of. The columns may be of any type of text, integer or bytes, as engines have them.
///
/// # Errors
/// [`Error::Input`] where it is no such stream, of another protocol, or was cut off.
pub fn read(from: impl Read) -> Result<(String, Vec<Row>)> {
    let reader = StreamReader::try_new(from, None).map_err(|cause| unreadable(&cause.to_string()))?;
    let metadata = reader.schema().metadata().clone();
    let entry = |key: &str| metadata.get(key).map(|entry| entry.to_string()).unwrap_or_default();
    let (protocol, work) = (entry(PROTOCOL_KEY), entry(WORK_KEY));
    if protocol != PROTOCOL {
        let found = if protocol.is_empty() { "none".to_owned() } else { format!("`{protocol}`") };
        let what = format!("a stream of the protocol `{PROTOCOL}` was expected, and its metadata say {found}");
        let help = "start all steps with one and the same huitou: `huitou engine spark` writes the script that belongs to it";
        return Err(Error::Input(vec![Problem::new("standard input", what).help(help)]));
    }
    let mut rows = Vec::new();
    for batch in reader {
        rows_of(&batch.map_err(|cause| unreadable(&cause.to_string()))?, &work, &mut rows)?;
    }
    match rows.pop() {
        Some(Row { kind: Kind::End, .. }) if rows.iter().all(|row| row.kind != Kind::End) => Ok((work, rows)),
        _ => Err(unreadable("it was cut off: its last row, and only that, is of kind `end`")),
    }
}

fn rows_of(batch: &RecordBatch, work: &str, rows: &mut Vec<Row>) -> Result<()> {
    let column = |name: &str, data_type: &DataType| {
        let column = batch.column_by_name(name).ok_or_else(|| unreadable(&format!("there is no column `{name}`")))?;
        let column = cast(column, data_type).map_err(|cause| unreadable(&format!("column `{name}`: {cause}")))?;
        if column.null_count() > 0 { Err(unreadable(&format!("column `{name}`: a value is missing"))) } else { Ok(column) }
    };
    let (kinds, payloads) = (column("kind", &DataType::Utf8)?, column("payload", &DataType::LargeBinary)?);
    let (parts, scans) = (column("part", &DataType::Int32)?, column("scan", &DataType::Int32)?);
    let (kinds, payloads) = (kinds.as_string::<i32>(), payloads.as_binary::<i64>());
    let (parts, scans) = (parts.as_primitive::<Int32Type>(), scans.as_primitive::<Int32Type>());
    for row in 0..batch.num_rows() {
        let kind = Kind::ALL.into_iter().find(|kind| kind.name() == kinds.value(row));
        let kind = kind.ok_or_else(|| unreadable(&format!("there is no kind `{}`", kinds.value(row))))?;
        let number = |number: i32| u32::try_from(number).map_err(|_| unreadable("a number below zero"));
        let (part, scan, payload) = (number(parts.value(row))?, number(scans.value(row))?, payloads.value(row));
        let payload = match payload.split_last_chunk::<CHECKSUM>() {
            _ if kind == Kind::End => payload,
            Some((payload, found)) if *found == checksum(work, kind, [part, scan], payload) => payload,
            _ => return Err(unreadable(&format!("a row of kind `{}` was changed on its way, or is of another run", kind.name()))),
        };
        rows.push(Row { kind, part, scan, payload: payload.to_vec() });
    }
    Ok(())
}

fn unreadable(how: &str) -> Error {
    let problem = Problem::new("standard input", format!("is not what a step of huitou wrote: {how}"));
    Error::Input(vec![problem.help("steps are started by the script of `huitou engine spark`, which gives them what they need")])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(kind: Kind, part: u32, payload: &[u8]) -> Row {
        Row { kind, part, scan: 7, payload: payload.to_vec() }
    }

    #[test]
    fn rows_come_back_in_their_order_whatever_their_size() {
        let large = vec![5; BATCH_BYTES];
        let rows = vec![row(Kind::Plan, 0, b""), row(Kind::Lines, 3, &large), row(Kind::Orders, 9, b"ab"), row(Kind::Lines, 4, &large)];
        let mut bytes = Vec::new();
        write(&mut bytes, "2026-11-21-3f9c2a", rows.clone()).unwrap();
        assert_eq!(read(bytes.as_slice()).unwrap(), ("2026-11-21-3f9c2a".to_owned(), rows));
    }

    #[test]
    fn a_stream_that_was_cut_off_anywhere_is_refused() {
        let mut bytes = Vec::new();
        write(&mut bytes, "work", vec![row(Kind::Lines, 3, b"some lines"), row(Kind::Lines, 4, b"others")]).unwrap();
        // Without the end-of-stream marker of Arrow, 8 bytes, all rows are there.
        for length in 0..bytes.len() - 8 {
            let refused = read(&bytes[..length]).unwrap_err();
            assert_eq!(refused.exit_code(), 3, "{length}");
            assert!(refused.to_string().starts_with("standard input: "), "{refused}");
        }
    }

    #[test]
    fn a_row_that_was_changed_or_is_of_another_run_is_refused() {
        let mut bytes = Vec::new();
        write(&mut bytes, "work", vec![row(Kind::States, 3, b"counts of some buckets")]).unwrap();
        let at = bytes.windows(6).position(|window| window == b"counts").unwrap();
        for place in at..at + 22 {
            let mut changed = bytes.clone();
            changed[place] ^= 4;
            let refused = read(changed.as_slice()).unwrap_err().to_string();
            assert!(refused.contains("a row of kind `states` was changed on its way, or is of another run"), "{refused}");
        }
        let at = bytes.windows(4).position(|window| window == b"work").unwrap();
        bytes[at] = b'f';
        assert!(read(bytes.as_slice()).unwrap_err().to_string().contains("of another run"));
    }

    #[test]
    fn a_stream_of_another_program_or_protocol_is_refused() {
        let schema = Arc::new(Schema::new(vec![Field::new("kind", DataType::Utf8, false)]));
        let mut bytes = Vec::new();
        StreamWriter::try_new(&mut bytes, &schema).unwrap().finish().unwrap();
        let refused = read(bytes.as_slice()).unwrap_err().to_string();
        assert!(refused.contains("the protocol `1` was expected, and its metadata say none"), "{refused}");
        assert!(refused.contains("start all steps with one and the same huitou"), "{refused}");
    }
}
