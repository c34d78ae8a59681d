//! Traffic: one row per shop and day, with or without a channel. UV counts people and is never added up.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use super::facts::TrafficDay;
use crate::error::Result;
use crate::input::mapping::dataset::Dataset;
use crate::input::rows::ledger::{Ledger, Reason};
use crate::input::rows::repeated::{Placed, last_by_key};
use crate::input::rows::scan::{RowIds, Scan, each_row, reject, unparseable};
use crate::input::values::codes::{Codes, Local};
use crate::input::values::fault::Faults;
use crate::input::values::integers::NO_COUNT;
use crate::spec::{Day, NO_TIME, day_of_time};

/// A row until the last one of its key is known: a hundred thousand shop days have millions of rows by channel, so that their figures, which no
/// table reads, do not stay.
#[derive(PartialEq)]
struct Row {
    shop: u32,
    day: Day,
    channel: u32,
    /// A hash of the figures: rows of one key are equal if these are.
    digest: u64,
    /// The figures of the whole shop; `None` of a row with a channel.
    figures: Option<Box<TrafficDay>>,
}

/// Reads the whole-shop rows by (provisional shop, day). Rows with a channel are read and counted in the ledger; on a day with only such
/// rows, all figures of the shop are unknown.
///
/// # Errors
/// [`crate::error::Error::Input`] where a file is damaged, or has different rows of one shop, day and channel.
pub fn read(scan: &Scan<'_>, dataset: &Dataset, shops: &Codes) -> Result<(Vec<TrafficDay>, Ledger)> {
    let channels = Codes::default();
    let (rows, mut ledger) = scan.rows(dataset, &["date"], |scan, batch, ledger, rows| {
        let mut faults = Faults::default();
        let mut shop_codes = Local::new(shops);
        let mut channel_codes = Vec::new();
        Local::new(&channels).column(&batch.texts("channel"), &mut channel_codes);
        let dates = batch.times("date", &mut scan.clock.clone(), &mut faults);
        const COUNTS: [&str; 9] = ["pv", "uv", "ipv", "ipv_uv", "visits", "bounces", "dwell_seconds", "favorites", "cart_adds"];
        let counts = COUNTS.map(|name| batch.counts(name, &mut faults));
        let shop_ids = scan.shops(batch);
        batch.note_long(&["shop_id"], &mut faults);
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
                _ => None,
            };
            let (Some(shop), None) = (shop, &verdict) else {
                let verdict = verdict.unwrap_or((Reason::NullKey, String::new()));
                reject(batch, row, RowIds { shop, ..RowIds::default() }, verdict, ledger);
                return;
            };
            let [pv, uv, ipv, ipv_uv, visits, bounces, dwell_seconds, favorites, cart_adds] =
                std::array::from_fn(|column| Some(counts[column][row]).filter(|count| *count != NO_COUNT));
            let (shop, day) = (shop_codes.code(shop), day_of_time(dates[row]));
            let digest = FixedState::default().hash_one([pv, uv, ipv, ipv_uv, visits, bounces, dwell_seconds, favorites, cart_adds]);
            let channel = channel_codes[row];
            let figures = TrafficDay { shop, day, pv, uv, ipv, ipv_uv, visits, bounces, dwell_seconds, favorites, cart_adds };
            ledger.events.note(batch.file, shop, day);
            let value = Row { shop, day, channel, digest, figures: (channel == 0).then(|| Box::new(figures)) };
            rows.push(Placed { file: batch.file, row: batch.first_row + row as u64, value });
        });
    })?;
    let key = |row: &Row| (row.shop, row.day, row.channel);
    let rows = last_by_key(dataset, rows, |a, b| key(a).cmp(&key(b)), &mut ledger)?;
    // A channel's figures are not the shop's: a day with only such rows is there, but without figures.
    let mut days: Vec<TrafficDay> = Vec::new();
    for Row { shop, day, figures, .. } in rows {
        if days.last().is_none_or(|last| (last.shop, last.day) != (shop, day)) {
            days.push(figures.map_or(TrafficDay { shop, day, ..TrafficDay::default() }, |figures| *figures));
        }
    }
    Ok((days, ledger))
}
