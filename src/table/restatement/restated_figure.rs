//! A restatement: one figure of a period that was over, which this snapshot publishes differently from the one before it.

use crate::input::values::codes::OwnedId;
use crate::spec::Day;
use crate::spec::cause::Cause;

/// Where a figure stands: its table, and what finds it there, in words that all tables share.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The table.
    pub table: &'static str,
    /// The column, or what the row calls the metric.
    pub metric: String,
    /// The shop.
    pub shop: OwnedId,
    /// The grain of the period.
    pub grain: String,
    /// The first day of the period.
    pub period_start: Day,
    /// What else the row is of; `all` where it is of nothing else.
    pub dimension: String,
}

/// What the orders of one cause did to a figure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Effect {
    /// Orders; `None` where they are not counted.
    pub orders: Option<i64>,
    /// In minor units.
    pub amount: i64,
}

/// A figure that changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Restatement {
    /// Where it stands.
    pub place: Place,
    /// Its unit.
    pub unit: String,
    /// What the snapshot before says.
    pub old: Option<f64>,
    /// What this one says.
    pub new: Option<f64>,
    /// What is between both in minor units, where the figure is a sum of money.
    pub amount: Option<i64>,
    /// What did most of it.
    pub cause: Cause,
    /// By the places of [`Cause::COUNTED`]; `None` where rows are not compared.
    pub effects: Option<[Effect; Cause::COUNT]>,
    /// What changed, where it was the job or the program.
    pub detail: Option<String>,
}

impl Restatement {
    /// How much more this snapshot says. Sums of money are subtracted in minor units.
    pub fn difference(&self) -> Option<f64> {
        match self.amount {
            // The nearest number to an amount with two decimals.
            Some(amount) => Some(amount as f64 / 100.0),
            None => Some(self.new? - self.old?),
        }
    }

    /// The difference for each unit of what was published.
    pub fn relative(&self) -> Option<f64> {
        let old = self.old.filter(|old| *old != 0.0)?;
        Some(self.difference()? / old.abs())
    }

    /// The orders of a cause.
    pub(super) fn orders(&self, cause: Cause) -> Option<i64> {
        self.effect(cause)?.orders
    }

    /// What the orders of a cause did, in minor units.
    pub(super) fn amount_of(&self, cause: Cause) -> Option<i64> {
        self.amount?;
        self.effect(cause).map(|effect| effect.amount)
    }

    fn effect(&self, cause: Cause) -> Option<Effect> {
        self.effects?.get(cause.place()?).copied()
    }
}
