//! Traffic: one row per shop and day, with or without a channel. UV counts people and is never added up.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use super::channel_days::{ChannelDay, ChannelTraffic};
use super::facts::TrafficDay;
use crate::error::Result;
use crate::input::mapping::dataset::Dataset;
use crate::input::rows::ledger::{Ledger, Reason};
use crate::input::rows::repeated::{Placed, last_by_key};
use crate::input::rows::scan::{RowIds, Scan, each_row, reject, unparseable};
use crate::input::values::codes::{Codes, Local, OwnedId};
use crate::input::values::fault::Faults;
use crate::input::values::integers::NO_COUNT;
use crate::input::values::money::{NO_MONEY, yuan};
use crate::spec::{Day, NO_TIME, day_of_time};

/// A row until the last one of its key is known. A hundred thousand shop days have millions of rows by channel: the figures of these stay
/// only where a table reads them.
#[derive(PartialEq)]
struct Row {
    shop: u32,
    day: Day,
    channel: u32,
    /// A hash of the figures: rows of one key are equal if these are.
    digest: u64,
    figures: Figures,
}

#[derive(PartialEq)]
enum Figures {
    Shop(Box<TrafficDay>),
    Channel(Box<ChannelDay>),
    Unread,
}

/// The rows of traffic.
#[derive(Debug)]
pub struct TrafficRows {
    /// Whole shops by (provisional shop, day).
    pub days: Vec<TrafficDay>,
    /// The rows with a channel, with provisional codes of shops; `None` where the job maps no channel, or nothing reads them.
    pub by_channel: Option<ChannelTraffic>,
}

/// Reads the whole-shop rows by (provisional shop, day). Rows with a channel are checked and counted in the ledger, and kept if
/// `keeps_channels`; on a day with only such rows, all figures of the shop are unknown.
///
/// # Errors
/// [`crate::error::Error::Input`] where a file is damaged, or has different rows of one shop, day and channel.
pub fn read(scan: &Scan<'_>, dataset: &Dataset, shops: &Codes, keeps_channels: bool) -> Result<(TrafficRows, Ledger)> {
    let channels = Codes::default();
    let keeps_channels = keeps_channels && dataset.has("channel");
    let (rows, mut ledger) = scan.rows(dataset, &["date"], |scan, batch, ledger, rows| {
        let mut faults = Faults::default();
        let mut shop_codes = Local::new(shops);
        let mut channel_codes = Vec::new();
        Local::new(&channels).column(&batch.texts("channel"), &mut channel_codes);
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
            let figures = match channel {
                0 => {
                    let day = TrafficDay {
                        shop,
                        day,
                        pv,
                        uv,
                        ipv,
                        ipv_uv,
                        visits,
                        bounces,
                        dwell_seconds,
                        favorites,
                        cart_adds,
                        is_counted: false,
                    };
                    Figures::Shop(Box::new(day))
                }
                _ if keeps_channels => {
                    let figures = [pv, uv, visits, bounces, new_visitors, cart_adds, cost];
                    Figures::Channel(Box::new(ChannelDay::new(shop, channel - 1, day, figures)))
                }
                _ => Figures::Unread,
            };
            ledger.events.note(batch.file, shop, day);
            let value = Row { shop, day, channel, digest, figures };
            rows.push(Placed { file: batch.file, row: batch.first_row + row as u64, value });
        });
    })?;
    let key = |row: &Row| (row.shop, row.day, row.channel);
    let rows = last_by_key(dataset, rows, |a, b| key(a).cmp(&key(b)), &mut ledger)?;
    let (names, ranks) = channels.sorted();
    let mut days: Vec<TrafficDay> = Vec::new();
    let mut channel_days = Vec::new();
    for Row { shop, day, figures, .. } in rows {
        // A channel's figures are not the shop's: a day with only such rows is there, but without figures.
        if days.last().is_none_or(|last| (last.shop, last.day) != (shop, day)) {
            days.push(TrafficDay { shop, day, ..TrafficDay::default() });
        }
        match figures {
            // The row without a channel is the first of its day.
            Figures::Shop(figures) => {
                if let Some(last) = days.last_mut() {
                    *last = *figures;
                }
            }
            Figures::Channel(mut day) => {
                day.channel = ranks.get(day.channel as usize).copied().unwrap_or(0);
                channel_days.push(*day);
            }
            Figures::Unread => {}
        }
    }
    let texts = names.into_iter().map(|name| match name {
        OwnedId::Text(text) => text.into_string(),
        OwnedId::Integer(key) => key.to_string(),
    });
    let by_channel = keeps_channels.then(|| ChannelTraffic { channels: texts.collect(), days: channel_days });
    Ok((TrafficRows { days, by_channel }, ledger))
}

/// The columns of counts.
const COUNTS: [&str; 10] = ["pv", "uv", "ipv", "ipv_uv", "visits", "bounces", "dwell_seconds", "favorites", "cart_adds", "new_visitors"];
