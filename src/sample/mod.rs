//! `huitou sample`: a realistic data set of invented shops: seasons and promotions, customers who return or leave, late payments,
//! refunds, ratings, row versions, a few bad rows; the platform's records of each shop; plans and campaigns; affiliates and questions to
//! agents. The same options give the same bytes.

mod affiliates;
mod audience;
mod basket;
mod calendar;
mod campaigns;
mod columns;
mod customer;
mod dirty;
mod do_not_contact;
mod event;
mod events;
mod file;
mod ids;
mod industry;
mod inquiries;
mod item_traffic;
mod keywords;
mod links;
mod options;
mod order;
mod orders;
mod page_views;
mod plans;
mod platform_records;
mod promotion;
mod random;
mod ratings;
mod refill;
mod refunds;
mod renamed;
mod scan;
mod shop;
mod sink;
mod small;
mod solve;
mod summary;
mod title;
mod traffic;
mod world;

use std::fs;
use std::path::Path;

use crate::error::{Error, Problem, Result};

pub use options::{Ids, Layout, Options};
pub use summary::{InputSummary, Summary};

use dirty::Dirty;
use sink::{FileDivision, Sink};
use traffic::Paid;
use world::World;

/// Writes the data set and then `job.yaml` into `dir`, a folder that is empty or does not exist.
///
/// Uses the threads of the current rayon pool. Calls `progress` with the rows done and the expected rows.
///
/// # Errors
/// [`Error::Usage`] for options out of range (all of them at once) and for a folder that is not empty;
/// [`Error::Output`] where a file cannot be written.
pub fn write(dir: &Path, options: &Options, progress: &dyn Fn(u64, u64)) -> Result<Summary> {
    check(dir, options)?;
    fs::create_dir_all(dir).map_err(|cause| Error::output(dir, cause))?;
    let world = World::new(options);
    let dirty = Dirty::new(&world, options.dirty);
    let mut paid = Paid::new(&world);
    let windows = scan::windows(&world);
    let mut inputs = Vec::new();

    let (order_rows, bad_orders) = (|events: &[_]| orders::batch(&world, events), |days| dirty.orders(&world, days));
    let (refund_rows, bad_refunds) = (|events: &[_]| refunds::batch(&world, events), |days| dirty.refunds(&world, days));
    let (rating_rows, bad_ratings) = (|events: &[_]| ratings::batch(&world, events), |days| dirty.ratings(&world, days));
    let (large, small) = (FileDivision::of(options.layout, true), FileDivision::of(options.layout, false));
    let mut orders = Sink::new(&world, dir, "orders", large, orders::columns(&world), &order_rows, &bad_orders);
    let mut refunds = Sink::new(&world, dir, "refunds", small, refunds::columns(&world), &refund_rows, &bad_refunds);
    let mut ratings = Sink::new(&world, dir, "ratings", small, ratings::columns(&world), &rating_rows, &bad_ratings);
    let (affiliate_rows, none) = (|events: &[_]| affiliates::batch(&world, events), |_| affiliates::batch(&world, &[]));
    let mut affiliates = Sink::new(&world, dir, "affiliate_orders", small, affiliates::columns(&world), &affiliate_rows, &none);
    let (question_rows, no_questions) = (|events: &[_]| inquiries::batch(&world, events), |_| inquiries::batch(&world, &[]));
    let mut questions = Sink::new(&world, dir, "inquiries", small, inquiries::columns(&world), &question_rows, &no_questions);
    let expected = world.expected_rows as u64;
    let mut done = 0.0;
    for window in &windows {
        let found = scan::scan(&world, *window);
        orders.add(*window, &found.orders)?;
        refunds.add(*window, &found.refunds)?;
        ratings.add(*window, &found.ratings)?;
        affiliates.add(*window, &found.affiliates)?;
        let mut asked = found.inquiries;
        asked.append(&mut inquiries::of_nobody(&world, window.from..window.until, &found.paid));
        asked.sort_unstable();
        questions.add(*window, &asked)?;
        for (shop, day, count) in found.paid {
            paid.add(shop, day, count);
        }
        done += found.orders.len() as f64 * order::MEAN_LINES;
        progress((done as u64).min(expected), expected);
    }

    let (traffic_rows, no_rows) = (|events: &[_]| traffic::batch(&world, &paid, events), |_| traffic::batch(&world, &paid, &[]));
    let mut traffic = Sink::new(&world, dir, "traffic", small, traffic::columns(&world), &traffic_rows, &no_rows);
    for window in &windows {
        traffic.add(*window, &traffic::events(&world, *window))?;
    }
    for sink in [orders, traffic, ratings, refunds] {
        inputs.push(sink.finish()?);
    }
    inputs.push(small::write_shops(&world, dir, &paid)?);
    inputs.push(platform_records::write_complaints(&world, dir, &paid)?);
    inputs.push(platform_records::write_service_scores(&world, dir)?);
    inputs.push(platform_records::write_listings(&world, dir)?);
    inputs.push(platform_records::write_violations(&world, dir)?);
    inputs.push(industry::write_benchmarks(&world, dir, &paid)?);
    inputs.push(industry::write_shop_metrics(&world, dir)?);
    inputs.push(plans::write_plans(&world, dir, &paid)?);
    inputs.push(plans::write_ad_plans(&world, dir, &paid)?);
    let campaigns = campaigns::campaigns(&world);
    inputs.push(campaigns::write_campaigns(&world, dir, &campaigns)?);
    inputs.push(campaigns::write_audiences(&world, dir, &campaigns)?);
    inputs.push(keywords::write_keyword_traffic(&world, dir, &paid)?);
    inputs.push(do_not_contact::write_do_not_contact(&world, dir)?);
    for sink in [affiliates, questions] {
        inputs.push(sink.finish()?);
    }
    inputs.push(page_views::write(&world, dir, &paid)?);
    inputs.push(links::write_customer_links(&world, dir)?);
    inputs.push(item_traffic::write_item_traffic(&world, dir, &paid)?);
    inputs.push(events::write_events(&world, dir)?);
    small::write_job(&world, dir, &inputs)?;
    progress(expected, expected);
    Ok(Summary { inputs })
}

/// Checks the options and the folder; reports all problems together.
fn check(dir: &Path, options: &Options) -> Result<()> {
    let mut problems = Vec::new();
    let mut range = |name: &str, value: f64, low: f64, high: f64| {
        if !(low..=high).contains(&value) {
            problems.push(Problem::new(name, format!("expected a number from {low} to {high}, found {value}")));
        }
    };
    range("--orders", options.orders as f64, 0.0, 10e9);
    range("--customers", options.customers.unwrap_or(1) as f64, 1.0, world::MOST_CUSTOMERS as f64);
    range("--shops", f64::from(options.shops), 1.0, 10_000.0);
    range("--months", f64::from(options.months), 1.0, 240.0);
    range("--dirty", options.dirty, 0.0, 0.5);
    range("--superseded", options.superseded, 0.0, 0.9);
    if fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some()) {
        problems.push(Problem::new(dir.display().to_string(), "the folder is not empty").help("name a new folder, or remove this one"));
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Usage(problems)) }
}

#[cfg(test)]
mod tests;
