//! Ratings: single ones, of which the platform counts three for each customer and month, or the scores as it shows them.

use super::codes::{Codes, Local};
use super::dataset::Dataset;
use super::facts::{ScoreDay, ScoreSnapshot, Scores};
use super::fault::Faults;
use super::ledger::{Ledger, Reason};
use super::scan::{Scan, each_row, last_by_key, reject, unparseable};
use crate::error::Result;
use crate::spec::{Grain, NO_TIME, day_of_time, id_hash};

const SCORES: [&str; 4] = ["description", "service", "delivery", "logistics"];

/// The ratings of one customer in one calendar month that count, at most.
const COUNTED_A_MONTH: u32 = 3;

/// What the ratings input says.
#[derive(Debug)]
pub struct Ratings {
    /// The scores.
    pub scores: Scores,
    /// Provisional shop code and [`id_hash`] of the order of each rating, where the input names orders.
    pub orders: Vec<(u32, u64)>,
}

struct Row {
    file: usize,
    shop: u32,
    /// 0 for a rating without a customer.
    customer: u32,
    time: i64,
    scores: [Option<f64>; 4],
    order: Option<u64>,
}

/// Reads single ratings where `rated_at` is there, else daily scores; shops are provisional codes.
///
/// # Errors
/// [`crate::error::Error::Input`] where a file is damaged.
pub fn read(scan: &Scan<'_>, dataset: &Dataset, shops: &Codes) -> Result<(Ratings, Ledger)> {
    let are_events = dataset.has("rated_at");
    let time_column = if are_events { "rated_at" } else { "date" };
    let customers = Codes::default();
    let (rows, mut ledger) = scan.rows(dataset, |scan, batch, ledger, rows| {
        let mut faults = Faults::default();
        let (mut shop_codes, mut customer_codes) = (Local::new(shops), Local::new(&customers));
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
            let wrong = SCORES.iter().zip(&scores).find(|(_, scores)| scores[row].is_some_and(|score| !(1.0..=5.0).contains(&score)));
            let verdict = match (shop, &fault, wrong) {
                (None, _, _) => Some((Reason::NullKey, "shop_id is null".to_owned())),
                (_, Some(fault), _) => Some(unparseable(fault)),
                _ if times[row] == NO_TIME => Some((Reason::NullKey, format!("{time_column} is null"))),
                (_, _, Some((name, scores))) => Some((Reason::ScoreOutOfRange, format!("{name}: {}", scores[row].unwrap_or(0.0)))),
                _ => None,
            };
            let (Some(shop), None) = (shop, &verdict) else {
                let verdict = verdict.unwrap_or((Reason::NullKey, String::new()));
                reject(batch, row, [shop, order_ids.get(row), None, customer_ids.get(row)], verdict, ledger);
                return;
            };
            rows.push(Row {
                file: batch.file,
                shop: shop_codes.code(shop),
                customer: customer_ids.get(row).map_or(0, |customer| customer_codes.code(customer) + 1),
                time: times[row],
                scores: std::array::from_fn(|column| scores[column][row]),
                order: order_ids.get(row).map(id_hash),
            });
        });
    })?;
    if are_events {
        for row in &rows {
            ledger.account(row.file).used += 1;
        }
        let orders = rows.iter().filter_map(|row| Some((row.shop, row.order?))).collect();
        Ok((Ratings { scores: Scores::Events(days(rows)), orders }, ledger))
    } else {
        let rows = last_by_key(rows, |a, b| (a.shop, day_of_time(a.time)).cmp(&(b.shop, day_of_time(b.time))), |row| row.file, &mut ledger);
        let snapshot = |row: Row| ScoreSnapshot { shop: row.shop, day: day_of_time(row.time), scores: row.scores };
        Ok((Ratings { scores: Scores::Snapshots(rows.into_iter().map(snapshot).collect()), orders: Vec::new() }, ledger))
    }
}

/// The ratings that count, by shop and day. Ratings without a customer count all.
fn days(mut rows: Vec<Row>) -> Vec<ScoreDay> {
    let month = |row: &Row| Grain::Month.index(day_of_time(row.time));
    // Stable: between ratings of one moment the order of files and rows decides.
    rows.sort_by_key(|row| (row.shop, row.customer, row.time));
    let mut last = None;
    let mut counted = 0;
    rows.retain(|row| {
        let key = (row.shop, row.customer, month(row));
        counted = if last == Some(key) { counted + 1 } else { 1 };
        last = Some(key);
        row.customer == 0 || counted <= COUNTED_A_MONTH
    });
    rows.sort_by_key(|row| (row.shop, day_of_time(row.time)));
    let mut days: Vec<ScoreDay> = Vec::new();
    for row in rows {
        let day = day_of_time(row.time);
        if days.last().is_none_or(|last| (last.shop, last.day) != (row.shop, day)) {
            days.push(ScoreDay { shop: row.shop, day, ..ScoreDay::default() });
        }
        if let Some(last) = days.last_mut() {
            for (column, score) in row.scores.iter().enumerate() {
                if let Some(score) = score {
                    last.sums[column] += (score * 1e6).round() as i64;
                    last.counts[column] += 1;
                }
            }
        }
    }
    days
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::DAY_MICROSECONDS;

    #[test]
    fn of_each_customer_and_month_the_first_three_count() {
        // Customer 1 rates 1, 2, 3, 4 on the 1st to 4th of January 1970 and 5 on 1 February; customer 0 is unknown.
        let row = |customer, day: i64, score| Row {
            file: 0,
            shop: 0,
            customer,
            time: day * DAY_MICROSECONDS,
            scores: [Some(score), None, None, None],
            order: None,
        };
        let rows = vec![row(1, 3, 4.0), row(1, 0, 1.0), row(1, 1, 2.0), row(1, 2, 3.0), row(1, 31, 5.0), row(0, 3, 4.5), row(0, 3, 3.5)];
        let found: Vec<(i32, i64, i64)> = days(rows).iter().map(|day| (day.day, day.sums[0], day.counts[0])).collect();
        assert_eq!(found, [(0, 1_000_000, 1), (1, 2_000_000, 1), (2, 3_000_000, 1), (3, 8_000_000, 2), (31, 5_000_000, 1)]);
    }
}
