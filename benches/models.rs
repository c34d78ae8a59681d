//! The models: seconds to count, fit and predict for many customers of a Pareto/NBD population seen for up to two years.
//!
//! `cargo bench --bench models -- --customers 10000000`

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Parser;
use huitou::model::beta_geometric::{BetaGeometric, Chance};
use huitou::model::cells::{CellCounter, PatternCounts, RepeatPattern};
use huitou::model::estimate::Fit;
use huitou::model::gamma_gamma::{GammaGamma, Spenders};
use huitou::model::pareto_nbd::ParetoNbd;
use huitou::model::prediction::{PurchaseModel, predict};
use huitou::statistics::random::Random;
use rayon::prelude::*;
use serde_json::{Value, json};

#[derive(Parser)]
#[command(name = "models", about = "Count, fit and predict for simulated customers, and print seconds as JSON")]
struct Options {
    /// How many customers.
    #[arg(long, value_name = "N", default_value_t = 10_000_000)]
    customers: u32,
    /// Writes the histories here too, as CSV: repeats, recency and age in days.
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
    /// Threads [default: all processors].
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    threads: usize,
    /// Passed by `cargo bench` to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

/// Customers that are simulated with one seed.
const PIECE: u32 = 10_000;

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(options.threads).build()?;
    let customers: Vec<(RepeatPattern, f64)> = pool.install(|| {
        (0..options.customers.div_ceil(PIECE))
            .into_par_iter()
            .flat_map_iter(|piece| {
                let mut random = Random::new(u64::from(piece));
                (0..PIECE.min(options.customers - piece * PIECE)).map(move |_| simulated(&mut random))
            })
            .collect()
    });
    if let Some(path) = &options.write {
        write(path, &customers)?;
    }
    pool.install(|| {
        let started = Instant::now();
        let pieces: Vec<CellCounter> = customers.par_chunks(customers.len() / 16 + 1).map(counted).collect();
        let cells = pieces.into_iter().fold(CellCounter::default(), merged).finish(7.0);
        let count_seconds = started.elapsed().as_secs_f64();
        let spends: Vec<(u32, f64)> = customers.iter().map(|(history, mean)| (history.repeats, *mean)).collect();
        let started = Instant::now();
        let spending = GammaGamma::fit(&Spenders::new(spends));
        let spending_seconds = started.elapsed().as_secs_f64();
        let report = json!({
            "customers": customers.len(), "repeaters": cells.repeaters(), "cells": cells.len(), "threads": pool.current_num_threads(),
            "count_seconds": count_seconds,
            "pareto_nbd": measured(&customers, &cells, ParetoNbd::fit),
            "bg_nbd": measured(&customers, &cells, |cells| BetaGeometric::fit(cells, Chance::AfterRepeats, 1)),
            "mbg_nbd": measured(&customers, &cells, |cells| BetaGeometric::fit(cells, Chance::AfterAll, 1)),
            "gamma_gamma": { "fit_seconds": spending_seconds, "log_likelihood": spending.log_likelihood, "cells": spending.cells },
        });
        println!("{report}");
    });
    Ok(())
}

/// Writes what models know of each customer.
fn write(path: &Path, customers: &[(RepeatPattern, f64)]) -> std::io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(file, "repeats,recency_days,age_days")?;
    for (RepeatPattern { repeats, recency_days, age_days }, _) in customers {
        writeln!(file, "{repeats},{recency_days},{age_days}")?;
    }
    file.flush()
}

fn counted(customers: &[(RepeatPattern, f64)]) -> CellCounter {
    let mut counter = CellCounter::default();
    customers.iter().for_each(|(history, _)| counter.add(*history));
    counter
}

fn merged(mut one: CellCounter, other: CellCounter) -> CellCounter {
    one.merge(other);
    one
}

/// Seconds to fit, and to predict 90 days for every single customer.
fn measured<M: PurchaseModel>(customers: &[(RepeatPattern, f64)], cells: &PatternCounts, fit: impl Fn(&PatternCounts) -> Fit<M>) -> Value {
    let started = Instant::now();
    let fit = fit(cells);
    let fit_seconds = started.elapsed().as_secs_f64();
    let Some(model) = &fit.model else { return json!({ "status": fit.status.name() }) };
    let started = Instant::now();
    let predictions = predict(model, cells, 90.0 / 7.0);
    let of_customer = |history: &RepeatPattern| cells.position(history).and_then(|position| predictions.get(position));
    let expected: Vec<f64> = customers
        .par_chunks(1 << 16)
        .map(|part| part.iter().filter_map(|(history, _)| of_customer(history)).map(|one| one.expected_purchases).sum())
        .collect();
    json!({
        "status": fit.status.name(), "log_likelihood": fit.log_likelihood, "iterations": fit.iterations,
        "parameters": fit.parameters.iter().map(|one| json!([one.name, one.value, one.standard_error])).collect::<Vec<_>>(),
        "fit_seconds": fit_seconds, "predict_seconds": started.elapsed().as_secs_f64(), "expected_purchases": expected.iter().sum::<f64>(),
    })
}

/// A customer of a population with the parameters of CDNOW, in days, and the mean value of the repeat purchases.
fn simulated(random: &mut Random) -> (RepeatPattern, f64) {
    let age_days = 1 + random.below(730) as u32;
    let rate = random.gamma(0.553) / (10.578 * 7.0);
    let leaving = random.gamma(0.606) / (11.669 * 7.0);
    let lifetime = exponential(random, leaving).min(f64::from(age_days));
    let (mut repeats, mut recency_days, mut moment) = (0, 0, 0.0);
    loop {
        moment += exponential(random, rate);
        if moment > lifetime {
            break;
        }
        let day = moment.ceil() as u32;
        if day > recency_days && day <= age_days {
            (repeats, recency_days) = (repeats + 1, day);
        }
    }
    let purchases = f64::from(repeats.max(1));
    let mean = random.gamma(6.25 * purchases) / (random.gamma(3.74) / 15.44) / purchases;
    (RepeatPattern { repeats, recency_days, age_days }, (mean * 100.0).round() / 100.0)
}

fn exponential(random: &mut Random, rate: f64) -> f64 {
    -(1.0 - random.unit()).ln() / rate
}
