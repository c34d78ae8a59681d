//! Viewed-paid fold: the customers who viewed pages of a shop on the day on which they paid there.

use std::sync::Arc;

use arrow::record_batch::RecordBatch;

use super::codes::CodeOf;
use super::layout::{Key, Layout};
use super::spec::{FoldSpec, Pace};
use super::tally::Tally;
use crate::error::{Error, Result};
use crate::history::views::Viewers;
use crate::history::views::viewers::ViewerPart;
use crate::history::{Fold, History};
use crate::input::values::codes::OwnedId;
use crate::spec::Day;

/// The state.
const LAYOUT: Layout<1, 1> = Layout { keys: [Key::Code(CodeOf::Shop)], position: "day", counters: ["customers"] };

/// Questions that are collected before they are answered part by part: the viewers of a part are read once for all that ask for it.
const MOST: usize = 1 << 18;

/// Customers by shop and day who viewed a page and paid an order on the day. It takes the customers as they come, since the parts of the
/// viewers follow the same hash as the buckets of the orders.
pub static VIEWED_PAID: FoldSpec<ViewedPaidFold> = FoldSpec {
    name: "viewed_paid",
    version: 1,
    pace: Pace::AsTheyCome,
    new: |context, _| ViewedPaidFold::new(Arc::clone(&context.viewers)),
};

/// Whether a customer who paid on a day viewed a page of the shop on it.
struct Question {
    part: usize,
    shop: u32,
    customer: OwnedId,
    day: Day,
}

/// Counts them. What its state, or a merged one, has is counted; the last questions wait for it.
pub struct ViewedPaidFold {
    viewers: Arc<Viewers>,
    questions: Vec<Question>,
    /// What went wrong with reading a part.
    fault: Option<Error>,
    customers: Tally<1, [u32; 1]>,
}

impl ViewedPaidFold {
    /// A fold that has seen nobody.
    pub fn new(viewers: Arc<Viewers>) -> Self {
        ViewedPaidFold { viewers, questions: Vec::new(), fault: None, customers: Tally::default() }
    }

    /// The customers of a shop who viewed and paid on a day.
    pub fn customers(&self, shop: u32, day: Day) -> i64 {
        self.customers.line([shop as i32]).map_or(0, |line| i64::from(line.at(day)[0]))
    }

    /// Answers the questions, those of one part together.
    fn answer(&mut self) -> Result<()> {
        self.questions.sort_unstable_by_key(|question| question.part);
        let mut part = ViewerPart::default();
        for of_part in self.questions.chunk_by(|one, next| one.part == next.part) {
            let Some(Question { part: number, .. }) = of_part.first() else { continue };
            self.viewers.read(*number, &mut part)?;
            for Question { shop, customer, day, .. } in of_part {
                if part.has(*shop, customer.id(), *day) {
                    self.customers.line_mut([*shop as i32]).cell(*day)[0] += 1;
                }
            }
        }
        self.questions.clear();
        Ok(())
    }
}

impl Fold for ViewedPaidFold {
    fn update(&mut self, history: &History<'_>) {
        if history.is_anonymous {
            return;
        }
        let days = history.paid_orders().chunk_by(|one, next| one.paid_day == next.paid_day);
        for day in days.filter_map(|orders| orders.first()).map(|order| order.paid_day).filter(|day| self.viewers.may_have(*day)) {
            let part = self.viewers.part_of(history.customer);
            self.questions.push(Question { part, shop: history.shop, customer: history.customer.into(), day });
        }
        if self.questions.len() >= MOST
            && let Err(fault) = self.answer()
        {
            self.questions.clear();
            self.fault.get_or_insert(fault);
        }
    }

    fn state(&mut self) -> Result<Vec<RecordBatch>> {
        self.fault.take().map_or(Ok(()), Err)?;
        self.answer()?;
        Ok(vec![self.customers.state(&LAYOUT)?])
    }

    fn merge(&mut self, state: &[RecordBatch]) -> Result<()> {
        state.iter().try_for_each(|batch| self.customers.merge(&LAYOUT, batch))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::views::viewers::ViewerWriter;
    use crate::partition::Budget;
    use crate::spec::Id;
    use crate::table::testing::{buyer, day, folded, paid, paid_later};

    #[test]
    fn who_viewed_and_paid_on_one_day_by_hand() {
        let budget = Arc::new(Budget::unlimited());
        // Two threads, which numbered the shops 1 and 0 the other way round.
        let mut writers = vec![ViewerWriter::new(4, &budget), ViewerWriter::new(4, &budget)];
        for (writer, shop, on, customer) in [
            (0, 0, "2024-01-01", "anna"),
            (1, 0, "2024-01-01", "anna"),
            (0, 0, "2024-01-03", "anna"),
            (1, 0, "2024-01-05", "anna"),
            (1, 0, "2024-01-01", "ben"),
            (0, 1, "2024-01-02", "anna"),
        ] {
            writers[writer].push(shop, day(on), Id::Text(customer));
        }
        let viewers = Viewers::new(writers).unwrap().ranked(vec![1, 0]);
        let viewing: Vec<_> = viewers.customers().unwrap().into_iter().collect();
        let expected = [((0, day("2024-01-02")), 1), ((1, day("2024-01-01")), 2), ((1, day("2024-01-03")), 1), ((1, day("2024-01-05")), 1)];
        assert_eq!(viewing, expected);
        // Anna pays twice on the 1st, on the 2nd without a view, and on the 5th an order of the 3rd. Ben views and pays nothing; Cleo pays and
        // views nothing. In the other shop Anna views a day before she pays. The 9th lies after all views.
        let anna = vec![paid("2024-01-01", 1), paid("2024-01-01", 2), paid("2024-01-02", 3), paid_later("2024-01-03", "2024-01-05", 4)];
        let customers = [
            buyer(1, Id::Text("anna"), anna),
            buyer(1, Id::Text("cleo"), vec![paid("2024-01-01", 1)]),
            buyer(0, Id::Text("anna"), vec![paid("2024-01-03", 1), paid("2024-01-09", 1)]),
        ];
        let viewers = Arc::new(viewers);
        let mut fold = ViewedPaidFold::new(Arc::clone(&viewers));
        fold.merge(&folded(ViewedPaidFold::new(viewers), &customers).state().unwrap()).unwrap();
        let found = |shop| (1..10).map(|of| fold.customers(shop, day("2024-01-01") + of - 1)).collect::<Vec<_>>();
        assert_eq!((found(1), found(0)), (vec![1, 0, 0, 0, 1, 0, 0, 0, 0], vec![0; 9]));
    }
}
