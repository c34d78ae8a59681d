//! Payment-funnel fold: what became of the orders placed in a period, and how long they waited for it.

use arrow::record_batch::RecordBatch;

use super::calendar::Calendar;
use super::codes::CodeOf;
use super::layout::{Key, Layout, Rows};
use super::sparse_tally::counted;
use super::spec::{FoldSpec, Pace};
use super::tally::{Cell, Tally, add_count, add_sum};
use super::waits::{WaitCounts, Waits, tick_of};
use crate::error::{Error, Result};
use crate::history::{Context, Fold, History, Order};
use crate::input::records::awaited::Awaited;
use crate::spec::{DAY_MICROSECONDS, Day, Grain, NO_DAY};

/// A step for which an order waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// From placed to paid, in ticks.
    Payment,
    /// From paid to shipped, in ticks.
    Shipping,
    /// From shipped to completed, in days.
    Completion,
    /// From paid to completed, in days.
    Cash,
}

/// The number of steps.
const STEPS: usize = 4;

/// What became of orders by the as-of date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Funnel {
    /// What they cost when placed, in minor units as all amounts.
    pub placed_amount: i64,
    /// What was paid.
    pub paid_amount: i64,
    /// What was paid for those shipped.
    pub shipped_amount: i64,
    /// What was paid for those completed.
    pub completed_amount: i64,
    /// What those not paid cost when placed.
    pub unpaid_amount: i64,
    /// What is left of the payments of those neither completed nor refunded in full.
    pub uncompleted_amount: i64,
    /// Seconds from placed to paid, summed.
    pub payment_seconds: i64,
    /// Seconds from paid to shipped, summed.
    pub shipping_seconds: i64,
    /// Orders placed.
    pub placed: u32,
    /// Those paid.
    pub paid: u32,
    /// Those paid and shipped.
    pub shipped: u32,
    /// Those paid and completed.
    pub completed: u32,
    /// Those shipped and completed.
    pub shipped_completed: u32,
    /// Those closed without having been paid.
    pub closed: u32,
    /// Those that should have been shipped: shipped, or paid longer ago than promised and not refunded in full.
    pub due: u32,
    /// Those of them that were not shipped within the promised time.
    pub late: u32,
    /// Those that should have been shipped and have no time of it, although no status says that they wait for it.
    pub unsaid_shipments: u32,
    /// Purchases of which money is left and that have no time of completion, although no status says that they wait for it.
    pub unsaid_completions: u32,
}

/// Counters of [`Funnel`].
const COUNTERS: usize = 18;

impl Funnel {
    fn sums(&mut self) -> [&mut i64; 8] {
        [
            &mut self.placed_amount,
            &mut self.paid_amount,
            &mut self.shipped_amount,
            &mut self.completed_amount,
            &mut self.unpaid_amount,
            &mut self.uncompleted_amount,
            &mut self.payment_seconds,
            &mut self.shipping_seconds,
        ]
    }

    fn counts(&mut self) -> [&mut u32; 10] {
        [
            &mut self.placed,
            &mut self.paid,
            &mut self.shipped,
            &mut self.completed,
            &mut self.shipped_completed,
            &mut self.closed,
            &mut self.due,
            &mut self.late,
            &mut self.unsaid_shipments,
            &mut self.unsaid_completions,
        ]
    }

    /// The counters, sums first.
    fn counters(mut self) -> [i64; COUNTERS] {
        let mut counters = [0; COUNTERS];
        let (sums, counts) = counters.split_at_mut(8);
        sums.iter_mut().zip(self.sums()).for_each(|(counter, sum)| *counter = *sum);
        counts.iter_mut().zip(self.counts()).for_each(|(counter, count)| *counter = i64::from(*count));
        counters
    }

    /// Adds counters; `None` if a sum overflows.
    fn add(&mut self, counters: &[i64; COUNTERS]) -> Option<()> {
        let (sums, counts) = counters.split_at(8);
        self.sums().into_iter().zip(sums).try_for_each(|(own, more)| add_sum(own, *more))?;
        self.counts().into_iter().zip(counts).try_for_each(|(own, more)| add_count(own, *more))
    }
}

/// The orders placed in a part: the days of a week that lie in one month, so that parts add up to weeks and to months.
#[derive(Debug, Clone, Default)]
struct PartCell {
    funnel: Funnel,
    /// By [`Step`]: how long orders waited, and wait.
    waits: [Waits; STEPS],
}

impl Cell<COUNTERS> for PartCell {
    fn counters(&self) -> [i64; COUNTERS] {
        self.funnel.counters()
    }

    fn add(&mut self, counters: &[i64; COUNTERS]) -> Option<()> {
        self.funnel.add(counters)
    }
}

/// The state of the counters. A part is the sum of the numbers of its week and its month: it grows with every week and month that begins.
const PARTS: Layout<1, COUNTERS> = Layout {
    keys: [Key::Code(CodeOf::Shop)],
    position: "part",
    counters: [
        "placed_amount",
        "paid_amount",
        "shipped_amount",
        "completed_amount",
        "unpaid_amount",
        "uncompleted_amount",
        "payment_seconds",
        "shipping_seconds",
        "placed",
        "paid",
        "shipped",
        "completed",
        "shipped_completed",
        "closed",
        "due",
        "late",
        "unsaid_shipments",
        "unsaid_completions",
    ],
};

/// The state of the waits.
const WAITS: Layout<3, 2> =
    Layout { keys: [Key::Code(CodeOf::Shop), Key::Number("part"), Key::Number("step")], position: "tick", counters: ["ended", "lasting"] };

/// What became of orders, by shop and part of the calendar in which they were placed.
pub static PAYMENT_FUNNEL: FoldSpec<PaymentFunnelFold> =
    FoldSpec { name: "payment_funnel", version: 2, pace: Pace::ByShop, new: |context, _| PaymentFunnelFold::new(context) };

/// Gathers a [`Funnel`] and the waits of each part.
pub struct PaymentFunnelFold {
    parts: Tally<1, PartCell>,
    calendar: Calendar,
    terms: Terms,
}

/// What decides how long an order waits.
#[derive(Debug, Clone, Copy)]
struct Terms {
    as_of: Day,
    /// The end of the as-of date, local time in seconds.
    end: i64,
    /// The promised seconds from paid to shipped.
    promise: i64,
}

/// The orders placed in a period.
#[derive(Debug, Clone, Default)]
pub struct PeriodFunnel {
    /// What became of them.
    pub funnel: Funnel,
    /// By [`Step`]: by tick or day, ascending, those that waited as long.
    waits: [Vec<(i32, WaitCounts)>; STEPS],
}

impl PeriodFunnel {
    /// The waits for a step: by tick or day, ascending, those that ended then and those that were last seen then.
    pub fn waits(&self, step: Step) -> &[(i32, WaitCounts)] {
        &self.waits[step as usize]
    }
}

fn whole_seconds(time: i64) -> i64 {
    time.div_euclid(1_000_000)
}

impl PaymentFunnelFold {
    /// An empty fold.
    pub fn new(context: &Context) -> Self {
        let end = whole_seconds((i64::from(context.as_of) + 1) * DAY_MICROSECONDS);
        let terms = Terms { as_of: context.as_of, end, promise: i64::from(context.params.promise_hours) * 60 * 60 };
        PaymentFunnelFold { parts: Tally::default(), calendar: Calendar::new(context), terms }
    }

    fn part_of(&self, day: Day) -> i32 {
        let [month, _, week, _] = self.calendar.periods(day);
        month + week
    }

    /// The parts of the period of a grain with that number.
    fn cells(&self, shop: u32, grain: Grain, index: i32) -> impl Iterator<Item = &PartCell> + Clone {
        let parts = self.part_of(grain.start(index))..=self.part_of(grain.end(index));
        self.parts.line([shop as i32]).map_or(&[][..], |line| line.within(parts)).iter()
    }

    /// What became of the orders of a shop placed in the period of a grain with that number.
    pub fn funnel(&self, shop: u32, grain: Grain, index: i32) -> Funnel {
        let mut funnel = Funnel::default();
        for cell in self.cells(shop, grain, index) {
            // Sums of one shop fit, since those of all its orders do.
            let _ = funnel.add(&cell.counters());
        }
        funnel
    }

    /// The same orders, with how long they waited.
    pub fn period(&self, shop: u32, grain: Grain, index: i32) -> PeriodFunnel {
        let waits = std::array::from_fn(|step| counted(self.cells(shop, grain, index).map(|cell| &cell.waits[step])));
        PeriodFunnel { funnel: self.funnel(shop, grain, index), waits }
    }
}

impl PartCell {
    fn wait(&mut self, step: Step) -> &mut Waits {
        &mut self.waits[step as usize]
    }

    /// Counts an order. One that can no longer get to a step, since it was closed or refunded, waits for it like any other: it never gets
    /// there.
    fn take(&mut self, order: &Order, terms: Terms) {
        let created = whole_seconds(order.created);
        self.funnel.placed += 1;
        self.funnel.placed_amount += order.placed_amount;
        if !order.is_paid() {
            self.funnel.unpaid_amount += order.placed_amount;
            self.funnel.closed += u32::from(order.is_closed);
            self.wait(Step::Payment).lasts(tick_of(terms.end - created));
            return;
        }
        // Paid at a midnight that stands for a whole day: no time passed.
        let paid = whole_seconds(order.paid);
        let seconds = (paid - created).max(0);
        self.funnel.paid += 1;
        self.funnel.paid_amount += order.paid_amount;
        self.funnel.payment_seconds += seconds;
        self.wait(Step::Payment).ended(tick_of(seconds));
        let is_completed = order.completed_day != NO_DAY;
        if order.shipping_seconds >= 0 {
            self.funnel.shipped += 1;
            self.funnel.shipped_amount += order.paid_amount;
            self.funnel.shipping_seconds += order.shipping_seconds;
            self.funnel.due += 1;
            self.funnel.late += u32::from(order.shipping_seconds > terms.promise);
            self.wait(Step::Shipping).ended(tick_of(order.shipping_seconds));
            let shipped_day = (order.paid + order.shipping_seconds * 1_000_000).div_euclid(DAY_MICROSECONDS) as Day;
            if is_completed {
                self.funnel.shipped_completed += 1;
                self.wait(Step::Completion).ended((order.completed_day - shipped_day).max(0));
            } else {
                self.wait(Step::Completion).lasts((terms.as_of - shipped_day).max(0));
            }
        } else {
            self.wait(Step::Shipping).lasts(tick_of(terms.end - paid));
            // The refund may have come within the promised time.
            let is_late = order.is_purchase() && terms.end - paid > terms.promise;
            self.funnel.due += u32::from(is_late);
            self.funnel.late += u32::from(is_late);
            self.funnel.unsaid_shipments += u32::from(is_late && order.awaited != Awaited::Shipping);
        }
        if is_completed {
            self.funnel.completed += 1;
            self.funnel.completed_amount += order.paid_amount;
            self.wait(Step::Cash).ended((order.completed_day - order.paid_day).max(0));
        } else {
            let left = if order.is_purchase() { order.net_revenue() } else { 0 };
            self.funnel.uncompleted_amount += left;
            self.funnel.unsaid_completions += u32::from(left > 0 && order.awaited == Awaited::Unsaid);
            self.wait(Step::Cash).lasts(terms.as_of - order.paid_day);
        }
    }
}

impl Fold for PaymentFunnelFold {
    fn update(&mut self, history: &History<'_>) {
        let PaymentFunnelFold { parts, calendar, terms } = self;
        let line = parts.line_mut([history.shop as i32]);
        for order in history.orders {
            let [month, _, week, _] = calendar.periods(order.created_day);
            line.cell(month + week).take(order, *terms);
        }
    }

    fn counts_anonymous_orders(&self) -> bool {
        true
    }

    fn state(&mut self) -> Result<Vec<RecordBatch>> {
        let mut waits = Rows::new(&WAITS);
        for ([shop], line) in self.parts.sorted() {
            for (part, cell) in line.cells() {
                for (step, of_step) in (0..).zip(&cell.waits) {
                    let counts = counted(std::iter::once(of_step));
                    counts.into_iter().for_each(|(tick, counts)| waits.push([*shop, part, step], tick, counts.map(i64::from)));
                }
            }
        }
        let waits = waits.into_batch()?;
        Ok(vec![self.parts.state(&PARTS)?, waits])
    }

    fn merge(&mut self, state: &[RecordBatch]) -> Result<()> {
        let (parts, waits) = match state {
            [] => return Ok(()),
            [parts, waits] => (parts, waits),
            other => return Err(Error::bug(format!("a state of {} batches given to the payment-funnel fold", other.len()))),
        };
        self.parts.merge(&PARTS, parts)?;
        WAITS.rows(waits, |[shop, part, step], tick, counts| {
            let cell = self.parts.line_mut([shop]).cell(part);
            cell.waits.get_mut(usize::try_from(step).ok()?)?.add_counters(tick, counts)
        })
    }
}
