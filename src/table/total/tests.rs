//! Both tables: cases worked by hand, and laws.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use proptest::prelude::*;

use super::{daily, periods};
use crate::fold::folds::Folds;
use crate::fold::partial::{export, import};
use crate::fold::selection::Selection;
use crate::history::Context;
use crate::history::context::ShopIds;
use crate::history::scopes::Scopes;
use crate::input::records::facts::{Facts, Refund, Shop, TrafficDay};
use crate::job::{GroupIds, Total};
use crate::spec::{DAY_MICROSECONDS, Id, NO_DAY};
use crate::table::night::Night;
use crate::table::read;
use crate::table::request::Request;
use crate::table::shop;
use crate::table::testing::{
    Customer, any_customers, assert_row, buyer, common, day, facts, give, in_one_shop, made_with, of_night, overlapping, paid, shown,
    text_shops, value,
};
use crate::table::unit::AnyTable;

const TOTALS: Request = Request { has_totals: true, ..Request::NOTHING };

/// The shops input with these categories.
fn stated(categories: &[Option<&str>]) -> Vec<Shop> {
    let shop = |(shop, category): (u32, &Option<&str>)| Shop {
        shop,
        name: None,
        category: category.map(str::to_owned),
        group: None,
        opened: NO_DAY,
        annual_target: None,
    };
    (0..).zip(categories).map(shop).collect()
}

/// Shops of these categories.
fn context(categories: &[Option<&str>], as_of: &str) -> Context {
    let scopes = Scopes::new(&[Total::All, Total::Category], GroupIds::Separate, categories.len(), &stated(categories));
    Context { scopes: Arc::new(scopes), ..text_shops(categories.len(), as_of) }
}

/// Tea shops a and b, and c of no category. Anna bought in all of them, Cleo in a and c, Ben in b.
fn three_shops() -> (Context, Vec<Customer>, Facts) {
    let first_days = ["2024-01-10", "2024-01-20", "2024-01-15"];
    let context = Context { first_days: first_days.map(day).to_vec(), ..context(&[Some("tea"), Some("tea"), None], "2024-03-10") };
    let customers = vec![
        buyer(0, Id::Text("anna"), vec![paid("2024-01-10", 100_00), paid("2024-03-01", 5_00)]),
        buyer(0, Id::Text("cleo"), vec![paid("2024-02-10", 40_00)]),
        buyer(1, Id::Text("anna"), vec![paid("2024-01-20", 50_00), paid("2024-03-01", 5_00)]),
        buyer(1, Id::Text("ben"), vec![paid("2024-02-05", 30_00)]),
        buyer(2, Id::Text("anna"), vec![paid("2024-02-10", 10_00)]),
        buyer(2, Id::Text("cleo"), vec![paid("2024-01-15", 20_00)]),
    ];
    let mut facts = facts(&first_days);
    let completed = i64::from(day("2024-03-02")) * DAY_MICROSECONDS;
    facts.refunds =
        Some(vec![Refund { shop: 1, created: completed, completed, amount: 5_00, intervened: None, is_open: false, reason: 0 }]);
    let traffic = |shop, uv, visits, bounces| TrafficDay { shop, day: day("2024-02-10"), uv, visits, bounces, ..TrafficDay::default() };
    facts.traffic = Some(vec![traffic(0, Some(100), Some(120), Some(30)), traffic(2, Some(50), Some(60), None)].into());
    (context, customers, facts)
}

fn made(table: &'static dyn AnyTable, context: &Context, customers: &[Customer], facts: &Facts) -> RecordBatch {
    made_with(table, context, facts, TOTALS, &[customers])
}

#[test]
fn a_person_is_one_in_all_shops_of_a_scope() {
    let (context, customers, facts) = three_shops();
    let table = made(&periods::TABLE, &context, &customers, &facts);
    let columns = ["scope", "category", "period_start", "shops", "paid_amount", "paying_customers", "new_customers", "returning_customers"];
    let months: Vec<String> =
        shown(&table, &["grain"]).iter().zip(shown(&table, &columns)).filter(|(grain, _)| *grain == "month").map(|(_, row)| row).collect();
    // In February Cleo and Anna return to the shops as a whole, each by a shop that is new to them. In March Anna pays in two shops.
    let expected = [
        "all (all) 2024-01-01 3 170.00 2 2 0",
        "all (all) 2024-02-01 3 80.00 3 1 2",
        "all (all) 2024-03-01 3 10.00 1 0 1",
        "category (none) 2024-01-01 1 20.00 1 1 0",
        "category (none) 2024-02-01 1 10.00 1 1 0",
        "category (none) 2024-03-01 1 0.00 0 0 0",
        "category tea 2024-01-01 2 150.00 1 1 0",
        "category tea 2024-02-01 2 70.00 2 2 0",
        "category tea 2024-03-01 2 10.00 1 0 1",
    ];
    assert_eq!(months, expected);
    assert_row(
        &table,
        &["all", "(all)", "month", "2024-02-01"],
        &[
            // Ben's 30.00, and 40.00 of Cleo with 10.00 of Anna.
            ("new_net_revenue", "3000"),
            ("returning_net_revenue", "5000"),
            ("returning_customers_365", "2"),
            ("returning_share_365", "0.6666666666666666"),
            ("value_per_customer", "26.666666666666668"),
            ("shop_days_with_traffic", "2"),
            ("uv_sum", "150"),
            ("paying_customer_days", "2"),
            ("uv_conversion", "0.013333333333333334"),
            ("is_left_truncated", "true"),
            ("is_complete", "true"),
            // January begins on its tenth.
            ("paid_amount_previous", "-"),
        ],
    );
    assert_row(
        &table,
        &["all", "(all)", "month", "2024-03-01"],
        &[
            ("paid_orders", "2"),
            ("refund_amount", "500"),
            ("net_by_refund", "500"),
            ("days", "10"),
            ("active_days", "1"),
            ("is_complete", "false"),
            ("paid_amount_previous", "8000"),
            ("paid_amount_vs_previous", "-"),
        ],
    );
    assert_row(
        &table,
        &["all", "(all)", "year", "2024-01-01"],
        &[("placed_customers", "3"), ("paying_customers", "3"), ("new_customers", "3"), ("paid_orders", "8"), ("paid_amount", "26000")],
    );
}

#[test]
fn days_of_three_shops_by_hand() {
    let (context, customers, facts) = three_shops();
    let table = made(&daily::TABLE, &context, &customers, &facts);
    // From 10 January to 10 March are 61 days; c begins on the 15th, and a, the first tea shop, on the 10th.
    assert_eq!(table.num_rows(), 61 + 56 + 61);
    let all = |date: &str, expected: &[(&str, &str)]| assert_row(&table, &["all", "(all)", date], expected);
    all("2024-01-10", &[("shops", "1"), ("new_customers", "1"), ("paid_amount", "10000"), ("uv_sum", "-")]);
    all("2024-01-15", &[("shops", "2"), ("new_customers", "1")]);
    // Anna's second day, and her first one in b.
    all("2024-01-20", &[("shops", "3"), ("new_customers", "0"), ("returning_customers", "1"), ("returning_customers_365", "1")]);
    all(
        "2024-02-10",
        &[
            ("paid_orders", "2"),
            ("paying_customers", "2"),
            ("returning_customers", "2"),
            ("visits", "180"),
            ("bounces", "30"),
            // Of c's visits nobody knows how many bounced.
            ("bounce_rate", "-"),
            ("uv_sum", "150"),
            ("uv_conversion", "0.013333333333333334"),
        ],
    );
    // One person with an order in each of two shops.
    all("2024-03-01", &[("paid_orders", "2"), ("paying_customers", "1"), ("value_per_customer", "10"), ("order_value", "5")]);
    assert_row(&table, &["category", "tea", "2024-02-10"], &[("bounce_rate", "0.25"), ("new_customers", "1"), ("uv_sum", "100")]);
}

#[test]
fn what_the_job_does_not_map_is_null_and_not_zero() {
    let (mut context, customers, mut facts) = three_shops();
    context.features.customers = false;
    (facts.refunds, facts.traffic) = (None, None);
    for (table, key) in [
        (&daily::TABLE as &'static dyn AnyTable, ["all", "(all)", "2024-03-01"].as_slice()),
        (&periods::TABLE, &["all", "(all)", "month", "2024-03-01"]),
    ] {
        let table = made(table, &context, &customers, &facts);
        let people = ["placed_customers", "paying_customers", "new_customers", "returning_share", "new_net_revenue", "value_per_customer"];
        let facts =
            ["refunds", "refund_amount", "net_by_refund", "pv", "visits", "bounce_rate", "uv_sum", "paying_customer_days", "uv_conversion"];
        let nulls: Vec<(&str, &str)> = people.iter().chain(&facts).map(|column| (*column, "-")).collect();
        assert_row(&table, key, &nulls);
        assert_row(&table, key, &[("paid_orders", "2"), ("paid_amount", "1000"), ("purchases", "2"), ("shop_days_with_traffic", "0")]);
    }
}

#[test]
fn a_job_that_asks_for_one_total_has_no_other() {
    let (context, customers, facts) = three_shops();
    let context = Context { scopes: Arc::new(Scopes::new(&[Total::All], GroupIds::Separate, 3, &[])), ..context };
    let table = made(&daily::TABLE, &context, &customers, &facts);
    assert_eq!(table.num_rows(), 61);
    assert!((0..61).all(|row| value(&table, row, "scope") == "all"));
}

/// Shops of these names and categories.
fn named(shops: &[(&str, &str)], totals: &[Total]) -> Context {
    let categories: Vec<Option<&str>> = shops.iter().map(|(_, category)| Some(*category)).collect();
    let names = shops.iter().map(|(name, _)| (*name).to_owned()).collect();
    let context = Context { shops: ShopIds::Text(names), ..context(&categories, "2024-03-10") };
    let scopes = Scopes::new(totals, GroupIds::Separate, shops.len(), &stated(&categories));
    Context { scopes: Arc::new(scopes), ..context }
}

#[test]
fn processes_that_know_other_shops_and_categories_share_out_people() {
    let totals = [Total::All, Total::Category];
    let mut selection = Selection::default();
    read::select(periods::TABLE.reads, &TOTALS, &mut selection);
    let counted = |context: &Context, customers: &[Customer]| {
        let mut folds = Folds::start(context, &selection);
        give(&mut folds, customers);
        export(&mut folds, context, "the job").unwrap()
    };
    let orders = |on: &str| vec![paid(on, 10_00)];
    // Codes of shops and of scopes are others in each process: c is 1 there and 2 here, d is 1 there and 3 here, tea is 2, 1 and 2.
    let one = counted(
        &named(&[("a", "tea"), ("c", "shoes")], &totals),
        &[buyer(0, Id::Text("anna"), orders("2024-01-10")), buyer(1, Id::Text("anna"), orders("2024-02-10"))],
    );
    let other = counted(
        &named(&[("b", "tea"), ("d", "tea")], &totals),
        &[buyer(0, Id::Text("ben"), orders("2024-01-15")), buyer(1, Id::Text("ben"), orders("2024-03-01"))],
    );
    let shops = [("a", "tea"), ("b", "tea"), ("c", "shoes"), ("d", "tea")];
    let context = named(&shops, &totals);
    let facts = facts(&["2024-01-10", "2024-01-15", "2024-02-10", "2024-03-01"]);
    let mut folds = Folds::start(&context, &selection);
    [&other, &one].into_iter().for_each(|bytes| import(&mut folds, &context, "the job", bytes).unwrap());
    let found = of_night(&periods::TABLE, &Night::new(Arc::new(context.clone()), Arc::new(facts), TOTALS, folds.finish()));
    assert_row(
        &found,
        &["all", "(all)", "year", "2024-01-01"],
        &[("paid_amount", "4000"), ("paying_customers", "2"), ("new_customers", "2"), ("returning_customers", "0")],
    );
    // To the shop of shoes Anna is new in February, and to the tea shops Ben returns in March.
    assert_row(&found, &["category", "shoes", "month", "2024-02-01"], &[("paid_amount", "1000"), ("new_customers", "1")]);
    assert_row(&found, &["category", "tea", "month", "2024-03-01"], &[("paid_amount", "1000"), ("returning_customers", "1")]);
    // A run that asks for other totals does not know the scopes.
    let fewer = named(&shops, &totals[..1]);
    let refused = import(&mut Folds::start(&fewer, &selection), &fewer, "the job", &one).unwrap_err().to_string();
    assert!(refused.contains("a state has the scope") && refused.contains("which this run does not know"), "{refused}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn shops_together_are_as_one_shop(customers in any_customers(3)) {
        let customers = overlapping(&customers);
        let several = context(&[Some("tea"), None, Some("tea")], "2024-12-31");
        let first_days = ["2023-01-01"; 3];
        let tables: [(&'static dyn AnyTable, &'static dyn AnyTable); 2] =
            [(&daily::TABLE, &shop::daily::TABLE), (&periods::TABLE, &shop::periods::TABLE)];
        for (total, of_shop) in tables {
            let totals = made(total, &several, &customers, &facts(&first_days));
            for (scope, category, shops) in [("all", "(all)", vec![0, 1, 2]), ("category", "tea", vec![0, 2]), ("category", "(none)", vec![1])] {
                let own: Vec<Customer> = customers.iter().filter(|customer| shops.contains(&customer.shop)).cloned().collect();
                let one = made(of_shop, &text_shops(1, "2024-12-31"), &in_one_shop(&own), &facts(&first_days[..1]));
                let found = common(30, &totals, &one, |row| value(&totals, row, "scope") == scope && value(&totals, row, "category") == category);
                prop_assert_eq!(found, common(30, &one, &totals, |_| true), "{} {}", scope, category);
            }
        }
    }

    #[test]
    fn money_adds_up_and_people_do_not(customers in any_customers(3)) {
        let customers = overlapping(&customers);
        let (context, facts) = (context(&[Some("tea"), None, Some("tea")], "2024-12-31"), facts(&["2023-01-01"; 3]));
        let shops = made(&shop::periods::TABLE, &context, &customers, &facts);
        let totals = made(&periods::TABLE, &context, &customers, &facts);
        let rows = |table: &RecordBatch, column: &str, is_row: &dyn Fn(usize) -> bool| -> BTreeMap<String, Vec<i64>> {
            let mut found: BTreeMap<String, Vec<i64>> = BTreeMap::new();
            for row in (0..table.num_rows()).filter(|row| is_row(*row)) {
                let key = format!("{} {}", value(table, row, "grain"), value(table, row, "period_start"));
                found.entry(key).or_default().push(value(table, row, column).parse().unwrap());
            }
            found
        };
        let of = |column: &str, scope: &str| rows(&totals, column, &|row| value(&totals, row, "scope") == scope);
        for column in ["placed_orders", "placed_amount", "paid_orders", "paid_amount", "paid_quantity", "purchases", "refunded_of_paid", "refunded_orders", "net_by_payment", "placed_paid_orders"] {
            let by_shop = rows(&shops, column, &|_| true);
            let sums = |found: BTreeMap<String, Vec<i64>>| -> Vec<i64> { found.values().map(|values| values.iter().sum()).collect() };
            prop_assert_eq!(&sums(of(column, "all")), &sums(by_shop), "{}", column);
            prop_assert_eq!(sums(of(column, "category")), sums(of(column, "all")), "{}", column);
        }
        for column in ["placed_customers", "paying_customers"] {
            let by_shop = rows(&shops, column, &|_| true);
            for (key, total) in of(column, "all") {
                let counts = &by_shop[&key];
                prop_assert!(total[0] <= counts.iter().sum() && total[0] >= *counts.iter().max().unwrap(), "{} {}", column, key);
            }
        }
    }

    #[test]
    fn people_folded_apart_and_merged_make_the_same_tables(customers in any_customers(3), cut in 0u64..5) {
        let customers = overlapping(&customers);
        let (context, facts) = (context(&[Some("tea"), None, Some("tea")], "2024-12-31"), facts(&["2023-01-01"; 3]));
        let is_first = |customer: &&Customer| customer.id.as_ref().is_some_and(|id| id.id() < Id::Integer(cut));
        let (one, other): (Vec<&Customer>, Vec<&Customer>) = customers.iter().partition(is_first);
        let owned = |part: Vec<&Customer>| part.into_iter().cloned().collect::<Vec<Customer>>();
        let (one, other) = (owned(one), owned(other));
        for table in [&daily::TABLE as &'static dyn AnyTable, &periods::TABLE] {
            let in_parts = made_with(table, &context, &facts, TOTALS, &[&other, &one]);
            prop_assert_eq!(in_parts, made(table, &context, &customers, &facts));
        }
    }
}
