//! Affiliates (淘客): what publishers earn by orders, and what became of it.

use crate::input::values::codes::OwnedId;
use crate::spec::Day;

/// The word for all publishers of a plan together, which is no publisher.
pub const ALL_PUBLISHERS: &str = "(all)";

/// What became of a commission by the as-of date, in minor units: what was estimated is settled, clawed back or still due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Commission {
    /// What it was estimated at; a higher settlement corrects it.
    pub estimated: i64,
    /// What of it was settled and not taken back.
    pub settled: i64,
    /// What of it will not be paid: it was taken back, or the settlement was lower.
    pub clawed_back: i64,
}

impl Commission {
    /// What became of a commission. `settled` is what the settlement says, `None` before it; `clawed_back` is what was taken back in all,
    /// before or after it.
    ///
    /// ```
    /// use huitou::input::records::affiliates::Commission;
    /// // 10.00 estimated, 8.00 settled, since 2.00 of the goods had come back: the 2.00 are clawed back once.
    /// assert_eq!(Commission::of(1000, Some(800), 200), Commission { estimated: 1000, settled: 800, clawed_back: 200 });
    /// // 3.00 taken back after a settlement in full.
    /// assert_eq!(Commission::of(1000, Some(1000), 300), Commission { estimated: 1000, settled: 700, clawed_back: 300 });
    /// assert_eq!(Commission::of(1000, None, 200).due(), 800);
    /// ```
    pub fn of(estimated: i64, settled: Option<i64>, clawed_back: i64) -> Commission {
        let estimated = estimated.max(settled.unwrap_or(0));
        let clawed_back = clawed_back.min(estimated);
        match settled {
            None => Commission { estimated, settled: 0, clawed_back },
            Some(settled) => {
                let settled = settled.min(estimated - clawed_back);
                Commission { estimated, settled, clawed_back: estimated - settled }
            }
        }
    }

    /// What is neither settled nor clawed back, in minor units.
    pub fn due(&self) -> i64 {
        self.estimated - self.settled - self.clawed_back
    }
}

/// What a publisher earns by an order line, or by an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AffiliateRow {
    /// The file's position in the dataset.
    pub file: u32,
    /// The row of the file.
    pub row: u32,
    /// Shop code.
    pub shop: u32,
    /// The plan: one more than its position in [`Affiliates::plans`], 0 for none.
    pub plan: u32,
    /// The publisher: one more than its position in [`Affiliates::publishers`].
    pub publisher: u32,
    /// The order.
    pub order: OwnedId,
    /// The line; `None` for the whole order.
    pub line: Option<OwnedId>,
    /// The day of the settlement, or [`NO_DAY`].
    pub settled_day: Day,
    /// What became of the commission.
    pub commission: Commission,
}

/// Bytes of a row, the text of an id not included.
pub const ROW_BYTES: u64 = size_of::<AffiliateRow>() as u64;

/// What the affiliate_orders input says.
#[derive(Debug, Default)]
pub struct Affiliates {
    /// The last version of each row, by file and row.
    pub rows: Vec<AffiliateRow>,
    /// The plans, ascending.
    pub plans: Vec<String>,
    /// The publishers' ids as people read them, ascending.
    pub publishers: Vec<String>,
}
