//! Statuses of orders in exports of the seller centre that a run does not know without the job file.

use std::collections::BTreeMap;

use crate::input::values::status::{Seen, Statuses};
use crate::job::Status;

/// Statuses that a run does not know: those of older exports and of some reports. An import writes those that it finds into the job file.
const EXPORTED: [(&str, Status); 20] = [
    ("没有创建支付宝交易", Status::Placed),
    ("定金未付", Status::Placed),
    ("尾款未付", Status::Placed),
    ("买家已付款", Status::Paid),
    ("等待卖家发货", Status::Paid),
    ("卖家部分发货", Status::Paid),
    ("部分发货", Status::Paid),
    ("已付款", Status::Paid),
    ("卖家已发货,等待买家确认", Status::Shipped),
    ("卖家已发货", Status::Shipped),
    ("等待买家确认收货", Status::Shipped),
    ("已发货", Status::Shipped),
    ("买家已签收", Status::Shipped),
    ("买家已收货", Status::Completed),
    ("交易完成", Status::Completed),
    ("付款以后用户退款成功，交易自动关闭", Status::Refunded),
    ("付款以后用户退款成功,交易自动关闭", Status::Refunded),
    ("付款以前，卖家或买家主动关闭交易", Status::Cancelled),
    ("付款以前,卖家或买家主动关闭交易", Status::Cancelled),
    ("已关闭", Status::Closed),
];

/// What a status means, and where that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// A run knows it.
    Run(Status),
    /// The job file must map it.
    Job(Status),
    /// Its meaning is not known.
    Unknown,
}

/// What the status of an order means; `own` has the user's meanings.
pub fn meaning(text: &str, own: &BTreeMap<String, Status>) -> Meaning {
    if let Some(status) = own.get(text) {
        return Meaning::Job(*status);
    }
    match Statuses::orders(&BTreeMap::new()).meaning(Some(text)) {
        Seen::Known(status) => Meaning::Run(status),
        Seen::Nothing | Seen::Unknown => {
            EXPORTED.iter().find(|(name, _)| *name == text).map_or(Meaning::Unknown, |(_, status)| Meaning::Job(*status))
        }
    }
}

/// What the status of a refund means; `own` has the user's meanings.
pub fn of_refund(text: &str, own: &BTreeMap<String, Status>) -> Meaning {
    match (own.get(text), Statuses::refunds(&BTreeMap::new()).meaning(Some(text))) {
        (Some(status), _) => Meaning::Job(*status),
        (None, Seen::Known(status)) => Meaning::Run(status),
        (None, Seen::Nothing | Seen::Unknown) => Meaning::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_that_a_run_knows_need_no_line_in_the_job() {
        let none = BTreeMap::new();
        assert_eq!(meaning("交易关闭", &none), Meaning::Run(Status::Closed));
        assert_eq!(meaning("TRADE_FINISHED", &none), Meaning::Run(Status::Completed));
        assert_eq!(meaning("卖家已发货,等待买家确认", &none), Meaning::Job(Status::Shipped));
        assert_eq!(meaning("付款以后用户退款成功，交易自动关闭", &none), Meaning::Job(Status::Refunded));
        assert_eq!(meaning("已签收", &none), Meaning::Unknown);
        let own = BTreeMap::from([("已签收".to_owned(), Status::Completed)]);
        assert_eq!(meaning("已签收", &own), Meaning::Job(Status::Completed));
    }
}
