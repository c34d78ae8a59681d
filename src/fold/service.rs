//! Service fold: who asked the agents of a shop (询单), who of them paid, and who paid without asking.

use arrow::record_batch::RecordBatch;

use super::codes::CodeOf;
use super::layout::{Key, Layout};
use super::spec::{FoldSpec, Pace};
use super::tally::{Cell, Line, Tally, add_count, add_sum};
use crate::error::{Error, Result};
use crate::history::{Fold, History, Inquiry, Order};
use crate::input::records::inquiries::NO_RESPONSE;
use crate::spec::{DAY_MICROSECONDS, Day, Grain, day_of_time};

/// The days before a question within which a paid order makes it one after the sale.
const NET_DAYS: Day = 21;

/// The code of all agents together.
pub const ALL: u32 = 0;

/// Bytes that the fold keeps of so many agents and questions, roughly: three years of months of each agent on two threads with their
/// states, and no more than two for each question.
pub fn service_bytes(agents: u64, questions: u64) -> u64 {
    let months = agents.saturating_mul(2 * 36).min(questions.saturating_mul(2));
    months.saturating_mul((size_of::<Served>() + 8 * COUNTERS) as u64)
}

/// When an order was paid. A payment at midnight sharp is that of a source that knows days only, and counts as paid at the end of its day: what
/// was asked on the day came before it.
fn moment_of(order: &Order) -> i64 {
    let midnight = i64::from(order.paid_day) * DAY_MICROSECONDS;
    if order.paid == midnight { midnight + DAY_MICROSECONDS - 1 } else { order.paid }
}

/// Questions of a month, and what became of who asked them. An inquirer is a customer on a day: who asks on three days counts three times,
/// whatever is asked on each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Served {
    /// What was paid for the orders, in minor units.
    pub paid_amount: i64,
    /// What of it was refunded, in minor units.
    pub refunded: i64,
    /// Seconds to the response, over the questions that have one.
    pub response_seconds: i64,
    /// Questions.
    pub questions: u32,
    /// Of these, those with a response.
    pub answered: u32,
    /// Customer days with a question.
    pub inquirers: u32,
    /// Distinct customers with a question.
    pub customers: u32,
    /// Inquirers who paid an order on the day.
    pub same_day: u32,
    /// Inquirers who paid an order on the day or on the next one.
    pub next_day: u32,
    /// Inquirers without a paid order in the 21 days before their first question of the day.
    pub net_inquirers: u32,
    /// Of these, those who paid an order by the end of the next day.
    pub net_paid: u32,
    /// Orders paid on the day of a question or the next day, after the question; each is that of the last question before its payment.
    pub orders: u32,
    /// Distinct customers of these orders.
    pub buyers: u32,
}

/// Counters of [`Served`].
const COUNTERS: usize = 13;

impl Cell<COUNTERS> for Served {
    fn counters(&self) -> [i64; COUNTERS] {
        [
            self.paid_amount,
            self.refunded,
            self.response_seconds,
            self.questions.into(),
            self.answered.into(),
            self.inquirers.into(),
            self.customers.into(),
            self.same_day.into(),
            self.next_day.into(),
            self.net_inquirers.into(),
            self.net_paid.into(),
            self.orders.into(),
            self.buyers.into(),
        ]
    }

    fn add(&mut self, counters: &[i64; COUNTERS]) -> Option<()> {
        let [paid_amount, refunded, response_seconds, counts @ ..] = counters;
        add_sum(&mut self.paid_amount, *paid_amount)?;
        add_sum(&mut self.refunded, *refunded)?;
        add_sum(&mut self.response_seconds, *response_seconds)?;
        let own = [
            &mut self.questions,
            &mut self.answered,
            &mut self.inquirers,
            &mut self.customers,
            &mut self.same_day,
            &mut self.next_day,
            &mut self.net_inquirers,
            &mut self.net_paid,
            &mut self.orders,
            &mut self.buyers,
        ];
        own.into_iter().zip(counts).try_for_each(|(own, more)| add_count(own, *more))
    }
}

/// The state of the agents.
const AGENTS: Layout<2, COUNTERS> = Layout {
    keys: [Key::Code(CodeOf::Shop), Key::Code(CodeOf::Agent)],
    position: "month",
    counters: [
        "paid_amount",
        "refunded",
        "response_seconds",
        "questions",
        "answered",
        "inquirers",
        "customers",
        "same_day",
        "next_day",
        "net_inquirers",
        "net_paid",
        "orders",
        "buyers",
    ],
};

/// The state of the days.
const DAYS: Layout<1, 2> = Layout { keys: [Key::Code(CodeOf::Shop)], position: "day", counters: ["inquirers", "silent"] };

/// Questions and what became of who asked them, by shop and agent.
pub static SERVICE: FoldSpec<ServiceFold> =
    FoldSpec { name: "service", version: 1, pace: Pace::AsTheyCome, new: |_, _| ServiceFold::default() };

/// A question of the current customer to an agent, or to any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Asked {
    agent: u32,
    day: Day,
    /// Local time in microseconds.
    at: i64,
    /// Seconds to the response, or [`NO_RESPONSE`].
    response: u32,
}

/// Customers of a shop on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ServiceDay {
    /// Who asked.
    pub inquirers: i64,
    /// Who paid an order and did not ask on the day.
    pub silent: i64,
}

/// Gathers [`Served`] by shop, agent and month, and [`ServiceDay`] by shop and day.
#[derive(Default)]
pub struct ServiceFold {
    agents: Tally<2, Served>,
    days: Tally<1, [u32; 2]>,
    /// What the current customer asked, once of the agent and once of all.
    asked: Vec<Asked>,
    /// The agent and the month of the question of each order of the current customer, of each agent and of all.
    bought: Vec<(u32, i32)>,
}

impl ServiceFold {
    /// The agents of the shops, and [`ALL`] of each shop, ascending by the codes of shop and agent, with the months of each.
    pub fn lines(&self) -> Vec<([u32; 2], &Line<Served>)> {
        self.agents.sorted().into_iter().map(|(key, line)| (key.map(|code| code as u32), line)).collect()
    }

    /// Who asked and who paid silently on a day.
    pub fn day(&self, shop: u32, day: Day) -> ServiceDay {
        let [inquirers, silent] = self.days.line([shop as i32]).map(|line| line.at(day)).unwrap_or_default().map(i64::from);
        ServiceDay { inquirers, silent }
    }

    /// Counts what a customer asked; `paid` are the customer's paid orders by time.
    fn ask(&mut self, shop: u32, inquiries: &[Inquiry], paid: &[Order]) {
        let ServiceFold { agents, days, asked, .. } = self;
        asked.clear();
        for Inquiry { asked: at, agent, response } in inquiries.iter().copied() {
            let day = day_of_time(at);
            asked.extend([ALL, agent].map(|agent| Asked { agent, day, at, response }));
        }
        asked.sort_unstable();
        let mut last = None;
        // One look at the counters for all that is asked of an agent on a day: with many agents each look waits for memory.
        for inquirer in asked.chunk_by(|one, next| (one.agent, one.day) == (next.agent, next.day)) {
            let Some(Asked { agent, day, at, .. }) = inquirer.first().copied() else { continue };
            let month = Grain::Month.index(day);
            let served = agents.line_mut([shop as i32, agent as i32]).cell(month);
            for Asked { response, .. } in inquirer.iter().filter(|question| question.response != NO_RESPONSE) {
                served.answered += 1;
                served.response_seconds += i64::from(*response);
            }
            served.questions += inquirer.len() as u32;
            served.inquirers += 1;
            served.customers += u32::from(last != Some((agent, month)));
            last = Some((agent, month));
            // The first order that was not paid before the day.
            let from = paid.partition_point(|order| order.paid_day < day);
            let next = paid.get(from).map(|order| order.paid_day);
            served.same_day += u32::from(next == Some(day));
            served.next_day += u32::from(next.is_some_and(|next| next <= day + 1));
            let upto = |last: Day| paid.partition_point(|order| order.paid_day <= last);
            let days_of = |from: Day, last: Day| paid.get(upto(from - 1)..upto(last)).unwrap_or_default().iter().map(moment_of);
            let window = at - i64::from(NET_DAYS) * DAY_MICROSECONDS..at;
            if !days_of(day - NET_DAYS, day).any(|paid| window.contains(&paid)) {
                served.net_inquirers += 1;
                served.net_paid += u32::from(days_of(day, day + 1).any(|paid| paid >= at));
            }
            if agent == ALL {
                days.line_mut([shop as i32]).cell(day)[0] += 1;
            }
        }
    }

    /// Gives each order to the agent who was asked last before it was paid, on the day of its payment or the day before.
    fn buy(&mut self, shop: u32, inquiries: &[Inquiry], paid: &[Order]) {
        let ServiceFold { agents, bought, .. } = self;
        bought.clear();
        for order in paid {
            let before = inquiries.partition_point(|inquiry| inquiry.asked <= moment_of(order));
            let Some(inquiry) = before.checked_sub(1).and_then(|last| inquiries.get(last)) else { continue };
            let day = day_of_time(inquiry.asked);
            if day < order.paid_day - 1 {
                continue;
            }
            let month = Grain::Month.index(day);
            for agent in [ALL, inquiry.agent] {
                let served = agents.line_mut([shop as i32, agent as i32]).cell(month);
                served.orders += 1;
                served.paid_amount += order.paid_amount;
                served.refunded += order.refunded;
                bought.push((agent, month));
            }
        }
        bought.sort_unstable();
        bought.dedup();
        for (agent, month) in bought {
            agents.line_mut([shop as i32, *agent as i32]).cell(*month).buyers += 1;
        }
    }
}

impl Fold for ServiceFold {
    fn update(&mut self, history: &History<'_>) {
        let History { shop, inquiries, .. } = *history;
        let paid = history.paid_orders();
        let mut last = None;
        for order in paid {
            if last != Some(order.paid_day) {
                let from = inquiries.partition_point(|inquiry| day_of_time(inquiry.asked) < order.paid_day);
                let asks = inquiries.get(from).is_some_and(|inquiry| day_of_time(inquiry.asked) == order.paid_day);
                self.days.line_mut([shop as i32]).cell(order.paid_day)[1] += u32::from(!asks);
            }
            last = Some(order.paid_day);
        }
        if !inquiries.is_empty() {
            self.ask(shop, inquiries, paid);
            self.buy(shop, inquiries, paid);
        }
    }

    fn update_inquirer(&mut self, shop: u32, inquiries: &[Inquiry]) {
        self.ask(shop, inquiries, &[]);
    }

    fn state(&mut self) -> Result<Vec<RecordBatch>> {
        Ok(vec![self.agents.state(&AGENTS)?, self.days.state(&DAYS)?])
    }

    fn merge(&mut self, state: &[RecordBatch]) -> Result<()> {
        match state {
            [] => Ok(()),
            [agents, days] => {
                self.agents.merge(&AGENTS, agents)?;
                self.days.merge(&DAYS, days)
            }
            other => Err(Error::bug(format!("a state of {} batches given to the service fold", other.len()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Context, Dictionary};
    use crate::table::testing::{Customer, customer, day, folded, folded_in_parts, paid, text_shops};

    const HOUR: i64 = 3_600_000_000;

    fn at(on: &str, hour: i64) -> i64 {
        i64::from(day(on)) * DAY_MICROSECONDS + hour * HOUR
    }

    fn asked(on: &str, hour: i64, agent: u32) -> Inquiry {
        Inquiry { asked: at(on, hour), agent, response: 30 }
    }

    fn paid_at(on: &str, hour: i64, amount: i64) -> Order {
        Order { paid: at(on, hour), ..paid(on, amount) }
    }

    fn served(fold: &ServiceFold, agent: u32, month: &str) -> Served {
        let month = Grain::Month.index(day(month));
        fold.lines().into_iter().find(|(key, _)| *key == [0, agent]).map(|(_, line)| line.at(month)).unwrap_or_default()
    }

    /// Anna asks agent 1 on the 10th at 10 and agent 2 at 12, and pays at 11 and on the 11th at 9; on the 20th she asks agent 1 where the
    /// parcel is. Ben asks agent 2 on the 31st and pays the next day. Cleo pays without asking, Dora asks after having paid at 8.
    fn customers() -> Vec<Customer> {
        let mut anna = customer(0, vec![paid_at("2024-03-10", 11, 100), paid_at("2024-03-11", 9, 200).refunding(50)]);
        anna.inquiries = vec![asked("2024-03-10", 10, 1), asked("2024-03-10", 12, 2), asked("2024-03-20", 9, 1)];
        let mut ben = customer(0, vec![paid_at("2024-04-01", 1, 1000)]);
        ben.inquiries = vec![asked("2024-03-31", 23, 2)];
        let cleo = customer(0, vec![paid_at("2024-03-10", 5, 10)]);
        let mut dora = customer(0, vec![paid_at("2024-03-10", 8, 10)]);
        dora.inquiries = vec![Inquiry { response: NO_RESPONSE, ..asked("2024-03-10", 9, 1) }];
        vec![anna, ben, cleo, dora]
    }

    #[test]
    fn a_payment_of_which_only_the_day_is_known_comes_after_what_was_asked_on_it() {
        let mut anna = customer(0, vec![paid_at("2024-03-10", 0, 100)]);
        anna.inquiries = vec![asked("2024-03-10", 8, 1)];
        // Ben paid the day before he asked, which makes it a question after the sale.
        let mut ben = customer(0, vec![paid_at("2024-03-09", 0, 100)]);
        ben.inquiries = vec![asked("2024-03-10", 8, 1)];
        let month = served(&folded(ServiceFold::default(), &[anna, ben]), 1, "2024-03-01");
        assert_eq!((month.inquirers, month.same_day, month.net_inquirers, month.net_paid), (2, 1, 1, 1));
        assert_eq!((month.orders, month.paid_amount), (1, 100));
    }

    #[test]
    fn four_customers_by_hand() {
        let mut fold = folded(ServiceFold::default(), &customers());
        // Emil asks and has never ordered.
        fold.update_inquirer(0, &[asked("2024-03-10", 7, 1), asked("2024-03-10", 8, 1)]);
        let all = served(&fold, ALL, "2024-03-01");
        let expected = Served {
            // Anna's 1.00 and 2.00, and Ben's 10.00 of 1 April, which is of his question in March.
            paid_amount: 1300,
            refunded: 50,
            response_seconds: 6 * 30,
            questions: 7,
            answered: 6,
            // Anna on two days, Ben, Dora, Emil.
            inquirers: 5,
            customers: 4,
            // Anna and Dora on the 10th.
            same_day: 2,
            next_day: 3,
            // Anna on the 10th, Ben, Emil: Anna had paid within 21 days before the 20th, and Dora an hour before she asked.
            net_inquirers: 3,
            net_paid: 2,
            orders: 3,
            buyers: 2,
        };
        assert_eq!(all, expected);
        // Agent 2 was asked when Anna had paid once that day, and has her order of the 11th and Ben's.
        let two = served(&fold, 2, "2024-03-01");
        assert_eq!((two.inquirers, two.same_day, two.next_day, two.net_inquirers, two.net_paid), (2, 1, 2, 1, 1));
        assert_eq!((two.orders, two.paid_amount, two.buyers), (2, 1200, 2));
        let one = served(&fold, 1, "2024-03-01");
        assert_eq!((one.inquirers, one.customers, one.same_day, one.orders, one.paid_amount), (4, 3, 2, 1, 100));
        // On the 10th Anna, Dora and Emil asked, and Cleo paid silently; Anna paid on the 11th without asking.
        let of = |on: &str| [fold.day(0, day(on)).inquirers, fold.day(0, day(on)).silent];
        assert_eq!([of("2024-03-10"), of("2024-03-11"), of("2024-04-01")], [[3, 1], [0, 1], [0, 1]]);
    }

    #[test]
    fn twenty_one_days_are_counted_to_the_moment() {
        let net = |hour| {
            let mut one = customer(0, vec![paid_at("2024-03-01", 12, 100)]);
            one.inquiries = vec![asked("2024-03-22", hour, 1)];
            served(&folded(ServiceFold::default(), &[one]), 1, "2024-03-01").net_inquirers
        };
        assert_eq!([11, 12, 13].map(net), [0, 0, 1]);
    }

    #[test]
    fn parts_merge_and_foreign_states_are_refused() {
        let context = text_shops(1, "2024-07-31");
        let context = Context { agents: Dictionary::new(["a", "b"].map(str::to_owned).to_vec()), ..context };
        let make = || (SERVICE.new)(&context, &Default::default());
        let mut whole = folded(make(), &customers());
        let mut parts = folded_in_parts(make, &customers(), &[0, 1, 2, 0]);
        let state = whole.state().unwrap();
        assert_eq!(parts.state().unwrap(), state);
        assert!(whole.merge(&state[..1]).is_err());
        assert!(whole.merge(&[state[1].clone(), state[0].clone()]).is_err());
    }
}
