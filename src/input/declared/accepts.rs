//! The Arrow types that each kind of column accepts; `advice` says what to do about others.

use arrow::datatypes::DataType;

use super::columns::InputKind;
use crate::job::MoneyUnit;
use crate::spec::IdType;

/// Integer ids of any width go together, signed or unsigned ones; text goes with text.
pub(in crate::input) fn same_id(first: &DataType, other: &DataType) -> bool {
    IdType::of(first).is_none_or(|first| IdType::of(other).is_none_or(|other| first.agrees_with(&other)))
}

/// Checks that a column of that kind accepts values of that type. The error names the types that it accepts.
pub(in crate::input) fn accepts(kind: InputKind, found: &DataType, money: MoneyUnit) -> Result<(), &'static str> {
    let text = |data_type: &DataType| matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
    let (values, is_text) = match found {
        DataType::Dictionary(_, values) => (values.as_ref(), text(values)),
        other => (other, text(other)),
    };
    let decimal = |scale: i8| (0..=4).contains(&scale);
    let fits = match kind {
        InputKind::Id => {
            return if IdType::of(found).is_some() || *found == DataType::Null { Ok(()) } else { Err("an integer or text id") };
        }
        InputKind::Money if money == MoneyUnit::Minor => found.is_integer(),
        InputKind::Money => match found {
            DataType::Decimal32(_, scale)
            | DataType::Decimal64(_, scale)
            | DataType::Decimal128(_, scale)
            | DataType::Decimal256(_, scale) => decimal(*scale),
            DataType::Float64 | DataType::Float32 => true,
            _ => false,
        },
        InputKind::Time => matches!(found, DataType::Timestamp(_, _) | DataType::Date32 | DataType::Date64) || is_text,
        InputKind::Text => is_text || values.is_integer(),
        InputKind::Flag => matches!(found, DataType::Boolean) || found.is_integer(),
        InputKind::Count => found.is_integer(),
        InputKind::Score => found.is_integer() || matches!(found, DataType::Float32 | DataType::Float64),
    };
    if fits || matches!(found, DataType::Null) {
        return Ok(());
    }
    Err(match kind {
        InputKind::Money if money == MoneyUnit::Minor => "integers of minor units, as `money: minor` says",
        InputKind::Money if found.is_integer() => "money",
        InputKind::Money => "money: Decimal128 of scale up to 4, Float64, or integers with `money: minor`",
        InputKind::Time => "a Timestamp, Date32 or text `YYYY-MM-DD HH:MM:SS`",
        InputKind::Text => "text or an integer code",
        InputKind::Flag => "a Boolean or integer 0/1",
        InputKind::Count => "an integer",
        InputKind::Score => "an integer or a float",
        InputKind::Id => "an id",
    })
}
