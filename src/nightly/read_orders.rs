//! Reading the orders: every row group decoded, checked and dealt out by customer, on all threads.

use super::facts::money_overflow;
use super::item_memory::ItemMemory;
use super::observe::Observer;
use super::placed_lines::PlacedLines;
use super::plan::Plan;
use super::state::Found;
use crate::error::{Error, Result};
use crate::history::TextIds;
use crate::history::shuffle::{Shuffle, Shuffler};
use crate::input::declared::columns;
use crate::input::mapping::dataset::Dataset;
use crate::input::records::orders::{Dictionaries, OrderReader};
use crate::input::rows::scan::Scan;
use crate::input::values::status::Statuses;

/// Which ids of the orders are texts.
pub(super) fn text_ids(plan: &Plan) -> TextIds {
    let has = |column: &str| plan.datasets.get(columns::ORDERS.name).is_some_and(|orders| orders.has(column));
    let is_text = |column: &str| has(column) && !plan.id_type(column).is_integer();
    let customer = is_text(if has("customer_id") { "customer_id" } else { "order_id" });
    TextIds { customer, order: is_text("order_id"), line: is_text("line_id") }
}

/// The orders that one thread read.
struct OfThread<'r, 's> {
    reader: OrderReader<'r>,
    shuffler: Shuffler<'s>,
    placed: PlacedLines,
}

/// What the orders are read by.
pub(super) struct Reader<'r, 's> {
    pub plan: &'r Plan,
    pub dataset: &'r Dataset,
    pub dictionaries: &'r Dictionaries,
    pub scan: &'r Scan<'r>,
    pub shuffle: &'s Shuffle,
    pub item_memory: &'r ItemMemory,
}

impl<'s> Reader<'_, 's> {
    /// Decodes, checks and shuffles every row group of the orders whose file is to be read, on all threads, and adds what was found of others.
    pub fn read(&self, is_read: &dyn Fn(usize) -> bool, of_others: Found<'s>, observer: &dyn Observer) -> Result<Found<'s>> {
        let Reader { plan, dataset, dictionaries, scan, shuffle, item_memory } = self;
        let statuses = Statuses::orders(&dataset.spec.status);
        let has_refunds = plan.datasets.contains_key(columns::REFUNDS.name);
        let start = || OfThread {
            reader: OrderReader::new(scan, dataset, &statuses, dictionaries, has_refunds),
            shuffler: shuffle.shuffler(),
            placed: PlacedLines::default(),
        };
        let mut pieces = dataset.pieces();
        pieces.retain(|piece| is_read(piece.file));
        let (shares, ledger) = scan.pieces_on_all_threads(dataset, &pieces, scan.known_by(), start, |share, batch, ledger| {
            let OfThread { reader, shuffler, placed } = share;
            reader.read(batch, ledger, |line| {
                placed.add(&line);
                shuffler.push(&line);
            });
            observer.step(batch.rows as u64);
            item_memory.reserve(dictionaries.items.len());
            shuffler.check()
        })?;
        let mut found = of_others;
        found.ledger.add(ledger);
        for share in shares {
            found.placed.merge(&share.placed);
            found.shufflers.push(share.shuffler);
        }
        if let Some(problem) = money_overflow(plan, columns::ORDERS.name, found.placed.total) {
            return Err(Error::Input(vec![problem]));
        }
        Ok(found)
    }
}
