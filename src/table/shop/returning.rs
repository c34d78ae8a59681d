//! Returning columns: what new and returning customers brought, and who is an old buyer (老买家) as the platform counts, on a day or in a
//! period.

use super::columns::{NO_CUSTOMERS, ShopRow};
use crate::fold::returning::Returning;
use crate::metric::ratio::ratio;
use crate::table::column::Value::{Count, Money, Share};
use crate::table::column::{ValueColumn, column};

const SOURCE: &str = "docs/definitions.md, Figures of a shop";

/// A row with the figures of new and returning customers.
pub trait ReturningRow: ShopRow {
    /// The figures.
    fn returning(&self) -> &Returning;

    /// One of them; `None` where the job maps no customer_id.
    fn of_returning(&self, of: fn(&Returning) -> i64) -> Option<i64> {
        self.knows_customers().then(|| of(self.returning()))
    }
}

fn returning_share_365(row: &impl ReturningRow) -> Option<f64> {
    let activity = row.activity();
    ratio(row.of_returning(|returning| returning.returning_customers_365)?, activity.new_customers + activity.returning_customers)
}

/// The columns, in their order.
pub const fn returning_columns<Row: ReturningRow>() -> [ValueColumn<Row>; 4] {
    [
        column(
            "new_net_revenue",
            Money(|row: &Row| row.of_returning(|returning| returning.new_net_revenue)),
            "CNY",
            "新客净支付金额",
            "What the purchases that new_customers paid on the day or in the period brought: what was paid for them less what of it \
             was refunded by the as-of date. In a period it is all that they bought in it, their first purchase and the later ones. It \
             falls when a refund comes later.",
        )
        .source(SOURCE)
        .null_when(NO_CUSTOMERS),
        column(
            "returning_net_revenue",
            Money(|row: &Row| row.of_returning(|returning| returning.returning_net_revenue)),
            "CNY",
            "老客净支付金额",
            "What the purchases that returning_customers paid on the day or in the period brought, less what of it was refunded by the \
             as-of date. Orders that name no customer are in neither; nor are refunds of unknown orders. It falls when a refund comes \
             later.",
        )
        .source(SOURCE)
        .null_when(NO_CUSTOMERS),
        column(
            "returning_customers_365",
            Count(|row: &Row| row.of_returning(|returning| returning.returning_customers_365)),
            "customers",
            "老买家数（365天）",
            "Returning customers with a recent purchase: on a day, one within the 365 days before it; in a period, one before the \
             period and within the 365 days before the customer's first purchase day in it. Where the data begin later, some old buyers \
             are not known as such.",
        )
        .source(SOURCE)
        .null_when(NO_CUSTOMERS),
        column(
            "returning_share_365",
            Share(returning_share_365),
            "1",
            "老买家占比（365天）",
            "Old buyers as the platform counts them, with a purchase within the 365 days before, among all customers with a purchase \
             on the day or in the period.",
        )
        .formula("returning_customers_365 / (new_customers + returning_customers)")
        .source(SOURCE)
        .null_when("nobody has a purchase, or the job maps no customer_id"),
    ]
}
