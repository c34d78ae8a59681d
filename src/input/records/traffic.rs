//! Traffic: one row per shop and day, with or without a channel. UV counts people and is never added up.

use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::fast::FixedState;

use super::channel_days::{ChannelDay, ChannelDays, ChannelFigure, ChannelTraffic};
use super::facts::{TrafficDay, TrafficDays};
use crate::error::Result;
use crate::input::mapping::dataset::Dataset;
use crate::input::rows::keyed_rows::{KeyedRow, KeyedWriter, last_of_each};
use crate::input::rows::ledger::{Ledger, Reason};
use crate::input::rows::scan::{RowIds, Scan, each_row, reject, unparseable};
use crate::input::values::codes::{Codes, Local, OwnedId};
use crate::input::values::fault::Faults;
use crate::input::values::integers::NO_COUNT;
use crate::input::values::money::{NO_MONEY, yuan};
use crate::input::values::short_numbers::put_known;
use crate::partition::Budget;
use crate::spec::{Day, NO_TIME, day_of_time};

/// The rows of traffic.
#[derive(Debug)]
pub struct TrafficRows {
    /// Whole shops, with provisional codes of shops.
    pub days: TrafficDays,
    /// Days of which nothing is known of the whole shop.
    pub unknown_days: usize,
    /// The rows with a channel, with provisional codes of shops; `None` where the job maps no channel, or nothing reads them.
    pub by_channel: Option<ChannelTraffic>,
    /// What these cost, in minor units.
    pub cost: i64,
}

/// What one thread reads by.
struct Share<'a> {
    shops: Local<'a>,
    channels: Local<'a>,
    rows: KeyedWriter,
}

/// Reads the whole-shop rows by (provisional shop, day). Rows with a channel are checked and counted in the ledger, and kept if
/// `keeps_channels`; on a day with only such rows, all figures of the shop are unknown. A hundred thousand shop days have millions of rows by
/// channel: figures that nothing reads do not wait with their row.
///
/// # Errors
/// [`crate::error::Error::Input`] where a file is damaged, or has different rows of one shop, day and channel;
/// [`crate::error::Error::Output`] where the disk is full.
pub fn read(
    scan: &Scan<'_>,
    dataset: &Dataset,
    shops: &Codes,
    keeps_channels: bool,
    budget: &Arc<Budget>,
) -> Result<(TrafficRows, Ledger)> {
    let channels = Codes::default();
    let keeps_channels = keeps_channels && dataset.has("channel");
    let start = || Share { shops: Local::new(shops), channels: Local::new(&channels), rows: KeyedWriter::new(dataset, budget) };
    let (shares, mut ledger) = scan.on_all_threads(dataset, &["date"], start, |share, batch, ledger| {
        let Share { shops: shop_codes, channels, rows } = share;
        let mut faults = Faults::default();
        let mut channel_codes = Vec::new();
        channels.column(&batch.texts("channel"), &mut channel_codes);
        let dates = batch.times("date", &mut scan.clock.clone(), &mut faults);
        let counts = COUNTS.map(|name| batch.counts(name, &mut faults));
        let costs = batch.amounts("cost", &mut faults);
        let shop_ids = scan.shops(batch);
        batch.note_long(&["shop_id", "channel"], &mut faults);
        each_row(batch, faults, ledger, |row, fault, ledger| {
            if dates[row] >= scan.end() {
                ledger.account(batch.file).after_as_of += 1;
                return;
            }
            let shop = shop_ids.get(row);
            let negative = COUNTS.iter().zip(&counts).find(|(_, counts)| counts[row] < 0 && counts[row] != NO_COUNT);
            let verdict = match (shop, fault, negative) {
                (None, _, _) => Some((Reason::NullKey, "shop_id is null".to_owned())),
                (_, Some(fault), _) => Some(unparseable(fault)),
                _ if dates[row] == NO_TIME => Some((Reason::NullKey, "date is null".to_owned())),
                (_, _, Some((name, counts))) => Some((Reason::NegativeAmount, format!("{name}: {}", counts[row]))),
                _ if costs[row] < 0 && costs[row] != NO_MONEY => Some((Reason::NegativeAmount, format!("cost: {}", yuan(costs[row])))),
                _ => None,
            };
            let (Some(shop), None) = (shop, &verdict) else {
                let verdict = verdict.unwrap_or((Reason::NullKey, String::new()));
                reject(batch, row, RowIds { shop, ..RowIds::default() }, verdict, ledger);
                return;
            };
            let [pv, uv, ipv, ipv_uv, visits, bounces, dwell_seconds, favorites, cart_adds, new_visitors] =
                std::array::from_fn(|column| Some(counts[column][row]).filter(|count| *count != NO_COUNT));
            let cost = Some(costs[row]).filter(|cost| *cost != NO_MONEY);
            let (shop, day) = (shop_codes.code(shop), day_of_time(dates[row]));
            let figures = [pv, uv, ipv, ipv_uv, visits, bounces, dwell_seconds, favorites, cart_adds, new_visitors, cost];
            let digest = FixedState::default().hash_one(figures);
            let channel = channel_codes[row];
            ledger.events.note(batch.file, shop, day);
            // Rows of one key are equal if their digests are.
            let key = [i64::from(shop), i64::from(day), i64::from(channel)];
            rows.put((batch.file, batch.first_row + row as u64), key, (shop, 0), digest, |bytes| {
                let mut write = |figures: &[Option<i64>]| figures.iter().for_each(|figure| put_known(*figure, bytes));
                match channel {
                    0 => write(&[pv, uv, ipv, ipv_uv, visits, bounces, dwell_seconds, favorites, cart_adds]),
                    _ if keeps_channels => write(&[pv, uv, visits, bounces, new_visitors, cart_adds, cost]),
                    _ => {}
                }
            });
        });
        rows.check()
    })?;
    let (names, ranks) = channels.sorted();
    let writers = shares.into_iter().map(|share| share.rows).collect();
    let made = last_of_each(dataset, writers, &mut ledger, |rows| Kept::of(rows, keeps_channels, &ranks))?;
    let (unknown_days, cost) =
        made.iter().fold((0, 0_i64), |(days, cost), kept| (days + kept.unknown_days, cost.saturating_add(kept.cost)));
    let (days, channel_days) = made.into_iter().map(|kept| (kept.days, kept.by_channel)).unzip();
    let texts = names.into_iter().map(|name| match name {
        OwnedId::Text(text) => text.into_string(),
        OwnedId::Integer(key) => key.to_string(),
    });
    let by_channel = keeps_channels.then(|| ChannelTraffic { channels: texts.collect(), days: ChannelDays::joined(channel_days) });
    Ok((TrafficRows { days: TrafficDays::joined(days), unknown_days, by_channel, cost }, ledger))
}

/// The rows kept of some shops.
struct Kept {
    days: TrafficDays,
    unknown_days: usize,
    by_channel: ChannelDays,
    cost: i64,
}

impl Kept {
    /// The rows of these keys: shop, day and one more than the channel, by `ranks` of these, 0 without one.
    fn of(rows: &[KeyedRow<'_, 3>], keeps_channels: bool, ranks: &[u32]) -> Self {
        let mut kept = Kept { days: TrafficDays::default(), unknown_days: 0, by_channel: ChannelDays::default(), cost: 0 };
        let (mut days, mut channel_days): (Vec<TrafficDay>, Vec<ChannelDay>) = (Vec::new(), Vec::new());
        for of_shop in rows.chunk_by(|one, next| one.key[0] == next.key[0]) {
            days.clear();
            channel_days.clear();
            for KeyedRow { key: [shop, day, channel], figures, .. } in of_shop {
                let (shop, day, mut figures) = (*shop as u32, *day as Day, *figures);
                // A channel's figures are not the shop's: a day with only such rows is there, but without figures.
                if days.last().is_none_or(|last| last.day != day) {
                    days.push(TrafficDay { shop, day, ..TrafficDay::default() });
                }
                if *channel == 0 {
                    // The row without a channel is the first of its day.
                    if let (Some(last), Some(read)) = (days.last_mut(), TrafficDay::read_figures(shop, day, &mut figures)) {
                        *last = read;
                    }
                } else if keeps_channels {
                    let channel = ranks.get(*channel as usize - 1).copied().unwrap_or(0);
                    channel_days.extend(ChannelDay::read_figures(shop, channel, day, &mut figures));
                }
            }
            channel_days.sort_unstable_by_key(|day| (day.channel, day.day));
            let costs = channel_days.iter().filter_map(|day| day.figure(ChannelFigure::Cost));
            kept.cost = costs.fold(kept.cost, i64::saturating_add);
            kept.unknown_days += days.iter().filter(|day| day.is_unknown()).count();
            kept.days.add_shop(&days);
            kept.by_channel.add_shop(&channel_days);
        }
        kept
    }
}

/// The columns of counts.
const COUNTS: [&str; 10] = ["pv", "uv", "ipv", "ipv_uv", "visits", "bounces", "dwell_seconds", "favorites", "cart_adds", "new_visitors"];
