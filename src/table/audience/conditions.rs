//! The conditions of strategies: SQL over the columns of candidates, checked before anything is computed.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Decimal128Type, Field, Float64Type, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;

use super::candidates::candidate_schema;
use crate::error::{Error, Problem, Result};
use crate::input::expression::Expressions;
use crate::job::nearest;
use crate::job::strategy::Strategy;
use crate::spec::IdTypes;

/// The conditions of a job's strategies, in their order.
#[derive(Debug, Clone)]
pub(super) struct Conditions {
    /// One for each strategy, whose column is at position 0.
    each: Vec<Expressions>,
}

/// What is wrong with the conditions and orders of strategies, all of it. Ids have these types.
pub fn problems(strategies: &[Strategy], ids: &IdTypes) -> Vec<Problem> {
    let schema = candidate_schema(ids);
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let unknown = |place: &str, strategy: &Strategy, key: &str, column: &str| {
        let all = "docs/lists.md has all columns";
        let help = match nearest(column, names.iter().copied()) {
            Some(close) => format!("did you mean `{close}`? {all}"),
            None => all.to_owned(),
        };
        Problem::new(place, format!("`{key}` of the strategy `{}` names `{column}`, which candidates do not have", strategy.name))
            .help(help)
    };
    let mut problems = Vec::new();
    for strategy in strategies {
        let is_unknown = |column: &&str| !names.contains(column);
        match parsed(strategy) {
            Err(problem) => problems.push(problem),
            Ok(expressions) => {
                let roots = expressions.roots();
                let absent: Vec<&str> = roots.iter().map(String::as_str).filter(is_unknown).collect();
                problems.extend(absent.iter().map(|column| unknown(&strategy.condition_place, strategy, "where", column)));
                if absent.is_empty() {
                    problems.extend(evaluated(&expressions, strategy, &RecordBatch::new_empty(Arc::clone(&schema))).err());
                }
            }
        }
        let ordered = strategy.order_by.iter().map(|ordering| ordering.column.as_str());
        problems.extend(ordered.filter(is_unknown).map(|column| unknown(&strategy.order_place, strategy, "order_by", column)));
    }
    problems
}

impl Conditions {
    /// The conditions of these strategies.
    ///
    /// # Errors
    /// [`Error::Usage`] where one is no SQL.
    pub fn new(strategies: &[Strategy]) -> Result<Self> {
        let each: Result<Vec<Expressions>, Problem> = strategies.iter().map(parsed).collect();
        each.map(|each| Conditions { each }).map_err(|problem| Error::Usage(vec![problem]))
    }

    /// By strategy, which of the candidates it means. What is null is not true.
    ///
    /// # Errors
    /// [`Error::Usage`] where a condition cannot be evaluated for some candidate, such as a text that is cast to a number.
    pub fn evaluate(&self, strategies: &[Strategy], candidates: &RecordBatch) -> Result<Vec<BooleanArray>> {
        let evaluated = self.each.iter().zip(strategies).map(|(expressions, strategy)| evaluated(expressions, strategy, candidates));
        evaluated.collect::<Result<_, Problem>>().map_err(|problem| Error::Usage(vec![problem]))
    }
}

fn parsed(strategy: &Strategy) -> Result<Expressions, Problem> {
    let expression = Expressions::parse(&strategy.condition).map_err(|cause| {
        let what = format!("`where` of the strategy `{}` is no condition: {cause}", strategy.name);
        Problem::new(&strategy.condition_place, what)
            .help("write it as in the WHERE of a query, such as recency_days > 60 AND value_tier = 'A'")
    })?;
    let mut expressions = Expressions::default();
    expressions.column(0, expression);
    Ok(expressions)
}

fn evaluated(expressions: &Expressions, strategy: &Strategy, candidates: &RecordBatch) -> Result<BooleanArray, Problem> {
    let problem = |cause: String, help: &str| {
        let what = format!("`where` of the strategy `{}` cannot be evaluated: {cause}", strategy.name);
        Problem::new(&strategy.condition_place, what).help(help)
    };
    let help = "money is a number here, text stands in single quotes, and a day is DATE '2026-01-31'";
    let seen = in_numbers(candidates, expressions).map_err(|cause| problem(cause.to_string(), help))?;
    let mut found = expressions.evaluate(&seen, &[]).map_err(|cause| problem(cause, help))?.columns.into_iter();
    let array = found.next().map(|(_, array)| array).ok_or_else(|| problem("it gives nothing".to_owned(), help))?;
    match array.as_boolean_opt() {
        Some(array) => Ok(array.clone()),
        None => {
            let cause = format!("it gives {} where a condition is true or false", array.data_type());
            Err(problem(cause, "compare what it gives with something, such as > 0"))
        }
    }
}

/// The columns that the expressions read. Money is a number of the currency's unit, as people write it; a hundredth of a whole
/// number of fen is the float that its decimal text is read as, so that `= 99.9` holds for 99.90.
fn in_numbers(candidates: &RecordBatch, expressions: &Expressions) -> Result<RecordBatch> {
    let roots = expressions.roots();
    let schema: SchemaRef = candidates.schema();
    let mut fields = Vec::new();
    let mut columns: Vec<ArrayRef> = Vec::new();
    for (field, array) in schema.fields().iter().zip(candidates.columns()).filter(|(field, _)| roots.contains(field.name())) {
        let array: ArrayRef = match array.data_type() {
            DataType::Decimal128(..) => {
                Arc::new(array.as_primitive::<Decimal128Type>().unary::<_, Float64Type>(|minor| minor as f64 / 100.0))
            }
            DataType::Utf8View => cast(array, &DataType::LargeUtf8)?,
            _ => Arc::clone(array),
        };
        fields.push(Field::new(field.name(), array.data_type().clone(), true));
        columns.push(array);
    }
    let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(candidates.num_rows()));
    Ok(RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options)?)
}
