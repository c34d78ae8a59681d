//! The statuses of orders and refunds, as the program names them.

/// The status of an order or a refund, independent of the words of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Orders: placed, not yet paid.
    Placed,
    /// Orders: paid.
    Paid,
    /// Orders: paid and shipped.
    Shipped,
    /// Orders: paid, shipped and received.
    Completed,
    /// Orders: paid, then refunded in full.
    Refunded,
    /// Orders: never paid and closed.
    Cancelled,
    /// Orders: 交易关闭 of the seller-centre exports: refunded in full if it has a payment time, else never paid.
    /// Refunds: the application was withdrawn or refused.
    Closed,
    /// Refunds: the money was paid back.
    Success,
    /// Refunds: not decided yet.
    Open,
}

impl Status {
    /// The name in job files.
    pub fn name(self) -> &'static str {
        match self {
            Status::Placed => "placed",
            Status::Paid => "paid",
            Status::Shipped => "shipped",
            Status::Completed => "completed",
            Status::Refunded => "refunded",
            Status::Cancelled => "cancelled",
            Status::Closed => "closed",
            Status::Success => "success",
            Status::Open => "open",
        }
    }
}
