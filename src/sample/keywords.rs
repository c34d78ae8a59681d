//! Keyword traffic of the shops over the last three months: search that costs nothing and paid search, keywords that sell, keywords that
//! cost more than they bring, and rare ones.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::DataType;

use super::columns::{Money, schema};
use super::file::Sheet;
use super::ids::{self, IdColumn};
use super::random::Draws;
use super::shop::{CATEGORIES, Shop};
use super::summary::InputSummary;
use super::traffic::{Paid, visitors};
use super::world::World;
use crate::error::Result;

/// Days of the data that have keywords, up to the last one: as many as seller centres keep.
const DAYS: usize = 90;

/// A kind of keyword: what is put behind or before the name of the category, and how people search by it.
struct Kind {
    /// `{}` stands for the word of the category.
    form: &'static str,
    /// Its part of the shop's visitors.
    share: f64,
    /// Orders of its visitors, compared with those of the whole shop.
    conversion: f64,
    /// The part of its clicks that is paid for.
    paid: f64,
}

/// Who searches for the brand buys; the general word brings people who look and cost money.
const KINDS: [Kind; 6] = [
    Kind { form: "{}旗舰店", share: 0.11, conversion: 2.4, paid: 0.2 },
    Kind { form: "{}", share: 0.13, conversion: 0.4, paid: 0.7 },
    Kind { form: "{}新款", share: 0.06, conversion: 0.9, paid: 0.5 },
    Kind { form: "{}礼盒", share: 0.025, conversion: 1.6, paid: 0.0 },
    Kind { form: "平价{}", share: 0.012, conversion: 0.3, paid: 1.0 },
    Kind { form: "{}推荐 2026", share: 0.002, conversion: 0.8, paid: 0.0 },
];

/// A row.
struct Row {
    day: usize,
    keyword: usize,
    is_paid: bool,
    impressions: i64,
    clicks: i64,
    uv: i64,
    orders: i64,
    amount: i64,
    cost: Option<i64>,
}

/// Writes `keyword_traffic.parquet`.
pub fn write_keyword_traffic(world: &World, dir: &Path, paid: &Paid) -> Result<InputSummary> {
    let counts = ["impressions", "clicks", "uv", "orders"].map(|name| (name, DataType::Int64));
    let keys =
        [("shop_id", IdColumn::data_type(world)), ("date", DataType::Date32), ("keyword", DataType::Utf8), ("channel", DataType::Utf8)];
    let columns: Vec<(&str, DataType)> = keys.into_iter().chain(counts).chain([("amount", Money::TYPE), ("cost", Money::TYPE)]).collect();
    let schema = schema(&columns);
    let mut sheet = Sheet::create(&dir.join("keyword_traffic.parquet"), Arc::clone(&schema))?;
    // Some shops a batch: rows of ten thousand shops at once would take a gigabyte.
    for shops in world.shops.chunks(64) {
        let (mut shop_ids, mut amounts, mut costs) = (IdColumn::new(world), Money::default(), Money::default());
        let (mut dates, mut keywords, mut channels) = (Vec::new(), Vec::new(), Vec::new());
        let mut counts: [Vec<i64>; 4] = Default::default();
        for shop in shops {
            let names: Vec<String> = KINDS.iter().map(|kind| kind.form.replace("{}", word(shop, kind))).collect();
            for row in rows(world, shop, paid) {
                shop_ids.push(Some(ids::shop(shop)));
                dates.push(world.calendar.first + row.day as i32);
                keywords.push(names.get(row.keyword).cloned().unwrap_or_default());
                channels.push(if row.is_paid { "paid" } else { "natural" });
                let figures = [row.impressions, row.clicks, row.uv, row.orders];
                counts.iter_mut().zip(figures).for_each(|(column, figure)| column.push(figure));
                amounts.push(Some(row.amount));
                costs.push(row.cost);
            }
        }
        let keys: [ArrayRef; 4] = [
            shop_ids.finish(),
            Arc::new(Date32Array::from(dates)),
            Arc::new(StringArray::from(keywords)),
            Arc::new(StringArray::from(channels)),
        ];
        let counts = counts.map(|column| Arc::new(Int64Array::from(column)) as ArrayRef);
        let arrays = keys.into_iter().chain(counts).chain([amounts.finish(), costs.finish()]).collect();
        sheet.append_batch(RecordBatch::try_new(Arc::clone(&schema), arrays)?)?;
    }
    let (rows, bytes) = sheet.finish()?;
    Ok(InputSummary { name: "keyword_traffic", files: 1, rows, bytes, bad_rows: 0 })
}

/// The word that a keyword is made of: the brand for those who search for the shop, else the category.
fn word<'a>(shop: &'a Shop, kind: &Kind) -> &'a str {
    let (category, _) = CATEGORIES.get(shop.category).copied().unwrap_or_default();
    let brand = shop.name.split_once(category).map_or(shop.name.as_str(), |(brand, _)| brand);
    if kind.form.ends_with("旗舰店") { brand } else { category }
}

/// The rows of a shop, by day, keyword and channel.
fn rows<'a>(world: &'a World, shop: &'a Shop, paid: &'a Paid) -> impl Iterator<Item = Row> + 'a {
    let days = world.calendar.days.saturating_sub(DAYS)..world.calendar.days;
    days.filter(|day| i64::from(shop.opened) <= *day as i64).flat_map(move |day| {
        let mut draws = world.streams.keywords.at(((day as u64) << 32) + shop.index as u64);
        let everyone = visitors(world, shop, paid.of_shop(shop.index), day, draws.between(0.9, 1.1)) as f64;
        let mut rows = Vec::new();
        for (keyword, kind) in KINDS.iter().enumerate() {
            for is_paid in [false, true] {
                let part = if is_paid { kind.paid } else { 1.0 - kind.paid };
                let uv = whole(everyone * kind.share * part * draws.between(0.8, 1.2), &mut draws);
                let clicks = uv + whole(uv as f64 * 0.16, &mut draws);
                let shown = draws.between(14.0, 26.0);
                let orders = whole(uv as f64 * shop.conversion * kind.conversion, &mut draws).min(uv);
                let amount = (orders as f64 * shop.price * 100.0 * draws.between(1.0, 1.6)) as i64;
                let click = shop.price * draws.between(1.6, 2.6);
                // Exports list the keywords that brought somebody.
                if uv > 0 {
                    let cost = is_paid.then_some((clicks as f64 * click) as i64);
                    let impressions = (clicks as f64 * shown) as i64;
                    rows.push(Row { day, keyword, is_paid, impressions, clicks, uv, orders, amount, cost });
                }
            }
        }
        rows
    })
}

/// A whole number whose mean is `mean`.
fn whole(mean: f64, draws: &mut Draws) -> i64 {
    (mean + draws.unit()) as i64
}
