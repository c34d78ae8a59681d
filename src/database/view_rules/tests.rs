//! The views over all tables that a job can have: their names, their rows, their columns.

use std::collections::BTreeSet;

use arrow::datatypes::DataType;

use crate::spec::schema::schema;
use crate::spec::{IdType, IdTypes};
use crate::table::catalogue;

use super::super::{days, foreign_keys, segments};
use super::*;

/// All tables that a job can have, with a list, and the dimensions.
fn definitions() -> Vec<Definition> {
    let id = || IdType::of(&DataType::UInt64).unwrap();
    let ids = IdTypes { shop: id(), customer: id(), category: id(), item: id(), campaign: id() };
    let name = |name: &str| name.replace("<strategy>", "winback");
    let mut all: Vec<Definition> = catalogue::cards().map(|card| Definition::of(&name(&card.name), &schema(card, &ids)).unwrap()).collect();
    all.extend([days::definition(), segments::definition()]);
    all
}

/// What the rows of a full job have.
fn values(table: &str, column: &str) -> Vec<String> {
    let values: &[&str] = match column {
        "grain" => &["day", "month"],
        "dimension" => &["all", "first_channel"],
        "days" => &["30", "365"],
        "scheme" => &["amount_band", "lifecycle", "Ort & Zeit"],
        _ => panic!("{table}.{column}"),
    };
    values.iter().map(|value| (*value).to_owned()).collect()
}

fn all() -> Vec<View> {
    views("huitou", &definitions(), &mut |table, column| Ok(values(table, column))).unwrap()
}

#[test]
fn a_view_of_a_grain_names_the_shop_and_hides_the_grain() {
    let views = all();
    let month = views.iter().find(|view| view.name == "shop_month").unwrap();
    let select = month.select();
    assert!(select.starts_with("SELECT t.\"shop_id\" AS \"shop_id\", t.\"period_start\" AS \"period_start\", "), "{select}");
    let names = "s.name AS \"shop_name\", s.category AS \"shop_category\", s.shop_group AS \"shop_group\" FROM \"huitou\".\"shop_periods\" t LEFT JOIN ";
    let end = "FROM \"huitou\".\"shops\") s ON s.shop_id = t.shop_id WHERE (t.\"grain\" = 'month')";
    assert!(select.contains(names) && select.ends_with(end), "{select}");
    assert!(month.comment.starts_with("店铺周期报表. What did each shop") && month.comment.ends_with("Only rows with grain = 'month'."));
    let paid = month.columns.iter().find(|column| column.name == "paid_amount").unwrap();
    assert!(paid.comment.starts_with("支付金额. What was paid for these orders."), "{}", paid.comment);
    let stage = views.iter().find(|view| view.name == "customer_stage").unwrap().select();
    let names = "LEFT JOIN \"huitou\".\"segments\" \"segment_names\" ON \"segment_names\".scheme = 'lifecycle' AND \
                 \"segment_names\".segment = t.\"segment\"";
    assert!(stage.contains(names) && stage.ends_with("WHERE (t.\"scheme\" = 'lifecycle')"), "{stage}");
}

#[test]
fn no_view_has_the_name_of_a_table_or_of_another_view() {
    let (views, definitions) = (all(), definitions());
    let names: Vec<&str> = views.iter().map(|view| view.name.as_str()).collect();
    assert!(names.is_sorted_by(|one, other| one < other), "{names:?}");
    for definition in &definitions {
        assert!(!names.contains(&definition.name.as_str()), "{}", definition.name);
    }
    // Nor has a result table the name of what only the database has.
    for own in ["days", "segments", "huitou_views", "huitou_snapshot"] {
        assert!(definitions.iter().filter(|definition| definition.name == own).count() < 2, "{own}");
        assert!(crate::table::cards().all(|card| card.name != own), "{own}");
    }
    // Every view that is declared is there.
    for name in SINGLE.iter().map(|(name, ..)| name).chain(WHOLE.iter().map(|(name, _)| name)).chain([&RESTATED.0]) {
        assert!(names.contains(name), "{name}");
    }
    for name in [
        "shop_day",
        "customer",
        "list_customer",
        "shop_year",
        "group_week",
        "total_month",
        "category_month",
        "cohort_month",
        "cohort_day_by_first_channel",
        "cohort_value_month_30",
        "cohort_value_day_365_by_first_channel",
        "repurchase",
        "interval_length_by_first_channel",
        "customer_amount_band",
        "migration_stage",
        "group_customer_stage",
    ] {
        assert!(names.contains(&name), "{name} is not among {names:?}");
    }
    // A name that comes from the data and could be anything is no name of a view.
    assert!(names.iter().all(|name| !name.contains("Ort")));
}

/// Two rows of a table that differ only in a column which divides or sums up the others must not stand in one view.
#[test]
fn whatever_divides_a_table_into_readings_is_fixed_in_its_views() {
    const READINGS: [&str; 5] = ["grain", "scheme", "dimension", "scope", "part"];
    let views = all();
    let mut without = BTreeSet::new();
    for definition in definitions().iter().filter(|definition| definition.name != segments::SEGMENTS) {
        // Its rows are figures of many tables and units, each with its name: who adds them up chooses the figure, and with it the grain.
        if definition.name == RESTATED.1 {
            continue;
        }
        for reading in READINGS.into_iter().filter(|reading| definition.key.iter().any(|key| key == reading)) {
            let of_table: Vec<&View> = views.iter().filter(|view| view.table == definition.name).collect();
            if of_table.is_empty() {
                without.insert(definition.name.clone());
            }
            for view in of_table {
                assert!(view.rows.contains(&format!("{reading} = '")), "{}: {} is not fixed: {}", view.name, reading, view.rows);
            }
        }
    }
    // Its rows are steps of a curve, which nobody adds up.
    assert_eq!(without.into_iter().collect::<Vec<_>>(), ["repurchase_survival"]);
}

/// What was paid in a month stands in two tables.
#[test]
fn a_restated_sum_of_two_tables_is_shown_once() {
    let views = all();
    let restated = views.iter().find(|view| view.name == RESTATED.0).unwrap();
    let select = restated.select();
    assert!(select.contains(" WHERE (t.\"table\" <> 'revenue_bridge' OR t.\"metric\" NOT IN ("), "{select}");
    for metric in ["'paid_amount'", "'net_by_payment'", "'net_by_refund'"] {
        assert!(restated.rows.contains(metric), "{}", restated.rows);
    }
    // What only the bridge has stays.
    assert!(!restated.rows.contains("'settled'") && !restated.rows.contains("'grain'"), "{}", restated.rows);
    assert!(restated.columns.iter().any(|column| column.name == "cause_chinese"));
    // Where the months are not compared, the bridge alone has them.
    let bridge: Vec<Definition> = definitions().into_iter().filter(|definition| definition.name != SAID).collect();
    let views = views_of(&bridge);
    assert_eq!(views.iter().find(|view| view.name == RESTATED.0).unwrap().rows, "");
}

fn views_of(definitions: &[Definition]) -> Vec<View> {
    views("huitou", definitions, &mut |table, column| Ok(values(table, column))).unwrap()
}

#[test]
fn without_shops_or_days_there_are_no_views() {
    for missing in [foreign_keys::SHOPS, days::DAYS] {
        let some: Vec<Definition> = definitions().into_iter().filter(|definition| definition.name != missing).collect();
        assert_eq!(views("huitou", &some, &mut |table, column| Ok(values(table, column))).unwrap(), []);
    }
    // Of a snapshot of some tables those whose tables are there.
    let some: Vec<Definition> =
        definitions().into_iter().filter(|definition| ["shops", "days", "shop_daily"].contains(&definition.name.as_str())).collect();
    let names: Vec<String> =
        views("huitou", &some, &mut |table, column| Ok(values(table, column))).unwrap().into_iter().map(|view| view.name).collect();
    assert_eq!(names, ["shop_day"]);
}
