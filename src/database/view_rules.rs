//! Which views there are: of each table with several grains, schemes or parts, or with rows that sum up others, one view for each that can
//! be summed.

use super::days::DAYS;
use super::definition::{ColumnDefinition, Definition};
use super::failure::Failure;
use super::foreign_keys::SHOPS;
use super::quote::literal;
use super::segments::SEGMENTS;
use super::view::View;
use super::view_builder::{Builder, Rows};

/// Tables with a row for each grain, and the beginning of their views' names.
const PERIODS: [(&str, &str); 8] = [
    ("shop_periods", "shop"),
    ("sales_drivers", "sales_drivers"),
    ("revenue_bridge", "revenue_bridge"),
    ("payment_funnel", "payment_funnel"),
    ("promotions", "promotion"),
    ("traffic_sources", "traffic_source"),
    ("keywords", "keyword"),
    ("group_periods", "group"),
];

/// The grains of these.
const GRAINS: [&str; 4] = ["week", "month", "quarter", "year"];

/// Tables with a row for each scheme, the columns of segments, and the beginning of their views' names.
const SCHEMES: [(&str, &str); 3] =
    [("segment_value", "customer"), ("group_segment_value", "group_customer"), ("segment_migration", "migration")];

/// What a scheme is called in the name of a view, where it has a shorter name.
const SHORT: [(&str, &str); 5] =
    [("lifecycle", "stage"), ("value_tier", "tier"), ("rfm_segment", "rfm"), ("member_level", "level"), ("first_channel", "channel")];

/// Tables with a row for each dimension, and the beginning of their views' names; of `nth` 0 sums up the others.
const BY_NTH: [(&str, &str); 3] =
    [("repurchase_intervals", "repurchase"), ("interval_histogram", "interval_length"), ("group_repurchase_intervals", "group_repurchase")];

/// Views of single conditions: the view, the table, the condition, and the columns that are the same in all its rows.
const SINGLE: [(&str, &str, &str, &[&str]); 20] = [
    ("total_day", "total_daily", "scope = 'all'", &["scope", "category"]),
    ("category_day", "total_daily", "scope = 'category'", &["scope"]),
    ("affiliate_plan_month", "affiliate_plans", "publisher_id = '(all)'", &["publisher_id"]),
    ("affiliate_publisher_month", "affiliate_plans", "publisher_id <> '(all)'", &[]),
    ("service_month", "service_conversion", "agent_id = '(all)'", &["agent_id"]),
    ("agent_month", "service_conversion", "agent_id <> '(all)'", &[]),
    ("campaign_before", "campaign_effect", "part = 'before'", &["part"]),
    ("campaign_during", "campaign_effect", "part = 'during'", &["part"]),
    ("campaign_after", "campaign_effect", "part = 'after'", &["part"]),
    ("campaign_treated", "campaign_effect", "part = 'treated'", &["part"]),
    ("campaign_control", "campaign_effect", "part = 'control'", &["part"]),
    ("campaign_pooled_shop", "campaign_pooled", "scope = 'shop'", &["scope"]),
    ("plan_sales", "plan_progress", "measure = 'sales' AND channel = '(all)'", &["measure", "channel"]),
    ("plan_net_sales", "plan_progress", "measure = 'net_sales' AND channel = '(all)'", &["measure", "channel"]),
    ("plan_new_items", "plan_progress", "measure = 'new_items' AND channel = '(all)'", &["measure", "channel"]),
    ("plan_ad_cost", "plan_progress", "measure = 'ad_cost' AND channel = '(all)'", &["measure", "channel"]),
    ("plan_ad_cost_channel", "plan_progress", "measure = 'ad_cost' AND channel <> '(all)'", &["measure"]),
    ("forecast_model_used", "forecast_models", "is_used", &["is_used"]),
    ("assessment_running", "assessment_summary", "NOT is_complete", &["is_complete"]),
    ("requirement_running", "assessment_results", "NOT is_complete", &["is_complete"]),
];

/// Views of all rows of a table, with the names of its shops.
const WHOLE: [(&str, &str); 5] =
    [("alert_day", "alerts"), ("brief_line", "brief"), ("item", "items"), ("stage_month", "store_stage"), ("excluded_customer", NO_LIST)];

/// The view of restated figures, and the tables of which two can have the same figure: it is shown once, of the first.
const RESTATED: (&str, &str) = ("restated_figure", "restatements");
const SAID: &str = "shop_periods";
const SAID_AGAIN: &str = "revenue_bridge";

/// The lists of strategies begin so; the one that says who is on none is no list.
const LISTS: &str = "audience_";
const NO_LIST: &str = "audience_excluded";

/// The distinct texts of a column of a table, ascending.
pub(super) type Values<'a> = dyn FnMut(&str, &str) -> Result<Vec<String>, Failure> + 'a;

/// The views over tables with these definitions. Without shops there are none: a view names the shop of each row.
///
/// # Errors
/// What `values` returns.
pub(super) fn views(schema: &str, definitions: &[Definition], values: &mut Values<'_>) -> Result<Vec<View>, Failure> {
    let builder = Builder { schema, definitions };
    let (Some(_), Some(_)) = (builder.definition(SHOPS), builder.definition(DAYS)) else { return Ok(Vec::new()) };
    let mut views = vec![builder.shop_day(), builder.customer(), builder.lists(&lists(definitions))];
    for (table, prefix) in PERIODS {
        views.extend(GRAINS.map(|grain| builder.view(table, &Rows::of(format!("{prefix}_{grain}"), "grain", grain))));
    }
    for (scope, prefix) in [("all", "total"), ("category", "category")] {
        let rows = |grain: &str| {
            let rows = Rows::of(format!("{prefix}_{grain}"), "grain", grain).and("scope", scope);
            if scope == "all" { rows.hiding("category") } else { rows }
        };
        views.extend(GRAINS.map(|grain| builder.view("total_periods", &rows(grain))));
    }
    for (table, prefix) in [("cohort_retention", "cohort"), ("group_cohort_retention", "group_cohort"), ("cohort_value", "cohort_value")] {
        if builder.definition(table).is_none() {
            continue;
        }
        let (grains, dimensions) = (values(table, "grain")?, values(table, "dimension")?);
        // Windows of cohort_value lie in each other: a customer of 30 days is one of 60 days too.
        let windows = if table == "cohort_value" { values(table, "days")? } else { vec![String::new()] };
        for (grain, dimension) in grains.iter().flat_map(|grain| dimensions.iter().map(move |dimension| (grain, dimension))) {
            for window in &windows {
                let within = if window.is_empty() { String::new() } else { format!("_{window}") };
                let name = format!("{prefix}_{grain}{within}{}", by(dimension));
                let rows = divided(Rows::of(name, "grain", grain), dimension);
                let rows = if window.is_empty() { rows } else { rows.with(format!("days = {window}")).hiding("days") };
                views.push(builder.view(table, &rows));
            }
        }
    }
    for (table, prefix) in BY_NTH.into_iter().filter(|(table, _)| builder.definition(table).is_some()) {
        for dimension in values(table, "dimension")? {
            let rows = Rows::named(format!("{prefix}{}", by(&dimension)));
            views.push(builder.view(table, &divided(rows, &dimension).with("nth > 0".to_owned())));
        }
    }
    for (table, prefix) in SCHEMES.into_iter().filter(|(table, _)| builder.definition(table).is_some() && builder.has(SEGMENTS)) {
        for scheme in values(table, "scheme")? {
            let short = SHORT.iter().find(|(long, _)| *long == scheme).map_or(scheme.as_str(), |(_, short)| short);
            views.push(builder.view(table, &Rows::of(format!("{prefix}_{short}"), "scheme", &scheme)));
        }
    }
    for (name, table, condition, hidden) in SINGLE {
        let rows = Rows::named(name.to_owned()).with(condition.to_owned());
        views.push(builder.view(table, &hidden.iter().fold(rows, |rows, column| rows.hiding(column))));
    }
    views.extend(WHOLE.map(|(name, table)| builder.view(table, &Rows::named(name.to_owned()))));
    views.push(builder.view(RESTATED.1, &restated(&builder)));
    let mut views: Vec<View> = views.into_iter().flatten().filter(|view| is_name(&view.name)).collect();
    views.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(views)
}

/// The end of the name of a view of that dimension.
fn by(dimension: &str) -> String {
    if dimension == "all" { String::new() } else { format!("_by_{dimension}") }
}

/// The rows of that dimension. Of the undivided ones the value says nothing.
fn divided(rows: Rows, dimension: &str) -> Rows {
    let rows = rows.and("dimension", dimension);
    if dimension == "all" { rows.hiding("dimension_value") } else { rows }
}

/// The restated figures: sums that two tables say of the same periods are shown once, else they would count twice.
fn restated(builder: &Builder<'_>) -> Rows {
    let rows = Rows::named(RESTATED.0.to_owned());
    let (Some(said), Some(again)) = (builder.definition(SAID), builder.definition(SAID_AGAIN)) else { return rows };
    let is_twice = |column: &&ColumnDefinition| said.column(&column.name).is_some() && !again.key.contains(&column.name);
    let mut twice: Vec<String> = again.columns.iter().filter(is_twice).map(|column| literal(&column.name)).collect();
    twice.sort_unstable();
    if twice.is_empty() { rows } else { rows.with(format!("table <> {} OR metric NOT IN ({})", literal(SAID_AGAIN), twice.join(", "))) }
}

/// The lists of strategies.
fn lists(definitions: &[Definition]) -> Vec<&Definition> {
    definitions.iter().filter(|definition| definition.name.starts_with(LISTS) && definition.name != NO_LIST).collect()
}

/// Whether a view can have the name: names from the rows could be anything.
fn is_name(name: &str) -> bool {
    name.len() <= 63 && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

#[cfg(test)]
mod tests;
