//! Rows of shops: what every reader of a small input does with a row before it looks at what is its own.

use super::batch::Batch;
use super::codes::{Codes, Local};
use super::fault::Faults;
use super::ledger::{Ledger, Reason};
use super::scan::{Scan, each_row, null, reject, unparseable};

/// The rows of a batch, each of which is about a shop.
pub(super) struct ShopRows<'a> {
    pub scan: &'a Scan<'a>,
    pub batch: &'a Batch<'a>,
    /// The shops met so far, of all inputs.
    pub shops: &'a Codes,
}

impl ShopRows<'_> {
    /// Gives every row that the as-of date knows, and with which nothing is wrong, to `take`, and enters the others in the
    /// ledger. `judge` says what is wrong with a row, or makes it once the provisional code of its shop is known: a row that
    /// is not taken makes no shop.
    pub fn each<T, F: FnOnce(u32) -> T>(
        &self,
        mut faults: Faults,
        ledger: &mut Ledger,
        is_after: impl Fn(usize) -> bool,
        judge: impl Fn(usize) -> Result<F, (Reason, String)>,
        mut take: impl FnMut(T),
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
                Ok(row) => take(row),
                Err(verdict) => reject(batch, row, [shop, None, None, None], verdict, ledger),
            }
        });
    }
}
