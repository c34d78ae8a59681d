//! Days of a column whose times show another clock than the shop's: the days that SQL takes from such times are those of that clock.

use std::sync::Arc;

use jiff::tz::TimeZone;
use polars::prelude::{Column, DataType, DataTypeExpr, Expr, FunctionExpr, PolarsError, PolarsResult, TemporalFunction, TimeUnit};

use super::roots::{roots, settled};
use crate::input::times::clock::Clock;
use crate::input::times::time_text::{TextTime, parse};
use crate::spec::period::iso;
use crate::spec::{DAY_MICROSECONDS, day_of_time, iso_time};

/// The clocks between which a time has different days.
#[derive(Debug, Clone)]
pub(super) struct Clocks {
    /// The clock that the times show.
    pub shown: TimeZone,
    /// The clock of the shop.
    pub shop: TimeZone,
}

/// The expression of a time, which stops where it makes a day of a time at which the clock of the shop shows another one.
pub(super) fn of_shop(expression: Expr, clocks: &Clocks) -> Expr {
    let expression = expression.map_expr(|node| match node {
        Expr::Cast { expr, dtype: DataTypeExpr::Literal(DataType::Date), options } => {
            let expr = Arc::new(checked(Arc::unwrap_or_clone(expr), clocks));
            Expr::Cast { expr, dtype: DataTypeExpr::Literal(DataType::Date), options }
        }
        Expr::Function { mut input, function: FunctionExpr::TemporalExpr(TemporalFunction::ToString(format)) } => {
            if !has_hour(&format)
                && let Some(time) = input.first_mut()
            {
                *time = checked(std::mem::take(time), clocks);
            }
            Expr::Function { input, function: FunctionExpr::TemporalExpr(TemporalFunction::ToString(format)) }
        }
        node => node,
    });
    let (roots, clocks) = (roots(&expression), clocks.clone());
    if roots.is_empty() {
        return expression;
    }
    let check = move |columns: &mut [Column]| -> PolarsResult<Column> {
        let Some((result, roots)) = columns.split_first() else { return Err(PolarsError::NoData("a time".into())) };
        let days = days(result)?;
        for root in roots.iter().filter(|root| root.len() == result.len()) {
            for (day, time) in days.iter().zip(times(root, &clocks.shown)?) {
                if let (Some(day), Some(time)) = (day, time)
                    && day_of_time(time) == *day
                {
                    clocks.same_day(time)?;
                }
            }
        }
        Ok(result.clone())
    };
    expression.map_many(check, &roots, |_, fields| settled(fields.first().ok_or_else(|| PolarsError::NoData("a time".into()))?))
}

/// Whether a format shows the hour: a text with it is a time still.
fn has_hour(format: &str) -> bool {
    ["%H", "%I", "%k", "%l", "%T", "%R", "%X", "%c", "%s", "%r", "%+"].iter().any(|hour| format.contains(hour)) || format.starts_with("iso")
}

/// Times of which a day is made.
fn checked(time: Expr, clocks: &Clocks) -> Expr {
    let clocks = clocks.clone();
    let check = move |column: Column| {
        for time in moments(&column)?.into_iter().flatten() {
            clocks.same_day(time)?;
        }
        Ok(column)
    };
    time.map(check, |_, field| settled(field))
}

impl Clocks {
    /// Refuses a time at which both clocks show different days.
    fn same_day(&self, time: i64) -> PolarsResult<()> {
        let moment = Clock::new(self.shown.clone()).moment(time);
        let Some(shop) = moment.and_then(|moment| Clock::new(self.shop.clone()).shows(moment)) else { return Ok(()) };
        if day_of_time(shop) == day_of_time(time) {
            return Ok(());
        }
        let name = |zone: &TimeZone| zone.iana_name().unwrap_or("the job").to_owned();
        let what = format!(
            "{} is the day at {} by the clock of {}, and that of {} shows {} then: map the whole time, such as `paid_at: t`, of which the \
             run takes the days of the shop",
            iso(day_of_time(time)),
            iso_time(time),
            name(&self.shown),
            name(&self.shop),
            iso_time(shop)
        );
        Err(PolarsError::ComputeError(what.into()))
    }
}

/// The times of a column of times.
fn moments(column: &Column) -> PolarsResult<Vec<Option<i64>>> {
    match column.dtype() {
        DataType::Datetime(..) => {
            let micros = column.cast(&DataType::Datetime(TimeUnit::Microseconds, None))?;
            Ok(micros.datetime()?.physical().iter().collect())
        }
        _ => Ok(vec![None; column.len()]),
    }
}

/// The times of a column of times, or of texts with hours.
fn times(column: &Column, shown: &TimeZone) -> PolarsResult<Vec<Option<i64>>> {
    if column.dtype() != &DataType::String {
        return moments(column);
    }
    let mut clock = Clock::new(shown.clone());
    let time = |text: &str| match parse(text) {
        Some(TextTime::Moment(moment)) => clock.shows(moment),
        Some(TextTime::Shown(time)) => Some(time),
        Some(TextTime::Day(_)) | None => None,
    };
    Ok(column
        .str()?
        .iter()
        .map({
            let mut time = time;
            move |text| text.and_then(&mut time)
        })
        .collect())
}

/// The days of a column of days, or of texts that are days.
fn days(column: &Column) -> PolarsResult<Vec<Option<i32>>> {
    match column.dtype() {
        DataType::Date => Ok(column.date()?.physical().iter().collect()),
        DataType::String => {
            let day = |text: &str| match parse(text) {
                Some(TextTime::Day(time)) => i32::try_from(time.div_euclid(DAY_MICROSECONDS)).ok(),
                _ => None,
            };
            Ok(column.str()?.iter().map(|text| text.and_then(day)).collect())
        }
        _ => Ok(Vec::new()),
    }
}
