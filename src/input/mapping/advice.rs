//! Advice for a column of a type that its kind does not accept: the mapping that gives right values, by the type and the values that are
//! there. A test tries every advice on a file.

use arrow::array::{ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type};

use crate::input::declared::columns::InputKind;
use crate::input::expression::Expressions;
use crate::input::times::time_forms::of_numbers;
use crate::input::values::id_text::{DOUBLE, SINGLE};
use crate::input::values::text::Texts;
use crate::job::MoneyUnit;

/// A column and what was found in it.
pub(in crate::input) struct Found<'a> {
    /// The kind that is wanted.
    pub kind: InputKind,
    /// The standard name of the column.
    pub column: &'a str,
    /// What the job maps it to: a column of the file or an expression.
    pub written: &'a str,
    /// The type that is there.
    pub data_type: &'a DataType,
    /// The first values; `None` where they are not known.
    pub values: Option<&'a ArrayRef>,
    /// The unit of amounts in the input.
    pub money: MoneyUnit,
}

impl Found<'_> {
    /// What to do.
    pub fn advice(&self) -> String {
        let name = name(self.written);
        if !is_known_to_sql(self.data_type) {
            return format!("SQL cannot read {}: write the file anew with another type, or map another column", self.data_type);
        }
        match self.kind {
            InputKind::Id => self.id(&name),
            InputKind::Money => self.money(&name),
            InputKind::Time => self.time(&name),
            InputKind::Text if self.is_float() && self.is_whole() => map(&format!("CAST(CAST({name} AS BIGINT) AS VARCHAR)")),
            InputKind::Text => map(&format!("CAST({name} AS VARCHAR)")),
            InputKind::Flag => self.flag(&name),
            InputKind::Count if self.is_number() || self.data_type == &DataType::Boolean => {
                let fraction = if self.is_whole() { "" } else { "; it drops what is behind the point" };
                map(&format!("CAST({name} AS BIGINT)")) + fraction
            }
            InputKind::Count if self.is_text() => map(&format!("CAST({} AS BIGINT)", self.plain_number(&name))),
            InputKind::Score if self.is_number() => map(&format!("CAST({name} AS DOUBLE)")),
            InputKind::Score if self.is_text() => map(&format!("CAST({} AS DOUBLE)", self.plain_number(&name))),
            InputKind::Count | InputKind::Score => format!("{} is not a number: map another column", self.data_type),
        }
    }

    fn id(&self, name: &str) -> String {
        if !self.is_float() {
            let is_short = matches!(self.data_type, DataType::Decimal32(_, 0) | DataType::Decimal64(_, 0) | DataType::Decimal128(..=18, 0));
            return map(&format!("CAST({name} AS {})", if is_short { "BIGINT" } else { "VARCHAR" }));
        }
        let exact = if self.data_type == &DataType::Float64 { DOUBLE } else { SINGLE };
        let power = exact.shown;
        if self.numbers().iter().any(|value| value.abs() >= exact.below as f64) {
            return format!(
                "ids of {power} and more have lost their last digits in a column of floats, so that different ids are the same, and no \
                 mapping brings them back: write the file anew with ids as text or integers"
            );
        }
        if self.is_whole() {
            map(&format!("CAST({name} AS BIGINT)"))
                + &format!(", which is exact below {power}; ids beyond have lost digits and are refused")
        } else {
            "its numbers have fractions, and a fraction is not an id: map another column".to_owned()
        }
    }

    fn money(&self, name: &str) -> String {
        if self.data_type.is_integer() {
            return format!(
                "integers are money only in minor units: set `money: minor` for the input, or map whole units with `CAST({name} AS DOUBLE)`"
            );
        }
        if self.is_text() || self.is_number() {
            let number = if self.is_text() { self.plain_number(name) } else { name.to_owned() };
            return match self.money {
                MoneyUnit::Major => map(&format!("CAST({number} AS DECIMAL(18, 4))")),
                MoneyUnit::Minor => {
                    map(&format!("CAST({number} AS BIGINT)")) + ", or leave `money: minor` out if these are not minor units"
                }
            };
        }
        format!("{} is not an amount of money: map another column", self.data_type)
    }

    fn time(&self, name: &str) -> String {
        if !self.is_number() {
            let what =
                if matches!(self.data_type, DataType::Time32(_) | DataType::Time64(_)) { "a time without its day" } else { "not a time" };
            return format!("{} is {what}: map another column", self.data_type);
        }
        let whole = if self.data_type == &DataType::Int64 { name.to_owned() } else { format!("CAST({name} AS BIGINT)") };
        match of_numbers(&self.numbers(), name, &whole, self.is_float()) {
            Some(form) if !form.suits(self.column) => format!(
                "the numbers look like {}, and a month is not the time of `{}`: map a column of days or times",
                form.what, self.column
            ),
            Some(form) => format!("the numbers look like {}: {}{}", form.what, map(&form.expression), form.also(self.column)),
            None => format!(
                "the numbers are not all of one kind that huitou knows: none of seconds to nanoseconds since 1970, days since 1970 or as \
                 spreadsheets count them, nor days and times in digits such as YYYYMMDD or YYMMDD; map `{}` to another column, or to an \
                 expression that makes a DATE or TIMESTAMP of them",
                self.column
            ),
        }
    }

    fn flag(&self, name: &str) -> String {
        const YES: [&str; 12] = ["Y", "y", "yes", "Yes", "YES", "true", "True", "TRUE", "T", "t", "1", "是"];
        if self.is_number() {
            return map(&format!("{name} <> 0"));
        }
        if !self.is_text() {
            return format!("{} is not a flag: map another column", self.data_type);
        }
        let texts = self.values.and_then(Texts::of);
        let yes = texts
            .iter()
            .flat_map(|texts| (0..texts.len()).filter_map(|row| texts.get(row)))
            .find_map(|text| YES.iter().find(|yes| **yes == text));
        match yes {
            Some(yes) => map(&format!("{name} = '{yes}'")),
            None => format!("map it with a condition that is true for yes, such as `{name} = 'Y'`"),
        }
    }

    /// The text without the signs that stand in its numbers.
    fn plain_number(&self, name: &str) -> String {
        let texts = self.values.and_then(Texts::of);
        let has = |sign: &str| texts.iter().any(|texts| (0..texts.len()).any(|row| texts.get(row).is_some_and(|text| text.contains(sign))));
        let signs = [",", "¥", "￥", "元", "$", "€", " "].into_iter().filter(|sign| has(sign));
        signs.fold(name.to_owned(), |plain, sign| format!("REPLACE({plain}, '{sign}', '')"))
    }

    /// The numbers that are there, as floats.
    fn numbers(&self) -> Vec<f64> {
        let floats = self.values.and_then(|values| cast(values, &DataType::Float64).ok());
        floats
            .map_or(Vec::new(), |floats| floats.as_primitive::<Float64Type>().iter().flatten().filter(|value| value.is_finite()).collect())
    }

    fn is_whole(&self) -> bool {
        self.numbers().iter().all(|value| value.fract() == 0.0)
    }

    fn is_float(&self) -> bool {
        matches!(self.data_type, DataType::Float32 | DataType::Float64)
    }

    fn is_number(&self) -> bool {
        self.data_type.is_numeric()
    }

    fn is_text(&self) -> bool {
        matches!(self.data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
    }
}

/// The advice to map a column to an expression.
fn map(expression: &str) -> String {
    format!("map it with `{expression}`")
}

/// Whether expressions can read a column of that type and make another of it.
fn is_known_to_sql(data_type: &DataType) -> bool {
    use DataType::{
        Boolean, Date32, Date64, Decimal32, Decimal64, Decimal128, Float32, Float64, LargeUtf8, Time32, Time64, Timestamp, Utf8, Utf8View,
    };
    let is_cell = matches!(data_type, Boolean | Float32 | Float64 | Decimal32(..) | Decimal64(..) | Decimal128(..));
    let is_time = matches!(data_type, Date32 | Date64 | Timestamp(..) | Time32(_) | Time64(_));
    is_cell || is_time || data_type.is_integer() || matches!(data_type, Utf8 | LargeUtf8 | Utf8View)
}

/// What stands for the column in an expression: its name, in quotes where it needs them, or the expression that the job maps it to.
pub(in crate::input) fn name(written: &str) -> String {
    let is_plain = written.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    let quoted = format!("\"{}\"", written.replace('"', "\"\""));
    // Some words of SQL are columns among the arguments of a function, and none where an expression begins.
    let reads_itself = |text: &str| {
        let mut places = [format!("COALESCE({text}, NULL)"), format!("{text} = NULL")].into_iter();
        places.all(|place| Expressions::parse(&place).is_ok_and(|found| found.root().as_deref() == Some(written)))
    };
    match (is_plain, Expressions::parse(written).is_ok()) {
        (true, _) if reads_itself(written) => written.to_owned(),
        (true, _) | (false, false) => quoted,
        (false, true) => format!("({written})"),
    }
}

/// A text as a YAML scalar.
pub(in crate::input) fn scalar(text: &str) -> String {
    let is_plain =
        text.starts_with(|first: char| first.is_alphabetic()) && !text.contains(": ") && !text.contains(" #") && text.trim() == text;
    if is_plain { text.to_owned() } else { format!("'{}'", text.replace('\'', "''")) }
}
