//! Payment rate (支付率): orders paid for each order placed in the same time.

use super::ratio::Quotient;

/// Orders of a day or a period; in fractions where the days to come are simulated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OrderCounts {
    /// Orders whose payment lies in it, whenever they were placed.
    pub paid: f64,
    /// Orders placed in it, whether they were paid or not.
    pub placed: f64,
}

impl OrderCounts {
    /// Paid orders over placed ones. These are not the same orders: those placed before and paid now can lift the rate above 1.
    ///
    /// ```
    /// use huitou::metric::payment_rate::OrderCounts;
    /// assert_eq!(OrderCounts { paid: 4.0, placed: 3.0 }.payment_rate().value(), Some(4.0 / 3.0));
    /// assert_eq!(OrderCounts { paid: 4.0, placed: 0.0 }.payment_rate().value(), None);
    /// ```
    pub fn payment_rate(self) -> Quotient {
        Quotient { numerator: self.paid, denominator: self.placed }
    }
}
