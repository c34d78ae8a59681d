//! Orders that have to do with a figure, counted by cause.

use hashbrown::HashMap;

use super::figures::Figure;
use crate::history::Context;
use crate::history::changed::ChangedOrder;
use crate::input::values::codes::OwnedId;
use crate::spec::cause::Cause;
use crate::spec::period::Grain;
use crate::spec::{Day, NO_DAY};

type Counts = [i64; Cause::COUNT];

/// The grains of periods whose orders are counted.
const GRAINS: [Grain; 3] = [Grain::Month, Grain::Quarter, Grain::Year];

/// The orders that changed, counted by what figures are of.
pub struct Orders<'a> {
    codes: HashMap<OwnedId, u32>,
    /// By shop, grain and first day of a period: those with a day in it.
    periods: HashMap<(u32, &'static str, Day), Counts>,
    /// By shop and first day of a month: those of customers whose first purchase is of that month, before or now.
    cohorts: HashMap<(u32, Day), Counts>,
    /// By shop: all of them.
    shops: HashMap<u32, (Counts, Vec<&'a ChangedOrder>)>,
}

impl<'a> Orders<'a> {
    /// Counts orders.
    pub fn new(context: &Context, orders: &'a [ChangedOrder]) -> Orders<'a> {
        let codes = (0..context.shops.len() as u32).filter_map(|code| Some((context.shops.id(code)?.into(), code))).collect();
        let mut counted = Orders { codes, periods: HashMap::new(), cohorts: HashMap::new(), shops: HashMap::new() };
        for order in orders {
            let Some(cause) = order.cause.place() else { continue };
            for grain in GRAINS {
                for start in starts(grain, &order.days) {
                    counted.periods.entry((order.shop, grain.name(), start)).or_default()[cause] += 1;
                }
            }
            for cohort in starts(Grain::Month, &order.first_purchases) {
                counted.cohorts.entry((order.shop, cohort)).or_default()[cause] += 1;
            }
            let (counts, all) = counted.shops.entry(order.shop).or_default();
            counts[cause] += 1;
            all.push(order);
        }
        counted
    }

    /// Whether the run has a shop.
    pub fn has_shop(&self, shop: &OwnedId) -> bool {
        self.codes.contains_key(shop)
    }

    /// Whether orders are counted that have to do with a figure: those of a cohort are, those of a part of it are not.
    pub fn are_counted(figure: &Figure) -> bool {
        figure.place.table != "cohort_retention" || !figure.place.dimension.contains('=')
    }

    /// Those that have to do with a figure; of a part of a cohort those of the cohort.
    pub fn of(&self, figure: &Figure) -> Counts {
        let place = &figure.place;
        let Some(shop) = self.codes.get(&place.shop).copied() else { return Counts::default() };
        let counts = match place.table {
            "cohort_retention" => self.cohorts.get(&(shop, place.period_start)).copied(),
            "repurchase_intervals" => self.shops.get(&shop).map(|(counts, _)| *counts),
            "assessment_results" => figure.period_end.zip(self.shops.get(&shop)).map(|(end, (_, all))| {
                let mut counts = Counts::default();
                let is_within = |order: &&&ChangedOrder| order.days.iter().any(|day| (place.period_start..=end).contains(day));
                all.iter().filter(is_within).filter_map(|order| order.cause.place()).for_each(|cause| counts[cause] += 1);
                counts
            }),
            _ => GRAINS
                .into_iter()
                .find(|grain| grain.name() == place.grain)
                .and_then(|grain| self.periods.get(&(shop, grain.name(), place.period_start)).copied()),
        };
        counts.unwrap_or_default()
    }
}

/// The first days of the periods in which days lie, each once.
fn starts(grain: Grain, days: &[Day]) -> Vec<Day> {
    let mut starts: Vec<Day> = days.iter().filter(|day| **day != NO_DAY).map(|day| grain.start(grain.index(*day))).collect();
    starts.sort_unstable();
    starts.dedup();
    starts
}
