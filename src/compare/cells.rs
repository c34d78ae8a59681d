//! Single values: which of two columns differ, and by how much.

use std::cmp::Ordering;
use std::fmt;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array};
use arrow::buffer::BooleanBuffer;
use arrow::compute::kernels::cmp::distinct;
use arrow::datatypes::{DataType, Date32Type, Decimal128Type, Float64Type, Int64Type};
use arrow::util::display::array_value_to_string;

use crate::error::Result;

/// A value in a column.
#[derive(Debug, Clone, Copy)]
pub struct Cell<'a> {
    /// The column.
    pub array: &'a ArrayRef,
    /// The row.
    pub row: usize,
}

impl Cell<'_> {
    /// The value as people read it; `None` for null.
    ///
    /// # Errors
    /// [`crate::error::Error::Bug`] for a type that has no text.
    pub fn text(&self) -> Result<Option<String>> {
        Ok(match self.array.is_valid(self.row) {
            true => Some(array_value_to_string(self.array, self.row)?),
            false => None,
        })
    }

    /// The value as a number; `None` for null and for what is none.
    ///
    /// # Errors
    /// [`crate::error::Error::Bug`] for a type that has no text.
    pub fn number(&self) -> Result<Option<f64>> {
        Ok(self.text()?.and_then(|text| text.parse().ok()))
    }
}

/// The rows in which two columns of one type and length differ. Null equals null alone; floats are equal if they are the same number, so −0
/// equals 0, or if neither is one.
///
/// # Errors
/// [`crate::error::Error::Bug`] for a type that cannot be compared.
pub fn differing(a: &ArrayRef, b: &ArrayRef) -> Result<BooleanBuffer> {
    let found = distinct(a, b)?.values().clone();
    match (a.as_primitive_opt::<Float64Type>(), b.as_primitive_opt::<Float64Type>()) {
        (Some(a), Some(b)) if found.count_set_bits() > 0 => {
            Ok(BooleanBuffer::collect_bool(found.len(), |row| found.value(row) && !is_same_number(a, b, row)))
        }
        _ => Ok(found),
    }
}

fn is_same_number(a: &Float64Array, b: &Float64Array, row: usize) -> bool {
    let (old, new) = (a.value(row), b.value(row));
    a.is_valid(row) && b.is_valid(row) && (old == new || old.is_nan() && new.is_nan())
}

/// What B has more than A.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Difference {
    /// Of counts, days and money: exact, in units of the last of these decimals.
    Exact(i128, usize),
    /// Of floats, as they subtract.
    Float(f64),
}

impl Difference {
    /// The difference of two values of one type; `None` where one is null, or the type is none of numbers or days.
    pub fn of(a: Cell<'_>, b: Cell<'_>) -> Option<Difference> {
        if a.array.is_null(a.row) || b.array.is_null(b.row) {
            return None;
        }
        match b.array.data_type() {
            DataType::Int64 => {
                let value = |cell: Cell<'_>| Some(i128::from(cell.array.as_primitive_opt::<Int64Type>()?.value(cell.row)));
                Some(Difference::Exact(value(b)? - value(a)?, 0))
            }
            DataType::Date32 => {
                let value = |cell: Cell<'_>| Some(i128::from(cell.array.as_primitive_opt::<Date32Type>()?.value(cell.row)));
                Some(Difference::Exact(value(b)? - value(a)?, 0))
            }
            DataType::Decimal128(_, scale) => {
                let value = |cell: Cell<'_>| Some(cell.array.as_primitive_opt::<Decimal128Type>()?.value(cell.row));
                Some(Difference::Exact(value(b)?.checked_sub(value(a)?)?, usize::try_from(*scale).ok()?))
            }
            DataType::Float64 => {
                let value = |cell: Cell<'_>| Some(cell.array.as_primitive_opt::<Float64Type>()?.value(cell.row));
                Some(Difference::Float(value(b)? - value(a)?))
                    .filter(|difference| !matches!(difference, Difference::Float(by) if by.is_nan()))
            }
            _ => None,
        }
    }

    /// Whether it is larger than another one of the same column, whatever the signs.
    pub fn is_larger_than(self, other: Difference) -> bool {
        match (self, other) {
            (Difference::Exact(one, _), Difference::Exact(other, _)) => one.unsigned_abs() > other.unsigned_abs(),
            (Difference::Float(one), Difference::Float(other)) => one.abs().total_cmp(&other.abs()) == Ordering::Greater,
            _ => false,
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Difference::Float(by) => write!(f, "{by}"),
            Difference::Exact(units, 0) => write!(f, "{units}"),
            Difference::Exact(units, decimals) => {
                let digits = format!("{:0>width$}", units.unsigned_abs(), width = decimals + 1);
                let (whole, part) = digits.split_at(digits.len() - decimals);
                write!(f, "{}{whole}.{part}", if units < 0 { "-" } else { "" })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{BooleanArray, Date32Array, Decimal128Array, Int64Array, StringArray};

    use super::*;

    fn rows(a: impl Array + 'static, b: impl Array + 'static) -> Vec<usize> {
        differing(&(Arc::new(a) as ArrayRef), &(Arc::new(b) as ArrayRef)).unwrap().set_indices().collect()
    }

    fn by(a: impl Array + 'static, b: impl Array + 'static) -> Vec<String> {
        let (a, b) = (Arc::new(a) as ArrayRef, Arc::new(b) as ArrayRef);
        let cell = |array, row| Cell { array, row };
        (0..a.len()).map(|row| Difference::of(cell(&a, row), cell(&b, row)).map_or("-".to_owned(), |by| by.to_string())).collect()
    }

    #[test]
    fn null_equals_null_and_no_value() {
        let a = Int64Array::from(vec![None, None, Some(0), Some(1), Some(2)]);
        assert_eq!(rows(a, Int64Array::from(vec![None, Some(0), None, Some(1), Some(3)])), [1, 2, 4]);
        assert_eq!(
            rows(StringArray::from(vec![None, Some(""), Some("a")]), StringArray::from(vec![Some(""), Some(""), Some("A")])),
            [0, 2]
        );
        assert_eq!(rows(BooleanArray::from(vec![Some(true), None]), BooleanArray::from(vec![Some(false), None])), [0]);
    }

    #[test]
    fn floats_are_the_same_number_to_the_last_bit() {
        let a = Float64Array::from(vec![Some(0.0), Some(f64::NAN), Some(0.3), Some(1.0), None, Some(f64::NAN), Some(f64::INFINITY)]);
        let other_nan = f64::from_bits(f64::NAN.to_bits() ^ 1);
        let b = Float64Array::from(vec![
            Some(-0.0),
            Some(other_nan),
            Some(0.1 + 0.2),
            Some(1.0),
            Some(0.0),
            Some(1.0),
            Some(f64::NEG_INFINITY),
        ]);
        // 0.1 + 0.2 is 0.30000000000000004.
        assert_eq!(rows(a, b), [2, 4, 5, 6]);
    }

    #[test]
    fn differences_are_exact_and_written_as_people_read_them() {
        let money = |values: Vec<i128>| Decimal128Array::from_iter_values(values).with_precision_and_scale(18, 2).unwrap();
        assert_eq!(by(money(vec![100, 1250, 0, 5]), money(vec![1350, 0, -3, 5])), ["12.50", "-12.50", "-0.03", "0.00"]);
        let whole = by(Int64Array::from(vec![Some(i64::MIN), Some(3), None]), Int64Array::from(vec![Some(i64::MAX), Some(1), Some(1)]));
        // 2⁶⁴ − 1.
        assert_eq!(whole, ["18446744073709551615", "-2", "-"]);
        assert_eq!(by(Date32Array::from(vec![20_000]), Date32Array::from(vec![20_031])), ["31"]);
        assert_eq!(by(Float64Array::from(vec![0.5, f64::NAN]), Float64Array::from(vec![0.25, 1.0])), ["-0.25", "-"]);
        assert_eq!(by(StringArray::from(vec!["a"]), StringArray::from(vec!["b"])), ["-"]);
    }

    #[test]
    fn the_larger_difference_is_that_of_the_greater_amount() {
        assert!(Difference::Exact(-3, 2).is_larger_than(Difference::Exact(2, 2)));
        assert!(!Difference::Exact(3, 2).is_larger_than(Difference::Exact(-3, 2)));
        assert!(Difference::Float(-1.5).is_larger_than(Difference::Float(1.0)));
    }
}
