//! Converts rows of an export to rows of an input.

use std::collections::BTreeMap;

use super::affiliate::Failures;
use super::buyers::is_masked;
use super::export_file::ExportFile;
use super::layout::{Column, Layout};
use super::options::{Options, PaidMeans};
use super::origin::Origin;
use super::paid::Evidence;
use super::parts::Parts;
use super::privacy::province;
use super::product;
use super::redaction::{is_status, redacted};
use super::row::Row;
use super::row_checks;
use super::status::{self, Meaning};
use super::value::{self, Value};
use crate::input::declared::columns::{InputKind, ORDERS, REFUNDS};
use crate::job::Status;

/// A row that is left out, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The export, where it is not the one that is being read.
    pub file: Option<String>,
    /// The number of the row in its file.
    pub row: u64,
    /// The name of the column in the file; empty where the fault is the whole row's.
    pub column: String,
    /// What was found, and what was expected.
    pub found: String,
}

/// Converts the rows of one file.
pub struct Converter<'a> {
    options: &'a Options,
    layout: &'a Layout,
    /// Cells of the header.
    width: usize,
    /// Cells of the header up to its last name: every complete row of a text file has as many.
    named: usize,
    /// The shop of rows that name none.
    shop: &'a str,
    means: PaidMeans,
    positions: Positions,
    /// Where the rows come from, with the counts, times, shops and statuses found so far.
    pub origin: Origin,
    /// What its refunded orders show about the amounts paid.
    pub evidence: Evidence,
    /// Orders closed after payment whose amount paid is 0 in the file: the amount of the order is used.
    pub restored: u64,
    /// Rows whose buyer is written with asterisks.
    pub masked: u64,
    /// Rows that name no buyer, in a file that has a column of buyers.
    pub without_buyer: u64,
    /// The parts of the shop that rows are of.
    pub parts: Parts,
    failures: Failures,
    /// What the statuses found so far mean.
    statuses: BTreeMap<String, Meaning>,
}

/// The positions of our columns in a row of values.
struct Positions {
    shop: Option<usize>,
    order: Option<usize>,
    customer: Option<usize>,
    created: Option<usize>,
    paid_at: Option<usize>,
    status: Option<usize>,
    total: Option<usize>,
    goods: Option<usize>,
    postage: Option<usize>,
    paid: Option<usize>,
    refund: Option<usize>,
    row: Option<usize>,
    /// The column of ids that the number of the row stands for, besides orders without numbers.
    numbered: Option<usize>,
    /// Columns that every row must fill.
    required: Vec<usize>,
}

impl<'a> Converter<'a> {
    /// A converter for a file with this layout. `shop` is the shop of rows that name none.
    pub fn new(options: &'a Options, source: &ExportFile, layout: &'a Layout, origin: Origin, shop: &'a str, means: PaidMeans) -> Self {
        let at = |name: &str| layout.position(name);
        let input = options.what.input();
        let is_required = |column: &&Column| input.columns.iter().any(|own| own.name == column.name && own.required);
        // The amount paid may be null while nothing is paid; the amounts of items may follow from their order.
        let open: &[&str] = match input.name {
            name if name == ORDERS.name => &["paid_amount", "created_at"],
            // Required only of refunds that were paid, which their status shows.
            name if name == REFUNDS.name => &["amount", "completed_at"],
            _ => &[],
        };
        let is_open = |column: &&Column| open.contains(&column.name.as_str());
        let is_added = |column: &&Column| column.cell.is_none() && column.factors.is_empty();
        let required = layout.columns.iter().filter(is_required).filter(|column| !is_open(column) && !is_added(column));
        let required = required.filter_map(|column| at(&column.name));
        let positions = Positions {
            shop: at("shop_id"),
            order: at("order_id"),
            customer: at("customer_id"),
            created: at("created_at"),
            paid_at: at("paid_at"),
            status: at("status").filter(|_| [ORDERS.name, REFUNDS.name].contains(&input.name)),
            total: at("order_amount"),
            goods: at("_goods"),
            postage: at("_postage"),
            paid: at("paid_amount"),
            refund: at("refund_amount"),
            row: at("_row"),
            numbered: ["line_id", "refund_id"].into_iter().find_map(|name| at(name).filter(|_| !layout.has(name))),
            required: required.collect(),
        };
        Converter {
            options,
            layout,
            width: source.header.columns.len(),
            named: source.header.columns.iter().rposition(|name| !name.is_empty()).map_or(0, |last| last + 1),
            shop,
            means,
            positions,
            origin,
            evidence: Evidence::default(),
            restored: 0,
            masked: 0,
            without_buyer: 0,
            parts: Parts::new(input.name, layout),
            failures: Failures::new(layout),
            statuses: BTreeMap::new(),
        }
    }

    /// The values of a row, one for each column of the layout.
    ///
    /// # Errors
    /// Why the row is left out.
    pub fn row(&mut self, row: &Row) -> Result<Vec<Value>, Rejection> {
        self.origin.rows += 1;
        self.convert(row).inspect_err(|_| self.origin.rejected += 1)
    }

    fn convert(&mut self, row: &Row) -> Result<Vec<Value>, Rejection> {
        let reject = |column: &str, found: String| Rejection { file: None, row: row.number, column: column.to_owned(), found };
        self.check_shape(row).map_err(|(column, found)| reject(column, found))?;
        let mut values = Vec::with_capacity(self.layout.columns.len());
        for column in &self.layout.columns {
            let Some(position) = column.cell else {
                let amount = if column.factors.is_empty() { Ok(None) } else { product::amount(&column.factors, |at| row.cell(at)) };
                let amount = amount.map_err(|(factor, found)| match factor.is_empty() {
                    true => reject(&column.theirs, found),
                    false => reject(&factor, format!("{}: a number is expected", redacted(&found))),
                })?;
                let value = amount.map_or(Value::Null, Value::Integer);
                row_checks::value(self.options.what.input(), &column.name, column.kind, &value, self.options.today)
                    .map_err(|found| reject(&column.theirs, found))?;
                values.push(value);
                continue;
            };
            let cell = row.cell(position);
            let mut read = value::read(cell, column.kind).map_err(|found| reject(&column.theirs, found))?;
            row_checks::value(self.options.what.input(), &column.name, column.kind, &read, self.options.today)
                .map_err(|found| reject(&column.theirs, found))?;
            if column.is_address {
                read = read.text().and_then(province).map_or(Value::Null, |province| Value::Text(province.to_owned()));
            }
            values.push(read);
        }
        set(&mut values, self.positions.row, Value::Integer(i64::try_from(row.number).unwrap_or(i64::MAX)));
        let theirs = |position: usize| self.layout.columns.get(position).map_or("", |column| column.theirs.as_str());
        let digits = self.origin.sha256.get(..8).unwrap_or_default();
        for numbered in [self.positions.order.filter(|_| self.origin.is_numbered), self.positions.numbered] {
            set(&mut values, numbered, Value::Text(format!("{digits}-{}", row.number)));
        }
        let is_null = |position: &&usize| matches!(values.get(**position), Some(Value::Null) | None);
        if let Some(missing) = self.positions.required.iter().find(is_null) {
            return Err(reject(theirs(*missing), "is empty".to_owned()));
        }
        // An order without a buyer is one of its shop; a run counts it, unless the job says `customers: required`.
        self.without_buyer += u64::from(self.positions.customer.as_ref().is_some_and(|customer| is_null(&customer)));
        let status = match self.positions.status {
            None => None,
            Some(place) => self.status(get(&values, Some(place)).text()).map_err(|found| reject(theirs(place), found))?,
        };
        self.shop_and_buyer(&mut values);
        self.parts.set(&mut values);
        self.failures.take_back(&mut values);
        if self.options.what.is_orders() {
            self.times(&mut values, status).map_err(|found| reject("", found))?;
            self.amounts(&mut values, status);
        }
        self.check(&values, status).map_err(|(place, found)| reject(place.map_or("", theirs), found))?;
        for (column, value) in self.layout.columns.iter().zip(&values) {
            if let (InputKind::Time, Value::Integer(time)) = (column.kind, value) {
                self.origin.note_time(*time);
                if ["created_at", "paid_at"].contains(&column.name.as_str()) {
                    self.origin.note_sale(*time);
                }
            }
        }
        Ok(values)
    }

    /// Checks that a row has as many cells as the header and is complete.
    ///
    /// # Errors
    /// The column, or an empty name, and what was found.
    fn check_shape(&self, row: &Row) -> Result<(), (&'a str, String)> {
        if row.is_broken {
            return Err(("", "a quotation mark opens in this line and does not close".to_owned()));
        }
        let (cells, width) = (row.cells.len(), self.width);
        let extra = row.cells.iter().skip(width).filter(|cell| !cell.shown().is_empty()).count();
        if extra > 0 {
            return Err(("", format!("{cells} cells, the header has {width}: is a separator in a cell without quotation marks?")));
        }
        if row.is_text && cells < self.named {
            let why = "is it cut off, or is a line break in a cell without quotation marks?";
            return Err(("", format!("{cells} cells, the header has {width}: {why}")));
        }
        // If the export was still being written, the last cell may be half a time or half an amount.
        let last = self.layout.columns.iter().find(|column| column.cell.is_some_and(|cell| cell + 1 == cells));
        if let Some(column) = last.filter(|column| row.is_last_open && column.kind != InputKind::Text)
            && !is_complete(&row.cell(cells.saturating_sub(1)).shown())
        {
            let why =
                "the file ends in this cell without an end of line, so the cell may be cut off: export it again, or end its last line";
            return Err((&column.theirs, why.to_owned()));
        }
        Ok(())
    }

    /// Checks whether a run would accept the row.
    ///
    /// # Errors
    /// The position of the column, and what was found.
    fn check(&self, values: &[Value], status: Option<Status>) -> Result<(), (Option<usize>, String)> {
        let located = |(name, found): (&str, String)| (self.layout.position(name), found);
        let value = |name: &str| get(values, self.layout.position(name));
        row_checks::row(self.options.what.input(), status, value).map_err(located)?;
        if self.options.what.folder() == "orders" && value("paid_at").integer().is_some() {
            row_checks::paid(value("paid_amount").integer(), value("refund_amount").integer()).map_err(located)?;
        }
        Ok(())
    }

    /// What a status means. Statuses that a run does not know are kept for the job file.
    fn status(&mut self, text: Option<&str>) -> Result<Option<Status>, String> {
        let Some(text) = text else { return Ok(None) };
        let meaning = match self.statuses.get(text) {
            Some(meaning) => *meaning,
            None => {
                let meaning = match self.options.what.is_orders() {
                    true => status::meaning(text, &self.options.statuses),
                    false => status::of_refund(text, &self.options.statuses),
                };
                self.statuses.insert(text.to_owned(), meaning);
                if let Meaning::Job(status) = meaning {
                    self.origin.statuses.insert(text.to_owned(), status.name().to_owned());
                }
                meaning
            }
        };
        match meaning {
            Meaning::Run(status) | Meaning::Job(status) => Ok(Some(status)),
            Meaning::Unknown => {
                let example = if self.options.what.is_orders() { "completed" } else { "success" };
                Err(match is_status(text) {
                    true => format!("`{text}`: its meaning is not known; give it, for example --status '{text}={example}'"),
                    false => format!("{}: a status is expected", redacted(text)),
                })
            }
        }
    }

    fn shop_and_buyer(&mut self, values: &mut [Value]) {
        if let Some(place) = self.positions.shop {
            let own = get(values, Some(place)).text().filter(|_| self.options.shop.is_none()).unwrap_or(self.shop).to_owned();
            self.origin.note_shop(&own);
            set(values, Some(place), Value::Text(own));
        }
        if let Some(name) = get(values, self.positions.customer).text() {
            self.masked += u64::from(is_masked(name));
            if let Some(pseudonyms) = &self.options.pseudonyms {
                let pseudonym = pseudonyms.of(name);
                set(values, self.positions.customer, Value::Text(pseudonym));
            }
        }
    }

    /// Fills in the time that an export of orders lacks. Order lines get the times of their order later.
    fn times(&self, values: &mut [Value], status: Option<Status>) -> Result<(), String> {
        let (created, paid) = (get(values, self.positions.created).integer(), get(values, self.positions.paid_at).integer());
        if self.options.what.folder() != "orders" {
            return Ok(());
        }
        let Some(created) = created.or(paid) else { return Err("has neither a time of creation nor one of payment".to_owned()) };
        set(values, self.positions.created, Value::Integer(created));
        if !self.layout.has("paid_at") {
            let is_paid = match status {
                None => self.positions.status.is_none(),
                Some(status) => matches!(status, Status::Paid | Status::Shipped | Status::Completed | Status::Refunded),
            };
            set(values, self.positions.paid_at, if is_paid { Value::Integer(created) } else { Value::Null });
        }
        Ok(())
    }

    /// Fills in the amount of the order and the amount paid before refunds.
    fn amounts(&mut self, values: &mut [Value], status: Option<Status>) {
        let amount = |place: Option<usize>, values: &[Value]| get(values, place).integer();
        let goods = amount(self.positions.goods, values);
        let total = amount(self.positions.total, values).or_else(|| Some(goods? + amount(self.positions.postage, values).unwrap_or(0)));
        if let Some(total) = total {
            set(values, self.positions.total, Value::Integer(total));
        }
        let is_paid = self.positions.paid_at.is_none() || amount(self.positions.paid_at, values).is_some();
        let (paid, refund) = (amount(self.positions.paid, values), amount(self.positions.refund, values).unwrap_or(0));
        if !is_paid {
            return;
        }
        self.evidence.note(total, paid.unwrap_or(0), refund);
        let was_paid = match (self.means, paid) {
            // Of an order closed after payment, some exports show neither the amount paid nor the refund.
            (means, None | Some(0))
                if (refund == 0 || (means == PaidMeans::Gross && total == Some(refund)))
                    && matches!(status, Some(Status::Closed | Status::Refunded)) =>
            {
                self.restored += u64::from(total.is_some_and(|total| total > 0));
                total.or(paid)
            }
            (PaidMeans::Net, Some(paid)) => Some(paid.saturating_add(refund)),
            (PaidMeans::Net, None) if refund > 0 => Some(refund),
            (_, paid) => paid,
        };
        set(values, self.positions.paid, was_paid.map_or(Value::Null, Value::Integer));
    }
}

/// Whether a text ends as only a complete amount or time of day does: with two digits after a decimal point or a second colon.
fn is_complete(text: &str) -> bool {
    let mut letters = text.trim_end_matches('元').bytes().rev();
    let has_digits = letters.by_ref().take(2).filter(u8::is_ascii_digit).count() == 2;
    match letters.next() {
        Some(b'.') => has_digits,
        Some(b':') => has_digits && text.matches(':').count() == 2,
        _ => false,
    }
}

static NOTHING: Value = Value::Null;

fn get(values: &[Value], place: Option<usize>) -> &Value {
    place.and_then(|place| values.get(place)).unwrap_or(&NOTHING)
}

fn set(values: &mut [Value], place: Option<usize>, value: Value) {
    if let Some(own) = place.and_then(|place| values.get_mut(place)) {
        *own = value;
    }
}
