//! Extracts: which columns and rows of a table the page uses.

use crate::spec::Day;

/// The part of a table that the page uses.
#[derive(Debug)]
pub struct Extract {
    /// The table.
    pub table: &'static str,
    /// Its columns; the first says whose the rows are: `shop_id`, `shop_group`, or `scope` where shops are taken together. None has ids of
    /// customers. Those that need an input are not on the page where the job does not have it.
    pub columns: &'static [&'static str],
    /// Columns that the page computes from these by their formula, to save space.
    pub derived: &'static [&'static str],
    /// The columns that are left out first if not everything fits.
    pub optional: &'static [&'static str],
    /// Only rows with one of the values in each of these columns.
    pub only: &'static [(&'static str, &'static [&'static str])],
    /// Which of these rows stay at a level of detail.
    pub thin: Thinning,
}

/// Which rows of a part stay at a level of detail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thinning {
    /// The rows of the shops in the list.
    Listed,
    /// The last months; for a shop without details, the last complete one and the current one.
    Months,
    /// The last months of the shops with details.
    DetailedMonths,
    /// The last complete month and the current one of the shops with details, by the column of months.
    LastMonths(&'static str),
    /// The last days of the items that the page has: of those in its part of the table `items`.
    DaysOfItems(Day),
    /// The cohorts of the last months, by their month.
    CohortMonths,
    /// The month of the as-of date.
    CurrentMonth,
    /// The last days.
    Days,
    /// As many last days as this, of the shops with details.
    LastDays(Day),
    /// The cohorts of the last months.
    Cohorts,
    /// The cohorts of the last months; where they are divided, those of the last year by the values with the most customers, if there is room.
    CohortValues,
    /// The first repurchases, and all together.
    Purchases,
    /// The curves of the first repurchases, thinned to the last row of every step of days. A curve is flat between rows, so the remaining
    /// points are exact.
    Survival,
    /// The histograms of the first repurchases.
    Intervals,
    /// All rows of the shops with details.
    Detailed,
    /// The migration between life stages, and between the segments of other schemes if there is room.
    Migration,
    /// The last cycles of each assessment; the list of shops needs those of every shop in it.
    Cycles,
    /// The requirements in the last cycles of each assessment.
    Results,
    /// The last campaigns of each shop, by the first day of their rows.
    Campaigns,
    /// Of `restatements`: what managers ask first of every shop in the list, the rest of those with details if there is room.
    Restated,
    /// The rows of a group with the largest cells in a column, and of those alone anything is kept in memory: a shop has millions of items.
    Largest {
        /// The column of numbers that decides.
        by: &'static str,
        /// The columns that make a group: the shop or the group of shops, and where there is a second one, the month. Of months only the last
        /// complete one and the current one stay.
        of: &'static [&'static str],
    },
}
