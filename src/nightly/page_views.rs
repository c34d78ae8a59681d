//! Page views of a run: read, shuffled by visitor, counted, and joined to the traffic, whose rows come first.

use std::collections::BTreeSet;
use std::sync::Arc;

use hashbrown::HashSet;
use rayon::prelude::*;

use super::missing_days::{DaysOf, EventDays};
use super::observe::Observer;
use super::plan::Plan;
use crate::error::Result;
use crate::history::views::counts::{Knows, ViewCounts};
use crate::history::views::shuffle::shuffled;
use crate::history::views::viewers::viewer_partitions;
use crate::history::views::walk::{WalkPlan, walk};
use crate::history::views::{ViewShuffle, ViewShuffler, Viewers};
use crate::input::declared::columns;
use crate::input::mapping::dataset::Dataset;
use crate::input::records::channel_days::{ChannelDay, ChannelTraffic};
use crate::input::records::facts::{Facts, TrafficDay, TrafficDays};
use crate::input::records::packed_rows::{PackedRow, PackedRows};
use crate::input::records::page_views::PageViewReader;
use crate::input::records::viewer_facts::ViewerFacts;
use crate::input::rows::ledger::Ledger;
use crate::input::rows::scan::Scan;
use crate::input::values::codes::{Codes, OwnedId};
use crate::partition::Budget;
use crate::spec::Day;
use crate::table::channel::CHANNELS;

/// What the page views say, shops by provisional code.
pub(super) struct CountedViews {
    days: TrafficDays,
    by_channel: Option<ChannelTraffic>,
    people: ViewerFacts,
    /// The days of customers, for the walk over the orders.
    pub viewers: Viewers,
    /// The days with views by shop.
    pub event_days: EventDays,
}

/// What of the page views the wanted tables read.
#[derive(Debug, Clone, Copy)]
struct Wanted {
    channels: bool,
    customers: bool,
}

/// The views that one thread reads.
struct Share<'a> {
    reader: PageViewReader<'a>,
    shuffler: ViewShuffler,
}

/// Tables that say nothing of visitors, nor of the first day with anything of a shop. Lists are called after their strategies.
const WITHOUT_VISITORS: [&str; 15] = [
    "order_timing",
    "cohort_retention",
    "cohort_value",
    "repurchase_intervals",
    "repurchase_survival",
    "interval_histogram",
    "lifecycle_thresholds",
    "customers",
    "segment_value",
    "segment_migration",
    "revenue_concentration",
    "forecast_models",
    "forecast_calibration",
    "rejects",
    "inputs",
];

/// Whether a table to build says anything of visitors.
fn are_wanted(plan: &Plan) -> bool {
    let is_without = |name: &str| WITHOUT_VISITORS.contains(&name) || name.starts_with("audience_");
    !plan.tables.iter().all(|card| is_without(&card.name))
}

/// Reads and counts all page views; only reads and checks them where no table to build says anything of visitors.
///
/// # Errors
/// [`crate::error::Error::Input`] where a file is damaged; [`crate::error::Error::Output`] where the disk is full.
pub(super) fn read(
    plan: &Plan,
    scan: &Scan<'_>,
    dataset: &Dataset,
    shops: &Codes,
    budget: &Arc<Budget>,
    observer: &dyn Observer,
) -> Result<(Option<CountedViews>, Ledger)> {
    if !are_wanted(plan) {
        return checked(scan, dataset, shops, observer).map(|ledger| (None, ledger));
    }
    let orders = plan.datasets.get(columns::ORDERS.name);
    let wanted = Wanted {
        channels: dataset.has("channel") && plan.reads(CHANNELS.name),
        customers: dataset.has("customer_id") && orders.is_some_and(|orders| orders.has("customer_id")) && plan.wants_viewing_customers(),
    };
    let is_read = |column: &str| match column {
        "channel" => wanted.channels,
        "customer_id" => wanted.customers,
        _ => true,
    };
    let read = dataset.of_columns(&is_read);
    let channels = Codes::default();
    // The writers of the customers among the visitors begin when those of the views have filled the memory.
    let of_viewers = if wanted.customers { budget.least_of_writers() } else { 0 };
    budget.reserve(of_viewers);
    let shuffle = ViewShuffle::new(dataset.rows(), budget);
    let start = || Share { reader: PageViewReader::new(scan, shops, &channels), shuffler: shuffle.shuffler() };
    let (shares, ledger) = scan.on_all_threads(&read, &["viewed_at"], start, |share, batch, ledger| {
        share.reader.read(batch, ledger, |view| share.shuffler.push(view));
        observer.step(batch.rows as u64);
        share.shuffler.check()
    })?;
    let views = shuffled(shares.into_iter().map(|share| share.shuffler).collect())?;
    let (names, ranks) = channels.sorted();
    let channel_ranks: Vec<u32> = std::iter::once(0).chain(ranks.into_iter().map(|rank| rank + 1)).collect();
    let viewer_partitions = if wanted.customers { viewer_partitions(dataset.rows()) } else { 0 };
    let walk_plan =
        WalkPlan { grains: plan.job.params.periods(), channel_ranks: &channel_ranks, keeps_channels: wanted.channels, viewer_partitions };
    let (counts, writers) = walk(&views, walk_plan, budget)?;
    drop(views);
    budget.unreserve(of_viewers);
    let viewers = Viewers::new(writers)?;
    let names = names.into_iter().map(|name| match name {
        OwnedId::Text(text) => text.into_string(),
        OwnedId::Integer(key) => key.to_string(),
    });
    let counted = counted(plan, dataset, &counts, wanted, names.collect(), viewers)?;
    let of_channels = counted.by_channel.as_ref().map_or(0, |traffic| traffic.days.bytes());
    let of_people = size_of_val(counted.people.periods.as_slice()) + size_of_val(counted.people.days.as_slice());
    budget.reserve((counted.days.bytes() + of_channels + of_people) as u64);
    Ok((Some(counted), ledger))
}

/// What becomes of each row where nothing is made of them.
fn checked(scan: &Scan<'_>, dataset: &Dataset, shops: &Codes, observer: &dyn Observer) -> Result<Ledger> {
    let channels = Codes::default();
    let start = || PageViewReader::new(scan, shops, &channels);
    let (_, ledger) = scan.on_all_threads(dataset, &["viewed_at"], start, |reader, batch, ledger| {
        reader.read(batch, ledger, |_| ());
        observer.step(batch.rows as u64);
        Ok(())
    })?;
    Ok(ledger)
}

fn counted(
    plan: &Plan,
    dataset: &Dataset,
    counts: &ViewCounts,
    wanted: Wanted,
    channels: Vec<String>,
    viewers: Viewers,
) -> Result<CountedViews> {
    let knows = Knows { items: dataset.has("item_id"), customers: wanted.customers };
    let days = counts.traffic(knows);
    let mut event_days = EventDays::default();
    days.iter().for_each(|day| event_days.add(day.shop, day.day));
    let days = days.into();
    Ok(CountedViews {
        days,
        by_channel: wanted.channels.then(|| counts.channel_traffic(channels, plan.job.params.history_warmup)),
        people: counts.viewers(knows, &viewers.customers()?),
        viewers,
        event_days,
    })
}

impl CountedViews {
    /// Joins the counts to the facts: a row of traffic counts where there is one, of the whole shop and of its channels each.
    pub fn join(&mut self, facts: &mut Facts) {
        facts.viewers = Some(std::mem::take(&mut self.people));
        facts.traffic = Some(whole_shops(&facts.traffic.take().unwrap_or_default(), &std::mem::take(&mut self.days)));
        if let Some(counted) = self.by_channel.take() {
            facts.channel_traffic = Some(match facts.channel_traffic.take() {
                Some(rows) => by_channel(&rows, &counted),
                None => counted,
            });
        }
    }

    /// Warnings about days without views between days with many.
    pub fn missing_days(&self, name: &dyn Fn(u32) -> (u32, String)) -> Vec<String> {
        self.event_days.warnings(DaysOf::PageViews, name)
    }
}

/// Rows of traffic, and the counts of days on which they say nothing of the whole shop.
fn whole_shops(rows: &TrafficDays, counted: &TrafficDays) -> TrafficDays {
    by_shop(rows, counted, |shop| {
        let counted_days: HashSet<Day> = counted.of_shop(shop).map(|day| day.day).collect();
        let mut days: Vec<TrafficDay> = rows.of_shop(shop).filter(|row| !row.is_unknown() || !counted_days.contains(&row.day)).collect();
        let said: HashSet<Day> = days.iter().map(|row| row.day).collect();
        days.extend(counted.of_shop(shop).filter(|day| !said.contains(&day.day)));
        days.sort_unstable_by_key(|day| day.day);
        days
    })
}

/// The rows of each shop that has some in one of the two.
fn by_shop<T: PackedRow + Send>(one: &PackedRows<T>, other: &PackedRows<T>, of_shop: impl Fn(u32) -> Vec<T> + Sync) -> PackedRows<T> {
    let shops: BTreeSet<u32> = one.shops().chain(other.shops()).collect();
    let packed = |shop: u32| {
        let mut own = PackedRows::default();
        own.add_shop(&of_shop(shop));
        own
    };
    PackedRows::joined(shops.into_par_iter().map(packed).collect())
}

/// Rows of traffic by channel, and the counts of the days of shops without such a row.
fn by_channel(rows: &ChannelTraffic, counted: &ChannelTraffic) -> ChannelTraffic {
    let mut channels: Vec<String> = rows.channels.iter().chain(&counted.channels).cloned().collect();
    channels.sort_unstable();
    channels.dedup();
    let places = |of: &[String]| of.iter().map(|name| channels.partition_point(|known| known < name) as u32).collect::<Vec<u32>>();
    let [places_of_rows, places_of_counted] = [&rows.channels, &counted.channels].map(|of| places(of));
    let renamed = |places: &[u32], mut day: ChannelDay| {
        day.channel = places.get(day.channel as usize).copied().unwrap_or(0);
        day
    };
    let days = by_shop(&rows.days, &counted.days, |shop| {
        let said: HashSet<Day> = rows.of_shop(shop).map(|day| day.day).collect();
        let own = rows.of_shop(shop).map(|day| renamed(&places_of_rows, day));
        let more = counted.of_shop(shop).filter(|day| !said.contains(&day.day)).map(|day| renamed(&places_of_counted, day));
        let mut days: Vec<ChannelDay> = own.chain(more).collect();
        days.sort_unstable_by_key(|day| (day.channel, day.day));
        days
    });
    ChannelTraffic { days, channels }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::records::channel_days::ChannelFigure;

    #[test]
    fn a_row_of_traffic_comes_first_and_one_that_says_nothing_of_the_shop_does_not() {
        let row = |shop, day, uv| TrafficDay { shop, day, uv, ..TrafficDay::default() };
        let count = |shop, day, uv| TrafficDay { is_counted: true, ..row(shop, day, Some(uv)) };
        let rows = vec![row(0, 1, Some(10)), row(0, 2, None), row(0, 4, None)];
        let joined = whole_shops(&rows.into(), &vec![count(0, 1, 7), count(0, 2, 8), count(0, 3, 9), count(1, 1, 5)].into());
        let shown: Vec<_> = joined.iter().map(|day| (day.shop, day.day, day.uv, day.is_counted)).collect();
        // On day 2 traffic has rows of channels only, and on day 4 too, where nothing was counted.
        let expected = [(0, 1, Some(10), false), (0, 2, Some(8), true), (0, 3, Some(9), true), (0, 4, None, false), (1, 1, Some(5), true)];
        assert_eq!(shown, expected);
    }

    #[test]
    fn channels_of_both_have_one_list_of_names() {
        let day = |channel, day, pv| ChannelDay::new(0, channel, day, [Some(pv), None, None, None, None, None, None]);
        let rows =
            ChannelTraffic { channels: ["paid", "search"].map(str::to_owned).to_vec(), days: vec![day(0, 1, 1), day(1, 2, 2)].into() };
        let counted = ChannelTraffic {
            channels: ["live", "paid"].map(str::to_owned).to_vec(),
            days: vec![day(0, 1, 3), day(0, 3, 4), day(1, 3, 5)].into(),
        };
        let joined = by_channel(&rows, &counted);
        assert_eq!(joined.channels, ["live", "paid", "search"]);
        let shown: Vec<_> = joined.days.iter().map(|day| (day.channel, day.day, day.figure(ChannelFigure::Pv))).collect();
        // Traffic has channels on day 1: what was counted on it does not count.
        assert_eq!(shown, [(0, 3, Some(4)), (1, 1, Some(1)), (1, 3, Some(5)), (2, 2, Some(2))]);
    }
}
