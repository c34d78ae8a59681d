//! Refunds then: what an earlier reading of the refunds, that of the snapshot before, counted otherwise than this one.
//!
//! ```text
//! files as they were ───────┬─► versions of an application ─┬─► the last one now
//! files that are gone ──────┘                               └─► the last one that was known then
//! ```

use super::facts::Refund;
use super::refund_record::Version;
use crate::input::rows::past_files::PastFile;
use crate::input::values::codes::OwnedId;
use crate::spec::NO_TIME;

/// What the earlier reading read.
#[derive(Debug, Clone, Default)]
pub struct Then {
    /// The first moment that it did not know, local time in microseconds.
    pub end: i64,
    /// By file of the input: its place among the files of that reading, where it was read as it is.
    pub places: Vec<Option<u32>>,
    /// The files that are not there any more as they were, each with its place.
    pub gone: Vec<(u32, PastFile)>,
}

/// A refund that was paid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaidOut {
    /// Its order; `None` where it names its customer alone.
    pub order: Option<OwnedId>,
    /// The customer, where the input names one.
    pub customer: Option<OwnedId>,
    /// The line of the order, where it names one.
    pub line: Option<OwnedId>,
    /// The fields that tables use, without the reason; the shop is a provisional code.
    pub refund: Refund,
}

/// A refund of which the earlier reading counted something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundChange {
    /// Its shop.
    pub shop: OwnedId,
    /// Its id.
    pub id: OwnedId,
    /// What was counted then; `None` where nothing was paid out, or it was not there.
    pub before: Option<PaidOut>,
    /// Whether this reading has it, paid out or not.
    pub is_there: bool,
}

/// What the earlier reading counted otherwise.
#[derive(Debug, Clone, Default)]
pub struct RefundChanges {
    /// The refunds, in no order.
    pub all: Vec<RefundChange>,
    /// Why they are not known, where this reading is compared with another one.
    pub unknown: Option<String>,
}

impl Then {
    /// Whether the earlier reading knew a row of a file, placed and last changed at these times.
    pub(super) fn knew(&self, file: usize, created: i64, modified: i64) -> bool {
        created < self.end && modified < self.end && self.places.get(file).is_some_and(Option::is_some)
    }

    /// The place of a file among those of the earlier reading; files that are gone have the numbers behind those that are there.
    fn place(&self, file: u32) -> u32 {
        let file = file as usize;
        let gone = || self.gone.get(file - self.places.len()).map(|(place, _)| *place);
        self.places.get(file).map_or_else(gone, |place| *place).unwrap_or(u32::MAX)
    }

    /// What was counted then of an application, where that is something else than now. `own` are its versions that are there, the last one at the
    /// end, `gone` those of files that are gone.
    pub(super) fn change(&self, own: &[Version<'_>], gone: &[Version<'_>]) -> Option<Option<PaidOut>> {
        let known = own.iter().chain(gone).filter(|version| version.was_known);
        let then = known.max_by_key(|version| (version.modified, self.place(version.file), version.row));
        let then = then.filter(|version| version.refund.completed != NO_TIME && version.refund.completed < self.end);
        let now = own.last().filter(|version| version.refund.completed != NO_TIME);
        let is_same = match (then, now) {
            (Some(then), Some(now)) => is_same(then, now),
            (None, None) => true,
            _ => false,
        };
        let paid_out = |Version { order, customer, line, refund, .. }: &Version<'_>| PaidOut {
            order: order.map(OwnedId::from),
            customer: customer.map(OwnedId::from),
            line: line.map(OwnedId::from),
            refund: Refund { reason: 0, ..*refund },
        };
        (!is_same).then(|| then.map(paid_out))
    }
}

/// Whether two versions say the same of what was paid out.
fn is_same(one: &Version<'_>, other: &Version<'_>) -> bool {
    let money = |version: &Version<'_>| (version.refund.completed, version.refund.amount);
    (one.order, one.customer, one.line) == (other.order, other.customer, other.line) && money(one) == money(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Id;

    /// A version of application 7 that was paid out at that time, or not.
    fn version(file: u32, modified: i64, completed: Option<i64>, amount: i64) -> Version<'static> {
        let completed = completed.unwrap_or(NO_TIME);
        let refund = Refund { shop: 0, created: 1, completed, amount, intervened: None, is_open: completed == NO_TIME, reason: 3 };
        let id = Id::Integer(7);
        Version { file, row: 0, modified, id, order: Some(Id::Integer(1)), customer: None, line: None, was_known: true, refund }
    }

    /// The amount that was counted then, where something else is counted now.
    fn then(end: i64, own: &[Version<'_>], gone: &[Version<'_>]) -> Option<Option<i64>> {
        // Files 0 and 1 were read as they are, and file 3, which is gone, between them; file 2 is new.
        let past = PastFile { label: "b".to_owned(), first_row: 0, batches: Vec::new() };
        let then = Then { end, places: vec![Some(0), Some(2), None], gone: vec![(1, past)] };
        then.change(own, gone).map(|before| before.map(|paid_out| paid_out.refund.amount))
    }

    #[test]
    fn what_was_counted_then_follows_from_the_files_and_the_moment() {
        let [open, paid] = [version(0, 10, None, 0), version(1, 20, Some(20), 500)];
        let new = Version { was_known: false, ..version(2, 30, Some(20), 400) };
        // The same file on a later day; its payment was known, or came since.
        assert_eq!([100, 20].map(|end| then(end, &[paid], &[])), [None, Some(None)]);
        assert_eq!(then(100, &[open], &[]), None);
        // A new file amends it, and an application is new.
        assert_eq!(then(100, &[paid, new], &[]), Some(Some(500)));
        assert_eq!(then(100, &[new], &[]), Some(None));
        // It is gone with its file, or its file was written anew and says the same, or less.
        let gone = version(3, 20, Some(20), 500);
        assert_eq!(then(100, &[], &[gone]), Some(Some(500)));
        assert_eq!(then(100, &[Version { was_known: false, ..version(2, 20, Some(20), 500) }], &[gone]), None);
        assert_eq!(then(100, &[Version { was_known: false, ..open }], &[gone]), Some(Some(500)));
    }

    #[test]
    fn of_versions_of_one_moment_that_of_the_later_file_counted() {
        let [gone, later] = [version(3, 20, Some(20), 300), version(1, 20, Some(20), 500)];
        // The file that is gone lay before file 1, which counted then and counts now.
        assert_eq!(then(100, &[later], &[gone]), None);
        // It lay behind file 0.
        assert_eq!(then(100, &[version(0, 20, Some(20), 500)], &[gone]), Some(Some(300)));
    }
}
