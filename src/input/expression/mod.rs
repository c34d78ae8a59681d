//! SQL expressions over the columns of a file, evaluated by Polars, batch by batch.

mod allowed;
mod arithmetic;
mod clocks;
mod compared;
mod days;
mod days_and_numbers;
mod exact_ids;
mod functions;
#[cfg(test)]
mod fuzz;
mod growth;
mod hand_over;
#[cfg(test)]
mod limits_tests;
#[cfg(test)]
mod null_tests;
mod patterns;
mod pieces;
mod positions;
mod refused;
mod roots;
mod syntax;
#[cfg(test)]
mod tests;
mod truth;
mod unsigned;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Once};

use arrow::array::{Array, ArrayRef, BooleanArray, UInt32Array, new_null_array};
use arrow::compute::{concat, take_record_batch};
use arrow::datatypes::{DataType, Schema, TimeUnit};
use arrow::record_batch::RecordBatch;
use jiff::tz::TimeZone;
use polars::prelude::{Column, DataFrame, Expr, IntoLazy, PlSmallStr, Selector};
use polars::sql::sql_expr;

use days::Clocks;
pub use functions::{FORMS, FUNCTIONS, Function};
use growth::Growth;
use hand_over::{from_polars, to_polars};
pub use refused::Refused;
use syntax::Checked;

/// The expressions of one input: those to which columns are mapped, and the filter.
#[derive(Debug, Clone, Default)]
pub struct Expressions {
    columns: Vec<(usize, Expr)>,
    filter: Option<Expr>,
    /// By name of a column that has no value in some files, and there the type null: its type in the others.
    nulls: BTreeMap<String, DataType>,
    /// By position of a column: the timezone whose clock its expression goes by.
    zones: BTreeMap<usize, TimeZone>,
    /// The timezone of the clock of the filter and of all other columns.
    zone: Option<TimeZone>,
    /// Whether the job says that `zone` is the clock of times without a zone.
    is_said: bool,
    /// The bytes of the texts that all of them make for a row.
    growth: Growth,
}

/// An expression that may be evaluated.
#[derive(Debug, Clone)]
pub struct Parsed {
    expression: Expr,
    growth: Growth,
}

impl Parsed {
    /// The same expression for an id, which fails over floats that are not exact.
    pub fn exact_id(self) -> Parsed {
        Parsed { expression: exact_ids::exact(self.expression), ..self }
    }

    /// The same expression with its decimals as floats.
    pub fn float(self) -> Parsed {
        Parsed { expression: arithmetic::float(self.expression), ..self }
    }

    /// The same expression for a time that the clock of `shown` shows, which fails where it makes a day of a time at which the clock of
    /// `shop` shows another one.
    pub fn days_of_shop(self, shown: TimeZone, shop: TimeZone) -> Parsed {
        Parsed { expression: days::of_shop(self.expression, &Clocks { shown, shop }), ..self }
    }

    /// The first column that it reads.
    pub fn root(&self) -> Option<String> {
        self.expression.clone().meta().root_names().first().map(ToString::to_string)
    }
}

/// A Hive partition: its key, and its value unless it is null.
pub type Partition = (String, Option<String>);

/// The values of the expressions over a batch.
#[derive(Debug, Default)]
pub struct Evaluated {
    /// The position of a column in its input, and its values.
    pub columns: Vec<(usize, ArrayRef)>,
    /// Whether the filter keeps each row; null counts as no.
    pub filter: Option<BooleanArray>,
}

impl Expressions {
    /// Parses an SQL expression over the columns of a row.
    ///
    /// # Errors
    /// What it contains but may not: text that is not SQL, or SQL that uses other rows, of which it would see those of its batch only.
    pub fn parse(text: &str) -> Result<Parsed, Refused> {
        quieten();
        // Trees are walked and dropped recursively.
        stacker::grow(STACK, || {
            let Checked { growth, rewritten } = syntax::check(text)?;
            let expression = sql_expr(rewritten.as_deref().unwrap_or(text)).map_err(|cause| Refused::new(first_line(cause)))?;
            // Some functions become several operations on the same part, and those within them again.
            if expression.into_iter().take(MOST_OPERATIONS + 1).count() > MOST_OPERATIONS {
                let what = format!(
                    "it becomes more than {MOST_OPERATIONS} operations, which ends at character {}",
                    text.trim_end().chars().count()
                );
                return Err(Refused::too_large(what).help(
                    "SPLIT_PART, RIGHT, BETWEEN and NULLIF use their first part twice and more: do not write them within each other",
                ));
            }
            let expression = positions::in_letters(expression.map_expr(literal_name));
            Ok(Parsed { expression: arithmetic::exact(expression), growth })
        })
    }

    /// Expressions that go by the clock of a timezone: they see times with a zone as that clock shows them. `is_said` is whether the job
    /// says that it is the clock of times without a zone.
    pub fn by_clock_of(zone: TimeZone, is_said: bool) -> Expressions {
        Expressions { zone: Some(zone), is_said, ..Expressions::default() }
    }

    /// As [`Expressions::column`], with a clock of its own. Where the job does not say that it is the clock of times without a zone, a
    /// text from which the expression cuts the zone is an error.
    pub fn column_by_clock_of(&mut self, zone: TimeZone, is_said: bool, position: usize, parsed: Parsed) {
        let expression = compared::by_one_clock(parsed.expression, &zone);
        self.column(position, Parsed { expression: clocks::keeping_zones(expression, &zone, is_said), ..parsed });
        self.zones.insert(position, zone);
    }

    /// The names of the file's columns that the expression of a column reads.
    pub fn roots_of(&self, position: usize) -> BTreeSet<String> {
        let own = self.columns.iter().filter(|(other, _)| *other == position);
        own.flat_map(|(_, expression)| expression.clone().meta().root_names()).map(|name| name.to_string()).collect()
    }

    /// Whether the expression of a column makes times of numbers.
    pub fn counts_from_1970(&self, position: usize) -> bool {
        self.columns.iter().any(|(other, expression)| *other == position && clocks::counts_from_1970(expression))
    }

    /// Adds the expression to which the column at a position of the input is mapped.
    pub fn column(&mut self, position: usize, parsed: Parsed) {
        self.growth = self.growth + parsed.growth;
        self.columns.push((position, parsed.expression.alias(PlSmallStr::from_string(format!("huitou_{position}")))));
    }

    /// Sets the filter.
    pub fn filter(&mut self, parsed: Parsed) {
        self.growth = self.growth + parsed.growth;
        let expression = match &self.zone {
            Some(zone) => clocks::keeping_zones(compared::by_one_clock(parsed.expression, zone), zone, self.is_said),
            None => parsed.expression,
        };
        self.filter = Some(expression.alias(PlSmallStr::from_static("huitou_filter")));
    }

    /// The same filter, and the expressions of these columns alone.
    pub fn of_columns(&self, wanted: &dyn Fn(usize) -> bool) -> Expressions {
        let columns = self.columns.iter().filter(|(position, _)| wanted(*position)).cloned().collect();
        Expressions { columns, ..self.clone() }
    }

    /// Whether there is nothing to evaluate.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty() && self.filter.is_none()
    }

    /// The names of the file's columns that the expressions read.
    pub fn roots(&self) -> BTreeSet<String> {
        let all = self.columns.iter().map(|(_, expression)| expression).chain(&self.filter);
        all.flat_map(|expression| expression.clone().meta().root_names()).map(|name| name.to_string()).collect()
    }

    /// Sets the types of columns that have the type null in some files: that of the first file with another type. Of a column that has it
    /// in all files any type would do: the first one over which the expressions can be evaluated.
    pub fn settle_nulls<'f>(&mut self, files: impl Iterator<Item = (&'f Schema, &'f [Partition])> + Clone) {
        let is_null = |schema: &Schema, root: &str| schema.field_with_name(root).is_ok_and(|field| field.data_type() == &DataType::Null);
        let roots: Vec<String> = self.roots().into_iter().filter(|root| files.clone().any(|(schema, _)| is_null(schema, root))).collect();
        let (mut untyped, mut first) = (Vec::new(), None);
        for root in roots {
            let types = files.clone().filter_map(|(schema, _)| Some(schema.field_with_name(&root).ok()?.data_type()));
            let is_partition = |(_, partitions): (&Schema, &[Partition])| partitions.iter().any(|(key, _)| *key == root);
            match types.clone().find(|data_type| **data_type != DataType::Null) {
                Some(data_type) => drop(self.nulls.insert(root, data_type.clone())),
                None if files.clone().any(is_partition) => drop(self.nulls.insert(root, DataType::Utf8)),
                None => {
                    first = first.or_else(|| files.clone().find(|(schema, _)| is_null(schema, &root)));
                    untyped.push(root);
                }
            }
        }
        let Some((schema, partitions)) = first else { return };
        let times = DataType::Timestamp(TimeUnit::Microsecond, None);
        for data_type in [DataType::Null, DataType::Utf8, DataType::Int64, DataType::Boolean, times] {
            untyped.iter().for_each(|root| drop(self.nulls.insert(root.clone(), data_type.clone())));
            if self.check(schema, partitions).is_ok() {
                return;
            }
        }
    }

    /// The expressions by the clock that they go by.
    fn by_clock(&self) -> Vec<(TimeZone, Expressions)> {
        let own = |columns| Expressions { columns, nulls: self.nulls.clone(), ..Expressions::default() };
        let common = self.zone.clone().unwrap_or(TimeZone::UTC);
        let mut parts = vec![(common.clone(), Expressions { filter: self.filter.clone(), ..own(Vec::new()) })];
        for (position, expression) in &self.columns {
            let zone = self.zones.get(position).unwrap_or(&common);
            let column = (*position, expression.clone());
            match parts.iter_mut().find(|(other, _)| other == zone) {
                Some((_, part)) => part.columns.push(column),
                None => parts.push((zone.clone(), own(vec![column]))),
            }
        }
        parts
    }

    /// Evaluates all expressions over the batch, which has at least the columns of [`Expressions::roots`], and the Hive
    /// partitions that the rows lie in, which are text or null.
    ///
    /// # Errors
    /// The error of Polars: a missing column, types that do not match.
    pub fn evaluate(&self, batch: &RecordBatch, partitions: &[Partition]) -> Result<Evaluated, String> {
        if self.is_empty() {
            return Ok(Evaluated::default());
        }
        let roots = self.roots();
        let read: Vec<&ArrayRef> = roots.iter().filter_map(|root| batch.column_by_name(root)).collect();
        let pieces = pieces::pieces(&read, batch.num_rows(), self.growth)?;
        if let [_] = pieces.as_slice() {
            return self.evaluate_piece(batch, partitions);
        }
        let mut parts = Evaluated::default();
        let (mut columns, mut filters): (BTreeMap<usize, Vec<ArrayRef>>, Vec<ArrayRef>) = (BTreeMap::new(), Vec::new());
        let mut bytes = 0_u64;
        for piece in pieces {
            let found = self.evaluate_piece(&batch.slice(piece.start, piece.len()), partitions)?;
            for (position, array) in found.columns {
                bytes = bytes.saturating_add(pieces::bytes(&array));
                if bytes > pieces::MOST_OF_A_BATCH {
                    return Err(format!(
                        "an expression makes texts of more than {} MiB of {} rows",
                        pieces::MOST_OF_A_BATCH >> 20,
                        batch.num_rows()
                    ));
                }
                columns.entry(position).or_default().push(array);
            }
            filters.extend(found.filter.map(|filter| Arc::new(filter) as ArrayRef));
        }
        let joined =
            |arrays: &[ArrayRef]| concat(&arrays.iter().map(AsRef::as_ref).collect::<Vec<&dyn Array>>()).map_err(|cause| cause.to_string());
        for (position, _) in &self.columns {
            parts.columns.push((*position, joined(columns.get(position).map_or(&[], Vec::as_slice))?));
        }
        if !filters.is_empty() {
            parts.filter = joined(&filters)?.as_any().downcast_ref::<BooleanArray>().cloned();
        }
        Ok(parts)
    }

    /// Evaluates all expressions over as many rows as fit. Polars takes a column of one row for a constant, which it computes by other ways:
    /// POWER then gives other last digits. So one row is evaluated twice.
    fn evaluate_piece(&self, batch: &RecordBatch, partitions: &[Partition]) -> Result<Evaluated, String> {
        if batch.num_rows() == 1 {
            let twice = take_record_batch(batch, &UInt32Array::from(vec![0, 0])).map_err(|cause| cause.to_string())?;
            let Evaluated { columns, filter } = self.evaluate_piece(&twice, partitions)?;
            let columns = columns.into_iter().map(|(position, array)| (position, array.slice(0, 1))).collect();
            return Ok(Evaluated { columns, filter: filter.map(|filter| filter.slice(0, 1)) });
        }
        let mut evaluated = Evaluated::default();
        for (zone, part) in self.by_clock() {
            let Evaluated { columns, filter } = part.evaluate_together(&clocks::shown(batch, &zone)?, partitions)?;
            evaluated.columns.extend(columns);
            evaluated.filter = evaluated.filter.or(filter);
        }
        Ok(evaluated)
    }

    /// Evaluates expressions over a batch without times of a zone.
    fn evaluate_together(&self, batch: &RecordBatch, partitions: &[Partition]) -> Result<Evaluated, String> {
        if self.is_empty() {
            return Ok(Evaluated::default());
        }
        let roots = self.roots();
        let mut series = Vec::new();
        for (field, array) in batch.schema_ref().fields().iter().zip(batch.columns()) {
            if roots.contains(field.name()) {
                let typed = self.nulls.get(field.name()).filter(|_| field.data_type() == &DataType::Null);
                let typed = typed.map_or_else(|| Arc::clone(array), |data_type| new_null_array(data_type, array.len()));
                series.push(Column::from(to_polars(field.name(), &typed)?));
            }
        }
        let height = batch.num_rows();
        for (key, value) in partitions {
            if roots.contains(key) && batch.schema_ref().index_of(key).is_err() {
                let value = match value {
                    Some(value) => polars::prelude::Scalar::from(PlSmallStr::from_str(value)),
                    None => polars::prelude::Scalar::null(polars::prelude::DataType::String),
                };
                series.push(Column::new_scalar(PlSmallStr::from_str(key), value, height));
            }
        }
        // A column of its own for expressions that read none: it gives the number of rows for constants.
        series.push(Column::new_scalar(PlSmallStr::from_static("huitou_rows"), polars::prelude::Scalar::from(true), height));
        let frame = DataFrame::new(height, series).map_err(|cause| cause.to_string())?;
        // All batches of a file have the types of the empty one that its footer is checked by.
        if height == 0 {
            let all = self.columns.iter().map(|(_, expression)| expression).chain(&self.filter);
            all.into_iter().try_for_each(|expression| days_and_numbers::refuse(expression, frame.schema()))?;
        }
        let is_unsigned = frame.dtypes().contains(&polars::prelude::DataType::UInt64);
        let signed = |expression: &Expr| match is_unsigned || unsigned::makes_any(expression) {
            true => unsigned::signed(expression.clone()),
            false => expression.clone(),
        };
        let expressions: Vec<Expr> = self.columns.iter().map(|(_, expression)| expression).chain(&self.filter).map(signed).collect();
        // `with_columns` and not `select`: a constant then fills every row.
        let collected = catch_unwind(AssertUnwindSafe(|| frame.lazy().with_columns(expressions).collect()));
        let result = collected.map_err(|_| "Polars panics over it: check which types its functions are given")?.map_err(first_line)?;
        let array = |name: &str| -> Result<ArrayRef, String> {
            let column = result.column(name).map_err(|cause| cause.to_string())?;
            from_polars(column.as_materialized_series())
        };
        let mut evaluated = Evaluated::default();
        for (position, _) in &self.columns {
            evaluated.columns.push((*position, array(&format!("huitou_{position}"))?));
        }
        if self.filter.is_some() {
            let filter = array("huitou_filter")?;
            // Nothing but null: of no row it is said that it is to be kept.
            let filter = if filter.data_type() == &DataType::Null { new_null_array(&DataType::Boolean, height) } else { filter };
            let found = filter.data_type().clone();
            let filter = filter
                .as_any()
                .downcast_ref::<BooleanArray>()
                .ok_or(format!("a filter is true or false for a row, this one gives {found}"))?;
            evaluated.filter = Some(filter.clone());
        }
        if evaluated.columns.iter().any(|(_, array)| array.len() != height) {
            return Err("an expression must give one value a row; aggregates over all rows cannot be used".to_owned());
        }
        Ok(evaluated)
    }

    /// The types of the expressions over files of that schema.
    ///
    /// # Errors
    /// As [`Expressions::evaluate`].
    pub fn check(&self, schema: &Schema, partitions: &[Partition]) -> Result<Evaluated, String> {
        self.evaluate(&RecordBatch::new_empty(Arc::new(schema.clone())), partitions)
    }
}

/// Silences the warnings of Polars for Rust callers, which go to standard error, where `run --quiet` shows errors only: `DATE '2026-01-31'`
/// is a cast that Polars will deprecate. Authors of job files can do nothing about it.
fn quieten() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| polars::error::set_warning_function(|_, _| ()));
}

/// The most operations that Polars makes of an expression.
const MOST_OPERATIONS: usize = 20_000;

/// The stack that parsing may use, in bytes.
const STACK: usize = 64 << 20;

/// Turns selectors back into columns: Polars parses a column called `*` as all columns, and one called `^…$` as a pattern.
fn literal_name(node: Expr) -> Expr {
    match node {
        Expr::Selector(Selector::Wildcard) => Expr::Column(PlSmallStr::from_static("*")),
        Expr::Selector(Selector::Matches(name)) => Expr::Column(name),
        node => node,
    }
}

/// The first line of a message of Polars. The query plans that follow do not help authors of job files.
fn first_line(cause: impl std::fmt::Display) -> String {
    cause.to_string().lines().next().unwrap_or_default().to_owned()
}
