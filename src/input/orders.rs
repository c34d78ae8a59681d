//! Order lines: rows of the orders input checked one by one, as the as-of date knows them.

use super::batch::Batch;
use super::codes::{Codes, Local};
use super::dataset::Dataset;
use super::fault::Faults;
use super::ids::{Ids, LONGEST_ID};
use super::ledger::{Ledger, Reason, Reject};
use super::money::NO_MONEY;
use super::status::{Seen, Statuses};
use super::time::Clock;
use crate::job::Status;
use crate::spec::{DAY_MICROSECONDS, Day, Id, IdType, NO_TIME, day_of_time};

/// One version of an order line.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    /// The file's position in the dataset.
    pub file: u32,
    /// The row of the file.
    pub row: u32,
    /// Provisional code of the shop.
    pub shop: u32,
    /// The order.
    pub order: Id<'a>,
    /// The line; `None` where the order is the line.
    pub line: Option<Id<'a>>,
    /// The customer; `None` where the input has none.
    pub customer: Option<Id<'a>>,
    /// The version: the greatest counts; an instant or a local time in microseconds, or [`NO_TIME`].
    pub modified: i64,
    /// Placed.
    pub created: i64,
    /// Paid, or [`NO_TIME`].
    pub paid: i64,
    /// Shipped, or [`NO_TIME`].
    pub shipped: i64,
    /// Completed, or [`NO_TIME`].
    pub completed: i64,
    /// What the line cost when placed, in minor units.
    pub placed_amount: i64,
    /// What was paid for it; 0 while unpaid.
    pub paid_amount: i64,
    /// What of it was refunded according to the line itself.
    pub refunded: i64,
    /// Items.
    pub quantity: u32,
    /// Provisional codes, from 1; 0 for null.
    pub category: u32,
    /// As `category`.
    pub channel: u32,
    /// As `category`.
    pub province: u32,
}

/// Values of the orders input that have codes, shared by all threads.
#[derive(Debug, Default)]
pub struct Dictionaries {
    /// Shops of all inputs.
    pub shops: Codes,
    /// Channels.
    pub channels: Codes,
    /// Provinces.
    pub provinces: Codes,
    /// Categories.
    pub categories: Codes,
}

/// Reads batches of the orders input; one for each thread.
pub struct OrderReader<'a> {
    end: i64,
    clock: Clock,
    statuses: &'a Statuses,
    has_paid: bool,
    has_status: bool,
    has_refund_amount: bool,
    shop: &'a str,
    id_types: [Option<IdType>; 4],
    shops: Local<'a>,
    channels: Local<'a>,
    provinces: Local<'a>,
    categories: Local<'a>,
    channel_codes: Vec<u32>,
    province_codes: Vec<u32>,
    category_codes: Vec<u32>,
}

impl<'a> OrderReader<'a> {
    /// A reader for lines as `as_of` knows them; `shop` is the one shop of an input without `shop_id`. Where there is a
    /// refunds input, `refund_amount` is not looked at.
    pub fn new(
        dataset: &Dataset,
        as_of: Day,
        clock: Clock,
        statuses: &'a Statuses,
        shop: &'a str,
        dictionaries: &'a Dictionaries,
        has_refunds: bool,
    ) -> Self {
        OrderReader {
            end: (i64::from(as_of) + 1) * DAY_MICROSECONDS,
            clock,
            statuses,
            has_paid: dataset.has("paid_at"),
            has_status: dataset.has("status"),
            has_refund_amount: dataset.has("refund_amount") && !has_refunds,
            shop,
            id_types: ["shop_id", "order_id", "line_id", "customer_id"].map(|column| dataset.id_type(column)),
            shops: Local::new(&dictionaries.shops),
            channels: Local::new(&dictionaries.channels),
            provinces: Local::new(&dictionaries.provinces),
            categories: Local::new(&dictionaries.categories),
            channel_codes: Vec::new(),
            province_codes: Vec::new(),
            category_codes: Vec::new(),
        }
    }

    /// Gives every valid line of the batch that the as-of date knows to `each`, and enters the rest in the ledger.
    pub fn read(&mut self, batch: &Batch<'_>, ledger: &mut Ledger, mut each: impl FnMut(Line<'_>)) {
        let mut faults = Faults::default();
        let modified = batch.times("modified_at", &mut self.clock, &mut faults);
        let created = batch.times("created_at", &mut self.clock, &mut faults);
        let paid = batch.times("paid_at", &mut self.clock, &mut faults);
        let shipped = batch.times("shipped_at", &mut self.clock, &mut faults);
        let completed = batch.times("completed_at", &mut self.clock, &mut faults);
        let versions = batch.instants("modified_at", &modified);
        // Wall clocks are compared only where an instant is not known.
        let instants = (batch.is_zoned("created_at") && batch.is_zoned("paid_at"))
            .then(|| (batch.instants("created_at", &created), batch.instants("paid_at", &paid)));
        let is_daily = batch.is_daily("paid_at");
        let placed_amounts = batch.amounts("order_amount", &mut faults);
        let paid_amounts = batch.amounts("paid_amount", &mut faults);
        let refund_amounts = batch.amounts("refund_amount", &mut faults);
        let quantities = batch.counts("quantity", &mut faults);
        let has_quantity = batch.has("quantity");
        let statuses = self.statuses.column(&batch.texts("status"));
        let status_texts = batch.texts("status");
        let mut shop_ids = batch.ids("shop_id");
        if !shop_ids.is_present() {
            shop_ids = Ids::Constant(self.shop.to_owned());
        }
        let [order_ids, line_ids, customer_ids] = ["order_id", "line_id", "customer_id"].map(|name| batch.ids(name));
        self.channels.column(&batch.texts("channel"), &mut self.channel_codes);
        self.provinces.column(&batch.texts("province"), &mut self.province_codes);
        self.categories.ids(&batch.ids("category_id"), batch.rows, &mut self.category_codes);
        batch.note_long(&["shop_id", "channel", "province", "category_id"], &mut faults);
        let mut faults = faults.by_row().into_iter().peekable();

        for row in 0..batch.rows {
            let fault = faults.next_if(|fault| fault.row == row);
            if !batch.keeps(row) {
                ledger.account(batch.file).filtered += 1;
                continue;
            }
            // What lies after the as-of date is not judged, so that a replay rejects what the first run rejected.
            if modified[row] >= self.end || created[row] >= self.end {
                ledger.account(batch.file).after_as_of += 1;
                continue;
            }
            let until = |time: i64| if time < self.end { time } else { NO_TIME };
            let (shop, order) = (shop_ids.get(row), order_ids.get(row));
            let (line, customer) = (line_ids.get(row), customer_ids.get(row));
            let status = statuses[row];
            let paid_at = match status {
                _ if self.has_paid => until(paid[row]),
                Seen::Known(Status::Paid | Status::Shipped | Status::Completed | Status::Refunded) => created[row],
                _ if self.has_status => NO_TIME,
                _ => created[row],
            };
            let is_paid = paid_at != NO_TIME;
            let known = |amount: i64| if amount == NO_MONEY { 0 } else { amount };
            let paid_amount = if is_paid { known(paid_amounts[row]) } else { 0 };
            let refund_amount = if self.has_refund_amount && is_paid { known(refund_amounts[row]) } else { 0 };
            let quantity = if has_quantity { quantities[row].unwrap_or(1) } else { 1 };

            let judge = || -> Option<(Reason, String)> {
                let null = [
                    ("shop_id", shop.is_none()),
                    ("order_id", order.is_none()),
                    ("line_id", line_ids.is_present() && line.is_none()),
                    ("customer_id", customer_ids.is_present() && customer.is_none()),
                ];
                if let Some((column, _)) = null.iter().find(|(_, is_null)| *is_null) {
                    return Some((Reason::NullKey, format!("{column} is null")));
                }
                for (column, id) in [("order_id", order), ("line_id", line), ("customer_id", customer)] {
                    if let Some(Id::Text(text)) = id
                        && text.len() > LONGEST_ID
                    {
                        let detail = format!("{column}: a text of {} bytes, {LONGEST_ID} at most", text.len());
                        return Some((Reason::UnparseableValue, detail));
                    }
                }
                if let Some(fault) = &fault {
                    return Some((Reason::UnparseableValue, format!("{}: {}", fault.column, fault.detail)));
                }
                if created[row] == NO_TIME {
                    return Some((Reason::NullKey, "created_at is null".to_owned()));
                }
                if status == Seen::Unknown {
                    return Some((Reason::UnknownStatus, format!("status: `{}`", status_texts.get(row).unwrap_or_default())));
                }
                if status == Seen::Nothing && self.has_status && !self.has_paid {
                    return Some((Reason::UnknownStatus, "status is null, and there is no paid_at to tell who paid".to_owned()));
                }
                for (column, amount) in
                    [("paid_amount", paid_amounts[row]), ("order_amount", placed_amounts[row]), ("refund_amount", refund_amounts[row])]
                {
                    if amount < 0 && amount != NO_MONEY {
                        return Some((Reason::NegativeAmount, format!("{column}: {}", yuan(amount))));
                    }
                }
                if quantity < 0 {
                    return Some((Reason::NegativeAmount, format!("quantity: {quantity}")));
                }
                if u32::try_from(quantity).is_err() {
                    return Some((Reason::UnparseableValue, format!("quantity: {quantity} is too large")));
                }
                let (created_at, paid_at) = match &instants {
                    Some((created, paid)) => (created[row], paid[row]),
                    None if is_daily && is_paid => (i64::from(day_of_time(created[row])), i64::from(day_of_time(paid_at))),
                    None => (created[row], paid_at),
                };
                if is_paid && paid_at < created_at {
                    return Some((Reason::PaidBeforeCreated, "paid_at lies before created_at".to_owned()));
                }
                if is_paid && paid_amounts[row] == NO_MONEY {
                    return Some((Reason::PaidWithoutAmount, "paid, and paid_amount is null".to_owned()));
                }
                if refund_amount > paid_amount {
                    return Some((
                        Reason::RefundExceedsPaid,
                        format!("refund_amount {} of paid_amount {}", yuan(refund_amount), yuan(paid_amount)),
                    ));
                }
                None
            };
            let verdict = judge();
            let (Some(shop), Some(order), None) = (shop, order, &verdict) else {
                let (reason, detail) = verdict.unwrap_or((Reason::NullKey, "a key is null".to_owned()));
                let ids = [shop, order, line, customer];
                let keys = std::array::from_fn(|key| {
                    ids[key].map(|id| self.id_types[key].as_ref().map_or_else(|| IdType::text().show(id), |id_type| id_type.show(id)))
                });
                ledger.reject(Reject { file: batch.file, row: batch.first_row + row as u64, reason, detail, keys });
                continue;
            };
            let is_refunded_in_full = is_paid && matches!(status, Seen::Known(Status::Refunded | Status::Closed));
            each(Line {
                file: batch.file as u32,
                row: (batch.first_row + row as u64) as u32,
                shop: self.shops.code(shop),
                order,
                line,
                customer,
                modified: versions[row],
                created: created[row],
                paid: paid_at,
                shipped: until(shipped[row]),
                // The platform gives refunded trades an end time too; completed they were not.
                completed: if is_refunded_in_full { NO_TIME } else { until(completed[row]) },
                placed_amount: if placed_amounts[row] == NO_MONEY { known(paid_amounts[row]) } else { placed_amounts[row] },
                paid_amount,
                refunded: if is_refunded_in_full { paid_amount } else { refund_amount },
                quantity: quantity as u32,
                category: self.category_codes[row],
                channel: self.channel_codes[row],
                province: self.province_codes[row],
            });
        }
    }
}

/// Minor units as people write money.
pub fn yuan(minor: i64) -> String {
    format!("{}{}.{:02}", if minor < 0 { "-" } else { "" }, minor.unsigned_abs() / 100, minor.unsigned_abs() % 100)
}
