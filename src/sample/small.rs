//! Inputs of one file, such as the shops, and the job file.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, RecordBatch, StringArray};
use arrow::datatypes::DataType;

use super::basket::basket;
use super::columns::{Money, schema};
use super::customer::Walk;
use super::file::Sheet;
use super::ids::{self, IdColumn};
use super::order;
use super::shop::{CATEGORIES, Shop};
use super::summary::InputSummary;
use super::traffic::Paid;
use super::world::World;
use crate::error::{Error, Result};
use crate::job::shipped::{RULES, STAGES, STRATEGIES, ShippedRule, ShippedStrategy};
use crate::spec::period::iso;

/// Writes an input of one file, `name.parquet`.
pub fn write_file(dir: &Path, name: &'static str, columns: Vec<(&str, ArrayRef)>) -> Result<InputSummary> {
    let fields: Vec<(&str, DataType)> = columns.iter().map(|(name, array)| (*name, array.data_type().clone())).collect();
    let schema = schema(&fields);
    let batch = RecordBatch::try_new(schema.clone(), columns.into_iter().map(|(_, array)| array).collect())?;
    let mut sheet = Sheet::create(&dir.join(format!("{name}.parquet")), schema)?;
    sheet.append_batch(batch)?;
    let (rows, bytes) = sheet.finish()?;
    Ok(InputSummary { name, files: 1, rows, bytes, bad_rows: 0 })
}

/// Writes `shops.parquet`.
pub fn write_shops(world: &World, dir: &Path, paid: &Paid) -> Result<InputSummary> {
    let mut shop_ids = IdColumn::new(world);
    let mut targets = Money::default();
    for shop in &world.shops {
        shop_ids.push(Some(ids::shop(shop)));
        targets.push(Some(target(world, shop, paid)));
    }
    let names: StringArray = world.shops.iter().map(|shop| Some(shop.name.as_str())).collect();
    let categories: StringArray = world.shops.iter().map(|shop| Some(CATEGORIES[shop.category].0)).collect();
    let groups: StringArray = world.shops.iter().map(|shop| shop.group.as_deref()).collect();
    let opened: Date32Array = world.shops.iter().map(|shop| Some(world.calendar.first + shop.opened)).collect();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("shop_id", shop_ids.finish()),
        ("name", Arc::new(names)),
        ("category", Arc::new(categories)),
        ("opened_at", Arc::new(opened)),
        ("annual_target", targets.finish()),
        ("shop_group", Arc::new(groups)),
    ];
    write_file(dir, "shops", columns)
}

/// The annual target of a shop in fen, rounded to ten thousand yuan: its annual sales times its ambition.
pub fn target(world: &World, shop: &Shop, paid: &Paid) -> i64 {
    let orders: f64 = paid.of_shop(shop.index).iter().map(|orders| f64::from(*orders)).sum();
    let open = world.calendar.position(world.calendar.days) - world.calendar.position(shop.opened.max(0) as usize);
    let sampled = shop.customers.min(300);
    let value: i64 = (0..sampled)
        .filter_map(|within| {
            let (number, created) = Walk::new(world, shop, within).next(world)?;
            let customer = shop.first_customer + within;
            let lines = order::Order::new(world, shop, customer, number, created).lines;
            let basket = basket(world, shop, customer, number, created);
            Some(basket.lines.iter().take(usize::from(lines)).map(|line| line.paid).sum::<i64>())
        })
        .sum();
    let yearly = orders * value as f64 / f64::from(sampled.max(1)) * 365.0 / open.max(1.0) * shop.ambition;
    ((yearly / 1_000_000.0) as i64 + 1) * 1_000_000
}

/// The inputs that may have several files.
const FOLDERS: [&str; 6] = ["orders", "traffic", "ratings", "refunds", "affiliate_orders", "inquiries"];

/// Which strategies the job names: those about items keep the last purchases of all items, which a large sample would pay for each night.
fn strategies() -> impl Iterator<Item = &'static ShippedStrategy> {
    STRATEGIES.iter().filter(|strategy| !strategy.needs_items)
}

/// Which rules the job names: those whose input it has, since a sample of few shops or months may have no trial and no violation.
fn rules(inputs: &[InputSummary]) -> impl Iterator<Item = &'static ShippedRule> {
    let has = |name: &str| inputs.iter().any(|input| input.name == name && input.rows > 0);
    RULES.iter().filter(move |rule| rule.needs_input.is_none_or(has))
}

/// The lines of the job that name the files beside it.
fn named_files(inputs: &[InputSummary]) -> String {
    let line = |folder: &str, name: &str| format!("  - {folder}/{name}.yaml\n");
    let rules: String = rules(inputs).map(|rule| line("rules", rule.name)).collect();
    let strategies: String = strategies().map(|strategy| line("strategies", strategy.name)).collect();
    format!("assessments:\n{rules}strategies:\n{strategies}stages: stages.yaml\n")
}

/// Writes the rules, strategies and stages that the job beside them names.
fn write_named_files(dir: &Path, inputs: &[InputSummary]) -> Result<()> {
    for folder in ["rules", "strategies"] {
        let path = dir.join(folder);
        fs::create_dir_all(&path).map_err(|cause| Error::output(&path, cause))?;
    }
    let rules = rules(inputs).map(|rule| (format!("rules/{}.yaml", rule.name), rule.text));
    let strategies = strategies().map(|strategy| (format!("strategies/{}.yaml", strategy.name), strategy.text));
    for (name, text) in rules.chain(strategies).chain([("stages.yaml".to_owned(), STAGES)]) {
        let path = dir.join(name);
        fs::write(&path, text).map_err(|cause| Error::output(&path, cause))?;
    }
    Ok(())
}

/// Writes `job.yaml`. It is written last, so that a data set with a job file is complete.
pub fn write_job(world: &World, dir: &Path, inputs: &[InputSummary]) -> Result<()> {
    let last = world.calendar.first + world.calendar.days as i32 - 1;
    // Allows twice the bad rows, in thousandths, so that a run does not stop because of the requested ones.
    let thousandths = inputs.iter().map(|input| (input.bad_rows * 2_000).div_ceil(input.rows.max(1))).max().unwrap_or(0).min(1_000);
    let allowed = if thousandths > 0 { format!("\n  max_reject_share: {}", thousandths as f64 / 1_000.0) } else { String::new() };
    // Inputs of one file may have no rows, for example without violations or complete months. The job leaves those out.
    let files = inputs.iter().filter(|input| !FOLDERS.contains(&input.name) && input.rows > 0);
    let paths =
        FOLDERS.iter().map(|name| (*name, (*name).to_owned())).chain(files.map(|input| (input.name, format!("{}.parquet", input.name))));
    let paths: String = paths.map(|(name, path)| format!("  {name}: {{ path: {path} }}\n")).collect();
    let text = format!(
        "job: sample
timezone: Asia/Shanghai
as_of: {}
inputs:
{paths}params:
  cohort: {{ grain: month, dimensions: [first_channel] }}{allowed}
{}output:
  path: out
",
        iso(last),
        named_files(inputs)
    );
    write_named_files(dir, inputs)?;
    let path = dir.join("job.yaml");
    fs::write(&path, text).map_err(|cause| Error::output(&path, cause))
}
