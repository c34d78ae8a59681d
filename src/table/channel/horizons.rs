//! Horizon columns: what customers brought within a number of days since the first purchase of each, from those who are old enough.

use crate::fold::acquisitions::Matured;
use crate::metric::ratio::{money_per, ratio_known};
use crate::table::column::Value::{Count, Money, Number};
use crate::table::column::{ValueColumn, column};

/// A row about customers, with what they brought within each of [`crate::fold::acquisitions::HORIZONS`].
pub trait Horizons: 'static {
    /// How many they are.
    fn customers(&self) -> i64;
    /// What they cost, in minor units; `None` where it is not known of all days.
    fn whole_cost(&self) -> Option<i64>;
    /// By place of the horizon.
    fn matured(&self) -> &[Matured; 4];

    /// The net revenue within a horizon of those who are old enough; `None` if nobody is.
    fn net_revenue(&self, at: usize) -> Option<i64> {
        let matured = self.matured()[at];
        (matured.customers > 0).then_some(matured.net_revenue)
    }
}

/// The names of the columns of a horizon, with their Chinese names.
struct Names {
    customers: [&'static str; 2],
    net_revenue: [&'static str; 2],
    per_customer: [&'static str; 2],
    return_on_cost: [&'static str; 2],
    per_customer_formula: &'static str,
    return_formula: &'static str,
}

macro_rules! names {
    ($days:literal) => {
        Names {
            customers: [concat!("customers_", $days), concat!("满", $days, "天客户数")],
            net_revenue: [concat!("net_revenue_", $days), concat!($days, "天净支付金额")],
            per_customer: [concat!("net_revenue_per_customer_", $days), concat!($days, "天人均净支付金额")],
            return_on_cost: [concat!("return_on_cost_", $days), concat!($days, "天投入产出比")],
            per_customer_formula: concat!("net_revenue_", $days, " / customers_", $days),
            return_formula: concat!("net_revenue_", $days, " / cost"),
        }
    };
}

/// By place in [`crate::fold::acquisitions::HORIZONS`].
const NAMES: [Names; 4] = [names!("30"), names!("90"), names!("180"), names!("365")];

/// The columns of a horizon.
pub const fn horizon<Row: Horizons, const AT: usize>() -> [ValueColumn<Row>; 4] {
    let names = &NAMES[AT];
    [
        column(
            names.customers[0],
            Count(|row: &Row| Some(row.matured()[AT].customers.into())),
            "customers",
            names.customers[1],
            "Of new_customers, those whose first purchase lies at least as many days before the as-of date as the name of the column says.",
        ),
        column(
            names.net_revenue[0],
            Money(|row: &Row| row.net_revenue(AT)),
            "CNY",
            names.net_revenue[1],
            "Net revenue of these customers from the first purchase of each to so many days after it, both days included. A purchase lies on \
             the day of its payment, whenever it was refunded.",
        )
        .null_when("no customer is old enough"),
        column(
            names.per_customer[0],
            Number(|row: &Row| money_per(row.net_revenue(AT)?, row.matured()[AT].customers.into())),
            "CNY per customer",
            names.per_customer[1],
            "What a customer of the channel brings within so many days on average, those who never come back included.",
        )
        .formula(names.per_customer_formula)
        .null_when("no customer is old enough"),
        column(
            names.return_on_cost[0],
            Number(|row: &Row| {
                let is_mature = i64::from(row.matured()[AT].customers) == row.customers();
                ratio_known(row.net_revenue(AT).filter(|_| is_mature), row.whole_cost())
            }),
            "1",
            names.return_on_cost[1],
            "What the new customers brought within so many days for each yuan spent on the channel in their month.",
        )
        .formula(names.return_formula)
        .null_when("a customer is not old enough, the month has none, cost is null or 0, or a day of the month has traffic of the channel without a cost"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::acquisitions::HORIZONS;

    #[test]
    fn the_names_are_those_of_the_horizons() {
        for (names, days) in NAMES.iter().zip(HORIZONS) {
            assert_eq!(names.customers[0], format!("customers_{days}"));
        }
    }
}
