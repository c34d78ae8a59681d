//! The options of a data set.

use crate::spec::Day;

/// The type of the ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ids {
    /// Int64.
    Int,
    /// Utf8.
    Text,
}

/// How the inputs are divided into files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// A file of orders for every month, one file of each other input.
    Files,
    /// A folder `dt=YYYY-MM-DD` for every day of orders, traffic, ratings and refunds, as from nightly exports.
    Daily,
}

/// The options of a data set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// Order lines, not counting later versions, exact to a few per cent: orders are drawn at random, at rates that are
    /// solved for this number.
    pub orders: u64,
    /// Customers of shops; `orders` / 10 by default. Each one has an order, so there is at most one for every 1.61 lines.
    pub customers: Option<u64>,
    /// Shops, in three categories.
    pub shops: u32,
    /// Calendar months; the last one ends with `last_day`.
    pub months: u32,
    /// The seed: another one gives another data set.
    pub seed: u64,
    /// The type of the ids.
    pub ids: Ids,
    /// Share of bad rows.
    pub dirty: f64,
    /// Share of the rows of orders that a later version supersedes; at most about 0.73, when all versions are exported.
    pub superseded: f64,
    /// How the inputs are divided into files.
    pub layout: Layout,
    /// The last day of the data.
    pub last_day: Day,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            orders: 1_000_000,
            customers: None,
            shops: 12,
            months: 24,
            seed: 7,
            ids: Ids::Int,
            dirty: 0.0,
            superseded: 0.10,
            layout: Layout::Files,
            last_day: LAST_DAY,
        }
    }
}

/// 2026-11-21, ten days after a Double 11.
const LAST_DAY: Day = 20_778;
