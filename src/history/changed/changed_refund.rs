//! A changed refund: one of which the snapshot before counted something else.

use crate::input::records::refunds_then::PaidOut;
use crate::input::values::codes::OwnedId;
use crate::spec::cause::Cause;

/// A refund of which the snapshot before counted something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedRefund {
    /// The code of its shop.
    pub shop: u32,
    /// Its id.
    pub id: OwnedId,
    /// What counted before; `None` where nothing was paid out.
    pub before: Option<PaidOut>,
    /// Its position among the applications of this run, where something is paid out.
    pub now: Option<u32>,
    /// Why.
    pub cause: Cause,
}

impl ChangedRefund {
    /// Why a refund counts otherwise: it is gone, it has another amount, day, order or status, or it was not paid out.
    pub fn cause(was_paid_out: bool, is_there: bool) -> Cause {
        match (was_paid_out, is_there) {
            (false, _) => Cause::LateRefund,
            (true, true) => Cause::NewVersion,
            (true, false) => Cause::Vanished,
        }
    }
}
