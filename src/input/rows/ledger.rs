//! The ledger: counts every row of an input as used, superseded, rejected, after the as-of date or filtered, so that none is dropped
//! silently.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::events::Events;
use crate::error::{Error, Problem, Result};
use crate::input::mapping::advice::name;
use crate::input::mapping::dataset::Dataset;
use crate::input::times::time_forms::of_texts;

/// The account of one file: `rows` is the sum of the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Account {
    /// Rows read.
    pub rows: u64,
    /// Rows from which tables are computed.
    pub used: u64,
    /// Older versions of rows used.
    pub superseded: u64,
    /// Rows sent to the `rejects` table.
    pub rejected: u64,
    /// Rows after the as-of date.
    pub after_as_of: u64,
    /// Rows left out by the job's filter.
    pub filtered: u64,
    /// Cells of rows that count which could not be read and count as null. No term of the sum.
    pub null_faults: u64,
}

impl Account {
    /// Adds another account.
    pub fn add(&mut self, other: &Account) {
        self.rows += other.rows;
        self.used += other.used;
        self.superseded += other.superseded;
        self.rejected += other.rejected;
        self.after_as_of += other.after_as_of;
        self.filtered += other.filtered;
        self.null_faults += other.null_faults;
    }
}

/// Why a row was rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// A key column is null.
    NullKey,
    /// A cell cannot be read as what its column holds.
    UnparseableValue,
    /// A status that neither the program nor the job knows, or an unknown kind of violation or arm.
    UnknownStatus,
    /// An amount, a count, a target, points or a service score below zero.
    NegativeAmount,
    /// Paid earlier than placed.
    PaidBeforeCreated,
    /// Paid, and the amount is null.
    PaidWithoutAmount,
    /// More refunded than was paid.
    RefundExceedsPaid,
    /// A score outside 1 to 5.
    ScoreOutOfRange,
    /// Lines of one order name two customers.
    CustomerConflict,
    /// A campaign that ends before it starts.
    EndsBeforeStart,
    /// Two publishers claim the commission of one order line.
    PublisherConflict,
}

impl Reason {
    /// All reasons.
    pub const ALL: [Reason; 11] = [
        Reason::NullKey,
        Reason::UnparseableValue,
        Reason::UnknownStatus,
        Reason::NegativeAmount,
        Reason::PaidBeforeCreated,
        Reason::PaidWithoutAmount,
        Reason::RefundExceedsPaid,
        Reason::ScoreOutOfRange,
        Reason::CustomerConflict,
        Reason::EndsBeforeStart,
        Reason::PublisherConflict,
    ];

    /// The name in the `rejects` table.
    pub fn name(self) -> &'static str {
        match self {
            Reason::NullKey => "null_key",
            Reason::UnparseableValue => "unparseable_value",
            Reason::UnknownStatus => "unknown_status",
            Reason::NegativeAmount => "negative_amount",
            Reason::PaidBeforeCreated => "paid_before_created",
            Reason::PaidWithoutAmount => "paid_without_amount",
            Reason::RefundExceedsPaid => "refund_exceeds_paid",
            Reason::ScoreOutOfRange => "score_out_of_range",
            Reason::CustomerConflict => "customer_conflict",
            Reason::EndsBeforeStart => "ends_before_start",
            Reason::PublisherConflict => "publisher_conflict",
        }
    }
}

/// The most rejected rows in which the form of times is looked for.
const MOST_READ: usize = 10_000;

/// The most characters of a detail or key: a cell may hold a whole document.
const LONGEST_DETAIL: usize = 200;

/// Cuts a text that is longer.
fn shorten(text: &mut String) {
    if let Some((end, _)) = text.char_indices().nth(LONGEST_DETAIL) {
        text.truncate(end);
        text.push('…');
    }
}

/// One rejected row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reject {
    /// The file's position in its dataset.
    pub file: usize,
    /// The row of the file, from 0.
    pub row: u64,
    /// The reason.
    pub reason: Reason,
    /// The column and its value.
    pub detail: String,
    /// The row's ids as people read them.
    pub keys: RowKeys,
}

/// The ids of a row as people read them, where it has them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct RowKeys {
    /// `shop_id`.
    pub shop: Option<String>,
    /// `order_id`.
    pub order: Option<String>,
    /// `line_id`.
    pub line: Option<String>,
    /// `customer_id`.
    pub customer: Option<String>,
}

/// The cells of a column that could not be read and count as null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NullFaults {
    /// How many.
    pub cells: u64,
    /// The row of the first one.
    pub first_row: u64,
    /// What was found there.
    pub detail: String,
}

/// The accounts of an input, by file, and its rejected rows.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    /// By file of the dataset.
    pub accounts: Vec<Account>,
    /// Rejected rows.
    pub rejects: Vec<Reject>,
    /// The newest events.
    pub events: Events,
    /// By column and file: cells that count as null.
    pub null_faults: BTreeMap<(&'static str, usize), NullFaults>,
    /// Files with a time after the as-of date, each with the column and the time of one, the latest: what becomes of their rows may be another
    /// thing on a later date.
    pub open_files: BTreeMap<usize, (&'static str, i64)>,
    /// Rows superseded by a row of another part of the input: of another folder such as `region=north/`.
    pub across_parts: u64,
}

impl Ledger {
    /// An empty ledger for the files of a dataset.
    pub fn new(files: usize) -> Self {
        Ledger { accounts: vec![Account::default(); files], ..Ledger::default() }
    }

    /// The account of a file.
    pub fn account(&mut self, file: usize) -> &mut Account {
        if file >= self.accounts.len() {
            self.accounts.resize(file + 1, Account::default());
        }
        &mut self.accounts[file]
    }

    /// Notes a time of a file after the as-of date.
    pub fn note_open(&mut self, file: usize, column: &'static str, time: i64) {
        let known = self.open_files.entry(file).or_insert((column, time));
        if (time, column) > (known.1, known.0) {
            *known = (column, time);
        }
    }

    /// Adds a rejected row.
    pub fn reject(&mut self, mut reject: Reject) {
        let RowKeys { shop, order, line, customer } = &mut reject.keys;
        [shop, order, line, customer].into_iter().flatten().chain([&mut reject.detail]).for_each(shorten);
        self.account(reject.file).rejected += 1;
        self.rejects.push(reject);
    }

    /// Adds a cell of a row that counts, which could not be read and counts as null.
    pub fn null_fault(&mut self, file: usize, row: u64, column: &'static str, detail: &str) {
        self.account(file).null_faults += 1;
        let mut detail = detail.to_owned();
        shorten(&mut detail);
        self.add_null_faults((column, file), NullFaults { cells: 1, first_row: row, detail });
    }

    fn add_null_faults(&mut self, place: (&'static str, usize), more: NullFaults) {
        match self.null_faults.get_mut(&place) {
            None => drop(self.null_faults.insert(place, more)),
            Some(known) => {
                let cells = known.cells + more.cells;
                // The first in the file, whichever thread found it first.
                if more.first_row < known.first_row {
                    *known = more;
                }
                known.cells = cells;
            }
        }
    }

    /// The warnings about cells that count as null.
    pub fn null_warnings(&self, dataset: &Dataset) -> Vec<String> {
        // By column, the first file comes first.
        let mut columns: Vec<(&str, u64, (usize, &NullFaults))> = Vec::new();
        for ((column, file), faults) in &self.null_faults {
            match columns.last_mut().filter(|last| last.0 == *column) {
                Some((_, cells, _)) => *cells += faults.cells,
                None => columns.push((column, faults.cells, (*file, faults))),
            }
        }
        let warning = |(column, cells, (file, NullFaults { first_row, detail, .. })): (&str, u64, (usize, &NullFaults))| {
            let file = dataset.files.get(file).map_or("", |file| file.file.label.as_str());
            let input = dataset.input.name;
            format!("input `{input}`: {cells} cells of `{column}` cannot be read and count as null, {file} row {first_row} first: {detail}")
        };
        columns.into_iter().map(warning).collect()
    }

    /// Adds another ledger of the same input.
    pub fn add(&mut self, other: Ledger) {
        for (file, account) in other.accounts.iter().enumerate() {
            self.account(file).add(account);
        }
        self.rejects.extend(other.rejects);
        self.events.add(&other.events);
        other.null_faults.into_iter().for_each(|(place, faults)| self.add_null_faults(place, faults));
        other.open_files.into_iter().for_each(|(file, (column, time))| self.note_open(file, column, time));
        self.across_parts += other.across_parts;
    }

    /// Adds a reject that was counted before.
    pub fn restore_reject(&mut self, reject: Reject) {
        self.rejects.push(reject);
    }

    /// Adds the cells of a column of a file that were counted before.
    pub fn restore_null_faults(&mut self, column: &'static str, file: usize, faults: NullFaults) {
        self.add_null_faults((column, file), faults);
    }

    /// All files together.
    pub fn total(&self) -> Account {
        let mut total = Account::default();
        for account in &self.accounts {
            total.add(account);
        }
        total
    }

    /// How to map the column of the first time that cannot be read, where the form of its texts is known; empty where it is not.
    fn time_advice(&self, dataset: &Dataset) -> String {
        let unread = |reject: &'_ Reject| -> Option<(String, String)> {
            let (column, rest) = reject.detail.split_once(": `")?;
            let (text, _) = rest.rsplit_once("`: a time from ")?;
            (reject.reason == Reason::UnparseableValue).then(|| (column.to_owned(), text.to_owned()))
        };
        let found: Vec<(String, String)> = self.rejects.iter().take(MOST_READ).filter_map(unread).collect();
        let Some((column, _)) = found.first() else { return String::new() };
        let written = dataset.spec.columns.get(column).map_or(column.as_str(), String::as_str);
        let texts: Vec<&str> = found.iter().filter(|(other, _)| other == column).map(|(_, text)| text.as_str()).collect();
        let forms: Vec<String> = of_texts(&texts, &name(written))
            .into_iter()
            .filter(|form| form.suits(column))
            .map(|form| format!("{} are read by `{column}: {}` under `columns:`{}", form.what, form.expression, form.also(column)))
            .collect();
        if forms.is_empty() { String::new() } else { format!("{}; ", forms.join(", or ")) }
    }

    /// Sorts the rejected rows by file and row, and fails if there are too many.
    ///
    /// # Errors
    /// [`Error::Input`] where more than `max_share` of the rows were rejected.
    pub fn close(&mut self, dataset: &Dataset, max_share: f64) -> Result<()> {
        self.rejects.sort_unstable();
        let total = self.total();
        if total.rejected as f64 <= max_share * total.rows as f64 {
            return Ok(());
        }
        let mut counts: Vec<(Reason, u64)> = Vec::new();
        for reject in &self.rejects {
            match counts.iter_mut().find(|(reason, _)| *reason == reject.reason) {
                Some((_, count)) => *count += 1,
                None => counts.push((reject.reason, 1)),
            }
        }
        counts.sort_unstable_by_key(|(reason, count)| (std::cmp::Reverse(*count), *reason));
        let counts: Vec<String> = counts.iter().map(|(reason, count)| format!("{} {count}", reason.name())).collect();
        let examples: Vec<String> = self
            .rejects
            .iter()
            .take(3)
            .map(|reject| {
                let file = dataset.files.get(reject.file).map_or("", |file| file.file.label.as_str());
                format!("{file} row {}: {}: {}", reject.row, reject.reason.name(), reject.detail)
            })
            .collect();
        let message = format!(
            "input `{}`: {} of {} rows are wrong, {} % are allowed (max_reject_share): {}",
            dataset.input.name,
            total.rejected,
            total.rows,
            max_share * 100.0,
            counts.join(", ")
        );
        Err(Error::Input(vec![Problem::new(&dataset.spec.place, message).details(examples).help(format!(
            "{}fix the rows or the mapping; rows that do not belong to the input are left out by `filter: CONDITION`; if wrong rows are to be \
                 left out, raise params.max_reject_share: they are then listed in the table `rejects`",
            self.time_advice(dataset),
        ))]))
    }
}
