//! Missing values: orders without a value, and orders whose value is the text `(none)`, under one code.

use crate::history::Dictionary;
use crate::spec::{NO_VALUE, NONE};

/// The value of orders without one. The data may have the text `(none)`: it is the same value, not a second row with the same key.
#[derive(Debug, Clone, Copy)]
pub struct Missing {
    literal: u32,
}

impl Missing {
    /// That of the values of a dictionary.
    pub fn of(dictionary: &Dictionary) -> Self {
        let mut codes = 0..dictionary.codes() as u32;
        Missing { literal: codes.find(|code| dictionary.value(*code) == Some(NONE)).unwrap_or(NO_VALUE) }
    }

    /// The code of a value, [`NO_VALUE`] for all that is missing.
    pub fn settled(self, code: u32) -> i32 {
        if code == self.literal { NO_VALUE as i32 } else { code as i32 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_none_is_none() {
        let missing = Missing::of(&Dictionary::new(["(none)", "activity"].map(str::to_owned).to_vec()));
        assert_eq!([0, 1, 2].map(|code| missing.settled(code)), [0, 0, 2]);
        assert_eq!(Missing::of(&Dictionary::default()).settled(0), 0);
    }
}
