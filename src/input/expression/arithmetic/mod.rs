//! Arithmetic with whole numbers and decimals, which is exact or stops: Polars lets integers begin anew from the other end, and rounds
//! decimals to few places after each step.

mod exact;
mod operation;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use polars::prelude::{
    AnyValue, Column, DataFrame, DataType, Expr, Field, Float64Chunked, FunctionExpr, Int64Chunked, Int128Chunked, IntoColumn, IntoLazy,
    NewChunkedArray, PlSmallStr, PolarsError, PolarsResult, PowFunction, col,
};

use super::roots::settled;
use super::unsigned;
use exact::{Decimal, MOST_DIGITS, decimal, whole};
use operation::Operation;

/// What a side of an operation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Nothing but null.
    Null,
    Whole,
    /// A decimal of so many places.
    Decimal(u32),
    Float,
    /// Texts, days, times.
    Other,
}

/// The expression in which numbers are added, subtracted, multiplied and divided exactly, and powers are floats.
pub(super) fn exact(expression: Expr) -> Expr {
    let mut programs: Vec<Vec<Step>> = Vec::new();
    expression.map_expr(|node| match node {
        Expr::BinaryExpr { left, op, right } => match Operation::of(op).filter(|_| !(is_text(&left) && is_text(&right))) {
            Some(operation) => {
                let (mut inputs, mut steps) = (Vec::new(), Vec::new());
                for side in [left, right] {
                    append(Arc::unwrap_or_clone(side), &programs, &mut inputs, &mut steps);
                }
                steps.push(Step::Apply(operation));
                programs.push(steps.clone());
                computed(inputs, steps, programs.len() - 1)
            }
            None if is_float(&left) || is_float(&right) => {
                let side = |side: Arc<Expr>| Arc::new(decimal_as_float(Arc::unwrap_or_clone(side)));
                Expr::BinaryExpr { left: side(left), op, right: side(right) }
            }
            None => Expr::BinaryExpr { left, op, right },
        },
        Expr::Ternary { predicate, truthy, falsy } if is_float(&truthy) || is_float(&falsy) => {
            let side = |side: Arc<Expr>| Arc::new(decimal_as_float(Arc::unwrap_or_clone(side)));
            Expr::Ternary { predicate, truthy: side(truthy), falsy: side(falsy) }
        }
        Expr::Function { input, function } if unsigned::chooses(&function) && input.iter().any(is_float) => {
            Expr::Function { input: input.into_iter().map(decimal_as_float).collect(), function }
        }
        Expr::Cast { expr, dtype, options } if dtype.as_literal() == Some(&DataType::Float64) => {
            Expr::Cast { expr: Arc::new(decimal_as_float(Arc::unwrap_or_clone(expr))), dtype, options }
        }
        Expr::Function { input, function: FunctionExpr::Pow(PowFunction::Generic) } => {
            let input = input.into_iter().map(float).collect();
            Expr::Function { input, function: FunctionExpr::Pow(PowFunction::Generic) }
        }
        node => node,
    })
}

/// A step of a computation: operands lie upon each other, and an operation takes the upper two.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// The input of that number. The digits are those of a number with a point that is written in the expression.
    Input(usize, Option<Decimal>),
    Apply(Operation),
}

/// Before the number of a computation that is a part of a larger one.
const COMPUTATION: &str = "arithmetic ";

/// Adds an operand. One that is computed itself becomes steps of the same computation: Polars evaluates parts by calls within each other,
/// and long sums would use up its stack.
fn append(operand: Expr, programs: &[Vec<Step>], inputs: &mut Vec<Expr>, steps: &mut Vec<Step>) {
    let number = |name: &str| name.strip_prefix(COMPUTATION)?.parse::<usize>().ok();
    if let Expr::AnonymousFunction { input, fmt_str, .. } = &operand
        && let Some(program) = number(fmt_str.as_str()).and_then(|number| programs.get(number))
    {
        let before = inputs.len();
        inputs.extend(input.iter().cloned());
        steps.extend(program.iter().map(|step| match step {
            Step::Input(place, written) => Step::Input(place + before, *written),
            Step::Apply(operation) => Step::Apply(*operation),
        }));
        return;
    }
    steps.push(Step::Input(inputs.len(), constant(&operand)));
    inputs.push(operand);
}

/// The expression with decimals and whole numbers as floats.
pub(super) fn float(value: Expr) -> Expr {
    let to_float = |column: Column| match kind(column.dtype()) {
        Kind::Whole => column.cast(&DataType::Float64),
        _ => Ok(column),
    };
    decimal_as_float(value).map(to_float, |_, field| match kind(field.dtype()) {
        Kind::Whole => Ok(Field::new(field.name().clone(), DataType::Float64)),
        _ => settled(field),
    })
}

/// Whether a part is a float, as it is written.
fn is_float(part: &Expr) -> bool {
    match part {
        Expr::Literal(value) => match value.get_datatype() {
            DataType::List(element) => element.is_float(),
            found => found.is_float() || constant(part).is_some(),
        },
        Expr::Agg(_) => part.into_iter().skip(1).any(is_float),
        Expr::Ternary { truthy, falsy, .. } => is_float(truthy) || is_float(falsy),
        Expr::Cast { dtype, .. } => dtype.as_literal() == Some(&DataType::Float64),
        _ => false,
    }
}

/// A part that is compared with a float, or chosen beside one: Polars makes a float of a decimal that may lie beside the nearest one, so
/// that 854.25 were not 854.25.
fn decimal_as_float(part: Expr) -> Expr {
    if let Expr::Literal(_) = part {
        return part;
    }
    let to_float = |column: Column| match kind(column.dtype()) {
        Kind::Decimal(_) => Ok(Float64Chunked::from_iter_options(column.name().clone(), floats(&column)?.into_iter()).into_column()),
        _ => Ok(column),
    };
    part.map(to_float, |_, field| match kind(field.dtype()) {
        Kind::Decimal(_) => Ok(Field::new(field.name().clone(), DataType::Float64)),
        _ => settled(field),
    })
}

/// A side of `||`.
fn is_text(side: &Expr) -> bool {
    matches!(side, Expr::Cast { dtype, .. } if dtype.as_literal() == Some(&DataType::String))
}

fn computed(mut inputs: Vec<Expr>, steps: Vec<Step>, number: usize) -> Expr {
    let others = inputs.split_off(1.min(inputs.len()));
    let first = inputs.pop().unwrap_or_default();
    let of_types = steps.clone();
    let field = move |_: &polars::prelude::Schema, fields: &[Field]| {
        let empty = |field: &Field| settled(field).map(|field| Column::new_empty(field.name().clone(), field.dtype()));
        let columns = fields.iter().map(empty).collect::<PolarsResult<Vec<Column>>>()?;
        let result = run(&of_types, &columns)?;
        let name = fields.first().map(|field| field.name().clone()).unwrap_or_default();
        Ok(Field::new(name, result.dtype().clone()))
    };
    match first.map_many(move |columns| run(&steps, columns), &others, field) {
        Expr::AnonymousFunction { input, function, options, .. } => {
            let fmt_str = Box::new(PlSmallStr::from_string(format!("{COMPUTATION}{number}")));
            Expr::AnonymousFunction { input, function, options, fmt_str }
        }
        other => other,
    }
}

fn run(steps: &[Step], columns: &[Column]) -> PolarsResult<Column> {
    let missing = || PolarsError::NoData("a number".into());
    let mut operands: Vec<(Column, Option<Decimal>)> = Vec::new();
    for step in steps {
        match step {
            Step::Input(place, written) => operands.push((columns.get(*place).ok_or_else(missing)?.clone(), *written)),
            Step::Apply(operation) => {
                let (right, left) = (operands.pop().ok_or_else(missing)?, operands.pop().ok_or_else(missing)?);
                operands.push((operation.compute(&left.0, &right.0, [left.1, right.1])?, None));
            }
        }
    }
    let name = columns.first().map(|column| column.name().clone()).unwrap_or_default();
    Ok(operands.pop().ok_or_else(missing)?.0.with_name(name))
}

/// A number with a point that is written in the expression, by its digits.
fn constant(side: &Expr) -> Option<Decimal> {
    match side {
        Expr::Literal(value) => match value.to_any_value()? {
            AnyValue::Float64(value) => decimal(&value.to_string()),
            _ => None,
        },
        _ => None,
    }
}

fn kind(data_type: &DataType) -> Kind {
    match data_type {
        DataType::Null => Kind::Null,
        DataType::Boolean => Kind::Whole,
        DataType::Decimal(_, scale) => u32::try_from(*scale).map_or(Kind::Other, Kind::Decimal),
        found if found.is_integer() => Kind::Whole,
        found if found.is_float() => Kind::Float,
        _ => Kind::Other,
    }
}

impl Operation {
    fn compute(self, left: &Column, right: &Column, written: [Option<Decimal>; 2]) -> PolarsResult<Column> {
        let (mut first, mut second) = (kind(left.dtype()), kind(right.dtype()));
        // The digits of a number that is written beside decimals count.
        if let (Kind::Float, Kind::Decimal(_), Some(constant)) = (first, second, written[0]) {
            first = Kind::Decimal(constant.scale);
        }
        if let (Kind::Decimal(_), Kind::Float, Some(constant)) = (first, second, written[1]) {
            second = Kind::Decimal(constant.scale);
        }
        if first == Kind::Null {
            first = second;
        } else if second == Kind::Null {
            second = first;
        }
        let name = left.name().clone();
        match (first, second) {
            (Kind::Other | Kind::Null, _) | (_, Kind::Other | Kind::Null) => self.by_polars(left, right),
            (Kind::Float, _) | (_, Kind::Float) => self.floats(left, right),
            (Kind::Whole, Kind::Whole) if self == Operation::Divide => self.floats(left, right),
            (Kind::Whole, Kind::Whole) => {
                let values = paired(&exact::integers(left)?, &exact::integers(right)?, |left, right| {
                    let value = whole(self, left, right).map(|value| value.map(i64::try_from).transpose().ok());
                    value.flatten().ok_or_else(|| self.beyond_bigint(left, right))
                })?;
                Ok(Int64Chunked::from_iter_options(name, values.into_iter()).into_column())
            }
            (first, second) => {
                let scale = |kind| if let Kind::Decimal(scale) = kind { scale } else { 0 };
                let (first, second) = (scale(first), scale(second));
                let scale = self.decimals(first, second);
                let side = |column: &Column, written: Option<Decimal>| match written.filter(|_| column.dtype().is_float()) {
                    Some(constant) => Ok(vec![Some(constant.digits); column.len()]),
                    None => exact::integers(column),
                };
                let values = paired(&side(left, written[0])?, &side(right, written[1])?, |left, right| {
                    let (left, right) = (Decimal { digits: left, scale: first }, Decimal { digits: right, scale: second });
                    exact::decimals(self, left, right, scale).ok_or_else(|| self.too_long(left, right))
                })?;
                let digits = Int128Chunked::from_iter_options(name, values.into_iter());
                let column = digits.into_decimal_unchecked(MOST_DIGITS, scale as usize).into_column();
                if self == Operation::WholeDivide { column.cast(&DataType::Int64) } else { Ok(column) }
            }
        }
    }

    fn floats(self, left: &Column, right: &Column) -> PolarsResult<Column> {
        let values = paired(&floats(left)?, &floats(right)?, |left, right| {
            Ok(Some(match self {
                Operation::Add => left + right,
                Operation::Subtract => left - right,
                Operation::Multiply => left * right,
                Operation::Divide => left / right,
                Operation::WholeDivide => (left / right).trunc(),
                Operation::Remainder => left % right,
            }))
        })?;
        Ok(Float64Chunked::from_iter_options(left.name().clone(), values.into_iter()).into_column())
    }

    /// What Polars computes of days, times and texts.
    fn by_polars(self, left: &Column, right: &Column) -> PolarsResult<Column> {
        let length = common_length(left.len(), right.len());
        let side = |column: &Column, name: &'static str| {
            let column = if column.len() == length { column.clone() } else { column.new_from_index(0, length) };
            column.with_name(PlSmallStr::from_static(name))
        };
        let frame = DataFrame::new(length, vec![side(left, "left"), side(right, "right")])?;
        let operation = Expr::BinaryExpr { left: Arc::new(col("left")), op: self.operator(), right: Arc::new(col("right")) };
        let result = frame.lazy().select([operation]).collect()?;
        Ok(result.column("left")?.clone().with_name(left.name().clone()))
    }

    fn beyond_bigint(self, left: i128, right: i128) -> PolarsError {
        let sign = self.sign();
        let what = format!(
            "{left} {sign} {right} does not fit BIGINT, which ends at {}: write CAST(a AS DECIMAL(38, 0)) {sign} b, or CAST(a AS DOUBLE) \
             where the last digits do not matter",
            i64::MAX
        );
        PolarsError::ComputeError(what.into())
    }

    fn too_long(self, left: Decimal, right: Decimal) -> PolarsError {
        let what = format!(
            "{left} {} {right} has more than the {MOST_DIGITS} digits of a decimal: write CAST(a AS DOUBLE) where the last digits do not \
             matter",
            self.sign()
        );
        PolarsError::ComputeError(what.into())
    }
}

fn common_length(left: usize, right: usize) -> usize {
    if left == 1 { right } else { left }
}

/// The results of two columns, one of which may be a constant; null where a side is null.
fn paired<T: Copy, R>(
    left: &[Option<T>],
    right: &[Option<T>],
    compute: impl Fn(T, T) -> PolarsResult<Option<R>>,
) -> PolarsResult<Vec<Option<R>>> {
    let at = |side: &[Option<T>], row: usize| side.get(if side.len() == 1 { 0 } else { row }).copied().flatten();
    let value = |row| match (at(left, row), at(right, row)) {
        (Some(left), Some(right)) => compute(left, right),
        _ => Ok(None),
    };
    (0..common_length(left.len(), right.len())).map(value).collect()
}

/// Numbers as floats; those of four bytes by their own digits, which as floats of eight bytes they do not have.
fn floats(column: &Column) -> PolarsResult<Vec<Option<f64>>> {
    if let DataType::Float32 = column.dtype() {
        let digits = |value: f32| if value.is_finite() { value.to_string().parse().unwrap_or(f64::from(value)) } else { f64::from(value) };
        return Ok(column.f32()?.iter().map(|value| value.map(digits)).collect());
    }
    if let Kind::Decimal(scale) = kind(column.dtype()) {
        return Ok(exact::integers(column)?.into_iter().map(|digits| Some(Decimal { digits: digits?, scale }.nearest())).collect());
    }
    Ok(column.cast(&DataType::Float64)?.f64()?.iter().collect())
}
