//! Tables of groups: cases worked by hand, and that a group is as one shop.

use std::sync::Arc;

use arrow::array::RecordBatch;
use proptest::prelude::*;

use super::*;
use crate::history::Context;
use crate::history::scopes::Scopes;
use crate::input::records::facts::{Facts, Shop};
use crate::input::values::codes::OwnedId;
use crate::job::GroupIds;
use crate::spec::{Id, NO_DAY};
use crate::table::customer;
use crate::table::repurchase;
use crate::table::request::Request;
use crate::table::shop;
use crate::table::testing::{
    Customer, any_customers, assert_row, buyer, common, day, facts, in_one_shop, made_with, overlapping, paid, shown, text_shops, value,
};
use crate::table::unit::AnyTable;

const GROUPS: Request = Request { has_groups: true, ..Request::NOTHING };

/// Shops of these groups.
fn context(groups: &[Option<&str>], as_of: &str) -> Context {
    let shop = |(shop, group): (u32, &Option<&str>)| Shop {
        shop,
        name: None,
        category: None,
        group: group.map(str::to_owned),
        opened: NO_DAY,
        annual_target: None,
    };
    let stated: Vec<Shop> = (0..).zip(groups).map(shop).collect();
    let scopes = Scopes::new(&[], GroupIds::Shared, groups.len(), &stated);
    Context { scopes: Arc::new(scopes), ..text_shops(groups.len(), as_of) }
}

fn made(table: &'static dyn AnyTable, context: &Context, customers: &[Customer], facts: &Facts) -> RecordBatch {
    made_with(table, context, facts, GROUPS, &[customers])
}

/// Shops a, b and c of the brand north, d of south, and e of none. Anna bought in a, b and e, Ben in a and b, Cleo in c, Dora in d.
fn five_shops() -> (Context, Vec<Customer>) {
    let context = context(&[Some("north"), Some("north"), Some("north"), Some("south"), None], "2024-03-10");
    let first_days = ["2024-01-10", "2024-01-20", "2024-02-01", "2024-02-15", "2024-01-05"].map(day).to_vec();
    let customers = vec![
        buyer(0, Id::Text("anna"), vec![paid("2024-01-10", 100_00)]),
        buyer(0, Id::Text("ben"), vec![paid("2024-02-10", 40_00).refunding(40_00)]),
        buyer(1, Id::Text("anna"), vec![paid("2024-01-20", 50_00), paid("2024-03-01", 5_00)]),
        buyer(1, Id::Text("ben"), vec![paid("2024-02-05", 30_00)]),
        buyer(2, Id::Text("cleo"), vec![paid("2024-02-01", 20_00)]),
        buyer(3, Id::Text("dora"), vec![paid("2024-02-15", 10_00)]),
        buyer(4, Id::Text("anna"), vec![paid("2024-01-05", 900_00)]),
    ];
    (Context { first_days, ..context }, customers)
}

#[test]
fn a_customer_of_three_shops_is_one_of_the_group() {
    let (context, customers) = five_shops();
    let table = made(&customers::TABLE, &context, &customers, &Facts::default());
    let columns = ["shop_group", "customer_id", "first_purchase_date", "last_purchase_date", "purchase_days", "net_revenue"];
    // What Anna bought in e, which is of no group, is nobody's here; Ben's purchase in a went back.
    let expected = [
        "north anna 2024-01-10 2024-03-01 3 155.00",
        "north ben 2024-02-05 2024-02-05 1 30.00",
        "north cleo 2024-02-01 2024-02-01 1 20.00",
        "south dora 2024-02-15 2024-02-15 1 10.00",
    ];
    assert_eq!(shown(&table, &columns), expected);
    // Of 205.00 Anna brings the first 80 %; Ben's 155.00 before him are under that.
    assert_row(&table, &["north", "ben"], &[("value_tier", "A"), ("first_order_amount", "3000"), ("second_purchase_date", "-")]);
    assert_row(&table, &["north", "cleo"], &[("value_tier", "B")]);
    assert_row(&table, &["north", "anna"], &[("second_purchase_date", "2024-01-20"), ("lifecycle", "active")]);
}

#[test]
fn segments_cohorts_and_intervals_of_groups_by_hand() {
    let (context, customers) = five_shops();
    let made = |table| made(table, &context, &customers, &Facts::default());
    assert_row(
        &made(&segment_value::TABLE),
        &["north", "order_count", "3"],
        &[("customers", "1"), ("shop_customers", "3"), ("net_revenue", "15500"), ("shop_net_revenue", "20500")],
    );
    let cohorts = made(&cohort_retention::TABLE);
    let columns = ["shop_group", "cohort", "period", "cohort_size", "active_customers", "cumulative_net_revenue"];
    let expected = [
        "north 2024-01-01 0 1 1 150.00",
        "north 2024-01-01 1 1 0 150.00",
        "north 2024-01-01 2 1 1 155.00",
        "north 2024-02-01 0 2 2 50.00",
        "north 2024-02-01 1 2 0 50.00",
        "south 2024-02-01 0 1 1 10.00",
        "south 2024-02-01 1 1 0 10.00",
    ];
    assert_eq!(shown(&cohorts, &columns), expected);
    // The data of the north begin on 10 January, in shop a, those of the south in February.
    let intervals = made(&repurchase_intervals::TABLE);
    assert_row(&intervals, &["north", "all", "all", "1"], &[("customers", "3"), ("repurchased", "1"), ("mean_days", "10")]);
    assert_row(&intervals, &["south", "all", "all", "1"], &[("customers", "1"), ("repurchased", "0")]);
}

#[test]
fn pairs_of_shops_by_hand() {
    let (context, customers) = five_shops();
    let table = made(&overlap::TABLE, &context, &customers, &Facts::default());
    let columns = ["shop_group", "shop_a", "shop_b", "customers_a", "customers_b", "customers_of_both", "share_of_a", "share_of_b"];
    // Ben's only purchase in a went back, so he is a customer of b alone. The south has one shop, and so no pair.
    let expected = ["north a b 1 2 1 1.0 0.5", "north a c 1 1 0 0.0 0.0", "north b c 2 1 0 0.0 0.0"];
    assert_eq!(shown(&table, &columns), expected);
}

#[test]
fn periods_of_groups_by_hand() {
    let (context, customers) = five_shops();
    let facts = facts(&["2024-01-10", "2024-01-20", "2024-02-01", "2024-02-15", "2024-01-05"]);
    let table = made(&periods::TABLE, &context, &customers, &facts);
    assert_row(
        &table,
        &["north", "month", "2024-03-01"],
        &[("shops", "3"), ("paying_customers", "1"), ("new_customers", "0"), ("returning_customers", "1"), ("paid_amount", "500")],
    );
    assert_row(&table, &["south", "year", "2024-01-01"], &[("shops", "1"), ("new_customers", "1"), ("paid_amount", "1000")]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_group_is_as_one_shop(customers in any_customers(4)) {
        let customers = overlapping(&customers);
        let mut several = context(&[Some("north"), None, Some("north"), Some("south")], "2024-12-31");
        let first_days = ["2023-01-01"; 4];
        let mut alone = text_shops(1, "2024-12-31");
        for context in [&mut several, &mut alone] {
            context.ids.customer = crate::spec::IdType::of(&arrow::datatypes::DataType::Int64).unwrap();
            context.first_days.fill(day("2023-01-01"));
            context.params.cohort.dimensions = vec!["first_order_value_band".to_owned()];
        }
        let tables: [(&'static dyn AnyTable, &'static dyn AnyTable); 5] = [
            (&periods::TABLE, &shop::periods::TABLE),
            (&customers::TABLE, &customer::customers::TABLE),
            (&segment_value::TABLE, &customer::segment_value::TABLE),
            (&cohort_retention::TABLE, &repurchase::cohort_retention::TABLE),
            (&repurchase_intervals::TABLE, &repurchase::intervals::TABLE),
        ];
        for (of_groups, of_shop) in tables {
            let groups = made(of_groups, &several, &customers, &facts(&first_days));
            for (group, shops) in [("north", vec![0, 2]), ("south", vec![3])] {
                let own: Vec<Customer> = customers.iter().filter(|customer| shops.contains(&customer.shop)).cloned().collect();
                let one = made(of_shop, &alone, &in_one_shop(&own), &facts(&first_days[..1]));
                let found = common(15, &groups, &one, |row| value(&groups, row, "shop_group") == group);
                prop_assert_eq!(found, common(15, &one, &groups, |_| true), "{} of {}", of_groups.card().name, group);
            }
        }
    }

    #[test]
    fn overlaps_are_those_of_sets(customers in any_customers(3), cut in 0u64..5) {
        let customers = overlapping(&customers);
        let context = context(&[Some("north"), Some("north"), Some("north")], "2024-12-31");
        let is_first = |customer: &&Customer| customer.id.as_ref().is_some_and(|id| id.id() < Id::Integer(cut));
        let (one, other): (Vec<&Customer>, Vec<&Customer>) = customers.iter().partition(is_first);
        let owned = |part: Vec<&Customer>| part.into_iter().cloned().collect::<Vec<Customer>>();
        let parts = [owned(other), owned(one)];
        let table = made_with(&overlap::TABLE, &context, &Facts::default(), GROUPS, &[&parts[0], &parts[1]]);
        let of = |shop: u32| -> Vec<&OwnedId> {
            let own = customers.iter().filter(|customer| customer.shop == shop && !customer.days.is_empty());
            own.filter_map(|customer| customer.id.as_ref()).collect()
        };
        let mut expected = Vec::new();
        for (one, other) in [(0, 1), (0, 2), (1, 2)] {
            let (one, other, names) = (of(one), of(other), [one, other].map(|shop| ["a", "b", "c"][shop as usize]));
            if !one.is_empty() && !other.is_empty() {
                let both = one.iter().filter(|id| other.contains(id)).count();
                expected.push(format!("{} {} {} {} {both}", names[0], names[1], one.len(), other.len()));
            }
        }
        prop_assert_eq!(shown(&table, &["shop_a", "shop_b", "customers_a", "customers_b", "customers_of_both"]), expected);
    }
}
