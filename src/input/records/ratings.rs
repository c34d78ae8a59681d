//! Ratings: single ratings, of which the platform counts three for each customer and month, or the scores as it shows them.

use std::sync::Arc;

use arrow::array::Array;
use rayon::prelude::*;

use super::facts::{ScoreSnapshot, Scores};
use super::rated_days::{RatedDays, Rating};
use crate::error::Result;
use crate::input::mapping::dataset::Dataset;
use crate::input::rows::batch::Batch;
use crate::input::rows::ledger::{Ledger, Reason};
use crate::input::rows::repeated::{Placed, last_by_key};
use crate::input::rows::scan::{RowIds, Scan, each_row, reject, unparseable};
use crate::input::values::codes::{Codes, Local};
use crate::input::values::fault::Faults;
use crate::partition::{Budget, Partitions, Writer, partitions_for};
use crate::spec::{Id, NO_TIME, day_of_time, id_hash, id_hash_in_shop};

const SCORES: [&str; 4] = ["description", "service", "delivery", "logistics"];

/// The content of the ratings input.
#[derive(Debug)]
pub struct Ratings {
    /// The scores.
    pub scores: Scores,
    /// The hash of each rating's order within its shop, where the input names orders.
    pub orders: Vec<u64>,
}

/// A valid row of the input.
struct Row<'a> {
    file: usize,
    row: u64,
    /// Provisional code.
    shop: u32,
    /// The hash of the shop's id.
    shop_hash: u64,
    time: i64,
    scores: [Option<f64>; 4],
    order: Option<Id<'a>>,
    customer: Option<Id<'a>>,
}

/// What one thread collects of single ratings.
struct Share<'a> {
    shops: Local<'a>,
    /// All ratings as if all counted.
    days: RatedDays,
    /// Those with a customer, by a hash of the customer: which of them count depends on all ratings of the customer.
    ratings: Writer,
    orders: Vec<u64>,
}

/// Ratings of a partition, roughly.
const PARTITION: u64 = 16_384;

/// Reads single ratings if `rated_at` is mapped, else daily scores. Shops are provisional codes.
///
/// # Errors
/// [`crate::error::Error::Input`] where a file is damaged, or has two different rows of daily scores for one shop and day;
/// [`crate::error::Error::Output`] where the disk is full.
pub fn read(scan: &Scan<'_>, dataset: &Dataset, shops: &Codes, budget: &Arc<Budget>) -> Result<(Ratings, Ledger)> {
    if dataset.has("rated_at") { read_events(scan, dataset, shops, budget) } else { read_snapshots(scan, dataset, shops) }
}

fn read_snapshots(scan: &Scan<'_>, dataset: &Dataset, shops: &Codes) -> Result<(Ratings, Ledger)> {
    let (rows, mut ledger) = scan.rows(dataset, &["date"], |scan, batch, ledger, rows| {
        let mut shop_codes = Local::new(shops);
        each_rating(scan, batch, "date", &mut shop_codes, ledger, |row, _| {
            let value = ScoreSnapshot { shop: row.shop, day: day_of_time(row.time), scores: row.scores };
            rows.push(Placed { file: row.file, row: row.row, value });
        });
    })?;
    let snapshots = last_by_key(dataset, rows, |a, b| (a.shop, a.day).cmp(&(b.shop, b.day)), &mut ledger)?;
    Ok((Ratings { scores: Scores::Snapshots(snapshots), orders: Vec::new() }, ledger))
}

fn read_events(scan: &Scan<'_>, dataset: &Dataset, shops: &Codes, budget: &Arc<Budget>) -> Result<(Ratings, Ledger)> {
    let partitions = partitions_for(dataset.rows(), PARTITION);
    let start = || Share {
        shops: Local::new(shops),
        ratings: Writer::new(partitions, Arc::clone(budget)),
        days: RatedDays::default(),
        orders: Vec::new(),
    };
    let (shares, ledger) = scan.on_all_threads(dataset, &["rated_at"], start, |share, batch, ledger| {
        let Share { shops, ratings, days, orders } = share;
        each_rating(scan, batch, "rated_at", shops, ledger, |row, ledger| {
            // A single rating supersedes no other.
            ledger.account(row.file).used += 1;
            orders.extend(row.order.map(|order| id_hash_in_shop(row.shop_hash, id_hash(order))));
            let rating = Rating::new(row.file as u32, row.row as u32, row.shop, row.time, row.scores);
            days.add(&rating);
            if let Some(customer) = row.customer {
                rating.put(customer, row.shop_hash, ratings);
            }
        });
        ratings.check()
    })?;
    let (mut writers, mut days, mut orders) = (Vec::new(), RatedDays::default(), Vec::new());
    for share in shares {
        writers.push(share.ratings);
        days.merge(share.days);
        orders.extend(share.orders);
    }
    let is_text = dataset.id_type("customer_id").is_some_and(|id_type| !id_type.is_integer());
    let ratings = Partitions::new(writers)?;
    let uncounted: Vec<Result<(RatedDays, Vec<u8>)>> = (0..ratings.len())
        .into_par_iter()
        .fold(
            || Ok((RatedDays::default(), Vec::new())),
            |uncounted: Result<(RatedDays, Vec<u8>)>, partition| {
                let (mut days, mut bytes) = uncounted?;
                ratings.read(partition, &mut bytes)?;
                days.take_uncounted(&bytes, is_text);
                Ok((days, bytes))
            },
        )
        .collect();
    for uncounted in uncounted {
        days.merge(uncounted?.0);
    }
    Ok((Ratings { scores: Scores::Events(days.sorted()), orders }, ledger))
}

/// Calls `each` with every valid row of a batch up to the as-of date.
fn each_rating(
    scan: &Scan<'_>,
    batch: &Batch<'_>,
    time_column: &'static str,
    shops: &mut Local<'_>,
    ledger: &mut Ledger,
    mut each: impl FnMut(Row<'_>, &mut Ledger),
) {
    let mut faults = Faults::default();
    let times = batch.times(time_column, &mut scan.clock.clone(), &mut faults);
    let scores = SCORES.map(|name| batch.scores(name));
    let (shop_ids, order_ids, customer_ids) = (scan.shops(batch), batch.ids("order_id"), batch.ids("customer_id"));
    batch.note_long(&["shop_id"], &mut faults);
    each_row(batch, faults, ledger, |row, fault, ledger| {
        if times[row] >= scan.end() {
            ledger.account(batch.file).after_as_of += 1;
            return;
        }
        let shop = shop_ids.get(row);
        let scores = scores.each_ref().map(|scores| scores.is_valid(row).then(|| scores.value(row)));
        let wrong = SCORES.iter().zip(scores).find(|(_, score)| score.is_some_and(|score| !(1.0..=5.0).contains(&score)));
        let verdict = match (shop, fault, wrong) {
            (None, _, _) => Some((Reason::NullKey, "shop_id is null".to_owned())),
            (_, Some(fault), _) => Some(unparseable(fault)),
            _ if times[row] == NO_TIME => Some((Reason::NullKey, format!("{time_column} is null"))),
            (_, _, Some((name, score))) => Some((Reason::ScoreOutOfRange, format!("{name}: {}", score.unwrap_or(0.0)))),
            _ => None,
        };
        let (Some(shop), None) = (shop, &verdict) else {
            let verdict = verdict.unwrap_or((Reason::NullKey, String::new()));
            let ids = RowIds { shop, order: order_ids.get(row), line: None, customer: customer_ids.get(row) };
            reject(batch, row, ids, verdict, ledger);
            return;
        };
        let (shop, shop_hash) = shops.code_and_hash(shop);
        ledger.events.note(batch.file, shop, day_of_time(times[row]));
        each(
            Row {
                file: batch.file,
                row: batch.first_row + row as u64,
                shop,
                shop_hash,
                time: times[row],
                scores,
                order: order_ids.get(row),
                customer: customer_ids.get(row).map(|customer| scan.person(customer)),
            },
            ledger,
        );
    });
}
