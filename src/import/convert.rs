//! Rows of an export to rows of an input.

use std::collections::BTreeMap;

use super::judge;
use super::layout::{Column, Layout};
use super::options::{Options, PaidMeans};
use super::origin::Origin;
use super::paid::Evidence;
use super::privacy::province;
use super::row::Row;
use super::source::Source;
use super::status::{self, Meaning};
use super::told::{is_status, told};
use super::value::{self, Value};
use crate::input::columns::Kind;
use crate::job::Status;

/// Why a row is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The export, where it is not the one under way.
    pub file: Option<String>,
    /// The number of the row in its file.
    pub row: u64,
    /// The column, as the file calls it; empty where it is the row as such.
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
    /// Those up to its last name: no row of a text file has fewer.
    named: usize,
    /// The shop of rows that name none.
    shop: &'a str,
    means: PaidMeans,
    places: Places,
    /// What the file turned out to have.
    pub origin: Origin,
    /// What its refunded orders say of the amounts paid.
    pub evidence: Evidence,
    /// Closed orders that were paid, whose amount is 0 now: that of the order was taken.
    pub restored: u64,
    /// Rows whose buyer is written with asterisks.
    pub masked: u64,
    /// What the statuses mean that were seen.
    statuses: BTreeMap<String, Meaning>,
}

/// Where our columns are in a row of values.
struct Places {
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
    /// Without them a row is nothing.
    required: Vec<usize>,
}

impl<'a> Converter<'a> {
    /// One for a file of that layout. `origin` says which file it is; `shop` is that of rows that name none.
    pub fn new(options: &'a Options, source: &Source, layout: &'a Layout, origin: Origin, shop: &'a str, means: PaidMeans) -> Self {
        let at = |name: &str| layout.position(name);
        let input = options.what.input();
        let is_required = |column: &&Column| input.columns.iter().any(|own| own.name == column.name && own.required);
        // What was paid may be null while nothing was; what items cost may follow from their order.
        let open: &[&str] = match input.name {
            "orders" => &["paid_amount", "created_at"],
            // Only of refunds that were paid; which ones those are their status says.
            "refunds" => &["amount", "completed_at"],
            _ => &[],
        };
        let is_open = |column: &&Column| open.contains(&column.name.as_str());
        let is_added = |column: &&Column| column.cell.is_none();
        let required = layout.columns.iter().filter(is_required).filter(|column| !is_open(column) && !is_added(column));
        let required = required.filter_map(|column| at(&column.name));
        let places = Places {
            shop: at("shop_id"),
            order: at("order_id"),
            customer: at("customer_id"),
            created: at("created_at"),
            paid_at: at("paid_at"),
            status: at("status").filter(|_| ["orders", "refunds"].contains(&input.name)),
            total: at("order_amount"),
            goods: at("_goods"),
            postage: at("_postage"),
            paid: at("paid_amount"),
            refund: at("refund_amount"),
            row: at("_row"),
            required: required.collect(),
        };
        Converter {
            options,
            layout,
            width: source.header.columns.len(),
            named: source.header.columns.iter().rposition(|name| !name.is_empty()).map_or(0, |last| last + 1),
            shop,
            means,
            places,
            origin,
            evidence: Evidence::default(),
            restored: 0,
            masked: 0,
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
        self.shape(row).map_err(|(column, found)| reject(column, found))?;
        let mut values = Vec::with_capacity(self.layout.columns.len());
        for column in &self.layout.columns {
            let Some(position) = column.cell else {
                values.push(Value::Null);
                continue;
            };
            let cell = row.cell(position);
            let mut read = value::read(cell, column.kind).map_err(|found| reject(&column.theirs, found))?;
            judge::value(self.options.what.input(), &column.name, column.kind, &read, self.options.today)
                .map_err(|found| reject(&column.theirs, found))?;
            if column.is_address {
                read = read.text().and_then(province).map_or(Value::Null, |province| Value::Text(province.to_owned()));
            }
            values.push(read);
        }
        set(&mut values, self.places.row, Value::Integer(i64::try_from(row.number).unwrap_or(i64::MAX)));
        let theirs = |position: usize| self.layout.columns.get(position).map_or("", |column| column.theirs.as_str());
        if self.origin.is_numbered {
            let digits = self.origin.sha256.get(..8).unwrap_or_default();
            set(&mut values, self.places.order, Value::Text(format!("{digits}-{}", row.number)));
        }
        let is_null = |position: &&usize| matches!(values.get(**position), Some(Value::Null) | None);
        // Whose a line is its order may say.
        let customer = self.places.customer.iter().filter(|_| self.options.what.folder() != "items");
        if let Some(missing) = self.places.required.iter().chain(customer).find(is_null) {
            return Err(reject(theirs(*missing), "is empty".to_owned()));
        }
        let status = match self.places.status {
            None => None,
            Some(place) => self.status(get(&values, Some(place)).text()).map_err(|found| reject(theirs(place), found))?,
        };
        self.shop_and_buyer(&mut values);
        if self.options.what.is_orders() {
            self.times(&mut values, status).map_err(|found| reject("", found))?;
            self.amounts(&mut values, status);
        }
        self.judge(&values, status).map_err(|(place, found)| reject(place.map_or("", theirs), found))?;
        for (column, value) in self.layout.columns.iter().zip(&values) {
            if let (Kind::Time, Value::Integer(time)) = (column.kind, value) {
                self.origin.note_time(*time);
            }
        }
        Ok(values)
    }

    /// Whether a row has the cells that the header has.
    ///
    /// # Errors
    /// The column, or none, and what was found.
    fn shape(&self, row: &Row) -> Result<(), (&'a str, String)> {
        if row.is_broken {
            return Err(("", "a quotation mark opens in this line and does not close".to_owned()));
        }
        let (cells, width) = (row.cells.len(), self.width);
        let extra = row.cells.iter().skip(width).filter(|cell| !cell.shown().is_empty()).count();
        if extra > 0 {
            return Err(("", format!("{cells} cells, the header has {width}: a separator within a cell that is not in quotation marks?")));
        }
        if row.is_text && cells < self.named {
            let why = "cut off, or a line break within a cell that is not in quotation marks?";
            return Err(("", format!("{cells} cells, the header has {width}: {why}")));
        }
        // Where an export was still being written, what stands last may be half a time or half an amount.
        let last = self.layout.columns.iter().find(|column| column.cell.is_some_and(|cell| cell + 1 == cells));
        if let Some(column) = last.filter(|column| row.is_last_open && column.kind != Kind::Text)
            && !is_complete(&row.cell(cells.saturating_sub(1)).shown())
        {
            let why = "the file ends in this cell, without an end of line, so that it may be cut off: export it anew, or end its last line";
            return Err((&column.theirs, why.to_owned()));
        }
        Ok(())
    }

    /// Whether a run would take the row.
    ///
    /// # Errors
    /// The position of the column, and what was found.
    fn judge(&self, values: &[Value], status: Option<Status>) -> Result<(), (Option<usize>, String)> {
        let told = |(name, found): (&str, String)| (self.layout.position(name), found);
        let value = |name: &str| get(values, self.layout.position(name));
        judge::row(self.options.what.input(), status, value).map_err(told)?;
        if self.options.what.folder() == "orders" && value("paid_at").integer().is_some() {
            judge::paid(value("paid_amount").integer(), value("refund_amount").integer()).map_err(told)?;
        }
        Ok(())
    }

    /// What a status means; those that a run does not know are noted for the job file.
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
                    true => format!("`{text}`: what it means is not known; say so with --status '{text}={example}' or the like"),
                    false => format!("{}: a status is expected", told(text)),
                })
            }
        }
    }

    fn shop_and_buyer(&mut self, values: &mut [Value]) {
        if let Some(place) = self.places.shop {
            let own = get(values, Some(place)).text().filter(|_| self.options.shop.is_none()).unwrap_or(self.shop).to_owned();
            self.origin.note_shop(&own);
            set(values, Some(place), Value::Text(own));
        }
        if let Some(name) = get(values, self.places.customer).text() {
            self.masked += u64::from(name.contains('*'));
            if let Some(pseudonyms) = &self.options.pseudonyms {
                let pseudonym = pseudonyms.of(name);
                set(values, self.places.customer, Value::Text(pseudonym));
            }
        }
    }

    /// Fills in the time that an export of orders does not have; lines of orders may have those of their order later.
    fn times(&self, values: &mut [Value], status: Option<Status>) -> Result<(), String> {
        let (created, paid) = (get(values, self.places.created).integer(), get(values, self.places.paid_at).integer());
        if self.options.what.folder() != "orders" {
            return Ok(());
        }
        let Some(created) = created.or(paid) else { return Err("neither a time of creation nor one of payment".to_owned()) };
        set(values, self.places.created, Value::Integer(created));
        if !self.layout.has("paid_at") {
            let is_paid = match status {
                None => self.places.status.is_none(),
                Some(status) => matches!(status, Status::Paid | Status::Shipped | Status::Completed | Status::Refunded),
            };
            set(values, self.places.paid_at, if is_paid { Value::Integer(created) } else { Value::Null });
        }
        Ok(())
    }

    /// What the order cost, what was paid, what was refunded.
    fn amounts(&mut self, values: &mut [Value], status: Option<Status>) {
        let amount = |place: Option<usize>, values: &[Value]| get(values, place).integer();
        let goods = amount(self.places.goods, values);
        let total = amount(self.places.total, values).or_else(|| Some(goods? + amount(self.places.postage, values).unwrap_or(0)));
        if let Some(total) = total {
            set(values, self.places.total, Value::Integer(total));
        }
        let is_paid = self.places.paid_at.is_none() || amount(self.places.paid_at, values).is_some();
        let (paid, refund) = (amount(self.places.paid, values), amount(self.places.refund, values).unwrap_or(0));
        if !is_paid {
            return;
        }
        self.evidence.note(total, paid.unwrap_or(0), refund);
        let was_paid = match (self.means, paid) {
            // Of an order that was closed after payment some exports show that nothing is left, and not what went back.
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
        set(values, self.places.paid, was_paid.map_or(Value::Null, Value::Integer));
    }
}

/// Whether a text ends as only a whole amount or a whole time of day does: with two digits behind a point or a second colon.
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
