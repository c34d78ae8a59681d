//! Rows of shops: the checks of a row that all readers of small inputs share.

use crate::input::rows::batch::Batch;
use crate::input::rows::ledger::{Ledger, Reason};
use crate::input::rows::repeated::Placed;
use crate::input::rows::scan::{RowIds, Scan, each_row, null, reject, unparseable};
use crate::input::values::codes::{Codes, Local};
use crate::input::values::fault::Faults;

/// The rows of a batch, each of one shop.
pub(in crate::input) struct ShopRows<'a> {
    pub scan: &'a Scan<'a>,
    pub batch: &'a Batch<'a>,
    /// The shops of all inputs so far.
    pub shops: &'a Codes,
}

impl ShopRows<'_> {
    /// Calls `take` with every valid row up to the as-of date, and records the others in the ledger. `judge` returns what is wrong with a
    /// row, or a function that makes it from the provisional code of its shop: a row that is not taken adds no shop.
    pub fn each<T, F: FnOnce(u32) -> T>(
        &self,
        mut faults: Faults,
        ledger: &mut Ledger,
        is_after: impl Fn(usize) -> bool,
        judge: impl Fn(usize) -> Result<F, (Reason, String)>,
        mut take: impl FnMut(Placed<T>),
    ) {
        let batch = self.batch;
        let shop_ids = self.scan.shops(batch);
        let mut codes = Local::new(self.shops);
        batch.note_long(&["shop_id"], &mut faults);
        each_row(batch, faults, ledger, |row, fault, ledger| {
            if is_after(row) {
                ledger.account(batch.file).after_as_of += 1;
                return;
            }
            let shop = shop_ids.get(row);
            let judged = match (shop, fault) {
                (None, _) => Err(null("shop_id")),
                (Some(_), Some(fault)) => Err(unparseable(fault)),
                (Some(shop), None) => judge(row).map(|make| make(codes.code(shop))),
            };
            match judged {
                Ok(value) => take(Placed { file: batch.file, row: batch.first_row + row as u64, value }),
                Err(verdict) => reject(batch, row, RowIds { shop, ..RowIds::default() }, verdict, ledger),
            }
        });
    }
}
