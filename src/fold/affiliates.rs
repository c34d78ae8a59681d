//! Affiliate fold: what publishers (淘客) brought by plan and month of payment, what became of their commissions, whom they won, and the
//! same of all that no publisher brought.

use arrow::record_batch::RecordBatch;

use super::brought::{Brought, COUNTERS, NAMES, Newcomer};
use super::codes::CodeOf;
use super::layout::{Key, Layout};
use super::missing::Missing;
use super::spec::{FoldSpec, Pace};
use super::tally::{Line, Tally};
use crate::error::{Error, Result};
use crate::history::{Affiliated, Context, Fold, History, Order};
use crate::spec::{Day, Grain};

/// The code of all publishers of a plan together.
pub const ALL: u32 = 0;

/// Bytes that the fold keeps of so many publishers and rows, roughly: a year of months of two plans of each publisher on two threads with
/// their states, and no more than two for each row.
pub fn affiliate_bytes(publishers: u64, rows: u64) -> u64 {
    let months = publishers.saturating_mul(2 * 2 * 12).min(rows.saturating_mul(2));
    months.saturating_mul((size_of::<Brought>() + 8 * COUNTERS) as u64)
}

/// The state of the publishers.
const PUBLISHERS: Layout<3, COUNTERS> = Layout {
    keys: [Key::Code(CodeOf::Shop), Key::Code(CodeOf::AffiliatePlan), Key::Code(CodeOf::Publisher)],
    position: "month",
    counters: NAMES,
};

/// The state of what no publisher brought.
const OTHERS: Layout<1, COUNTERS> = Layout { keys: [Key::Code(CodeOf::Shop)], position: "month", counters: NAMES };

/// What publishers brought, by shop, plan, publisher and month of payment.
pub static AFFILIATES: FoldSpec<AffiliateFold> =
    FoldSpec { name: "affiliates", version: 1, pace: Pace::AsTheyCome, new: |context, _| AffiliateFold::new(context) };

/// Gathers [`Brought`] by shop, plan, publisher and month, and that of what no publisher brought by shop and month.
pub struct AffiliateFold {
    publishers: Tally<3, Brought>,
    others: Tally<1, Brought>,
    missing: Missing,
    as_of: Day,
    /// The plan and the publisher of each row of the current order, with the plan alone.
    keys: Vec<[i32; 2]>,
    /// The plan, the publisher and the month of each purchase of the current customer.
    bought: Vec<([i32; 2], i32)>,
}

impl AffiliateFold {
    /// A fold that has seen nobody.
    pub fn new(context: &Context) -> Self {
        AffiliateFold {
            publishers: Tally::default(),
            others: Tally::default(),
            missing: Missing::of(&context.affiliate_plans),
            as_of: context.as_of,
            keys: Vec::new(),
            bought: Vec::new(),
        }
    }

    /// The months of a plan and a publisher, or of [`ALL`] publishers of the plan, with what each brought, ascending by the codes of shop,
    /// plan and publisher.
    pub fn lines(&self) -> Vec<([u32; 3], &Line<Brought>)> {
        self.publishers.sorted().into_iter().map(|(key, line)| (key.map(|code| code as u32), line)).collect()
    }

    /// What no publisher brought in a shop in a month.
    pub fn others(&self, shop: u32, month: i32) -> Brought {
        self.others.line([shop as i32]).map(|line| line.at(month)).unwrap_or_default()
    }

    /// Adds the rows of an order.
    fn add_rows(&mut self, shop: i32, order: &Order, rows: &[Affiliated], newcomer: Option<&Newcomer>) {
        let AffiliateFold { publishers, missing, keys, bought, .. } = self;
        let month = Grain::Month.index(order.paid_day);
        keys.clear();
        for row in rows {
            let plan = missing.settled(row.plan);
            for publisher in [ALL, row.publisher] {
                let key = [plan, publisher as i32];
                publishers.line_mut([shop, key[0], key[1]]).cell(month).note_row(row, order.paid_day);
                keys.push(key);
            }
        }
        keys.sort_unstable();
        keys.dedup();
        for [plan, publisher] in keys.iter().copied() {
            let cell = publishers.line_mut([shop, plan, publisher]).cell(month);
            cell.orders += 1;
            if let Some(newcomer) = newcomer.filter(|newcomer| newcomer.rank == order.rank) {
                cell.note_newcomer(newcomer);
            }
            if order.is_purchase() {
                bought.push(([plan, publisher], month));
            }
        }
    }
}

impl Fold for AffiliateFold {
    fn update(&mut self, history: &History<'_>) {
        let newcomer = Newcomer::of(history, self.as_of);
        let shop = history.shop as i32;
        self.bought.clear();
        // The last month in which the customer bought what no publisher brought: orders come by the time of their payment.
        let mut counted = None;
        for order in history.paid_orders() {
            let rows = rows_of(history.affiliated, order.rank);
            let month = Grain::Month.index(order.paid_day);
            let brought = rows.iter().fold((0, 0), |(paid, net), row| (paid + row.paid_amount, net + row.net_revenue));
            let others = self.others.line_mut([shop]).cell(month);
            others.paid_amount += order.paid_amount - brought.0;
            others.net_revenue += order.net_revenue() - brought.1;
            if !rows.is_empty() {
                self.add_rows(shop, order, rows, newcomer.as_ref());
                continue;
            }
            others.orders += 1;
            if history.is_anonymous {
                continue;
            }
            if let Some(newcomer) = newcomer.as_ref().filter(|newcomer| newcomer.rank == order.rank) {
                others.note_newcomer(newcomer);
            }
            if order.is_purchase() && counted != Some(month) {
                others.customers += 1;
                counted = Some(month);
            }
        }
        if !history.is_anonymous {
            self.bought.sort_unstable();
            self.bought.dedup();
            for ([plan, publisher], month) in &self.bought {
                self.publishers.line_mut([shop, *plan, *publisher]).cell(*month).customers += 1;
            }
        }
    }

    fn counts_anonymous_orders(&self) -> bool {
        true
    }

    fn state(&mut self) -> Result<Vec<RecordBatch>> {
        Ok(vec![self.publishers.state(&PUBLISHERS)?, self.others.state(&OTHERS)?])
    }

    fn merge(&mut self, state: &[RecordBatch]) -> Result<()> {
        match state {
            [] => Ok(()),
            [publishers, others] => {
                self.publishers.merge(&PUBLISHERS, publishers)?;
                self.others.merge(&OTHERS, others)
            }
            other => Err(Error::bug(format!("a state of {} batches given to the affiliate fold", other.len()))),
        }
    }
}

/// The rows of an order among those of a customer, which ascend by the rank of the order.
fn rows_of(rows: &[Affiliated], rank: u32) -> &[Affiliated] {
    if rows.is_empty() {
        return rows;
    }
    let from = rows.partition_point(|row| row.rank < rank);
    let until = rows.partition_point(|row| row.rank <= rank);
    rows.get(from..until).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::records::affiliates::Commission;
    use crate::spec::NO_DAY;
    use crate::table::testing::{Customer, customer, day, folded, folded_in_parts, paid, text_shops};

    fn row(rank: u32, [plan, publisher]: [u32; 2], [paid_amount, net_revenue]: [i64; 2], settled: Option<&str>) -> Affiliated {
        let settled_day = settled.map_or(NO_DAY, day);
        let commission = Commission::of(100, settled.map(|_| 100), 0);
        Affiliated { rank, plan, publisher, paid_amount, net_revenue, settled_day, commission }
    }

    fn ranked(mut orders: Vec<Order>) -> Vec<Order> {
        orders.iter_mut().zip(0..).for_each(|(order, rank)| order.rank = rank);
        orders
    }

    /// Anna is won by publisher 1 of plan 1 (and by 2 of the same plan, in one order), comes back in February by herself, and in July by
    /// publisher 1 again. Ben is one of the others. Cleo's order by publisher 2 went back.
    fn three() -> Vec<Customer> {
        let mut anna = customer(0, ranked(vec![paid("2024-01-05", 1000), paid("2024-02-10", 500), paid("2024-07-20", 700)]));
        anna.affiliated =
            vec![row(0, [1, 1], [600, 600], Some("2024-01-25")), row(0, [1, 2], [300, 300], None), row(2, [1, 1], [700, 700], None)];
        let ben = customer(0, ranked(vec![paid("2024-01-06", 2000), paid("2024-01-07", 1)]));
        let mut cleo = customer(0, ranked(vec![paid("2024-01-08", 900).refunding(900)]));
        cleo.affiliated = vec![row(0, [1, 2], [900, 0], None)];
        vec![anna, ben, cleo]
    }

    #[test]
    fn three_customers_by_hand() {
        let fold = folded(AffiliateFold::new(&text_shops(1, "2024-07-31")), &three());
        let january = Grain::Month.index(day("2024-01-01"));
        let lines = fold.lines();
        assert_eq!(lines.iter().map(|(key, _)| *key).collect::<Vec<_>>(), [[0, 1, 0], [0, 1, 1], [0, 1, 2]]);
        let of = |place: usize, month: i32| lines[place].1.at(january + month);
        // The plan: Anna's order counts once, its two rows and Cleo's; 5 January to 25 January are 20 days; by 3 July Anna had brought
        // 10.00 and 5.00.
        let plan = Brought {
            paid_amount: 1800,
            net_revenue: 900,
            estimated: 300,
            settled: 100,
            clawed_back: 0,
            settlement_days: 20,
            net_revenue_180: 1500,
            rows: 3,
            settled_rows: 1,
            orders: 2,
            customers: 1,
            new_customers: 1,
            customers_90: 1,
            repurchased_90: 1,
            customers_180: 1,
        };
        assert_eq!(of(0, 0), plan);
        assert_eq!(of(0, 0).commission().due(), 200);
        let one = Brought { paid_amount: 600, net_revenue: 600, estimated: 100, rows: 1, orders: 1, ..plan };
        assert_eq!(of(1, 0), one);
        assert_eq!((of(2, 0).orders, of(2, 0).new_customers, of(2, 0).customers), (2, 1, 1));
        assert_eq!((of(1, 6).paid_amount, of(1, 6).customers, of(1, 6).new_customers), (700, 1, 0));
        // The others: 1.00 of Anna's order that nobody claims, and Ben's two.
        let others = fold.others(0, january);
        assert_eq!((others.paid_amount, others.net_revenue, others.orders), (100 + 2001, 100 + 2001, 2));
        assert_eq!((others.customers, others.new_customers, others.customers_90, others.repurchased_90), (1, 1, 1, 1));
        assert_eq!((fold.others(0, january + 1).paid_amount, fold.others(0, january + 1).new_customers), (500, 0));
    }

    #[test]
    fn parts_merge_and_foreign_states_are_refused() {
        let context = text_shops(1, "2024-07-31");
        let context = Context {
            affiliate_plans: crate::history::Dictionary::new(vec!["通用".to_owned()]),
            publishers: crate::history::Dictionary::new(["a", "b"].map(str::to_owned).to_vec()),
            ..context
        };
        let mut whole = folded(AffiliateFold::new(&context), &three());
        let mut parts = folded_in_parts(|| AffiliateFold::new(&context), &three(), &[0, 1, 2]);
        let state = whole.state().unwrap();
        assert_eq!(parts.state().unwrap(), state);
        assert!(whole.merge(&state[..1]).is_err());
        assert!(whole.merge(&[state[1].clone(), state[0].clone()]).is_err());
    }
}
