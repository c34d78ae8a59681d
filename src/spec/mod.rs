//! Spec: the vocabulary that all rooms share: cards of tables and columns, kinds, periods, missing values.

pub mod card;
pub mod period;

pub use card::{Card, Column, Kind, Need};
pub use period::{Day, Grain};

/// A time that is not there (never paid, never shipped), among times in microseconds.
pub const NO_TIME: i64 = i64::MIN;
/// A day that is not there, among days since 1970-01-01.
pub const NO_DAY: Day = i32::MIN;
/// The code of a missing value in every dictionary; real values have codes from 1 in ascending order.
pub const NO_VALUE: u32 = 0;
