//! The numbers that a key of a job, rule or strategy file accepts.

/// The numbers that a key accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbers {
    /// All finite numbers.
    Any,
    /// Above 0 and below 1: a part of something.
    Part,
    /// Above 0 and at most 1: a part of something, or all of it.
    PartOrAll,
    /// At least 0 and below 1: a part of something, or nothing of it.
    PartOrNone,
}

impl Numbers {
    /// Whether the number is one of them.
    pub fn contains(self, number: f64) -> bool {
        match self {
            Numbers::Any => number.is_finite(),
            Numbers::Part => number > 0.0 && number < 1.0,
            Numbers::PartOrAll => number > 0.0 && number <= 1.0,
            Numbers::PartOrNone => (0.0..1.0).contains(&number),
        }
    }

    /// The words for a message, after "must be".
    pub fn expected(self) -> &'static str {
        match self {
            Numbers::Any => "a number",
            Numbers::Part => "a number above 0 and below 1",
            Numbers::PartOrAll => "a number above 0 and at most 1",
            Numbers::PartOrNone => "a number of at least 0 and below 1",
        }
    }
}
