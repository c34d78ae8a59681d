//! What a key of a job, rule or strategy file is: its name, the form of its value, and what applies without it.

pub use super::numbers::Numbers;
use super::status::Status;

/// One key of a mapping in a job file, or in one that it names.
#[derive(Debug)]
pub struct Key {
    /// The name in the file.
    pub name: &'static str,
    /// The form of its value.
    pub shape: Shape,
    /// What applies if the key is not written.
    pub presence: Presence,
    /// What it means, in a sentence.
    pub doc: &'static str,
}

/// What applies if a key is not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// The job file is refused.
    Required,
    /// The meaning of the key says what applies.
    Optional,
    /// This value, as it would be written.
    Default(&'static str),
}

/// How many items a list has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Items {
    /// Any number, including none; the program sorts them.
    Any,
    /// Four, each greater than the one before: the limits between five scores.
    FourAscending,
    /// Any number, including none, each greater than the one before.
    Ascending,
}

/// The form of the value of a key.
#[derive(Debug)]
pub enum Shape {
    /// Text that is not empty; a number is read as the text that is written.
    Text,
    /// A name of lower-case letters, digits and `_`.
    Name,
    /// A path relative to the job file's folder, in which `${NAME}` is replaced by the environment variable.
    Path,
    /// Three capital letters of a currency, as ISO 4217 has them.
    Currency,
    /// A name of the IANA time zone database.
    Timezone,
    /// `yesterday` or a date.
    AsOf,
    /// A day of the calendar.
    Date,
    /// A condition in SQL over the file's columns.
    Condition,
    /// A whole number within both bounds.
    Integer {
        /// The least.
        from: i64,
        /// The greatest.
        to: i64,
    },
    /// A number of days within both bounds, written `2d`.
    Days {
        /// The least.
        from: i64,
        /// The greatest.
        to: i64,
    },
    /// A number within both bounds.
    Number {
        /// The least.
        from: f64,
        /// The greatest.
        to: f64,
    },
    /// One of these numbers.
    Measure(Numbers),
    /// One of these numbers, or a mapping from categories to such numbers, with `default` for all others.
    ByCategory(Numbers),
    /// One of these words.
    Choice(&'static [&'static str]),
    /// One of these words or a list of them.
    Choices(&'static [&'static str]),
    /// One of these words or a list of them, which may be empty.
    AnyChoices(&'static [&'static str]),
    /// A list of whole numbers within both bounds.
    Integers {
        /// The least.
        from: i64,
        /// The greatest.
        to: i64,
        /// How many.
        items: Items,
    },
    /// An amount of money in the major unit that is not negative, with at most two decimals.
    Amount,
    /// A list of amounts of money in the major unit with at most two decimals.
    Amounts(Items),
    /// A list of cohort dimensions of the catalogue.
    Dimensions,
    /// `all` or a list of tables of the catalogue.
    Tables,
    /// A mapping from inputs of the catalogue to a path or the keys of [`input_keys`].
    Inputs,
    /// A mapping from the columns of the input to a column or an SQL expression of the file.
    Columns,
    /// `local`, `utc` or a zone, or a mapping from the columns of the input to one of these.
    Times,
    /// A mapping from the values in the file to these meanings.
    Statuses(&'static [Status]),
    /// A list of paths of files of that kind, relative to the job file's folder; environment variables are replaced by their values.
    Files(&'static str),
    /// The path of a file of that kind, likewise.
    File(&'static str),
    /// A list of result tables, or an empty one.
    TableNames,
    /// A list of metrics of the catalogue that matter in a stage.
    StageMetrics,
    /// A column to sort by, or a list of columns, each followed by `desc` if the greatest value comes first.
    Ordering,
    /// A metric of the catalogue or, if the job has the input `shop_metrics`, one of that input.
    Metric,
    /// A column of an input that has thresholds.
    ThresholdColumn,
    /// A mapping from metrics to mappings with these keys.
    ByMetric(&'static [Key]),
    /// A mapping from ascending points to what follows from them.
    Levels,
    /// A mapping with these keys.
    Section(&'static [Key]),
    /// A mapping with these keys, or the word.
    SectionOr(&'static [Key], &'static str),
    /// A list of mappings with these keys.
    List(&'static [Key]),
}
