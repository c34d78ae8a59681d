//! SQL expressions over the columns of a file, evaluated by Polars, batch by batch.

use std::collections::BTreeSet;
use std::sync::{Arc, Once};

use arrow::array::{Array, ArrayRef, BooleanArray, make_array};
use arrow::datatypes::Schema;
use arrow::ffi::{FFI_ArrowArray, FFI_ArrowSchema, from_ffi, to_ffi};
use arrow::record_batch::RecordBatch;
use polars::prelude::{AggExpr, Column, DataFrame, Expr, IntoLazy, PlSmallStr, Series};
use polars::sql::sql_expr;
use polars_arrow::ffi as polars_ffi;

use crate::spec::period::parse_day;

/// The expressions of one input: what stands for some of its columns, and its filter.
#[derive(Debug, Clone, Default)]
pub struct Expressions {
    columns: Vec<(usize, Expr)>,
    filter: Option<Expr>,
}

/// What the expressions say of a batch.
#[derive(Debug, Default)]
pub struct Evaluated {
    /// The position of a column in its input, and its values.
    pub columns: Vec<(usize, ArrayRef)>,
    /// Which rows the filter keeps; null is no.
    pub filter: Option<BooleanArray>,
}

impl Expressions {
    /// Parses an SQL expression over the columns of a row.
    ///
    /// # Errors
    /// What Polars says of it. An expression that looks at other rows is refused: it would see those of its batch only.
    pub fn parse(text: &str) -> Result<Expr, String> {
        quieten();
        let expression = sql_expr(text).map_err(first_line)?;
        if let Some(day) = days_written(text).into_iter().find(|day| parse_day(day).is_none()) {
            return Err(format!("DATE '{day}' is no day of the calendar"));
        }
        let looks_around = |node: &Expr| {
            use Expr::{Agg, Explode, Filter, Gather, Len, Over, Slice, Sort, SortBy, SubPlan};
            // `x IN ('a', 'b')` gathers the list that it has written out.
            if let Agg(AggExpr::Implode { input, .. }) = node
                && matches!(input.as_ref(), Expr::Literal(_))
            {
                return false;
            }
            let is_ordered = matches!(node, Sort { .. } | SortBy { .. } | Slice { .. } | Gather { .. } | Filter { .. } | Explode { .. });
            is_ordered || matches!(node, Agg(_) | Len | Over { .. } | SubPlan(..))
        };
        // Polars hides some aggregates behind functions like any other.
        if (&expression).into_iter().any(looks_around) || calls(text).any(|name| AGGREGATES.contains(&name.as_str())) {
            return Err("it looks at other rows than its own, and aggregates and windows cannot be used here".to_owned());
        }
        Ok(expression)
    }

    /// Adds the expression that stands for the column at a position of its input.
    pub fn column(&mut self, position: usize, expression: Expr) {
        self.columns.push((position, expression.alias(PlSmallStr::from_string(format!("huitou_{position}")))));
    }

    /// Sets the filter.
    pub fn filter(&mut self, expression: Expr) {
        self.filter = Some(expression.alias(PlSmallStr::from_static("huitou_filter")));
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

    /// Evaluates all expressions over the batch, which has at least the columns of [`Expressions::roots`], and the Hive
    /// partitions that the rows lie in, which are text.
    ///
    /// # Errors
    /// What Polars says: a column that is not there, types that do not go together.
    pub fn evaluate(&self, batch: &RecordBatch, partitions: &[(String, String)]) -> Result<Evaluated, String> {
        if self.is_empty() {
            return Ok(Evaluated::default());
        }
        let roots = self.roots();
        let mut series = Vec::new();
        for (field, array) in batch.schema_ref().fields().iter().zip(batch.columns()) {
            if roots.contains(field.name()) {
                series.push(Column::from(to_polars(field.name(), array)?));
            }
        }
        let height = batch.num_rows();
        for (key, value) in partitions {
            if roots.contains(key) && batch.schema_ref().index_of(key).is_err() {
                let value = polars::prelude::Scalar::from(PlSmallStr::from_str(value));
                series.push(Column::new_scalar(PlSmallStr::from_str(key), value, height));
            }
        }
        // A column of our own, for expressions that read none: it is what a constant fills the rows beside.
        series.push(Column::new_scalar(PlSmallStr::from_static("huitou_rows"), polars::prelude::Scalar::from(true), height));
        let frame = DataFrame::new(height, series).map_err(|cause| cause.to_string())?;
        let expressions: Vec<Expr> = self.columns.iter().map(|(_, expression)| expression.clone()).chain(self.filter.clone()).collect();
        // `with_columns` and not `select`: a constant then fills every row.
        let result = frame.lazy().with_columns(expressions).collect().map_err(first_line)?;
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

    /// The types that the expressions give over files of that schema.
    ///
    /// # Errors
    /// As [`Expressions::evaluate`].
    pub fn check(&self, schema: &Schema, partitions: &[(String, String)]) -> Result<Evaluated, String> {
        self.evaluate(&RecordBatch::new_empty(Arc::new(schema.clone())), partitions)
    }
}

/// Polars warns those who call it from Rust, on standard error, where `run --quiet` leaves errors only: a day written as
/// `DATE '2026-01-31'` is a cast that it means to give up. Who writes job files can do nothing about that.
fn quieten() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| polars::error::set_warning_function(|_, _| ()));
}

/// The aggregates of Polars' SQL, in lower case.
const AGGREGATES: [&str; 21] = [
    "array_agg",
    "avg",
    "corr",
    "count",
    "covar",
    "covar_pop",
    "covar_samp",
    "max",
    "median",
    "min",
    "quantile_cont",
    "quantile_disc",
    "stddev",
    "stddev_pop",
    "stddev_samp",
    "stdev",
    "sum",
    "var",
    "var_pop",
    "var_samp",
    "variance",
];

/// An SQL text in pieces: what stands between single quotes, and what does not.
fn pieces(text: &str) -> impl Iterator<Item = (bool, &str)> {
    text.split('\'').enumerate().map(|(number, piece)| (number % 2 == 1, piece))
}

/// The names before opening parentheses outside of quotes, in lower case.
fn calls(text: &str) -> impl Iterator<Item = String> {
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let outside: String = pieces(text).map(|(is_quoted, piece)| if is_quoted { "''" } else { piece }).collect();
    let before: Vec<String> = outside.match_indices('(').map(|(place, _)| outside[..place].trim_end().to_ascii_lowercase()).collect();
    before.into_iter().map(move |before| before.rsplit(|letter| !is_name(letter)).next().unwrap_or_default().to_owned())
}

/// What stands behind DATE in quotes: Polars makes null of a day that no calendar has.
fn days_written(text: &str) -> Vec<&str> {
    let all: Vec<(bool, &str)> = pieces(text).collect();
    let is_date = |before: &str| before.trim_end().to_ascii_lowercase().ends_with("date") && before.ends_with(char::is_whitespace);
    all.windows(2).filter(|pair| pair[1].0 && is_date(pair[0].1)).map(|pair| pair[1].1).collect()
}

/// What Polars says first; its plans, which follow, help nobody who writes job files.
fn first_line(cause: impl std::fmt::Display) -> String {
    cause.to_string().lines().next().unwrap_or_default().to_owned()
}

/// Hands an array to Polars without copying its values.
fn to_polars(name: &str, array: &ArrayRef) -> Result<Series, String> {
    let (array, schema) = to_ffi(&array.to_data()).map_err(|cause| cause.to_string())?;
    // SAFETY: both crates implement the Arrow C data interface with `repr(C)` structs of the same layout; the structs come
    // straight from `to_ffi`, are valid, and each is handed over exactly once (`transmute` moves it, the destructor included).
    let (array, field) = unsafe {
        let schema = std::mem::transmute::<FFI_ArrowSchema, polars_ffi::ArrowSchema>(schema);
        let field = polars_ffi::import_field_from_c(&schema).map_err(|cause| cause.to_string())?;
        let array = std::mem::transmute::<FFI_ArrowArray, polars_ffi::ArrowArray>(array);
        (polars_ffi::import_array_from_c(array, field.dtype.clone()).map_err(|cause| cause.to_string())?, field)
    };
    let _ = field;
    Series::try_from((PlSmallStr::from_str(name), array)).map_err(|cause| cause.to_string())
}

/// Takes a column back from Polars.
fn from_polars(series: &Series) -> Result<ArrayRef, String> {
    let series = series.rechunk();
    let array = series.to_arrow(0, polars::prelude::CompatLevel::oldest());
    let field = polars_arrow::datatypes::Field::new(PlSmallStr::EMPTY, array.dtype().clone(), true);
    let schema = polars_ffi::export_field_to_c(&field);
    let array = polars_ffi::export_array_to_c(array);
    // SAFETY: as in `to_polars`, in the other direction.
    let data = unsafe {
        let array = std::mem::transmute::<polars_ffi::ArrowArray, FFI_ArrowArray>(array);
        let schema = std::mem::transmute::<polars_ffi::ArrowSchema, FFI_ArrowSchema>(schema);
        from_ffi(array, &schema).map_err(|cause| cause.to_string())?
    };
    Ok(make_array(data))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Float64Array, Int64Array, StringArray};
    use arrow::datatypes::DataType;

    fn invoices() -> RecordBatch {
        RecordBatch::try_from_iter([
            ("Quantity", Arc::new(Int64Array::from(vec![Some(6), Some(-1), None])) as ArrayRef),
            ("UnitPrice", Arc::new(Float64Array::from(vec![2.55, 3.39, 1.0])) as ArrayRef),
            ("Customer ID", Arc::new(StringArray::from(vec!["17850", "13047", "天猫"])) as ArrayRef),
        ])
        .unwrap()
    }

    #[test]
    fn columns_and_filter() {
        let mut expressions = Expressions::default();
        expressions.column(3, Expressions::parse("Quantity * UnitPrice").unwrap());
        expressions.column(5, Expressions::parse("CASE WHEN \"Customer ID\" = '天猫' THEN 'T' ELSE \"Customer ID\" END").unwrap());
        expressions.column(7, Expressions::parse("1").unwrap());
        expressions.filter(Expressions::parse("Quantity > 0 AND UnitPrice > 0").unwrap());
        assert_eq!(expressions.roots().into_iter().collect::<Vec<_>>(), ["Customer ID", "Quantity", "UnitPrice"]);
        let found = expressions.evaluate(&invoices(), &[]).unwrap();
        let amounts = found.columns[0].1.as_any().downcast_ref::<Float64Array>().unwrap();
        assert_eq!((amounts.value(0), amounts.is_null(2)), (6.0 * 2.55, true));
        assert_eq!(found.columns[1].1.len(), 3);
        assert_eq!(found.columns[2].1.len(), 3);
        assert_eq!(found.filter.unwrap().iter().collect::<Vec<_>>(), [Some(true), Some(false), None]);
        assert_eq!(expressions.check(&invoices().schema(), &[]).unwrap().columns[0].1.data_type(), &DataType::Float64);
    }

    #[test]
    fn a_written_list_looks_at_no_other_row() {
        for (text, expected) in [
            ("\"Customer ID\" IN ('13047', '天猫')", [Some(false), Some(true), Some(true)]),
            ("Quantity NOT IN (6, 7)", [Some(false), Some(true), None]),
        ] {
            let mut expressions = Expressions::default();
            expressions.filter(Expressions::parse(text).unwrap());
            let found = expressions.evaluate(&invoices(), &[]).unwrap();
            assert_eq!(found.filter.unwrap().iter().collect::<Vec<_>>(), expected, "{text}");
        }
        assert!(Expressions::parse("Quantity IN (SELECT Quantity)").is_err());
    }

    #[test]
    fn what_cannot_be_evaluated_says_why() {
        let mut expressions = Expressions::default();
        expressions.column(0, Expressions::parse("Quantty * 2").unwrap());
        assert!(expressions.check(&invoices().schema(), &[]).unwrap_err().contains("Quantty"));
        assert!(Expressions::parse("Quantity *").is_err());
        for around in [
            "SUM(Quantity)",
            "Quantity - AVG(Quantity)",
            "COUNT(*)",
            "MAX(Quantity)",
            "MEDIAN(Quantity)",
            "STDDEV(Quantity)",
            "Quantity > quantile_cont (Quantity, 0.5)",
            "corr(Quantity, UnitPrice)",
        ] {
            assert!(Expressions::parse(around).unwrap_err().contains("other rows"), "{around}");
        }
        for window in ["ROW_NUMBER() OVER (ORDER BY Quantity)", "RANK() OVER (ORDER BY Quantity)", "LAG(Quantity) OVER (ORDER BY Quantity)"]
        {
            assert!(Expressions::parse(window).is_err(), "{window}");
        }
        assert!(Expressions::parse("\"Customer ID\" = 'sum(1)'").is_ok());
        assert!(Expressions::parse("dt >= DATE '2026-02-28'").is_ok());
        assert_eq!(Expressions::parse("dt >= date '2026-02-30'").unwrap_err(), "DATE '2026-02-30' is no day of the calendar");
        let mut expressions = Expressions::default();
        expressions.filter(Expressions::parse("Quantity + 1").unwrap());
        assert!(expressions.evaluate(&invoices(), &[]).unwrap_err().contains("true or false"));
    }
}
