//! The clock of an expression. Times without a zone are all that SQL sees, so what names its zone is turned into what one clock shows,
//! before a cast or a function can drop the zone; a text from which its zone was cut off is refused.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::record_batch::{RecordBatch, RecordBatchOptions};
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::TimeZone;
use polars::prelude::{
    Column, DataType as PolarsType, DataTypeExpr, Expr, FunctionExpr, IntoColumn, PlSmallStr, PolarsError, PolarsResult, StringChunked,
    StringFunction, StrptimeOptions,
};

use super::roots::{roots, settled};
use crate::input::times::clock::Clock;
use crate::input::times::time::{has_zone, stamps};
use crate::input::times::time_text::{TextTime, parse, split};
use crate::spec::NO_TIME;
use crate::spec::period::iso;
use crate::spec::{DAY_MICROSECONDS, day_of_time};

/// The batch with its times of a zone as the times that the clock of `zone` shows, without a zone.
pub(super) fn shown(batch: &RecordBatch, zone: &TimeZone) -> Result<RecordBatch, String> {
    if !batch.schema_ref().fields().iter().any(|field| has_zone(field.data_type())) {
        return Ok(batch.clone());
    }
    let mut clock = Clock::new(zone.clone());
    let columns: Vec<(Arc<Field>, ArrayRef)> = batch
        .schema_ref()
        .fields()
        .iter()
        .zip(batch.columns())
        .map(|(field, array)| {
            let Some(moments) = stamps(array).filter(|_| has_zone(field.data_type())) else {
                return (Arc::clone(field), Arc::clone(array));
            };
            // What lies beyond the calendar stays what it is: no time.
            let shown = |(row, moment): (usize, &i64)| {
                let is_time = array.is_valid(row) && *moment != NO_TIME;
                is_time.then(|| clock.shows(*moment).unwrap_or(*moment))
            };
            let shown: TimestampMicrosecondArray = moments.iter().enumerate().map(shown).collect();
            let data_type: DataType = shown.data_type().clone();
            (Arc::new(Field::new(field.name(), data_type, true)), Arc::new(shown) as ArrayRef)
        })
        .collect();
    let (fields, arrays): (Vec<Arc<Field>>, Vec<ArrayRef>) = columns.into_iter().unzip();
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options).map_err(|cause| cause.to_string())
}

/// The expression with texts turned into what the clock of `zone` shows before they are cast to a day or time: Polars would drop the zone
/// that they name.
///
/// Unless the job says whose clock times without a zone show, a text from which an expression has cut the zone is an error: it would be
/// taken for a local time.
pub(super) fn keeping_zones(expression: Expr, zone: &TimeZone, is_said: bool) -> Expr {
    let uncut = |text: Expr| if is_said { text } else { uncut(text) };
    let expression = if expression.into_iter().any(makes_time) { expression } else { uncut(expression) };
    expression.map_expr(|node| match node {
        Expr::Cast { expr, dtype: DataTypeExpr::Literal(dtype @ (PolarsType::Datetime(..) | PolarsType::Date)), options } => {
            let form = if dtype == PolarsType::Date { Form::Day } else { Form::Cast };
            Expr::Cast {
                expr: Arc::new(converted(uncut(Arc::unwrap_or_clone(expr)), zone, form)),
                dtype: DataTypeExpr::Literal(dtype),
                options,
            }
        }
        Expr::Function { input, function: FunctionExpr::StringExpr(StringFunction::Strptime(dtype, options)) } => {
            let form = if matches!(dtype, DataTypeExpr::Literal(PolarsType::Date)) { Form::Day } else { Form::Plain };
            let (input, options) = match options.format.as_deref().map(zone_at_end) {
                None => (first(input, |text| converted(uncut(text), zone, form)), options),
                Some(None) => (first(input, uncut), options),
                Some(Some(format)) => {
                    let plain = PlSmallStr::from_static(if form == Form::Day { "%Y-%m-%d" } else { "%Y-%m-%d %H:%M:%S%.6f" });
                    let (format, is_strict) = (format.to_owned(), options.strict);
                    let input = first(input, |text| {
                        let zone = zone.clone();
                        text.map(move |column| parsed(column, &format, &zone, form, is_strict), |_, field| settled(field))
                    });
                    (input, StrptimeOptions { format: Some(plain), ..options })
                }
            };
            Expr::Function { input, function: FunctionExpr::StringExpr(StringFunction::Strptime(dtype, options)) }
        }
        node => node,
    })
}

/// Whether a node makes a day or time.
fn makes_time(node: &Expr) -> bool {
    match node {
        Expr::Cast { dtype: DataTypeExpr::Literal(dtype), .. } => matches!(dtype, PolarsType::Datetime(..) | PolarsType::Date),
        Expr::Function { function: FunctionExpr::StringExpr(StringFunction::Strptime(..)), .. } => true,
        _ => false,
    }
}

/// Whether an expression makes times of numbers: it casts to a time, and reads no text in a format.
pub(super) fn counts_from_1970(expression: &Expr) -> bool {
    let is_text = |node: &Expr| matches!(node, Expr::Function { function: FunctionExpr::StringExpr(StringFunction::Strptime(..)), .. });
    let is_cast = |node: &Expr| matches!(node, Expr::Cast { dtype: DataTypeExpr::Literal(PolarsType::Datetime(..)), .. });
    expression.into_iter().any(is_cast) && !expression.into_iter().any(is_text)
}

/// The form in which a time is handed to Polars as text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// The day alone.
    Day,
    /// Day and time, as functions of Polars recognise them.
    Plain,
    /// Day and time, as casts of Polars read them: they need an offset, and ignore it.
    Cast,
}

fn first(mut input: Vec<Expr>, convert: impl FnOnce(Expr) -> Expr) -> Vec<Expr> {
    if let Some(text) = input.first_mut() {
        *text = convert(std::mem::take(text));
    }
    input
}

/// Texts as days or times of the clock of `zone`; texts that are not times, and other values, as they are. Functions that recognise the
/// form of texts get them as they are where none names its zone: they know more forms.
fn converted(text: Expr, zone: &TimeZone, form: Form) -> Expr {
    let zone = zone.clone();
    let convert = move |column: Column| -> PolarsResult<Column> {
        if column.dtype() != &PolarsType::String {
            return Ok(column);
        }
        let texts = column.str()?;
        if form != Form::Cast && !texts.iter().flatten().any(|text| matches!(parse(text), Some(TextTime::Moment(_)))) {
            return Ok(column);
        }
        let mut clock = Clock::new(zone.clone());
        let mut shown = |text: &str| match parse(text) {
            Some(TextTime::Moment(moment)) => clock.shows(moment).map(|time| written(time, form)),
            Some(TextTime::Day(time) | TextTime::Shown(time)) => Some(written(time, form)),
            None => None,
        };
        let texts: StringChunked = texts.iter().map(|text| text.map(|text| shown(text).unwrap_or_else(|| text.to_owned()))).collect();
        Ok(texts.with_name(column.name().clone()).into_column())
    };
    text.map(convert, |_, field| settled(field))
}

/// A text that an expression makes of others, refused where one of those names its zone and the text has the same digits without it.
fn uncut(text: Expr) -> Expr {
    if matches!(text, Expr::Column(_)) {
        return text;
    }
    let roots = roots(&text);
    if roots.is_empty() {
        return text;
    }
    let check = |columns: &mut [Column]| -> PolarsResult<Column> {
        let Some((text, roots)) = columns.split_first() else { return Err(PolarsError::NoData("a text".into())) };
        if text.dtype() == &PolarsType::String {
            for root in roots.iter().filter(|root| root.dtype() == &PolarsType::String && root.len() == text.len()) {
                let pairs = text.str()?.iter().zip(root.str()?.iter());
                if let Some((_, whole)) = pairs.filter_map(|(text, whole)| text.zip(whole)).find(|(text, whole)| is_cut(text, whole)) {
                    let what = format!(
                        "the zone of `{whole}` is cut off before the text becomes a time: cast the whole text, or say whose clock the rest \
                         shows with the key `times` of the input"
                    );
                    return Err(PolarsError::ComputeError(what.into()));
                }
            }
        }
        Ok(text.clone())
    };
    text.map_many(check, &roots, |_, fields| settled(fields.first().ok_or_else(|| PolarsError::NoData("a text".into()))?))
}

/// Whether a text is the beginning of a time that names its zone, without that zone.
fn is_cut(text: &str, whole: &str) -> bool {
    let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).collect::<Vec<u8>>();
    let has_no_zone = match parse(text) {
        Some(TextTime::Moment(_)) => false,
        Some(TextTime::Day(_) | TextTime::Shown(_)) => true,
        None => split(text.trim()).is_none(),
    };
    let cut = digits(text);
    has_no_zone && cut.len() >= 8 && matches!(parse(whole), Some(TextTime::Moment(_))) && digits(whole).starts_with(&cut)
}

/// A format without the zone at its end, if it has one.
fn zone_at_end(format: &str) -> Option<&str> {
    const ZONES: [&str; 7] = ["%::z", "%:z", "%#z", "%z", "%Z", "%Q", "%+"];
    let format = format.trim_end();
    if format == "%+" {
        return Some("%Y-%m-%dT%H:%M:%S%.f");
    }
    let directive = ZONES.iter().find_map(|zone| format.strip_suffix(zone)).map(str::trim_end);
    // A zone that the format writes out, as in `%SZ`, is that of the texts too.
    directive.or_else(|| split(format).map(|(format, _)| format))
}

/// Texts in a format with a zone behind it, as days or times of the clock of `zone`.
fn parsed(column: Column, format: &str, zone: &TimeZone, form: Form, is_strict: bool) -> PolarsResult<Column> {
    let mut clock = Clock::new(zone.clone());
    let mut time = |text: &str| -> Option<String> {
        let (text, offset) = split(text.trim())?;
        let shown = BrokenDownTime::parse(format, text).ok()?.to_datetime().ok()?;
        let shown = TimeZone::UTC.to_timestamp(shown).ok()?.as_microsecond();
        clock.shows(shown.checked_sub(offset)?).map(|time| written(time, form))
    };
    let mut texts = Vec::with_capacity(column.len());
    for text in column.str()?.iter() {
        let read = text.and_then(&mut time);
        if let (Some(text), None, true) = (text, &read, is_strict) {
            let what = format!("`{text}` is not a time in the format `{format}` with a zone such as Z, +08 or +08:00 behind it");
            return Err(PolarsError::ComputeError(what.into()));
        }
        texts.push(read);
    }
    let texts: StringChunked = texts.into_iter().collect();
    Ok(texts.with_name(column.name().clone()).into_column())
}

/// A time as Polars reads it.
fn written(time: i64, form: Form) -> String {
    let day = iso(day_of_time(time));
    let micros = time.rem_euclid(DAY_MICROSECONDS);
    let (seconds, fraction) = (micros / 1_000_000, micros % 1_000_000);
    let clock = format!("{:02}:{:02}:{:02}.{fraction:06}", seconds / 3_600, seconds / 60 % 60, seconds % 60);
    match form {
        Form::Day => day,
        Form::Plain => format!("{day} {clock}"),
        Form::Cast => format!("{day}T{clock}+00:00"),
    }
}
