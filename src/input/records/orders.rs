//! Order lines: the rows of the orders input up to the as-of date, checked one by one.

use super::awaited::Awaited;
use super::item_titles::TitleBook;
use super::order_columns::{OrderColumns, OrderRules, zero_if_missing};
use crate::input::mapping::dataset::Dataset;
use crate::input::rows::batch::Batch;
use crate::input::rows::ledger::{Ledger, Reason, Reject, RowKeys};
use crate::input::rows::scan::{RowIds, Scan};
use crate::input::times::clock::Clock;
use crate::input::values::codes::{Codes, Local};
use crate::input::values::fault::Fault;
use crate::input::values::ids::is_blank;
use crate::input::values::links::NO_ALIAS;
use crate::input::values::money::NO_MONEY;
use crate::input::values::status::{Seen, Statuses};
use crate::job::{Customers, Status};
use crate::spec::{Id, IdType, NO_TIME, day_of_time};

/// One version of an order line.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    /// The file's position in the dataset.
    pub file: u32,
    /// The row of the file.
    pub row: u32,
    /// Provisional code of the shop.
    pub shop: u32,
    /// The hash of the shop's id.
    pub shop_hash: u64,
    /// The order.
    pub order: Id<'a>,
    /// The line; `None` where the order is the line.
    pub line: Option<Id<'a>>,
    /// The customer; `None` where the input has none. Of an anonymous line an id that means nobody.
    pub customer: Option<Id<'a>>,
    /// The place among the links of the id that the line names, where `customer` stands for that one; else [`NO_ALIAS`].
    pub alias: u32,
    /// Whether the line names no customer, in an input that has customers.
    pub is_anonymous: bool,
    /// The version, of which the greatest counts: an instant or a local time in microseconds, or [`NO_TIME`].
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
    /// As `category`.
    pub item: u32,
    /// As `category`.
    pub promotion: u32,
    /// What it cost less by the promotion, in minor units; [`NO_MONEY`] while unpaid, and where the input does not say.
    pub discount: i64,
    /// As `category`: the code of the title of its item, where a stored record of the line is to have it.
    pub title: u32,
    /// Whether its status says that it was closed: an unpaid line was cancelled, a paid one refunded in full, whatever its amount.
    pub is_closed: bool,
    /// What its status says that it waits for, where it is paid and was not changed later.
    pub awaited: Awaited,
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
    /// Items.
    pub items: Codes,
    /// Promotions.
    pub promotions: Codes,
    /// Titles of items, where a wanted table uses them.
    pub titles: TitleBook,
    /// The same titles as values, where records of lines that outlive the run have them; else `None`.
    pub title_codes: Option<Codes>,
}

/// The types of the ids of a row; `None` where the input has no such column.
struct RowIdTypes {
    shop: Option<IdType>,
    order: Option<IdType>,
    line: Option<IdType>,
    customer: Option<IdType>,
}

/// Reads batches of the orders input. Each thread has one.
pub struct OrderReader<'a> {
    scan: Scan<'a>,
    rules: OrderRules<'a>,
    clock: Clock,
    id_types: RowIdTypes,
    shops: Local<'a>,
    channels: Local<'a>,
    provinces: Local<'a>,
    categories: Local<'a>,
    items: Local<'a>,
    promotions: Local<'a>,
    titles: &'a TitleBook,
    title_codes: Option<Local<'a>>,
    channel_codes: Vec<u32>,
    province_codes: Vec<u32>,
    category_codes: Vec<u32>,
    item_codes: Vec<u32>,
    promotion_codes: Vec<u32>,
}

impl<'a> OrderReader<'a> {
    /// A reader of the lines up to the as-of date. With a refunds input, it ignores `refund_amount`.
    pub fn new(scan: &Scan<'a>, dataset: &Dataset, statuses: &'a Statuses, dictionaries: &'a Dictionaries, has_refunds: bool) -> Self {
        OrderReader {
            scan: scan.clone(),
            rules: OrderRules {
                end: scan.end(),
                statuses,
                has_paid: dataset.has("paid_at"),
                has_status: dataset.has("status"),
                has_refund_amount: dataset.has("refund_amount") && !has_refunds,
                requires_customers: dataset.spec.customers == Customers::Required,
                shop: scan.shop,
            },
            clock: scan.clock.clone(),
            id_types: RowIdTypes {
                shop: dataset.id_type("shop_id"),
                order: dataset.id_type("order_id"),
                line: dataset.id_type("line_id"),
                customer: dataset.id_type("customer_id"),
            },
            shops: Local::new(&dictionaries.shops),
            channels: Local::new(&dictionaries.channels),
            provinces: Local::new(&dictionaries.provinces),
            categories: Local::new(&dictionaries.categories),
            items: Local::new(&dictionaries.items),
            promotions: Local::new(&dictionaries.promotions),
            titles: &dictionaries.titles,
            title_codes: dictionaries.title_codes.as_ref().map(Local::new),
            channel_codes: Vec::new(),
            province_codes: Vec::new(),
            category_codes: Vec::new(),
            item_codes: Vec::new(),
            promotion_codes: Vec::new(),
        }
    }

    /// Calls `each` with every valid line of the batch up to the as-of date, and records the rest in the ledger.
    pub fn read(&mut self, batch: &Batch<'_>, ledger: &mut Ledger, mut each: impl FnMut(Line<'_>)) {
        let columns = OrderColumns::new(batch, &self.rules, &mut self.clock);
        self.channels.column(&batch.texts("channel"), &mut self.channel_codes);
        self.provinces.column(&batch.texts("province"), &mut self.province_codes);
        self.categories.ids(&batch.ids("category_id"), batch.rows, &mut self.category_codes);
        self.items.ids(&batch.ids("item_id"), batch.rows, &mut self.item_codes);
        // Few jobs have promotions: the others make no column of nothing.
        if batch.has("promotion") {
            self.promotions.column(&batch.texts("promotion"), &mut self.promotion_codes);
        } else {
            self.promotion_codes.clear();
            self.promotion_codes.resize(batch.rows, 0);
        }
        // A text that is too long counts as null.
        for fault in &columns.null_faults {
            let codes = match fault.column {
                "channel" => &mut self.channel_codes,
                "province" => &mut self.province_codes,
                "category_id" => &mut self.category_codes,
                "item_id" => &mut self.item_codes,
                "promotion" => &mut self.promotion_codes,
                _ => continue,
            };
            if let Some(code) = codes.get_mut(fault.row) {
                *code = 0;
            }
        }
        // Few jobs have titles of items.
        let titles = batch.has("item_title").then(|| batch.texts("item_title"));
        let title_of = |row: usize| {
            let is_known = |fault: &Fault| (fault.row, fault.column) != (row, "item_title");
            titles.as_ref()?.get(row).filter(|_| columns.null_faults(row).iter().all(is_known))
        };
        let has_customers = columns.customer_ids.is_present();
        let nobody = match &self.id_types.customer {
            Some(id_type) if id_type.is_integer() => Id::Integer(IdType::key(0)),
            _ => Id::Text(""),
        };
        let end = self.rules.end;
        if let Some((column, time)) = columns.latest_from(end) {
            ledger.note_open(batch.file, column, time);
        }
        let until = |time: i64| if time < end { time } else { NO_TIME };
        for row in 0..batch.rows {
            if !batch.keeps(row) {
                ledger.account(batch.file).filtered += 1;
                continue;
            }
            // Rows after the as-of date are not checked, so that a replay rejects the same rows as the first run.
            let is_later = columns.modified[row] >= end;
            if (is_later && !self.scan.restores) || columns.created[row] >= end {
                ledger.account(batch.file).after_as_of += 1;
                continue;
            }
            let ids = columns.ids(row);
            let payment = columns.payment(row, &self.rules);
            let is_plain = columns.is_plain(row, &ids, &payment, &self.rules);
            let wrong = if is_plain { None } else { columns.wrong(row, &self.rules) };
            let (Some(shop), Some(order), None) = (ids.shop, ids.order, &wrong) else {
                let (reason, detail) = wrong.unwrap_or((Reason::NullKey, "a key is null".to_owned()));
                ledger.reject(Reject {
                    file: batch.file,
                    row: batch.first_row + row as u64,
                    reason,
                    detail,
                    keys: self.keys(columns.ids(row)),
                });
                continue;
            };
            if !columns.null_faults.is_empty() {
                for fault in columns.null_faults(row) {
                    ledger.null_fault(batch.file, batch.first_row + row as u64, fault.column, &fault.detail);
                }
            }
            // A row that was changed later had not been closed or refunded yet; nor one that was still to be paid.
            let was_closed = !is_later
                && !columns.pays_later(row, &self.rules)
                && matches!(payment.status, Seen::Known(Status::Refunded | Status::Cancelled | Status::Closed));
            let refunded = if is_later { 0 } else { payment.refunded };
            let is_refunded_in_full =
                !is_later && payment.paid != NO_TIME && matches!(payment.status, Seen::Known(Status::Refunded | Status::Closed));
            let placed_amount = columns.placed_amounts[row];
            let (shop, shop_hash) = self.shops.code_and_hash(shop);
            // A sale is an event; a date of shipping or of a change may be newer although no sale of those days has arrived.
            let linked = self.scan.links.as_ref().and_then(|links| links.person(ids.customer?));
            let (customer, alias) = linked.map_or((ids.customer, NO_ALIAS), |(person, alias)| (Some(person), alias));
            let newest = payment.paid.max(columns.created[row]);
            ledger.events.note(batch.file, shop, day_of_time(newest));
            let mut title_code = 0;
            if let Some(title) = title_of(row) {
                self.titles.note(shop, self.item_codes[row], day_of_time(columns.created[row]), title);
                // A title of blanks is none.
                let codes = self.title_codes.as_mut().filter(|_| !is_blank(title));
                title_code = codes.map_or(0, |codes| codes.code(Id::Text(title)) + 1);
            }
            each(Line {
                file: batch.file as u32,
                row: (batch.first_row + row as u64) as u32,
                shop,
                shop_hash,
                order,
                line: ids.line,
                customer: customer.or(has_customers.then_some(nobody)),
                alias,
                is_anonymous: has_customers && ids.customer.is_none(),
                modified: self.scan.version(columns.versions[row], is_later),
                created: columns.created[row],
                paid: payment.paid,
                shipped: until(columns.shipped[row]),
                // The platform gives refunded trades an end time too, but they were not completed.
                completed: if is_refunded_in_full { NO_TIME } else { until(columns.completed[row]) },
                placed_amount: if placed_amount == NO_MONEY { zero_if_missing(columns.paid_amounts[row]) } else { placed_amount },
                paid_amount: payment.amount,
                refunded: if is_refunded_in_full { payment.amount } else { refunded },
                quantity: payment.quantity as u32,
                category: self.category_codes[row],
                channel: self.channel_codes[row],
                province: self.province_codes[row],
                item: self.item_codes[row],
                promotion: self.promotion_codes[row],
                title: title_code,
                discount: if payment.paid == NO_TIME { NO_MONEY } else { columns.discount(row) },
                is_closed: (was_closed && payment.paid == NO_TIME) || is_refunded_in_full,
                awaited: if is_later || payment.paid == NO_TIME { Awaited::Unsaid } else { Awaited::of(payment.status) },
            });
        }
    }

    /// The ids of a rejected row as people read them.
    fn keys(&self, ids: RowIds<'_>) -> RowKeys {
        let RowIdTypes { shop, order, line, customer } = &self.id_types;
        let show = |id: Option<Id<'_>>, id_type: &Option<IdType>| Some(id_type.as_ref().unwrap_or(&IdType::text()).show(id?));
        RowKeys {
            shop: show(ids.shop, shop),
            order: show(ids.order, order),
            line: show(ids.line, line),
            customer: show(ids.customer, customer),
        }
    }
}
