//! Plans and campaigns: every month is planned, and messages have the effect of their declaration.

use arrow::datatypes::Date32Type;

use super::*;
use crate::spec::period::parse_day;

const MICROSECONDS_OF_14_DAYS: i64 = 14 * 86_400_000_000;

fn dates(batch: &RecordBatch, name: &str) -> Vec<i32> {
    column(batch, name).as_primitive::<Date32Type>().iter().flatten().collect()
}

#[test]
fn plans_reach_half_a_year_beyond_the_data() {
    let (dir, _) = written(&small());
    let plans = rows_of(&dir.path().join("plans.parquet"));
    let months = dates(&plans, "month");
    // The data end in November 2026. Old shops are planned from December 2024 on: 24 months and 6.
    assert_eq!(months.iter().max().copied(), parse_day("2027-05-01"));
    let shops = integers(&plans, "shop_id");
    assert_eq!(shops.iter().filter(|shop| **shop == Some(58_501_001)).count(), 30);
    let (targets, budgets) = (fen(&plans, "sales_target"), fen(&plans, "ad_budget"));
    for row in 0..plans.num_rows() {
        assert!(targets[row] >= Some(100_000) && budgets[row] > Some(0) && budgets[row] <= targets[row]);
        assert!(integers(&plans, "new_items")[row] > Some(0));
    }
    // What the channels may spend is the budget of the shop.
    let channels = rows_of(&dir.path().join("ad_plans.parquet"));
    let of_channels: i64 = fen(&channels, "budget").into_iter().flatten().sum();
    assert_eq!((channels.num_rows(), Some(of_channels)), (2 * plans.num_rows(), budgets.iter().copied().sum::<Option<i64>>()));
    // November is the month of Double 11: it is planned higher than the month before.
    let of = |iso: &str| {
        let is_wanted = |row: &usize| shops[*row] == Some(58_501_001) && Some(months[*row]) == parse_day(iso);
        (0..months.len()).find(is_wanted).and_then(|row| targets[row])
    };
    assert!(of("2026-11-01") > of("2026-10-01"));
}

/// Buyers within 14 days and members, by whether the message was sent, over all campaigns with a name.
fn outcome(dir: &Path, name: &str) -> [(f64, f64); 2] {
    let (orders, campaigns, audiences) =
        (rows(dir, "orders"), rows_of(&dir.join("campaigns.parquet")), rows_of(&dir.join("audiences.parquet")));
    let mut paid: BTreeMap<(i64, i64), BTreeSet<i64>> = BTreeMap::new();
    let (shops, customers) = (integers(&orders, "shop_id"), integers(&orders, "customer_id"));
    for (row, time) in micros(&orders, "paid_at").into_iter().enumerate() {
        if let (Some(shop), Some(customer), Some(time)) = (shops[row], customers[row], time) {
            paid.entry((shop, customer)).or_default().insert(time);
        }
    }
    let names = texts(&campaigns, "name");
    let shop_of: BTreeMap<i64, i64> = integers(&campaigns, "campaign_id")
        .into_iter()
        .zip(integers(&campaigns, "shop_id"))
        .zip(names)
        .filter(|(_, own)| own.as_deref() == Some(name))
        .map(|((id, shop), _)| (id.unwrap(), shop.unwrap()))
        .collect();
    let (ids, people, arms, sent) =
        (integers(&audiences, "campaign_id"), integers(&audiences, "customer_id"), texts(&audiences, "arm"), micros(&audiences, "sent_at"));
    let mut arms_of_name = [(0.0, 0.0); 2];
    for row in 0..audiences.num_rows() {
        let Some(shop) = shop_of.get(&ids[row].unwrap()) else { continue };
        let sent = sent[row].unwrap();
        let has_bought = paid
            .get(&(*shop, people[row].unwrap()))
            .is_some_and(|times| times.range(sent..sent + MICROSECONDS_OF_14_DAYS).next().is_some());
        let arm = &mut arms_of_name[usize::from(arms[row].as_deref() == Some("treated"))];
        arm.0 += f64::from(u8::from(has_bought));
        arm.1 += 1.0;
    }
    arms_of_name
}

#[test]
fn a_recall_works_and_members_day_does_not() {
    let (dir, _) = written(&Options { orders: 200_000, customers: Some(40_000), shops: 18, ..Options::default() });
    let [control, treated] = outcome(dir.path(), "老客召回");
    // 30 % are held out, and 1.8 times as many of the others buy. Both within four standard errors.
    let share = control.1 / (control.1 + treated.1);
    assert!((share - 0.3).abs() < 4.0 * (0.3 * 0.7 / (control.1 + treated.1)).sqrt(), "{share}");
    let logarithm = (treated.0 / treated.1 / (control.0 / control.1)).ln();
    let standard_error = (1.0 / treated.0 - 1.0 / treated.1 + 1.0 / control.0 - 1.0 / control.1).sqrt();
    assert!((logarithm - 1.8_f64.ln()).abs() < 4.0 * standard_error, "{logarithm} ± {standard_error}");
    assert!(standard_error < 0.1, "enough members to decide: {standard_error}");
    let [control, treated] = outcome(dir.path(), "会员日");
    let logarithm = (treated.0 / treated.1 / (control.0 / control.1)).ln();
    let standard_error = (1.0 / treated.0 - 1.0 / treated.1 + 1.0 / control.0 - 1.0 / control.1).sqrt();
    assert!(logarithm.abs() < 4.0 * standard_error, "{logarithm} ± {standard_error}");
    // Double 11 has no control arm.
    let [control, treated] = outcome(dir.path(), "双11大促");
    assert!(control.1 == 0.0 && treated.1 > 1_000.0);
}

#[test]
fn campaigns_have_distinct_ids_and_each_member_once() {
    let (dir, _) = written(&small());
    let campaigns = rows_of(&dir.path().join("campaigns.parquet"));
    let ids: BTreeSet<_> = integers(&campaigns, "campaign_id").into_iter().collect();
    assert_eq!(ids.len(), campaigns.num_rows());
    let (starts, ends) = (dates(&campaigns, "starts_on"), dates(&campaigns, "ends_on"));
    assert!(starts.iter().zip(&ends).all(|(start, end)| start <= end));
    let last = Options::default().last_day;
    assert!(starts.iter().all(|start| *start <= last) && ends.contains(&last), "one ends with the data");
    assert!(fen(&campaigns, "cost").iter().all(|cost| *cost > Some(0)));
    let audiences = rows_of(&dir.path().join("audiences.parquet"));
    let members: BTreeSet<_> = integers(&audiences, "campaign_id").into_iter().zip(integers(&audiences, "customer_id")).collect();
    assert_eq!(members.len(), audiences.num_rows());
    let people: BTreeSet<_> = integers(&rows(dir.path(), "orders"), "customer_id").into_iter().collect();
    assert!(members.iter().any(|(_, customer)| !people.contains(customer)), "some never ordered");
}
