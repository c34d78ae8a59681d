//! One order as both reports show it, and its order lines.

use super::parquet_rows::ImportedRow;
use super::share::share;
use super::status::{Meaning, meaning};
use super::value::Value;
use crate::job::Status;

/// The fields of an order that a report has, on a row of the order report or on a line of the item report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReportedOrder {
    pub shop: Option<String>,
    pub customer: Option<String>,
    pub created: Option<i64>,
    pub paid_at: Option<i64>,
    pub shipped: Option<i64>,
    pub completed: Option<i64>,
    pub status: Option<String>,
    pub province: Option<String>,
    /// The amount when it was placed, in fen.
    pub total: Option<i64>,
    /// The amount paid, before refunds.
    pub paid: Option<i64>,
    /// The amount refunded.
    pub refund: Option<i64>,
    pub quantity: Option<i64>,
}

impl ReportedOrder {
    /// Reads the fields of a row.
    pub fn read(row: ImportedRow<'_>) -> Self {
        let text = |name: &str| row.text(name).map(str::to_owned);
        ReportedOrder {
            shop: text("shop_id"),
            customer: text("customer_id"),
            created: row.integer("created_at"),
            paid_at: row.integer("paid_at"),
            shipped: row.integer("shipped_at"),
            completed: row.integer("completed_at"),
            status: text("status"),
            province: text("province"),
            total: row.integer("order_amount"),
            paid: row.integer("paid_amount"),
            refund: row.integer("refund_amount"),
            quantity: row.integer("quantity"),
        }
    }
}

/// A line of an order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrderLine {
    /// Its id; a line without one is numbered within its order.
    pub id: Option<String>,
    /// The item.
    pub item: Option<String>,
    /// What the shop calls it.
    pub title: Option<String>,
    /// The price of one piece, in fen.
    pub price: Option<i64>,
    /// The row of its export.
    pub row: i64,
    /// The fields of the line, and of its order, in the item report.
    pub order: ReportedOrder,
}

impl OrderLine {
    /// Reads a row of an item report.
    pub fn read(row: ImportedRow<'_>) -> Self {
        let text = |name: &str| row.text(name).map(str::to_owned);
        OrderLine {
            id: text("line_id"),
            item: text("item_id"),
            title: text("item_title"),
            price: row.integer("_price"),
            row: row.integer("_row").unwrap_or_default(),
            order: ReportedOrder::read(row),
        }
    }

    /// The value of a column of the orders input.
    pub fn value(&self, column: &str, order_id: &str) -> Value {
        let text = |text: &Option<String>| text.clone().map_or(Value::Null, Value::Text);
        let integer = |value: Option<i64>| value.map_or(Value::Null, Value::Integer);
        match column {
            "shop_id" => text(&self.order.shop),
            "order_id" => Value::Text(order_id.to_owned()),
            "line_id" => text(&self.id),
            "customer_id" => text(&self.order.customer),
            "created_at" => integer(self.order.created),
            "paid_at" => integer(self.order.paid_at),
            "shipped_at" => integer(self.order.shipped),
            "completed_at" => integer(self.order.completed),
            "status" => text(&self.order.status),
            "order_amount" => integer(self.order.total),
            "paid_amount" => integer(self.order.paid),
            "refund_amount" => integer(self.order.refund),
            "quantity" => integer(self.order.quantity),
            "province" => text(&self.order.province),
            "item_id" => text(&self.item),
            "item_title" => text(&self.title),
            _ => Value::Null,
        }
    }

    /// Price times quantity.
    fn amount_by_price(&self) -> Option<i64> {
        self.price?.checked_mul(self.order.quantity.unwrap_or(1))
    }
}

/// An order of the order report with its lines of the item report.
#[derive(Debug, Clone, Default)]
pub struct MergedOrder {
    /// The order number.
    pub id: String,
    /// The order in the order report; `None` if that does not have it.
    pub order: Option<ReportedOrder>,
    /// The position of the item report among the imported ones.
    pub file: usize,
    /// The lines in that report.
    pub lines: Vec<OrderLine>,
}

/// The order lines to write. The amounts of the order report are allocated to the lines, exact to the fen: by the amounts paid for
/// each, else by price and quantity. So sales are the same with and without items.
///
/// # Errors
/// Why there are none: the order is in no order report, and the item report lacks a field.
pub fn lines_of(found: &MergedOrder, needs_customer: bool) -> Result<Vec<OrderLine>, String> {
    let Some(order) = &found.order else {
        return found.lines.iter().enumerate().map(|(position, line)| line_without_order(found, position, line, needs_customer)).collect();
    };
    if found.lines.is_empty() {
        return Ok(vec![OrderLine { id: Some(found.id.clone()), order: order.clone(), ..OrderLine::default() }]);
    }
    let own = |get: fn(&OrderLine) -> Option<i64>| {
        found.lines.iter().map(get).collect::<Option<Vec<i64>>>().filter(|all| all.iter().all(|amount| *amount >= 0))
    };
    let by_price = own(OrderLine::amount_by_price);
    let equal = vec![1; found.lines.len()];
    let placed_by = own(|line| line.order.total).or_else(|| by_price.clone()).unwrap_or_else(|| equal.clone());
    let paid_by = own(|line| line.order.paid).filter(|all| all.iter().any(|paid| *paid > 0)).or(by_price).unwrap_or(equal);
    let totals = order.total.map(|total| share(total, &placed_by));
    let paid = order.paid.map(|paid| share(paid, &paid_by));
    let refunds = refunds(order, found, paid.as_deref());
    let at = |amounts: &Option<Vec<i64>>, position: usize| amounts.as_ref().and_then(|amounts| amounts.get(position)).copied();
    let lines = found.lines.iter().enumerate().map(|(position, line)| OrderLine {
        id: Some(line_id(found, position)),
        order: ReportedOrder {
            total: at(&totals, position),
            paid: at(&paid, position),
            refund: at(&refunds, position),
            quantity: line.order.quantity,
            ..order.clone()
        },
        ..line.clone()
    });
    Ok(lines.collect())
}

/// The refund of each line: that of the item report if it agrees with the order, else allocated by the amounts paid.
fn refunds(order: &ReportedOrder, found: &MergedOrder, paid: Option<&[i64]>) -> Option<Vec<i64>> {
    let own: Vec<i64> = found.lines.iter().map(|line| line.order.refund.unwrap_or(0)).collect();
    let is_known = found.lines.iter().any(|line| line.order.refund.is_some());
    let Some(paid) = paid else { return order.refund.map(|refund| share(refund, &vec![1; own.len()])) };
    let fits = own.iter().zip(paid).all(|(refund, paid)| (0..=*paid).contains(refund));
    match order.refund {
        Some(refund) if fits && own.iter().map(|own| i128::from(*own)).sum::<i128>() == i128::from(refund) => Some(own),
        Some(refund) => Some(share(refund, paid)),
        None if is_known => Some(own.iter().zip(paid).map(|(refund, paid)| (*refund).clamp(0, (*paid).max(0))).collect()),
        None => None,
    }
}

/// The id of a line: its own if no other line of the order has it, else order number and position.
fn line_id(found: &MergedOrder, position: usize) -> String {
    let own = found.lines.get(position).and_then(|line| line.id.as_ref());
    match own {
        Some(id) if found.lines.iter().filter(|line| line.id.as_ref() == Some(id)).count() == 1 => id.clone(),
        _ => format!("{}-{}", found.id, position + 1),
    }
}

/// A line whose order is in no order report.
fn line_without_order(found: &MergedOrder, position: usize, line: &OrderLine, needs_customer: bool) -> Result<OrderLine, String> {
    let missing = |what: &str| format!("order {} is in no order report here, and the item report does not say {what}", found.id);
    let order = &line.order;
    let created = order.created.or(order.paid_at).ok_or_else(|| missing("when it was placed"))?;
    let paid = order.paid.ok_or_else(|| missing("what was paid"))?;
    if needs_customer && order.customer.is_none() {
        return Err(missing("who bought it"));
    }
    if order.refund.is_some_and(|refund| refund > paid) {
        return Err(format!("order {} is in no order report here, and its refund in the item report is more than was paid", found.id));
    }
    let status = order.status.as_deref().map(|status| meaning(status, &std::collections::BTreeMap::new()));
    let is_paid = match status {
        None => paid > 0,
        Some(Meaning::Run(status) | Meaning::Job(status)) => {
            matches!(status, Status::Paid | Status::Shipped | Status::Completed | Status::Refunded)
        }
        Some(Meaning::Unknown) => false,
    };
    let paid_at = order.paid_at.or(is_paid.then_some(created));
    let order = ReportedOrder {
        created: Some(created),
        paid_at,
        paid: Some(paid),
        total: order.total.or_else(|| line.amount_by_price()),
        ..order.clone()
    };
    Ok(OrderLine { id: Some(line_id(found, position)), order, ..line.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(price: i64, quantity: i64) -> OrderLine {
        OrderLine {
            price: Some(price),
            order: ReportedOrder { quantity: Some(quantity), ..ReportedOrder::default() },
            ..OrderLine::default()
        }
    }

    fn order(total: i64, paid: i64, refund: i64) -> ReportedOrder {
        let (total, paid, refund) = (Some(total), Some(paid), Some(refund));
        ReportedOrder {
            total,
            paid,
            refund,
            created: Some(1),
            paid_at: Some(2),
            customer: Some("甲".to_owned()),
            ..ReportedOrder::default()
        }
    }

    fn lines(order: Option<ReportedOrder>, lines: Vec<OrderLine>) -> Result<Vec<OrderLine>, String> {
        lines_of(&MergedOrder { id: "9".to_owned(), order, file: 0, lines }, true)
    }

    fn amounts(lines: &[OrderLine]) -> Vec<(i64, i64, i64)> {
        lines.iter().map(|line| (line.order.total.unwrap(), line.order.paid.unwrap(), line.order.refund.unwrap())).collect()
    }

    /// 10 yuan for two pieces of 3 yuan and one of 4: in proportion 6 to 4. Of 9.99 paid that is 5.99 and 4.00, of 1.00 refunded 0.59 and 0.41.
    #[test]
    fn amounts_are_shared_by_price_and_quantity() {
        let found = lines(Some(order(1_000, 999, 100)), vec![line(300, 2), line(400, 1)]).unwrap();
        assert_eq!(amounts(&found), [(600, 599, 59), (400, 400, 41)]);
        assert_eq!(found[1].id.as_deref(), Some("9-2"));
        assert_eq!((found[0].order.customer.as_deref(), found[0].order.paid_at), (Some("甲"), Some(2)));
    }

    /// Postage of 5 yuan is in the order and in none of its lines, which were paid 40 and 20: it is allocated to them 2 to 1.
    #[test]
    fn amounts_of_lines_weigh_before_prices_and_refunds_stay_where_they_are() {
        let own = |paid, refund, id: &str| OrderLine {
            id: Some(id.to_owned()),
            order: ReportedOrder { paid: Some(paid), refund: Some(refund), ..line(9_900, 1).order },
            ..line(9_900, 1)
        };
        let found = lines(Some(order(6_500, 6_500, 2_000)), vec![own(4_000, 0, "a"), own(2_000, 2_000, "b")]).unwrap();
        assert_eq!(amounts(&found), [(3_250, 4_333, 0), (3_250, 2_167, 2_000)]);
        assert_eq!(found[1].id.as_deref(), Some("b"));
    }

    #[test]
    fn an_order_without_items_is_a_line() {
        let found = lines(Some(order(100, 100, 0)), vec![]).unwrap();
        assert_eq!((found.len(), found[0].id.as_deref(), found[0].order.paid), (1, Some("9"), Some(100)));
    }

    #[test]
    fn a_line_alone_must_say_enough() {
        let missing = lines(None, vec![line(300, 2)]).unwrap_err();
        assert!(missing.contains("order 9 is in no order report here"), "{missing}");
        let whole = OrderLine { order: ReportedOrder { quantity: Some(2), ..order(0, 500, 0) }, ..line(300, 2) };
        let whole = OrderLine { order: ReportedOrder { total: None, ..whole.order }, ..whole };
        let more = OrderLine { order: ReportedOrder { refund: Some(501), ..whole.order.clone() }, ..whole.clone() };
        assert!(lines(None, vec![more]).unwrap_err().contains("is more than was paid"));
        assert_eq!(amounts(&lines(None, vec![whole]).unwrap()), [(600, 500, 0)]);
    }
}
