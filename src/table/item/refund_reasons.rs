//! Why items came back: what went back of each by reason, the main reason of each, and the same over all items of a shop.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::error::Result;
use crate::fold::item::refunds::{ITEM_REFUNDS, Refunded};
use crate::spec::NONE;
use crate::table::night::{Night, Read, Shared};

/// Why items came back.
pub static REFUND_REASONS: Shared<RefundReasons> = Shared {
    name: "refund_reasons",
    not_requested: |request| (!request.has_refund_reasons).then_some("the job has no `reason` of refunds"),
    reads: |_| vec![Read::Fold(&ITEM_REFUNDS)],
    make: RefundReasons::made,
};

/// What went back of an item for a reason.
#[derive(Debug, Clone)]
pub struct OfReason {
    /// The reason; [`NONE`] where nobody gave one.
    pub reason: Arc<str>,
    /// What went back.
    pub refunded: Refunded,
}

/// The reason for which the most of an item went back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MainReason {
    /// The reason.
    pub reason: Arc<str>,
    /// What went back for it, in minor units.
    pub amount: i64,
}

/// By shop and item, ascending, and by text within an item.
#[derive(Debug, Default)]
pub struct RefundReasons {
    rows: Vec<((u32, u32), OfReason)>,
    /// What went back of all items of a shop for a reason, in minor units.
    of_shops: BTreeMap<(u32, Arc<str>), i64>,
}

impl RefundReasons {
    fn made(night: &Night) -> Result<Self> {
        let context = &night.context;
        let texts: Vec<Arc<str>> =
            (0..context.refund_reasons.codes() as u32).map(|code| Arc::from(context.refund_reasons.value(code).unwrap_or(NONE))).collect();
        let fold = night.fold(&ITEM_REFUNDS)?;
        let mut found = RefundReasons::default();
        for ([shop, item, reason], refunded) in fold.sorted() {
            let Some(reason) = texts.get(reason as usize) else { continue };
            *found.of_shops.entry((shop, Arc::clone(reason))).or_default() += refunded.amount;
            found.rows.push(((shop, item), OfReason { reason: Arc::clone(reason), refunded }));
        }
        // No reason comes first among the codes, and not among the texts.
        for of_item in found.rows.chunk_by_mut(|one, next| one.0 == next.0) {
            of_item.sort_by(|one, next| one.1.reason.cmp(&next.1.reason));
        }
        Ok(found)
    }

    /// The reasons for which something of an item went back, by their texts.
    pub fn of(&self, shop: u32, item: u32) -> &[((u32, u32), OfReason)] {
        let rest = self.rows.get(self.rows.partition_point(|(key, _)| *key < (shop, item))..).unwrap_or_default();
        rest.get(..rest.partition_point(|(key, _)| *key == (shop, item))).unwrap_or_default()
    }

    /// The reason for which the most of an item went back; of equal ones the first by its text. `None` where nothing did.
    pub fn main(&self, shop: u32, item: u32) -> Option<MainReason> {
        let rows = self.of(shop, item).iter().map(|(_, row)| row);
        let most = rows.reduce(|most, row| if row.refunded.amount > most.refunded.amount { row } else { most })?;
        Some(MainReason { reason: Arc::clone(&most.reason), amount: most.refunded.amount })
    }

    /// What went back of all items of a shop for a reason, in minor units.
    pub fn of_shop(&self, shop: u32, reason: &Arc<str>) -> i64 {
        self.of_shops.get(&(shop, Arc::clone(reason))).copied().unwrap_or(0)
    }

    /// What went back of all items of a shop, in minor units.
    pub fn shop_total(&self, shop: u32) -> i64 {
        self.of_shops.iter().filter(|((of, _), _)| *of == shop).map(|(_, amount)| amount).sum()
    }
}
