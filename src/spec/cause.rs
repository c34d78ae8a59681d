//! Causes: why a figure of a period that was over is another than the snapshot before published.

/// Why a published figure changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// An order that was known and unpaid is paid.
    LatePayment,
    /// A refund came later, or more, or less, of the lines of a known order went back.
    LateRefund,
    /// A newer version of a line, or of a refund, has another status or amount.
    NewVersion,
    /// A line, or an order, of a day that was over was not there.
    LateOrder,
    /// A line, an order or a refund is gone: with its file, or from a file that was written anew.
    Vanished,
    /// An order has another customer or shop, or was placed on another day.
    Moved,
    /// What the orders do not explain: other inputs, or rows that are not known any more.
    Other,
    /// The job was changed: rows are not compared.
    ChangedJob,
    /// The program was changed: rows are not compared.
    ChangedProgram,
}

impl Cause {
    /// The causes that are counted in orders and in money, in the order in which they are looked for.
    pub const COUNTED: [Cause; 7] =
        [Cause::LatePayment, Cause::LateRefund, Cause::NewVersion, Cause::LateOrder, Cause::Vanished, Cause::Moved, Cause::Other];

    /// How many are counted.
    pub const COUNT: usize = Cause::COUNTED.len();

    /// The place among the counted causes; `None` of those that are not counted.
    pub fn place(self) -> Option<usize> {
        Cause::COUNTED.iter().position(|counted| *counted == self)
    }

    /// The name in the table.
    pub fn name(self) -> &'static str {
        match self {
            Cause::LatePayment => "late_payment",
            Cause::LateRefund => "late_refund",
            Cause::NewVersion => "new_version",
            Cause::LateOrder => "late_order",
            Cause::Vanished => "vanished",
            Cause::Moved => "moved",
            Cause::Other => "other",
            Cause::ChangedJob => "changed_job",
            Cause::ChangedProgram => "changed_program",
        }
    }
}
