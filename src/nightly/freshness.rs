//! Freshness: how many days up to the as-of date are without any event of an input, and what follows. An export that did not come looks like
//! days without sales; only the newest event distinguishes them.

use std::collections::BTreeMap;

use super::plan::Plan;
use crate::error::{Error, Problem, Result, listed};
use crate::history::Context;
use crate::input::declared::columns;
use crate::input::rows::events::Events;
use crate::input::rows::ledger::Ledger;
use crate::input::rows::newest;
use crate::input::values::codes::Codes;
use crate::job::Freshness;
use crate::job::freshness::days_without;
use crate::publish::{InputEntry, Manifest};
use crate::spec::period::{iso, parse_day};
use crate::spec::{Day, Grain, NO_DAY};

/// Days without an order that nobody should take for days without sales even where the job has no limit: all of the last complete month,
/// or as many as a month has at most.
fn unusual_days(as_of: Day) -> i32 {
    const MONTH: i32 = 31;
    let month = Grain::Month.index(as_of);
    let complete = if Grain::Month.end(month) == as_of { month } else { month - 1 };
    MONTH.min(as_of - Grain::Month.start(complete) + 1)
}

/// Inputs without which lists would reach the wrong customers.
const OF_LISTS: [&str; 2] = [columns::ORDERS.name, columns::REFUNDS.name];

/// The most shops that a message names.
const MOST_NAMED: usize = 5;

/// How recent an input is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputFreshness {
    /// The input.
    pub input: String,
    /// The as-of date.
    as_of: Day,
    /// The day of the newest event, or [`NO_DAY`].
    pub newest: Day,
    /// The limits of the job.
    limits: Freshness,
    /// The shops with events, by code.
    pub shops: Vec<ShopFreshness>,
}

/// How recent the events of a shop are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShopFreshness {
    /// The code of the shop.
    pub shop: u32,
    /// The day of the newest event.
    pub newest: Day,
    /// Whether the days since then are more than the limit and than any pause before.
    is_late: bool,
}

impl InputFreshness {
    /// The freshness of an input whose shops have the final codes.
    pub fn of(plan: &Plan, input: &str, events: &Events) -> InputFreshness {
        let limits = plan.job.inputs.get(input).map_or(Freshness::default(), |spec| spec.freshness);
        let (as_of, stale_from) = (plan.as_of, limits.stale_from().or((input == columns::ORDERS.name).then_some(unusual_days(plan.as_of))));
        let shops = events.shops().map(|(shop, events)| {
            let days = days_without(events.newest, as_of);
            let is_late = stale_from.is_some_and(|from| days >= from) && days > events.longest_pause();
            ShopFreshness { shop, newest: events.newest, is_late }
        });
        InputFreshness { input: input.to_owned(), as_of, newest: events.newest(), limits, shops: shops.collect() }
    }

    /// The days up to the as-of date without any event; `None` where there never was one.
    pub fn days_without(&self) -> Option<i32> {
        (self.newest != NO_DAY).then(|| days_without(self.newest, self.as_of))
    }

    fn reaches(&self, limit: Option<i32>) -> bool {
        limit.is_some_and(|limit| self.days_without().is_none_or(|days| days >= limit))
    }

    /// Whether the job takes the input for stale.
    pub fn is_stale(&self) -> bool {
        self.reaches(self.limits.stale_from())
    }

    /// Whether nothing is to be published.
    pub fn is_refused(&self) -> bool {
        self.reaches(self.limits.error)
    }

    /// The shops of an input that is recent as a whole, from which nothing has come for longer than the limit and any pause of theirs.
    pub fn silent_shops(&self) -> impl Iterator<Item = &ShopFreshness> {
        self.shops.iter().filter(|shop| shop.is_late)
    }

    /// `2026-10-31, 28 days before the as-of date`; `None` where there never was an event.
    pub fn newest_in_words(&self) -> Option<String> {
        let days = match self.days_without()? {
            0 => String::new(),
            1 => ", 1 day before the as-of date".to_owned(),
            days => format!(", {days} days before the as-of date"),
        };
        Some(iso(self.newest) + &days)
    }

    /// `the newest event is of 2026-10-31, 28 days before the as-of date 2026-11-28`.
    fn found(&self) -> String {
        let (newest, as_of) = (iso(self.newest), iso(self.as_of));
        match self.days_without() {
            None => format!("no event up to the as-of date {as_of}"),
            Some(1) => format!("the newest event is of {newest}, 1 day before the as-of date {as_of}"),
            Some(days) => format!("the newest event is of {newest}, {days} days before the as-of date {as_of}"),
        }
    }

    /// The warnings; `shop` is the id of a shop as people read it.
    pub fn warnings(&self, shop: &dyn Fn(u32) -> String) -> Vec<String> {
        let input = &self.input;
        let is_unusual = self.limits.stale_from().is_none() && input == columns::ORDERS.name;
        let has_lists = OF_LISTS.contains(&input.as_str()) && self.limits.stale_from().is_some();
        let zeros = "days without data look like days without sales";
        let lists = if has_lists { ", and lists of customers are empty (stale_input)" } else { "" };
        if self.is_stale() || is_unusual && self.days_without().is_some_and(|days| days >= unusual_days(self.as_of)) {
            let limit = match self.limits.stale_from() {
                Some(1) => format!(" (`inputs.{input}.freshness`: stale from 1 day on)"),
                Some(days) => format!(" (`inputs.{input}.freshness`: stale from {days} days on)"),
                None => String::new(),
            };
            // A run before the first order has a warning of its own.
            let is_told = self.newest == NO_DAY && input == columns::ORDERS.name;
            return if is_told {
                Vec::new()
            } else {
                vec![format!("{STALE}{input}: {}{limit}: did its export not come? {zeros}{lists}", self.found())]
            };
        }
        let silent: Vec<String> = self.silent_shops().map(|late| format!("{} since {}", shop(late.shop), iso(late.newest))).collect();
        if silent.is_empty() {
            return Vec::new();
        }
        let (count, of, named) = (silent.len(), self.shops.len(), listed(silent.into_iter(), MOST_NAMED));
        let lists = if has_lists && input == columns::ORDERS.name { ", and their lists of customers are empty (stale_input)" } else { "" };
        vec![format!(
            "{STALE}{input}: no event of {count} of {of} shops for longer than ever in the 128 days before: {named}: did their \
             export not come? {zeros}{lists}"
        )]
    }
}

/// The freshness of the inputs that have events.
pub fn of_ledgers(plan: &Plan, ledgers: &[(&'static str, Ledger)]) -> Vec<InputFreshness> {
    let with_events = ledgers.iter().filter(|(name, _)| !newest::columns(name).is_empty());
    with_events.map(|(name, ledger)| InputFreshness::of(plan, name, &ledger.events)).collect()
}

/// The freshness of the inputs of a snapshot that exists already, without their shops.
pub fn of_published(plan: &Plan, manifest: &Manifest) -> Vec<InputFreshness> {
    let with_events = manifest.inputs.iter().filter(|input| !newest::columns(&input.name).is_empty());
    let newest = |input: &InputEntry| input.newest_event.as_deref().and_then(parse_day).unwrap_or(NO_DAY);
    with_events.map(|input| InputFreshness { newest: newest(input), ..InputFreshness::of(plan, &input.name, &Events::default()) }).collect()
}

/// By shop code: whether lists of its customers must be empty since the orders or the refunds that they depend on are stale.
pub fn stale_shops(inputs: &[InputFreshness], shops: usize) -> Vec<bool> {
    let of_lists = || inputs.iter().filter(|input| OF_LISTS.contains(&input.input.as_str()) && input.limits.stale_from().is_some());
    let mut stale = vec![of_lists().any(InputFreshness::is_stale); shops];
    for silent in of_lists().filter(|input| input.input == columns::ORDERS.name).flat_map(InputFreshness::silent_shops) {
        if let Some(stale) = stale.get_mut(silent.shop as usize) {
            *stale = true;
        }
    }
    stale
}

/// Refuses inputs that are past the limit at which nothing is to be published.
///
/// # Errors
/// [`Error::Input`] with all of them.
pub fn refuse(plan: &Plan, inputs: &[InputFreshness]) -> Result<()> {
    let refused = inputs.iter().filter(|input| input.is_refused() && !plan.allow_stale).map(|input| {
        let name = &input.input;
        let dataset = plan.datasets.get(name.as_str());
        let (place, path) = dataset.map_or(("", ""), |dataset| (dataset.spec.place.as_str(), dataset.spec.written_path.as_str()));
        let limit = input.limits.error.unwrap_or_default();
        let message = format!("{STALE}input `{name}`, `{path}`: {} (`freshness.error`: {limit}d)", input.found());
        Problem::new(place, message).help(
            "see whether the export came, and run again when it has; --allow-stale publishes this once without the missing days, which \
             then look like days without sales; `freshness` in the job says how many days may be missing",
        )
    });
    let refused: Vec<Problem> = refused.collect();
    if refused.is_empty() { Ok(()) } else { Err(Error::Input(refused)) }
}

/// What the warnings about stale inputs begin with.
pub const STALE: &str = "stale_input: ";

/// The newest events as `check` shows them.
pub struct Newest {
    /// The freshness of each input that has events.
    pub inputs: Vec<InputFreshness>,
    shops: Vec<String>,
}

impl Newest {
    /// Reads shops and times of all inputs that have events.
    ///
    /// # Errors
    /// [`Error::Input`] where a file is damaged.
    pub fn read(plan: &Plan) -> Result<Newest> {
        let scan = plan.scan();
        let codes = Codes::default();
        let mut found = BTreeMap::new();
        for (name, dataset) in plan.datasets.iter().filter(|(name, _)| !newest::columns(name).is_empty()) {
            let times = dataset.of_columns(&|column| column == "shop_id" || newest::columns(name).contains(&column));
            found.insert(*name, newest::read(&scan, &times, &codes)?);
        }
        let (ids, ranks) = codes.sorted();
        let id_type = plan.id_types().shop;
        let inputs = found.iter_mut().map(|(name, events)| {
            events.rank(&|shop| ranks.get(shop as usize).copied().unwrap_or(0));
            InputFreshness::of(plan, name, events)
        });
        Ok(Newest { inputs: inputs.collect(), shops: ids.iter().map(|id| id_type.show(id.id())).collect() })
    }

    /// The id of a shop as people read it.
    pub fn shop(&self, code: u32) -> &str {
        self.shops.get(code as usize).map_or("", String::as_str)
    }
}

/// The newest event of each shop for the manifest, by the id as people read it.
pub fn by_shop(context: &Context, input: &InputFreshness) -> BTreeMap<String, String> {
    input.shops.iter().filter_map(|of| Some((context.shop_name(of.shop)?, iso(of.newest)))).collect()
}
