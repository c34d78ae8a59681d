//! Searched: the traffic of keywords over the days of a period.

use crate::input::records::keyword_days::{KEYWORD_FIGURES, KeywordDay, KeywordFigure};

/// Pairs of figures of which one is of no use for a rate where a row has it without the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum Pair {
    /// Clicks among impressions.
    ClicksOfImpressions,
    /// Orders of visitors.
    OrdersOfUv,
    /// Orders of clicks.
    OrdersOfClicks,
    /// Clicks that were paid for.
    ClicksOfCost,
    /// Orders of rows with a cost.
    OrdersOfCost,
    /// What was paid by rows with a cost.
    AmountOfCost,
}

use KeywordFigure::{Amount, Clicks, Cost, Impressions, Orders, Uv};

/// How many pairs there are.
const PAIRS: usize = 6;

/// Keyword traffic summed, each figure over the rows that have it; `None` where no row does. Additive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Searched {
    figures: [Option<i64>; KEYWORD_FIGURES],
    /// Clicks, orders and amount of the rows with a cost.
    with_cost: [Option<i64>; 3],
    /// By [`Pair`]: whether a row has one figure without the other.
    is_torn: [bool; PAIRS],
}

impl Searched {
    /// The traffic of a row.
    pub fn of(day: &KeywordDay) -> Self {
        let figures = [Impressions, Clicks, Uv, Orders, Amount, Cost].map(|figure| day.figure(figure));
        let has = |figure: KeywordFigure| day.figure(figure).is_some();
        // What a row without a cost has or lacks says nothing about costs.
        let lacks = |figure: KeywordFigure| has(Cost) && !has(figure);
        Searched {
            figures,
            with_cost: [Clicks, Orders, Amount].map(|figure| day.figure(figure).filter(|_| has(Cost))),
            is_torn: [
                has(Clicks) != has(Impressions),
                has(Orders) != has(Uv),
                has(Orders) != has(Clicks),
                lacks(Clicks),
                lacks(Orders),
                lacks(Amount),
            ],
        }
    }

    /// Adds the traffic of other rows.
    pub fn add(&mut self, other: &Searched) {
        let plus = |sum: &mut Option<i64>, more: Option<i64>| *sum = sum.map_or(more, |sum| Some(sum + more.unwrap_or(0)));
        self.figures.iter_mut().zip(other.figures).for_each(|(sum, more)| plus(sum, more));
        self.with_cost.iter_mut().zip(other.with_cost).for_each(|(sum, more)| plus(sum, more));
        self.is_torn.iter_mut().zip(other.is_torn).for_each(|(torn, more)| *torn |= more);
    }

    /// One of the sums.
    pub fn figure(&self, figure: KeywordFigure) -> Option<i64> {
        self.figures[figure as usize]
    }

    /// The clicks of the rows with a cost.
    pub fn clicks_with_cost(&self) -> Option<i64> {
        self.with_cost[0]
    }

    /// The orders of the rows with a cost.
    pub fn orders_with_cost(&self) -> Option<i64> {
        self.with_cost[1]
    }

    /// What was paid by the rows with a cost, in minor units.
    pub fn amount_with_cost(&self) -> Option<i64> {
        self.with_cost[2]
    }

    /// A rate of two figures that every row has together or not at all; else `None`.
    pub fn rate(&self, pair: Pair, rate: impl FnOnce(&Self) -> Option<f64>) -> Option<f64> {
        (!self.is_torn[pair as usize]).then(|| rate(self)).flatten()
    }

    /// The clicks, or where no row has any the visitor days, since who comes by a keyword clicks at least once; `None` without both.
    pub fn least_clicks(&self) -> Option<i64> {
        self.figure(Clicks).or(self.figure(Uv))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn searched(figures: [Option<i64>; KEYWORD_FIGURES]) -> Searched {
        Searched::of(&KeywordDay::new(0, 0, 1, figures))
    }

    #[test]
    fn sums_are_over_rows_that_have_a_figure_and_rates_need_both_everywhere() {
        // A row of search without a cost, and one of paid search without visitors.
        let mut both = searched([Some(100), Some(10), Some(8), Some(1), Some(5_000), None]);
        let paid = searched([Some(50), Some(5), None, Some(2), Some(7_000), Some(900)]);
        both.add(&paid);
        let sums = [Impressions, Clicks, Uv, Orders, Amount, Cost].map(|figure| both.figure(figure));
        assert_eq!(sums, [Some(150), Some(15), Some(8), Some(3), Some(12_000), Some(900)]);
        assert_eq!((both.clicks_with_cost(), both.orders_with_cost(), both.amount_with_cost()), (Some(5), Some(2), Some(7_000)));
        let has = |pair| both.rate(pair, |_| Some(1.0)).is_some();
        assert_eq!(
            [Pair::ClicksOfImpressions, Pair::OrdersOfUv, Pair::OrdersOfClicks, Pair::ClicksOfCost, Pair::AmountOfCost].map(has),
            [true, false, true, true, true]
        );
        let mut other = paid;
        other.add(&searched([Some(100), Some(10), Some(8), Some(1), Some(5_000), None]));
        assert_eq!(other, both, "sums do not depend on the order");
        assert_eq!(searched([None, None, Some(8), None, None, None]).least_clicks(), Some(8));
        assert_eq!(searched([Some(3), None, None, None, None, None]).least_clicks(), None);
    }
}
