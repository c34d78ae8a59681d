//! Spec: the vocabulary shared by all rooms: cards of tables and columns, ids, periods, missing values.

pub mod card;
pub mod cause;
pub mod currency;
pub mod id;
pub mod id_hash;
pub mod lang;
pub mod mapped;
pub mod message_codes;
mod message_template;
pub mod messages;
pub mod period;
pub mod schema;

pub use card::{Card, Column, Kind, Need};
pub use id::{Id, IdType};
pub use id_hash::{id_hash, id_hash_in_shop};
pub use lang::Lang;
pub use mapped::MappedInputs;
pub use period::{Day, Grain, WeekStart};
pub use schema::IdTypes;

/// The value for a missing time (never paid, never shipped), among local times in microseconds.
pub const NO_TIME: i64 = i64::MIN;
/// The value for a missing day, among days since 1970-01-01.
pub const NO_DAY: Day = i32::MIN;
/// The code of a missing value in every dictionary; real values have codes from 1 in ascending order.
pub const NO_VALUE: u32 = 0;
/// The text for a missing value where it is a key.
pub const NONE: &str = "(none)";

/// The value that stands for all values together, where a key would otherwise be null.
pub const ALL: &str = "(all)";

/// Microseconds in a day.
pub const DAY_MICROSECONDS: i64 = 86_400_000_000;

/// The day of a local time in microseconds.
pub fn day_of_time(time: i64) -> Day {
    time.div_euclid(DAY_MICROSECONDS) as Day
}

/// Whether a local time in microseconds is the first moment of its day, as a day without a time is.
pub fn is_midnight(time: i64) -> bool {
    time.rem_euclid(DAY_MICROSECONDS) == 0
}

/// A local time in microseconds as `YYYY-MM-DD HH:MM:SS`.
pub fn iso_time(time: i64) -> String {
    let (day, seconds) = (time.div_euclid(DAY_MICROSECONDS), time.rem_euclid(DAY_MICROSECONDS) / 1_000_000);
    let day = Day::try_from(day).map_or(String::new(), period::iso);
    format!("{day} {:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}
