//! Scanning an input: reads its pieces on all threads, and combines rows and ledgers in the order of the files.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use rayon::prelude::*;

use super::ahead::Lead;
use super::batch::{Batch, Piece};
use super::decoded::Decoded;
use super::ledger::{Ledger, Reason, Reject, RowKeys};
use crate::error::{Error, Problem, Result};
use crate::input::mapping::dataset::Dataset;
use crate::input::times::clock::Clock;
use crate::input::values::fault::{Fault, Faults};
use crate::input::values::ids::Ids;
use crate::input::values::links::Links;
use crate::spec::{Day, Id, IdType};

/// The settings of every reader of an input.
#[derive(Debug, Clone)]
pub struct Scan<'a> {
    /// The as-of date.
    pub as_of: Day,
    /// The first moment that is not known any more, local time in microseconds: as a rule the end of the as-of date.
    pub end: i64,
    /// The job's timezone.
    pub clock: Clock,
    /// The one shop of inputs without `shop_id`.
    pub shop: &'a str,
    /// Whether a row that was changed after the as-of date is taken back to what it was before, where no earlier version does: without what
    /// happened later. For nights of the past, of which exports may have kept the last version only.
    pub restores: bool,
    /// Which ids of customers are of one person; `None` where the job has none that are.
    pub links: Option<Arc<Links>>,
    /// Batches that earlier runs decoded; `None` where all are to be decoded.
    pub decoded: Option<Arc<Decoded>>,
}

impl Scan<'_> {
    /// The columns of the times by which a row with versions lies before or after the as-of date.
    pub fn known_by(&self) -> &'static [&'static str] {
        if self.restores { &["created_at"] } else { &["created_at", "modified_at"] }
    }

    /// The place of a version among those of its row, by the time of its change: the earliest of those after the as-of date comes before all
    /// that were known by then.
    pub fn version(&self, modified: i64, is_later: bool) -> i64 {
        if is_later { -modified } else { modified }
    }

    /// The first moment that is not known any more.
    pub fn end(&self) -> i64 {
        self.end
    }

    /// The id that stands for that of a customer.
    #[inline]
    pub fn person<'i>(&'i self, customer: Id<'i>) -> Id<'i> {
        self.links.as_ref().and_then(|links| links.person(customer)).map_or(customer, |(person, _)| person)
    }

    /// The shops of a batch's rows.
    pub fn shops(&self, batch: &Batch<'_>) -> Ids {
        match batch.ids("shop_id") {
            Ids::Absent => Ids::Constant(self.shop.to_owned()),
            ids => ids,
        }
    }

    /// Reads all pieces of a dataset. `read` turns a batch into rows and records the others in the ledger. Does not decode pieces that lie
    /// after the as-of date by one of the columns `known_by`.
    ///
    /// # Errors
    /// [`crate::error::Error::Input`] where a file is damaged.
    pub fn rows<T: Send>(
        &self,
        dataset: &Dataset,
        known_by: &[&'static str],
        read: impl Fn(&Self, &Batch<'_>, &mut Ledger, &mut Vec<T>) + Sync,
    ) -> Result<(Vec<T>, Ledger)>
    where
        Self: Sync,
    {
        let (shares, ledger) =
            self.on_all_threads(dataset, known_by, Vec::new, |share: &mut Vec<((usize, u64), Vec<T>)>, batch, ledger| {
                let mut rows = Vec::new();
                read(self, batch, ledger, &mut rows);
                share.push(((batch.file, batch.first_row), rows));
                Ok(())
            })?;
        let mut parts: Vec<((usize, u64), Vec<T>)> = shares.into_iter().flatten().collect();
        parts.sort_unstable_by_key(|(place, _)| *place);
        Ok((parts.into_iter().flat_map(|(_, rows)| rows).collect(), ledger))
    }

    /// Reads all pieces of a dataset with a state for each thread: `read` adds a batch to the state and records its rows in the ledger.
    /// Which pieces a thread reads differs from run to run. Pieces that lie after the as-of date by one of the columns `known_by` are
    /// counted as such and not decoded.
    ///
    /// # Errors
    /// [`crate::error::Error::Input`] with all damaged files; what `read` returns.
    pub fn on_all_threads<S: Send>(
        &self,
        dataset: &Dataset,
        known_by: &[&'static str],
        start: impl Fn() -> S + Sync,
        read: impl Fn(&mut S, &Batch<'_>, &mut Ledger) -> Result<()> + Sync,
    ) -> Result<(Vec<S>, Ledger)> {
        self.pieces_on_all_threads(dataset, &dataset.pieces(), known_by, start, read)
    }

    /// The same of some of the pieces.
    ///
    /// # Errors
    /// As [`Scan::on_all_threads`].
    pub fn pieces_on_all_threads<S: Send>(
        &self,
        dataset: &Dataset,
        pieces: &[Piece],
        known_by: &[&'static str],
        start: impl Fn() -> S + Sync,
        read: impl Fn(&mut S, &Batch<'_>, &mut Ledger) -> Result<()> + Sync,
    ) -> Result<(Vec<S>, Ledger)> {
        let next = AtomicUsize::new(0);
        let lead = Lead::of(dataset, pieces);
        let decoded = self.decoded.as_ref().filter(|decoded| decoded.takes(dataset));
        let shares: Vec<Result<(S, Ledger, Vec<Problem>)>> = (0..rayon::current_num_threads())
            .into_par_iter()
            .map(|_| {
                let (mut state, mut ledger, mut problems) = (start(), Ledger::new(dataset.files.len()), Vec::new());
                let mut clock = self.clock.clone();
                loop {
                    let at = next.fetch_add(1, Relaxed);
                    let Some(piece) = pieces.get(at) else { break };
                    if let Some(lead) = &lead {
                        lead.keep(at, |piece| {
                            let is_kept = decoded.is_some_and(|decoded| decoded.has(dataset, piece));
                            !is_kept && dataset.rows_after(piece, known_by, self.end(), &mut clock).is_none()
                        });
                    }
                    if let Some(rows) = dataset.rows_after(*piece, known_by, self.end(), &mut clock) {
                        let account = ledger.account(piece.file);
                        account.rows += rows;
                        account.after_as_of += rows;
                        ledger.note_open(piece.file, known_by.first().copied().unwrap_or_default(), self.end());
                        continue;
                    }
                    let each = |batch: Batch<'_>| {
                        ledger.account(batch.file).rows += batch.rows as u64;
                        read(&mut state, &batch, &mut ledger)
                    };
                    let read = match decoded {
                        Some(decoded) => decoded.read(dataset, *piece, each),
                        None => dataset.read(*piece, each),
                    };
                    match read {
                        Ok(()) => {}
                        Err(Error::Input(found)) => problems.extend(found),
                        Err(other) => return Err(other),
                    }
                }
                Ok((state, ledger, problems))
            })
            .collect();
        let (mut states, mut ledger, mut problems) = (Vec::new(), Ledger::new(dataset.files.len()), Vec::new());
        for share in shares {
            let (state, entries, found) = share?;
            states.push(state);
            ledger.add(entries);
            problems.extend(found);
        }
        problems.sort();
        if problems.is_empty() { Ok((states, ledger)) } else { Err(Error::Input(problems)) }
    }
}

/// Calls `each` with the rows of a batch and the first fault of each. Records the rows that the filter drops in the ledger.
pub fn each_row(batch: &Batch<'_>, faults: Faults, ledger: &mut Ledger, mut each: impl FnMut(usize, Option<&Fault>, &mut Ledger)) {
    let faults = faults.by_row();
    let mut faults = faults.iter().peekable();
    for row in 0..batch.rows {
        let fault = faults.next_if(|fault| fault.row == row);
        if batch.keeps(row) {
            each(row, fault, ledger);
        } else {
            ledger.account(batch.file).filtered += 1;
        }
    }
}

/// The ids of a row, where it has them.
#[derive(Debug, Clone, Copy, Default)]
pub struct RowIds<'a> {
    /// `shop_id`.
    pub shop: Option<Id<'a>>,
    /// `order_id`.
    pub order: Option<Id<'a>>,
    /// `line_id`.
    pub line: Option<Id<'a>>,
    /// `customer_id`.
    pub customer: Option<Id<'a>>,
}

/// Records a rejected row in the ledger.
pub fn reject(batch: &Batch<'_>, row: usize, ids: RowIds<'_>, verdict: (Reason, String), ledger: &mut Ledger) {
    let show = |column: &str, id: Option<Id<'_>>| Some(batch.id_type(column).unwrap_or_else(IdType::text).show(id?));
    let keys = RowKeys {
        shop: show("shop_id", ids.shop),
        order: show("order_id", ids.order),
        line: show("line_id", ids.line),
        customer: show("customer_id", ids.customer),
    };
    let (reason, detail) = verdict;
    ledger.reject(Reject { file: batch.file, row: batch.first_row + row as u64, reason, detail, keys });
}

/// The reason for a null in a required column.
pub fn null(column: &str) -> (Reason, String) {
    (Reason::NullKey, format!("{column} is null"))
}

/// The reason for a cell that cannot be read.
pub fn unparseable(fault: &Fault) -> (Reason, String) {
    (Reason::UnparseableValue, format!("{}: {}", fault.column, fault.detail))
}
