//! Statuses: the names that sources give to states of orders and refunds, and their meanings.

use hashbrown::HashMap;

use super::text::Texts;
use crate::job::Status;

/// The trade statuses of the Taobao Open Platform, and those in seller-centre exports.
const KNOWN_ORDERS: [(&str, Status); 18] = [
    ("TRADE_NO_CREATE_PAY", Status::Placed),
    ("WAIT_BUYER_PAY", Status::Placed),
    ("PAY_PENDING", Status::Placed),
    ("WAIT_PRE_AUTH_CONFIRM", Status::Placed),
    ("PAID_FORBID_CONSIGN", Status::Paid),
    ("WAIT_SELLER_SEND_GOODS", Status::Paid),
    ("SELLER_CONSIGNED_PART", Status::Paid),
    ("WAIT_BUYER_CONFIRM_GOODS", Status::Shipped),
    ("TRADE_BUYER_SIGNED", Status::Shipped),
    ("TRADE_FINISHED", Status::Completed),
    ("TRADE_CLOSED", Status::Refunded),
    ("TRADE_CLOSED_BY_TAOBAO", Status::Cancelled),
    ("等待买家付款", Status::Placed),
    ("买家已付款，等待卖家发货", Status::Paid),
    ("买家已付款,等待卖家发货", Status::Paid),
    ("卖家已发货，等待买家确认", Status::Shipped),
    ("交易成功", Status::Completed),
    ("交易关闭", Status::Closed),
];

const KNOWN_REFUNDS: [(&str, Status); 3] = [("success", Status::Success), ("closed", Status::Closed), ("open", Status::Open)];

/// A row's status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// Null, or the input has no status.
    Nothing,
    /// A known one.
    Known(Status),
    /// One that neither the program nor the job knows.
    Unknown,
}

/// Statuses by their names in the source.
#[derive(Debug, Clone)]
pub struct Statuses(HashMap<String, Status, foldhash::fast::FixedState>);

impl Statuses {
    /// The statuses of orders; the job's mapping overrides the built-in names.
    pub fn orders(mapped: &std::collections::BTreeMap<String, Status>) -> Self {
        Statuses::new(&KNOWN_ORDERS, mapped)
    }

    /// The statuses of refunds.
    pub fn refunds(mapped: &std::collections::BTreeMap<String, Status>) -> Self {
        Statuses::new(&KNOWN_REFUNDS, mapped)
    }

    fn new(known: &[(&str, Status)], mapped: &std::collections::BTreeMap<String, Status>) -> Self {
        let known = known.iter().map(|(name, status)| ((*name).to_owned(), *status));
        Statuses(known.chain(mapped.iter().map(|(name, status)| (name.clone(), *status))).collect())
    }

    /// What a status means.
    pub fn meaning(&self, text: Option<&str>) -> Seen {
        match text {
            None => Seen::Nothing,
            Some(text) => self.0.get(text).map_or(Seen::Unknown, |status| Seen::Known(*status)),
        }
    }

    /// The status of every row; each value of a dictionary is looked up once.
    pub fn column(&self, texts: &Texts) -> Vec<Seen> {
        match texts {
            Texts::Dictionary(keys, values) => {
                let meanings: Vec<Seen> = (0..values.len()).map(|value| self.meaning(values.get(value))).collect();
                keys.iter().map(|key| meanings.get(*key as usize).copied().unwrap_or(Seen::Nothing)).collect()
            }
            other => (0..other.len()).map(|row| self.meaning(other.get(row))).collect(),
        }
    }
}
