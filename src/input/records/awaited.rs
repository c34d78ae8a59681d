//! The step that a paid line waits for, as its status says.

use crate::input::values::status::Seen;
use crate::job::Status;

/// What a paid line is said to wait for. A line without a time of shipping that is said to wait for it was not shipped; one of which nothing is
/// said may have been, by an export without the column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Awaited {
    /// Its status says nothing of it, or there is none.
    #[default]
    Unsaid,
    /// To be completed.
    Completion,
    /// To be shipped, and then completed.
    Shipping,
}

impl Awaited {
    /// What the status of a paid line says.
    pub fn of(status: Seen) -> Awaited {
        match status {
            Seen::Known(Status::Paid) => Awaited::Shipping,
            Seen::Known(Status::Shipped) => Awaited::Completion,
            _ => Awaited::Unsaid,
        }
    }

    /// As a number of two bits.
    pub fn bits(self) -> u64 {
        self as u64
    }

    /// Of a number's lowest two bits.
    pub fn of_bits(bits: u64) -> Awaited {
        match bits & 3 {
            1 => Awaited::Completion,
            2 => Awaited::Shipping,
            _ => Awaited::Unsaid,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_read_as_they_were_written() {
        for awaited in [Awaited::Unsaid, Awaited::Completion, Awaited::Shipping] {
            assert_eq!(Awaited::of_bits(awaited.bits()), awaited);
        }
    }

    #[test]
    fn only_orders_that_are_paid_and_on_their_way_wait() {
        assert_eq!(Awaited::of(Seen::Known(Status::Paid)), Awaited::Shipping);
        assert_eq!(Awaited::of(Seen::Known(Status::Shipped)), Awaited::Completion);
        for status in
            [Seen::Nothing, Seen::Unknown, Seen::Known(Status::Completed), Seen::Known(Status::Placed), Seen::Known(Status::Closed)]
        {
            assert_eq!(Awaited::of(status), Awaited::Unsaid);
        }
    }
}
