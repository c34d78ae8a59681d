//! service_conversion: who asked each agent of a shop (询单) in a month, who of them paid, by three readings, and who paid without asking.

use std::sync::{Arc, OnceLock};

use columns::{CONVERSION, KEYS, RESPONSE, SALES, SILENT};
pub use row::Row;
use row::{OfShop, Visited};

use crate::error::Result;
use crate::fold::activity::{ACTIVITY, ActivityFold};
use crate::fold::service::{ALL, SERVICE, Served, ServiceFold};
use crate::fold::tally::Line;
use crate::input::records::facts::TrafficDay;
use crate::input::records::inquiries::ALL_AGENTS;
use crate::spec::{Grain, Need};
use crate::table::night::{Night, Read, Shared};
use crate::table::unit::{Table, Witness};

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "service_conversion",
    chinese: "客服转化表",
    question: "How many of those who ask an agent buy, which agents sell more, and how many buy without asking?",
    grain: "an agent of a shop, or all of them, and a month in which a customer asked",
    key: &["shop_id", "agent_id", "month"],
    needs: &[Need { input: "inquiries", column: "" }, Need { input: "orders", column: "customer_id" }],
    uses: &[],
    reads: &[Read::Fold(&SERVICE), Read::Fold(&ACTIVITY)],
    columns: &[&KEYS, &CONVERSION, &SALES, &RESPONSE, &SILENT],
    rows: |night, out| out.all(rows(night)?),
    witness: Witness::Sql,
    card: OnceLock::new(),
};

/// The same rows for other tables, if the job has inquiries.
pub static SERVICE_MONTHS: Shared<Vec<Row>> = Shared {
    name: "service_months",
    not_requested: |request| (!request.has_inquiries).then_some("the job has no input `inquiries`"),
    reads: |_| vec![Read::Fold(&SERVICE), Read::Fold(&ACTIVITY)],
    make: rows,
};

/// The months of all agents, and of all together, ascending by shop, agent and month.
fn rows(night: &Night) -> Result<Vec<Row>> {
    let (fold, activity) = (night.fold(&SERVICE)?, night.fold(&ACTIVITY)?);
    let lines = fold.lines();
    let mut rows = Vec::new();
    for lines in lines.chunk_by(|([shop, _], _), ([next, _], _)| shop == next) {
        let Some(([shop, _], _)) = lines.first() else { continue };
        let months = Months::new(night, &fold, &activity, *shop, lines);
        let mut agents: Vec<(Arc<str>, u32, &Line<Served>)> =
            lines.iter().map(|([_, agent], line)| (name(night, *agent), *agent, *line)).collect();
        // Codes have the order of the texts, but for (all).
        agents.sort_unstable_by(|one, other| one.0.cmp(&other.0));
        rows.extend(agents.into_iter().flat_map(|(name, agent, line)| months.rows(&name, agent, line)));
    }
    Ok(rows)
}

/// An agent's id as people read it.
fn name(night: &Night, agent: u32) -> Arc<str> {
    match agent {
        ALL => Arc::from(ALL_AGENTS),
        code => Arc::from(night.context.agents.value(code).unwrap_or_default()),
    }
}

/// What the rows of a shop's months share.
struct Months {
    shop: u32,
    /// The first month of [`Months::all`].
    first: i32,
    all: Vec<Month>,
    knows_refunds: bool,
}

/// What the rows of a month share.
#[derive(Debug, Clone, Copy)]
struct Month {
    is_complete: bool,
    of_shop: OfShop,
    visited: Option<Visited>,
}

impl Months {
    /// The months in which somebody asked in a shop. `lines` are those of its agents.
    fn new(night: &Night, fold: &ServiceFold, activity: &ActivityFold, shop: u32, lines: &[([u32; 2], &Line<Served>)]) -> Months {
        let context = &night.context;
        let all = lines.iter().filter(|([_, agent], _)| *agent == ALL).flat_map(|(_, line)| line.cells().map(|(month, _)| month));
        let (first, last) = all.fold((i32::MAX, i32::MIN), |(first, last), month| (first.min(month), last.max(month)));
        let first_day = night.facts.first_day(shop);
        let traffic: Vec<TrafficDay> = night.facts.traffic.iter().flat_map(|traffic| traffic.of_shop(shop)).collect();
        let month = |month: i32| {
            let (start, end) = (Grain::Month.start(month), Grain::Month.end(month));
            let paid_amount = activity.days(shop, start, end.min(context.as_of)).iter().map(|day| day.paid_amount).sum();
            let paying_customers = activity.people(shop, Grain::Month, month).paying;
            let from = traffic.partition_point(|day| day.day < start);
            let known = traffic[from..].iter().take_while(|day| day.day <= end).filter_map(|day| Some((day.day, day.uv?)));
            let visited = known.fold(Visited::default(), |sum, (day, uv)| {
                let counted = fold.day(shop, day);
                Visited {
                    days: sum.days + 1,
                    uv: sum.uv.saturating_add(uv),
                    inquirers: sum.inquirers + counted.inquirers,
                    silent: sum.silent + counted.silent,
                }
            });
            Month {
                is_complete: first_day <= start && end < context.as_of,
                of_shop: OfShop { paid_amount, paying_customers },
                visited: (visited.days > 0).then_some(visited),
            }
        };
        Months { shop, first, all: (first..=last).map(month).collect(), knows_refunds: context.features.refunded }
    }

    /// The rows of an agent, ascending by month.
    fn rows(&self, name: &Arc<str>, agent: u32, line: &Line<Served>) -> Vec<Row> {
        let asked = line.cells().filter(|(_, served)| served.questions > 0);
        let row = |(month, served): (i32, &Served)| {
            let shared = self.all.get(usize::try_from(month - self.first).ok()?)?;
            Some(Row {
                shop: self.shop,
                agent: Arc::clone(name),
                month,
                is_complete: shared.is_complete,
                knows_refunds: self.knows_refunds,
                served: *served,
                of_shop: shared.of_shop,
                visited: shared.visited.filter(|_| agent == ALL),
            })
        };
        asked.filter_map(row).collect()
    }
}

mod columns;
mod row;

#[cfg(test)]
mod tests;
