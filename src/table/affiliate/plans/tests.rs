//! A plan of two publishers worked by hand, and laws: the ledger closes, plans and others add up to the shop.

use proptest::prelude::*;

use super::*;
use crate::history::{Affiliated, Context, Dictionary, Order};
use crate::input::records::affiliates::Commission;
use crate::input::records::facts::Facts;
use crate::spec::NO_DAY;
use crate::table::request::Request;
use crate::table::testing::{Customer, any_customers, assert_row, customer, day, facts, known, made_with, paid, shown, text_shops};

fn context(shops: usize, as_of: &str) -> Context {
    let texts = |texts: [&str; 2]| Dictionary::new(texts.map(str::to_owned).to_vec());
    Context { affiliate_plans: texts(["通用", "高佣"]), publishers: texts(["1001", "一淘"]), ..text_shops(shops, as_of) }
}

fn row(rank: u32, [plan, publisher]: [u32; 2], paid: [i64; 2], settled_day: i32, commission: Commission) -> Affiliated {
    let [paid_amount, net_revenue] = paid;
    Affiliated { rank, plan, publisher, paid_amount, net_revenue, settled_day, commission }
}

#[test]
fn a_month_by_hand() {
    let first = paid("2024-01-10", 10_000);
    let mut anna = customer(0, vec![first]);
    // 100.00 by 1001, of which 10.00 are commission, settled 20 days later with 8.00.
    anna.affiliated = vec![row(0, [1, 1], [10_000, 10_000], day("2024-01-30"), Commission::of(1000, Some(800), 0))];
    // 50.00 by 一淘 without a plan, 40.00 of it went back; 5.00 estimated, 4.00 taken back before the settlement.
    let mut ben = customer(0, vec![paid("2024-01-20", 5000).refunding(4000)]);
    ben.affiliated = vec![row(0, [0, 2], [5000, 1000], NO_DAY, Commission::of(500, None, 400))];
    let cleo = customer(0, vec![paid("2024-01-05", 3000), Order { rank: 1, ..paid("2024-01-25", 3000) }]);
    let table = made_with(&TABLE, &context(1, "2024-04-30"), &facts(&["2024-01-01"]), Request::NOTHING, &[&[anna, ben, cleo]]);
    let keys = shown(&table, &["affiliate_plan", "publisher_id", "month"]);
    assert_eq!(keys, ["(none) (all)", "(none) 一淘", "通用 (all)", "通用 1001"].map(|key| format!("{key} 2024-01-01")));
    assert_row(
        &table,
        &["a", "通用", "1001", "2024-01-01"],
        &[
            ("is_complete", "true"),
            ("orders", "1"),
            ("paid_amount", "10000"),
            ("net_revenue", "10000"),
            ("affiliate_rows", "1"),
            ("settled_rows", "1"),
            ("commission_estimated", "1000"),
            ("commission_settled", "800"),
            ("commission_clawed_back", "200"),
            ("commission_due", "0"),
            ("commission", "800"),
            ("commission_rate", "0.08"),
            ("settlement_days", "20"),
            ("return_on_commission", "12.5"),
            ("customers", "1"),
            ("new_customers", "1"),
            ("new_customer_share", "1"),
            ("commission_per_new_customer", "8"),
            // 10 January is 111 days before 30 April.
            ("customers_90", "1"),
            ("repurchase_rate_90", "0"),
            ("customers_180", "0"),
            ("net_revenue_per_new_customer_180", "-"),
            ("others_orders", "2"),
            ("others_paid_amount", "6000"),
            ("others_new_customer_share", "1"),
            ("others_repurchase_rate_90", "1"),
        ],
    );
    assert_row(
        &table,
        &["a", "(none)", "(all)", "2024-01-01"],
        &[
            ("net_revenue", "1000"),
            ("commission_estimated", "500"),
            ("commission_settled", "0"),
            ("commission_clawed_back", "400"),
            ("commission_due", "100"),
            ("commission_rate", "0.02"),
            ("settlement_days", "-"),
            ("return_on_commission", "10"),
        ],
    );
}

#[test]
fn a_job_without_customers_knows_orders_and_commissions() {
    let mut one = customer(0, vec![paid("2024-01-10", 0)]);
    one.affiliated = vec![row(0, [1, 1], [0, 0], NO_DAY, Commission::of(0, None, 0))];
    let mut context = context(1, "2024-04-30");
    context.features.customers = false;
    let table = made_with(&TABLE, &context, &facts(&["2024-01-01"]), Request::NOTHING, &[&[one]]);
    let unknown = ["customers", "new_customers", "new_customer_share", "customers_90", "net_revenue_180", "others_new_customers"];
    assert_row(&table, &["a", "通用", "1001", "2024-01-01"], &unknown.map(|column| (column, "-")));
    assert_row(&table, &["a", "通用", "1001", "2024-01-01"], &[("orders", "1"), ("commission_rate", "-"), ("return_on_commission", "-")]);
}

/// The customers, some of whose orders a publisher brought as a whole.
fn brought(customers: Vec<Customer>, keys: &[[u32; 2]]) -> Vec<Customer> {
    let mut keys = keys.iter().cycle();
    customers
        .into_iter()
        .map(|mut customer| {
            for (order, rank) in customer.orders.iter_mut().zip(0..) {
                order.rank = rank;
                if let Some([plan, publisher]) = keys.next().copied().filter(|[_, publisher]| *publisher > 0 && order.is_paid()) {
                    let commission = Commission::of(order.paid_amount / 10, (rank % 2 == 0).then_some(order.paid_amount / 12), 3);
                    let settled_day = if rank % 2 == 0 { order.paid_day + 20 } else { NO_DAY };
                    let paid = [order.paid_amount, order.net_revenue()];
                    customer.affiliated.push(row(rank, [plan, publisher], paid, settled_day, commission));
                }
            }
            customer
        })
        .collect()
}

proptest! {
    #[test]
    fn the_ledger_closes_and_parts_make_the_same_table(
        customers in any_customers(2), keys in prop::collection::vec((0..3_u32, 0..3_u32).prop_map(|(plan, publisher)| [plan, publisher]), 1..20),
        cut in 0usize..12,
    ) {
        let (context, facts, customers) = (context(2, "2024-12-31"), facts(&["2023-01-01", "2023-01-01"]), brought(customers, &keys));
        let made = |parts: &[&[Customer]]| made_with(&TABLE, &context, &facts, Request::NOTHING, parts);
        let table = made(&[&customers]);
        let cut = cut.min(customers.len());
        prop_assert_eq!(&made(&[&customers[cut..], &customers[..cut]]), &table);
        let [estimated, settled, clawed_back, due] =
            ["estimated", "settled", "clawed_back", "due"].map(|name| known(&table, &format!("commission_{name}")));
        for row in 0..table.num_rows() {
            prop_assert_eq!(estimated[row], settled[row] + clawed_back[row] + due[row]);
            prop_assert!([settled[row], clawed_back[row], due[row]].iter().all(|part| *part >= 0));
        }
        // The plans and the others add up to what was paid in the months that have rows.
        let labels = shown(&table, &["shop_id", "publisher_id", "month"]);
        let (paid_amount, others) = (known(&table, "paid_amount"), known(&table, "others_paid_amount"));
        for shop in 0..2_u32 {
            for month in Grain::Month.index(day("2023-01-01"))..=Grain::Month.index(day("2024-12-31")) {
                let label = format!("{} (all) {}", ["a", "b"][shop as usize], crate::spec::period::iso(Grain::Month.start(month)));
                let own: Vec<usize> = (0..labels.len()).filter(|at| labels[*at] == label).collect();
                let Some(first) = own.first() else { continue };
                let of_month = customers.iter().filter(|customer| customer.shop == shop).flat_map(|customer| &customer.orders);
                let of_month = of_month.filter(|order| order.is_paid() && Grain::Month.index(order.paid_day) == month);
                let sum = own.iter().map(|at| paid_amount[*at]).sum::<i64>() + others[*first];
                prop_assert_eq!(sum, of_month.map(|order| order.paid_amount).sum::<i64>());
            }
        }
    }
}

/// Nothing of these needs the facts.
#[test]
fn without_rows_there_is_no_row() {
    let table =
        made_with(&TABLE, &context(1, "2024-04-30"), &Facts::default(), Request::NOTHING, &[&[customer(0, vec![paid("2024-01-10", 1)])]]);
    assert_eq!(table.num_rows(), 0);
}
