//! Whole numbers and decimals of 38 digits, computed without floats.

use std::fmt;

use arrow::datatypes::i256;
use polars::prelude::{Column, DataType, PolarsResult};

use super::operation::Operation;

/// The digits of a decimal.
pub(super) const MOST_DIGITS: usize = 38;
/// The smallest number that has more.
const BEYOND: i128 = 10_i128.pow(38);

/// `digits` in units of 10^-`scale`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Decimal {
    pub digits: i128,
    pub scale: u32,
}

impl fmt::Display for Decimal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scale = self.scale as usize;
        let digits = format!("{:0>width$}", self.digits.unsigned_abs(), width = scale + 1);
        let (whole, places) = digits.split_at(digits.len() - scale);
        let sign = if self.digits < 0 { "-" } else { "" };
        write!(formatter, "{sign}{whole}{}{places}", if scale == 0 { "" } else { "." })
    }
}

impl Decimal {
    /// The float that lies nearest, which is that of the same digits as a text.
    pub fn nearest(self) -> f64 {
        /// The largest whole number, and the largest power of ten, that are floats as all below them are.
        const EXACT: (u128, u32) = (1 << 53, 22);
        let Decimal { mut digits, mut scale } = self;
        while scale > 0 && digits % 10 == 0 {
            (digits, scale) = (digits / 10, scale - 1);
        }
        if digits.unsigned_abs() <= EXACT.0 && scale <= EXACT.1 {
            return digits as f64 / 10_f64.powi(scale as i32);
        }
        Decimal { digits, scale }.to_string().parse().unwrap_or(f64::NAN)
    }
}

/// A number as it is written; `None` where it has more digits than a decimal.
pub(super) fn decimal(written: &str) -> Option<Decimal> {
    let (whole, places) = written.split_once('.').unwrap_or((written, ""));
    let digits: i128 = format!("{whole}{places}").parse().ok()?;
    let scale = u32::try_from(places.len()).ok()?;
    (fits(digits) && places.len() <= MOST_DIGITS).then_some(Decimal { digits, scale })
}

fn fits(digits: i128) -> bool {
    digits.unsigned_abs() < BEYOND.unsigned_abs()
}

/// Whole numbers, or the digits of decimals.
pub(super) fn integers(column: &Column) -> PolarsResult<Vec<Option<i128>>> {
    Ok(match column.dtype() {
        DataType::Decimal(..) => column.decimal()?.physical().iter().collect(),
        DataType::UInt64 => column.u64()?.iter().map(|value| value.map(i128::from)).collect(),
        _ => column.cast(&DataType::Int64)?.i64()?.iter().map(|value| value.map(i128::from)).collect(),
    })
}

/// The result for whole numbers, null where it divides by zero; `None` where it is too large.
pub(super) fn whole(operation: Operation, left: i128, right: i128) -> Option<Option<i128>> {
    match operation {
        Operation::Add => left.checked_add(right).map(Some),
        Operation::Subtract => left.checked_sub(right).map(Some),
        Operation::Multiply => left.checked_mul(right).map(Some),
        Operation::Divide | Operation::WholeDivide | Operation::Remainder if right == 0 => Some(None),
        Operation::Divide | Operation::WholeDivide => left.checked_div(right).map(Some),
        Operation::Remainder => left.checked_rem(right).map(Some),
    }
}

/// The result for decimals in units of 10^-`scale`, null where it divides by zero; `None` where it has too many digits.
pub(super) fn decimals(operation: Operation, left: Decimal, right: Decimal, scale: u32) -> Option<Option<i128>> {
    let digits = match operation {
        Operation::Multiply => product(left, right, scale)?,
        Operation::Divide if right.digits == 0 => return Some(None),
        Operation::Divide => quotient(left, right, scale)?,
        _ => {
            let common = left.scale.max(right.scale);
            let in_common = |side: Decimal| 10_i128.checked_pow(common - side.scale)?.checked_mul(side.digits);
            match whole(operation, in_common(left)?, in_common(right)?)? {
                Some(digits) => digits,
                None => return Some(None),
            }
        }
    };
    fits(digits).then_some(Some(digits))
}

fn product(left: Decimal, right: Decimal, scale: u32) -> Option<i128> {
    let surplus = (left.scale + right.scale).saturating_sub(scale);
    match left.digits.checked_mul(right.digits) {
        Some(product) if surplus == 0 => Some(product),
        product => {
            let product = product.map_or_else(
                || i256::from_i128(left.digits).checked_mul(i256::from_i128(right.digits)),
                |product| Some(i256::from_i128(product)),
            );
            rounded(product?, power(surplus)?)
        }
    }
}

fn quotient(left: Decimal, right: Decimal, scale: u32) -> Option<i128> {
    rounded(power(scale + right.scale - left.scale)?.checked_mul(i256::from_i128(left.digits))?, i256::from_i128(right.digits))
}

fn power(exponent: u32) -> Option<i256> {
    i256::from_i128(10).checked_pow(exponent)
}

/// A quotient rounded half to even.
fn rounded(number: i256, divisor: i256) -> Option<i128> {
    if let (Some(number), Some(divisor)) = (number.to_i128(), divisor.to_i128()) {
        let (whole, rest) = (number.checked_div(divisor)?, number.checked_rem(divisor)?);
        let (rest, unit) = (rest.unsigned_abs(), divisor.unsigned_abs());
        let is_up = rest > unit - rest || (rest == unit - rest && whole % 2 != 0);
        return if is_up { whole.checked_add(if (number < 0) == (divisor < 0) { 1 } else { -1 }) } else { Some(whole) };
    }
    let (whole, rest) = (number.checked_div(divisor)?, number.checked_rem(divisor)?);
    let absolute = |value: i256| if value.is_negative() { value.wrapping_neg() } else { value };
    let (rest, unit) = (absolute(rest), absolute(divisor));
    let left_over = unit.wrapping_sub(rest);
    let whole = whole.to_i128()?;
    let is_up = rest > left_over || (rest == left_over && whole % 2 != 0);
    if is_up { whole.checked_add(if number.is_negative() == divisor.is_negative() { 1 } else { -1 }) } else { Some(whole) }
}
