//! The inputs of plans, campaigns and their audiences: what each reader makes of its rows, which of them it refuses, and what the
//! as-of date does not know yet.

use std::sync::Arc;

use arrow::array::{Array, Decimal128Array, Int64Array, StringArray};
use huitou::input::records::facts::{AdPlan, Arm, AudienceMember, Campaign, MonthPlan};
use huitou::input::values::codes::OwnedId;
use huitou::nightly::{Silent, load};
use huitou::partition::Budget;
use huitou::spec::IdType;
use insta::assert_snapshot;

use super::scene::{Columns, DAY, JOB, Scene, dates, day, noons, texts};
use super::small_inputs::{account, days, loaded, month, plan, scene_of_rows};

/// Amounts in minor units, some null.
fn nullable_money(minor: &[Option<i64>]) -> Decimal128Array {
    let amounts: Decimal128Array = minor.iter().map(|value| value.map(i128::from)).collect();
    amounts.with_precision_and_scale(18, 2).unwrap()
}

#[test]
fn plans_of_months_to_come_are_known() {
    let columns = Columns(Vec::new())
        .with("shop_id", Int64Array::from(vec![1; 7]))
        .with("month", days(&["2026-03-31", "2026-03-01", "2027-01-01", "", "2026-01-01", "2026-01-01", "2026-01-01"]))
        .with("sales_target", nullable_money(&[Some(100), Some(200), None, Some(1), Some(-1), Some(0), Some(0)]))
        .with("ad_budget", nullable_money(&[None, Some(50), Some(0), Some(1), Some(1), Some(-150), Some(0)]))
        .with("new_items", Int64Array::from(vec![None, Some(3), Some(0), Some(1), Some(1), Some(1), Some(-2)]));
    let loaded = loaded("plans", &columns, "2026-03-31");
    let plan = |iso, sales_target, ad_budget, new_items| MonthPlan { shop: 0, month: month(iso), sales_target, ad_budget, new_items };
    // The second row of March is that of the month, though it names an earlier day of it.
    let expected = vec![plan("2026-03-01", Some(200), Some(50), Some(3)), plan("2027-01-01", None, Some(0), Some(0))];
    assert_eq!(loaded.facts.plans, Some(expected));
    let (counts, rejects) = account(&loaded, "plans");
    assert_eq!(counts, [2, 1, 4, 0]);
    assert_eq!(
        rejects,
        [
            "3 null_key: month is null",
            "4 negative_amount: sales_target: -0.01",
            "5 negative_amount: ad_budget: -1.50",
            "6 negative_amount: new_items: -2",
        ]
    );
}

#[test]
fn budgets_of_channels() {
    let channels = [Some("paid"), Some("live"), Some("paid"), None, Some(""), Some("(all)"), Some("paid"), Some("paid"), Some("paid")];
    let columns = Columns(Vec::new())
        .with("shop_id", Int64Array::from(vec![1; 9]))
        .with(
            "month",
            days(&["2026-03-31", "2026-03-01", "2026-03-01", "2026-03-01", "2026-03-01", "2026-03-01", "", "2027-01-01", "2026-03-01"]),
        )
        .with("channel", StringArray::from(channels.to_vec()))
        .with("budget", nullable_money(&[Some(100), Some(0), Some(300), Some(1), Some(1), Some(1), Some(1), Some(-1), None]));
    let loaded = loaded("ad_plans", &columns, "2026-03-31");
    let plan = |channel: &str, budget| AdPlan { shop: 0, month: month("2026-03-01"), channel: channel.to_owned(), budget };
    // The later row of paid clicks is that of the month.
    assert_eq!(loaded.facts.ad_plans, Some(vec![plan("live", 0), plan("paid", 300)]));
    let (counts, rejects) = account(&loaded, "ad_plans");
    assert_eq!(counts, [2, 1, 6, 0]);
    assert_eq!(
        rejects,
        [
            "3 null_key: channel is null",
            "4 null_key: channel is null",
            "5 null_key: channel: `(all)` is all channels, whose plan is `ad_budget` of `plans`",
            "6 null_key: month is null",
            "7 negative_amount: budget: -0.01",
            "8 null_key: budget is null",
        ]
    );
}

fn campaigns() -> Columns {
    Columns(Vec::new())
        .with("campaign_id", Int64Array::from(vec![Some(7), Some(9), Some(7), Some(8), None, Some(5), Some(5), Some(5), Some(5)]))
        .with("shop_id", Int64Array::from(vec![1; 9]))
        .with("name", StringArray::from(vec![Some("old"), Some("recall"), None, Some("later"), None, None, None, None, None]))
        .with(
            "starts_on",
            days(&["2026-03-01", "2026-03-31", "2026-03-02", "2026-04-01", "2026-03-01", "", "2026-03-01", "2026-03-02", "2026-03-01"]),
        )
        .with(
            "ends_on",
            days(&["2026-03-01", "2027-04-02", "2026-03-02", "2026-04-01", "2026-03-01", "2026-03-01", "", "2026-03-01", "2026-03-01"]),
        )
        .with("cost", nullable_money(&[Some(1), Some(0), None, Some(1), Some(1), Some(1), Some(1), Some(1), Some(-1)]))
}

#[test]
fn campaigns_are_known_from_their_first_day_on() {
    let loaded = loaded("campaigns", &campaigns(), "2026-03-31");
    let campaign = |id: i64, name: Option<&str>, starts, ends, cost| Campaign {
        id: OwnedId::Integer(IdType::key(id)),
        shop: 0,
        name: name.map(str::to_owned),
        starts: day(starts),
        ends: day(ends),
        cost,
    };
    // The second row of campaign 7 is the one that counts.
    let expected =
        vec![campaign(7, None, "2026-03-02", "2026-03-02", None), campaign(9, Some("recall"), "2026-03-31", "2027-04-02", Some(0))];
    assert_eq!(loaded.facts.campaigns, Some(expected));
    let (counts, rejects) = account(&loaded, "campaigns");
    assert_eq!(counts, [2, 1, 5, 1]);
    assert_eq!(
        rejects,
        [
            "4 null_key: campaign_id is null",
            "5 null_key: starts_on is null",
            "6 null_key: ends_on is null",
            "7 ends_before_start: ends_on: 2026-03-01, and it starts on 2026-03-02",
            "8 negative_amount: cost: -0.01",
        ]
    );
}

#[test]
fn of_a_customer_in_an_audience_the_first_message_counts() {
    let audiences = Columns(Vec::new())
        .with("campaign_id", Int64Array::from(vec![Some(7), Some(7), Some(7), Some(9), Some(8), None, Some(7), Some(7), Some(7), Some(7)]))
        .with("customer_id", Int64Array::from(vec![Some(2), Some(1), Some(2), Some(1), Some(1), Some(1), None, Some(3), Some(3), Some(3)]))
        .with("arm", texts(&["treated", "control", "control", "treated", "treated", "treated", "treated", "test", "control", "control"]))
        .with(
            "sent_at",
            noons(&[
                "2026-03-05",
                "2026-03-02",
                "2026-03-03",
                "2026-03-30",
                "2026-03-30",
                "2026-03-02",
                "2026-03-02",
                "2026-03-02",
                "",
                "2026-04-01",
            ]),
        );
    let scene = scene_of_rows(&[("campaigns", campaigns()), ("audiences", audiences)]);
    let plan = plan(&scene, "2026-03-31").unwrap_or_else(|error| panic!("{error}"));
    let loaded = load(&plan, &Arc::new(Budget::unlimited()), &Silent).unwrap();
    let noon = |iso| i64::from(day(iso)) * DAY + DAY / 2;
    let member = |campaign, customer, arm, sent| AudienceMember {
        campaign,
        customer: OwnedId::Integer(IdType::key(customer)),
        arm,
        sent: noon(sent),
    };
    // Customer 2 was held back on the 3rd, and written to on the 5th. Campaign 8 begins tomorrow.
    let expected =
        vec![member(0, 1, Arm::Control, "2026-03-02"), member(0, 2, Arm::Control, "2026-03-03"), member(1, 1, Arm::Treated, "2026-03-30")];
    assert_eq!(loaded.facts.audiences, Some(Arc::new(expected)));
    let (counts, rejects) = account(&loaded, "audiences");
    assert_eq!(counts, [4, 1, 4, 1]);
    assert_eq!(
        rejects,
        [
            "5 null_key: campaign_id is null",
            "6 null_key: customer_id is null",
            "7 unknown_status: arm: `test`, which is neither treated nor control",
            "8 null_key: sent_at is null; of the control arm it is when the others were sent theirs",
        ]
    );
    let warning = "unknown_campaign: 1 members of audiences belong to campaigns that are not there, or have not begun";
    assert_eq!(loaded.warnings, [warning]);
}

#[test]
fn audiences_that_fit_no_campaigns_are_told_at_once() {
    let audiences = |id: Arc<dyn Array>, customer: Arc<dyn Array>| {
        let columns = Columns(vec![("campaign_id".to_owned(), id), ("customer_id".to_owned(), customer)]);
        columns.with("arm", texts(&["treated"])).with("sent_at", noons(&["2026-03-02"]))
    };
    let numbers = || Arc::new(Int64Array::from(vec![7])) as Arc<dyn Array>;
    let letters = || Arc::new(texts(&["7"])) as Arc<dyn Array>;
    assert_snapshot!(Scene::refuses(|scene| {
        scene.parquet("audiences.parquet", &audiences(numbers(), numbers()));
        scene.job(&JOB.replace("output:", "  audiences: audiences.parquet\noutput:"));
    }), @r"
    exit 3
    error: job.yaml:6:3: input `audiences` has no campaigns: the job has no input `campaigns`
      help: map `campaigns`, which has the shop and the days of each
    ");
    assert_snapshot!(Scene::refuses(|scene| {
        scene.parquet("campaigns.parquet", &campaigns());
        scene.parquet("audiences.parquet", &audiences(letters(), letters()));
        scene.parquet("plans.parquet", &Columns(Vec::new()).with("shop_id", Int64Array::from(vec![1])).with("month", dates(&["2026-03-01"])));
        let inputs = ["campaigns", "audiences", "plans"].map(|name| format!("  {name}: {name}.parquet\n")).concat();
        scene.job(&JOB.replace("output:", &format!("{inputs}output:")));
    }), @r"
    exit 3
    error: job.yaml:7:3: input `audiences`, column `customer_id`: Utf8 here, Int64 in input `orders`
      help: map one of them with CAST(… AS VARCHAR) or CAST(… AS BIGINT), so that the same id is the same value
    error: job.yaml:7:3: input `audiences`, column `campaign_id`: Utf8 here, Int64 in input `campaigns`
      help: map one of them with CAST(… AS VARCHAR) or CAST(… AS BIGINT), so that the same id is the same value
    error: job.yaml:8:3: input `plans` has no figures: none of `sales_target`, `ad_budget`, `new_items`
      help: map one of them at least, or leave the input out
    ");
}
