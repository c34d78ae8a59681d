//! identity_effect: what it changes that ids of one person are taken for one.

use std::sync::OnceLock;

use crate::fold::identities::{IDENTITIES, Identified, Identities};
use crate::metric::ratio::{money_per, ratio};
use crate::spec::Need;
use crate::table::column::Value::{Count, Money, Number, Shop, Text, Unit};
use crate::table::column::column;
use crate::table::night::Read;
use crate::table::unit::{Table, Witness};

const SPECIFICATION: &str = "docs/definitions.md, Linked ids";
const NO_DENOMINATOR: &str = "the metric is customers";

/// A figure of customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Metric {
    Customers,
    NetRevenuePerCustomer,
    RepeatRate,
    ReturningShare,
}

impl Metric {
    /// All, ascending by name.
    const ALL: [Metric; 4] = [Metric::Customers, Metric::NetRevenuePerCustomer, Metric::RepeatRate, Metric::ReturningShare];

    fn name(self) -> &'static str {
        match self {
            Metric::Customers => "customers",
            Metric::NetRevenuePerCustomer => "net_revenue_per_customer",
            Metric::RepeatRate => "repeat_rate",
            Metric::ReturningShare => "returning_share",
        }
    }

    fn unit(self) -> &'static str {
        match self {
            Metric::Customers => "customers",
            Metric::NetRevenuePerCustomer => "CNY per customer",
            Metric::RepeatRate | Metric::ReturningShare => "1",
        }
    }
}

/// A figure with what it is the ratio of; an amount in minor units, or a count.
#[derive(Debug, Clone, Copy)]
struct Figure {
    numerator: i64,
    denominator: Option<i64>,
}

/// A metric of a shop in both ways.
pub struct Row {
    shop: u32,
    metric: Metric,
    strict: Figure,
    linked: Figure,
}

impl Row {
    fn of(shop: u32, metric: Metric, identities: &Identities) -> Row {
        let figure = |found: &Identified| {
            let (numerator, denominator) = match metric {
                Metric::Customers => (found.customers, None),
                Metric::NetRevenuePerCustomer => (identities.net_revenue, Some(found.customers)),
                Metric::RepeatRate => (found.repeat, Some(found.customers)),
                Metric::ReturningShare => (found.returning, Some(found.recent)),
            };
            Figure { numerator, denominator }
        };
        Row { shop, metric, strict: figure(&identities.strict), linked: figure(&identities.linked) }
    }

    fn value(&self, figure: Figure) -> Option<f64> {
        match self.metric {
            Metric::Customers => Some(figure.numerator as f64),
            Metric::NetRevenuePerCustomer => money_per(figure.numerator, figure.denominator?),
            Metric::RepeatRate | Metric::ReturningShare => ratio(figure.numerator, figure.denominator?),
        }
    }

    /// The numerator as a decimal: a count of 3 is 3.00.
    fn numerator(&self, figure: Figure) -> i64 {
        if self.metric == Metric::NetRevenuePerCustomer { figure.numerator } else { figure.numerator * 100 }
    }
}

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "identity_effect",
    chinese: "同一人识别影响",
    question: "How many customers does a shop have, and how many of them come back, when the ids that are one person's are taken for one, and \
         when each id is somebody?",
    grain: "one metric of one shop with customers: as the other tables have it, where ids that customer_links joins are one person, and as it \
         would be if every id of the orders were a customer",
    key: &["shop_id", "metric"],
    needs: &[Need { input: "orders", column: "customer_id" }, Need { input: "customer_links", column: "" }],
    uses: &[],
    reads: &[Read::Fold(&IDENTITIES)],
    columns: &[&[
        column("shop_id", Shop(|row| row.shop), "", "店铺", "The shop."),
        column(
            "metric",
            Text(|row: &Row| Some(row.metric.name())),
            "",
            "指标",
            "customers: with at least one purchase up to the as-of date. repeat_rate: of these, those with at least two purchase days. \
             returning_share: of the customers with a purchase in the 365 days up to the as-of date, those with one before. \
             net_revenue_per_customer: what a customer brought on average.",
        )
        .source(SPECIFICATION),
        column("unit", Unit(|row: &Row| Some(row.metric.unit())), "", "单位", "The unit of strict, linked and difference."),
        column(
            "strict",
            Number(|row: &Row| row.value(row.strict)),
            "as in unit",
            "按编号",
            "The metric where every id is a customer: each order belongs to the id that its first line names.",
        )
        .formula("strict_numerator / strict_denominator; of customers strict_numerator")
        .null_when("nobody bought in the 365 days (returning_share)")
        .source(SPECIFICATION),
        column(
            "linked",
            Number(|row: &Row| row.value(row.linked)),
            "as in unit",
            "按人",
            "The metric where all ids of a person are one customer, as in all other tables.",
        )
        .formula("linked_numerator / linked_denominator; of customers linked_numerator")
        .null_when("nobody bought in the 365 days (returning_share)"),
        column(
            "difference",
            Number(|row: &Row| Some(row.value(row.linked)? - row.value(row.strict)?)),
            "as in unit",
            "差异",
            "What the links change. Of customers never above 0.",
        )
        .formula("linked − strict")
        .null_when("linked is null"),
        column(
            "strict_numerator",
            Money(|row: &Row| Some(row.numerator(row.strict))),
            "customers, or CNY",
            "按编号分子",
            "Customers; those with at least two purchase days; those of the 365 days with a purchase before; net revenue, which is the same in \
             both ways.",
        ),
        column(
            "strict_denominator",
            Count(|row: &Row| row.strict.denominator),
            "customers",
            "按编号分母",
            "Customers, of returning_share those with a purchase in the 365 days.",
        )
        .null_when(NO_DENOMINATOR),
        column(
            "linked_numerator",
            Money(|row: &Row| Some(row.numerator(row.linked))),
            "customers, or CNY",
            "按人分子",
            "The same with all ids of a person as one customer.",
        ),
        column(
            "linked_denominator",
            Count(|row: &Row| row.linked.denominator),
            "customers",
            "按人分母",
            "The same with all ids of a person as one customer.",
        )
        .null_when(NO_DENOMINATOR),
    ]],
    rows: |night, out| {
        let identities = night.fold(&IDENTITIES)?;
        out.all(identities.shops().flat_map(|(shop, found)| Metric::ALL.map(|metric| Row::of(shop, metric, &found))))
    },
    witness: Witness::Sql,
    card: OnceLock::new(),
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Order;
    use crate::table::testing::{customer, integer_shops, made, paid, shown, worked};

    /// An order that names the id at a place among the links.
    fn named(alias: u32, order: Order) -> Order {
        Order { alias, ..order }
    }

    /// Up to 10 January 2026; recent is from 11 January 2025 on. A bought as id 1 on 10 January 2025 for 100 and as id 2 on the day after for 50:
    /// one person who returned, two ids of which one is recent and neither came back. B bought as id 3 on two days of December 2025, for 10 and
    /// 10, and as its own id once, for 20, which went back. C has one id, and one purchase, for 40, in 2024.
    #[test]
    fn four_metrics_by_hand() {
        let own = crate::input::values::links::NO_ALIAS;
        let customers = [
            customer(0, vec![named(1, paid("2025-01-10", 100_00)), named(2, paid("2025-01-11", 50_00))]),
            customer(
                0,
                vec![
                    named(3, paid("2025-12-01", 10_00)),
                    named(3, paid("2025-12-05", 10_00)),
                    named(own, paid("2025-12-09", 20_00).refunding(20_00)),
                ],
            ),
            customer(0, vec![named(own, paid("2024-06-01", 40_00))]),
        ];
        let table = made(&TABLE, &integer_shops("2024-01-01", "2026-01-10"), &customers);
        let columns = [
            "metric",
            "strict",
            "linked",
            "strict_numerator",
            "strict_denominator",
            "linked_numerator",
            "linked_denominator",
            "difference",
        ];
        let expected = [
            // Ids 1, 2, 3 and C's; B's own id bought nothing that stands.
            "customers 4.0 3.0 4.00  3.00  -1.0",
            // 100 + 50 + 10 + 10 + 40 = 210.
            "net_revenue_per_customer 52.5 70.0 210.00 4 210.00 3 17.5",
            // Id 3 alone; A and B.
            "repeat_rate 0.25 0.6666666666666666 1.00 4 2.00 3 0.41666666666666663",
            // Recent are ids 2 and 3, of whom neither bought before; A and B, of whom A did.
            "returning_share 0.0 0.5 0.00 2 1.00 2 0.5",
        ];
        assert_eq!(shown(&table, &columns), expected);
    }

    #[test]
    fn without_links_both_ways_are_one() {
        let table = made(&TABLE, &integer_shops("2024-01-01", "2026-01-10"), &worked());
        let strict = shown(&table, &["shop_id", "metric", "strict", "strict_denominator"]);
        assert_eq!(strict, shown(&table, &["shop_id", "metric", "linked", "linked_denominator"]));
        assert!(!strict.is_empty());
    }
}
