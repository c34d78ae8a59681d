//! Partial results: the states of one process as bytes, for another process whose dictionaries have another order.
//!
//! ```text
//! "huitoupr"  format  header  dictionaries, as CodeOf::ALL has them  states, in a row
//!  8 bytes    u32     each of these an Arrow IPC stream, its length before it as u64; integers are little-endian
//! ```
//!
//! The dictionary of shops has the end of each shop's calibration as a second column: folds for forecasts divide orders by it.
//!
//! Processes may share out the shops or the customers. Where there are folds over scopes they must share out customers: two halves of what a
//! person bought in several shops would be two people.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arrow::array::{AsArray, Int32Array};
use arrow::datatypes::{DataType, Field, Int32Type, Schema};
use arrow::ipc::reader::StreamReader;
use arrow::ipc::writer::StreamWriter;
use arrow::record_batch::RecordBatch;

use super::codes::{CodeOf, Translation};
use super::customer::keys::{CustomerIds, mixed};
use super::folds::Folds;
use crate::error::{Error, Result};
use crate::history::{Context, Fold};
use crate::input::values::codes::OwnedId;
use crate::spec::period::iso;
use crate::spec::{Day, IdType, NO_DAY};

/// The first bytes.
const MAGIC: &[u8; 8] = b"huitoupr";
/// The version of the format: raised when the order or form of the streams changes.
const FORMAT: u32 = 3;
/// The column of the dictionary of shops that has the last day of each shop's calibration.
const CALIBRATION_END: &str = "calibration_end";

/// What must be equal in the process that counted and in the one that merges: program, as-of date, first day of weeks, parameters, types
/// of ids, folds with their versions, parts. `parameters` is the text that the processes agree on, the same in each: not the canonical
/// text of a job, which names the input files of one process.
fn identity(folds: &Folds, context: &Context, parameters: &str) -> BTreeMap<String, String> {
    let kind = |id: &IdType| match id {
        id if !id.is_integer() => "text",
        id if id.data_type().is_unsigned_integer() => "unsigned",
        _ => "signed",
    };
    let ids = &context.ids;
    let ids = [&ids.shop, &ids.customer, &ids.category, &ids.item, &ids.campaign].map(kind).join(", ");
    let entries = [
        ("program", env!("CARGO_PKG_VERSION").to_owned()),
        ("as_of", iso(context.as_of)),
        // The numbers of weeks in states mean other days if weeks begin on another one.
        ("week_starts", context.params.week_starts.name().to_owned()),
        ("parameters", parameters.to_owned()),
        ("ids", ids),
        ("folds", folds.names_and_versions().join(", ")),
        ("parts", folds.parts().join(", ")),
    ];
    entries.into_iter().map(|(name, entry)| (name.to_owned(), entry)).collect()
}

/// Returns the states of the folds of this process as bytes. The folds are empty afterwards.
///
/// # Errors
/// [`Error::Bug`] where Arrow refuses a state.
pub fn export(folds: &mut Folds, context: &Context, parameters: &str) -> Result<Vec<u8>> {
    let mut bytes = [MAGIC.as_slice(), &FORMAT.to_le_bytes()].concat();
    let header = Schema::empty().with_metadata(identity(folds, context, parameters));
    write(&mut bytes, &RecordBatch::new_empty(Arc::new(header)))?;
    for of in CodeOf::ALL {
        let mut values = CustomerIds::default();
        if !of.values(context).iter().all(|value| values.push(value.id())) {
            return Err(mixed());
        }
        let (mut fields, mut columns) = (vec![Field::new(of.name(), values.data_type(), false)], vec![values.into_array()?]);
        if of == CodeOf::Shop {
            fields.push(Field::new(CALIBRATION_END, DataType::Int32, false));
            columns.push(Arc::new(Int32Array::from(context.calibration_ends.clone())));
        }
        write(&mut bytes, &RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)?;
    }
    for state in folds.state()? {
        write(&mut bytes, &state)?;
    }
    Ok(bytes)
}

/// Merges the states of another process into the folds of this one. `context` has all values of the other process.
///
/// # Errors
/// [`Error::Bug`] if the bytes are not a partial result, if program, as-of date, first day of weeks, parameters, ids, folds or
/// calibrations differ, or if this process does not have a value.
pub fn import(folds: &mut Folds, context: &Context, parameters: &str, bytes: &[u8]) -> Result<()> {
    let foreign = || Error::bug("the bytes are not a partial result of this format");
    let format = bytes.strip_prefix(MAGIC).and_then(|rest| rest.split_first_chunk()).filter(|(format, _)| **format == FORMAT.to_le_bytes());
    let (_, mut rest) = format.ok_or_else(foreign)?;
    let header = read(&mut rest)?.ok_or_else(foreign)?;
    let (found, own) = (header.schema().metadata().clone(), identity(folds, context, parameters));
    let differs = |(name, own): (&String, &String)| {
        let other = found.get(name).map_or("nothing", |other| other.as_str());
        (other != own).then(|| format!("{name} is `{other}` there and `{own}` here"))
    };
    let differences: Vec<String> = own.iter().filter_map(differs).collect();
    if !differences.is_empty() {
        return Err(Error::bug(format!("a partial result of another run: {}", differences.join("; "))));
    }
    let mut translation = Translation::default();
    for of in CodeOf::ALL {
        let batch = read(&mut rest)?.ok_or_else(foreign)?;
        let ids = CustomerIds::concatenated(&[Arc::clone(batch.column_by_name(of.name()).ok_or_else(foreign)?)])?;
        let values: Vec<OwnedId> = (0..ids.len()).map(|row| ids.get(row).into()).collect();
        translation.add(of, &values, context)?;
        if of == CodeOf::Shop {
            let ends = batch.column_by_name(CALIBRATION_END).and_then(|ends| ends.as_primitive_opt::<Int32Type>()).ok_or_else(foreign)?;
            same_calibration(&values, ends.values(), context)?;
        }
    }
    let mut states = Vec::new();
    while let Some(state) = read(&mut rest)? {
        states.push(translation.translate(&state)?);
    }
    folds.merge(&states)
}

/// Refuses a partial result whose process divided the orders of a shop into calibration and holdout at another day. A process that
/// counted no order of a shop has no day for it.
fn same_calibration(shops: &[OwnedId], ends: &[Day], context: &Context) -> Result<()> {
    let own: HashMap<OwnedId, Day> = CodeOf::Shop.values(context).into_iter().zip(context.calibration_ends.iter().copied()).collect();
    let differs = |(shop, end): &(&OwnedId, &Day)| **end != NO_DAY && own.get(shop) != Some(end);
    match shops.iter().zip(ends).find(differs) {
        Some((shop, end)) => {
            let here = own.get(shop).filter(|day| **day != NO_DAY).map_or("no day".to_owned(), |day| iso(*day));
            Err(Error::bug(format!("the calibration of shop {shop:?} ends on {} in a partial result and on {here} here", iso(*end))))
        }
        None => Ok(()),
    }
}

/// Appends a batch as a stream, preceded by its length.
fn write(bytes: &mut Vec<u8>, batch: &RecordBatch) -> Result<()> {
    let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema())?;
    writer.write(batch)?;
    let stream = writer.into_inner()?;
    bytes.extend((stream.len() as u64).to_le_bytes());
    bytes.extend(stream);
    Ok(())
}

/// Reads the next batch; `None` at the end.
fn read(rest: &mut &[u8]) -> Result<Option<RecordBatch>> {
    let cut = || Error::bug("a partial result is cut off");
    if rest.is_empty() {
        return Ok(None);
    }
    let (length, after) = rest.split_first_chunk().ok_or_else(cut)?;
    let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| cut())?;
    let (stream, after) = after.split_at_checked(length).ok_or_else(cut)?;
    *rest = after;
    StreamReader::try_new(stream, None)?.next().transpose()?.ok_or_else(cut).map(Some)
}
