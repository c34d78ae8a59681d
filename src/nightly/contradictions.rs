//! Contradictions: problems between the inputs of a job.

use std::collections::BTreeMap;

use super::order_lines;
use crate::error::Problem;
use crate::input::declared::columns::{self, Input};
use crate::input::mapping::dataset::Dataset;
use crate::job::Job;
use crate::spec::IdType;

/// Finds the problems between inputs: ids of two types, and inputs without figures.
pub(super) fn contradictions(job: &Job, datasets: &BTreeMap<&'static str, Dataset>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let orders = datasets.get(columns::ORDERS.name);
    // What has no rows yet contradicts nothing.
    for (name, dataset) in datasets.iter().filter(|(_, dataset)| dataset.rows() > 0) {
        if *name != columns::ORDERS.name {
            for column in ["shop_id", "order_id", "customer_id", "line_id", "item_id"] {
                if column == "line_id" && !order_lines::are_read(datasets, name) {
                    continue;
                }
                let Some(orders) = orders.filter(|_| dataset.input.position(column).is_some()) else { continue };
                let Some(own) = dataset.id_type(column) else {
                    // The shop that the job names is text: it would be one more shop besides those of the orders.
                    // Who unsubscribed from no shop in particular is not contacted by any, and an event of no shop is one of all.
                    if column == "shop_id"
                        && ![columns::DO_NOT_CONTACT.name, columns::EVENTS.name].contains(name)
                        && let Some(other) = orders.id_type(column).filter(IdType::is_integer)
                    {
                        let what = format!("input `{name}` has no `shop_id`, and those of the orders are {}", other.data_type());
                        let help = "map the column, or name the one shop of these rows: `shop_id: \"CAST(1001 AS BIGINT)\"`";
                        problems.push(Problem::new(&dataset.spec.place, what).help(help));
                    }
                    continue;
                };
                let other = match orders.id_type(column) {
                    Some(other) => other,
                    None if column == "shop_id" => IdType::text(),
                    None => continue,
                };
                if !own.agrees_with(&other) {
                    let help = if orders.has(column) {
                        "map one of them with CAST(… AS VARCHAR) or CAST(… AS BIGINT), so that the same id is the same value".to_owned()
                    } else {
                        format!(
                            "the orders have no `shop_id` and belong to shop `{}`: map `shop_id` as text here, or leave it unmapped with `shop_id: \"'{}'\"`",
                            job.shop, job.shop
                        )
                    };
                    let what =
                        format!("input `{name}`, column `{column}`: {} here, {} in input `orders`", own.data_type(), other.data_type());
                    problems.push(Problem::new(dataset.spec.place_of(column), what).help(help));
                }
            }
        }
        if *name == columns::RATINGS.name {
            problems.extend(ratings_form(&columns::RATINGS, dataset));
        }
        if *name == columns::CUSTOMER_LINKS.name {
            problems.extend(linked_ids(dataset, datasets.get(columns::ORDERS.name)));
        }
        if *name == columns::AUDIENCES.name {
            problems.extend(campaigns_of(dataset, datasets.get(columns::CAMPAIGNS.name), job));
        }
        if *name == columns::AFFILIATE_ORDERS.name && dataset.has("settled_commission") && !dataset.has("settled_at") {
            let what = format!("input `{name}` has `settled_commission` and no `settled_at`: nothing says whether a commission is settled");
            let help = "map `settled_at`, the time of the settlement, or leave `settled_commission` out: all commissions are then due";
            problems.push(Problem::new(dataset.spec.place_of("settled_commission"), what).help(help));
        }
        problems.extend(nothing_said(dataset));
        if dataset.files.iter().any(|file| file.rows() > u64::from(u32::MAX)) {
            problems.push(
                Problem::new(&dataset.spec.place, format!("input `{name}` has a file of more than {} rows", u32::MAX))
                    .help("write it as several files"),
            );
        }
    }
    problems
}

fn ratings_form(input: &Input, dataset: &Dataset) -> Option<Problem> {
    let what = match (dataset.has("rated_at"), dataset.has("date")) {
        (true, false) | (false, true) => return None,
        (true, true) => "it has both `rated_at` (single ratings) and `date` (daily scores)",
        (false, false) => "it has neither `rated_at` (single ratings) nor `date` (daily scores)",
    };
    Some(Problem::new(&dataset.spec.place, format!("input `{}`: {what}", input.name)).help("map exactly one of the two"))
}

/// The other ids of customers are ids of the orders too.
fn linked_ids(links: &Dataset, orders: Option<&Dataset>) -> Option<Problem> {
    let (own, other) = (links.id_type("linked_id")?, orders?.id_type("customer_id")?);
    (!own.agrees_with(&other)).then(|| {
        let what = format!(
            "input `customer_links`, column `linked_id`: {} here, {} in `customer_id` of `orders`",
            own.data_type(),
            other.data_type()
        );
        let help = "map one of them with CAST(… AS VARCHAR) or CAST(… AS BIGINT), so that the same id is the same value";
        Problem::new(links.spec.place_of("linked_id"), what).help(help)
    })
}

/// Audiences belong to campaigns, which have the shop.
fn campaigns_of(audiences: &Dataset, campaigns: Option<&Dataset>, job: &Job) -> Option<Problem> {
    let Some(campaigns) = campaigns else {
        // If the job has campaigns that could not be opened, that problem is reported already.
        let what = "input `audiences` has no campaigns: the job has no input `campaigns`";
        let help = "map `campaigns`, which has the shop and the days of each";
        return (job.inputs.get(columns::CAMPAIGNS.name).is_none()).then(|| Problem::new(&audiences.spec.place, what).help(help));
    };
    let (own, other) = (audiences.id_type("campaign_id")?, campaigns.id_type("campaign_id")?);
    (!own.agrees_with(&other)).then(|| {
        let what = format!("input `audiences`, column `campaign_id`: {} here, {} in input `campaigns`", own.data_type(), other.data_type());
        let help = "map one of them with CAST(… AS VARCHAR) or CAST(… AS BIGINT), so that the same id is the same value";
        Problem::new(audiences.spec.place_of("campaign_id"), what).help(help)
    })
}

/// Inputs that need at least one of these columns.
const ONE_OF: [(&str, &[&str]); 4] = [
    ("listings", &["items_live", "items_new"]),
    ("item_traffic", &["ipv", "ipv_uv", "favorites", "cart_adds"]),
    ("benchmarks", &["mean", "p10", "p20"]),
    ("plans", &["sales_target", "ad_budget", "new_items"]),
];

fn nothing_said(dataset: &Dataset) -> Option<Problem> {
    let name = dataset.input.name;
    let (_, figures) = ONE_OF.iter().find(|(input, figures)| *input == name && !figures.iter().any(|column| dataset.has(column)))?;
    let figures: Vec<String> = figures.iter().map(|column| format!("`{column}`")).collect();
    let what = format!("input `{name}` has no figures: none of {}", figures.join(", "));
    Some(Problem::new(&dataset.spec.place, what).help("map one of them at least, or leave the input out"))
}
