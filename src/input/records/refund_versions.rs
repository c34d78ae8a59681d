//! Versions of refund applications: the last one of each application counts, and the last one that an earlier reading knew.

use super::facts::Refund;
use super::refund_lines::RefundLine;
use super::refund_record::{RefundTextIds, Version};
use super::refunds_then::{PaidOut, Then};
use crate::input::rows::ledger::Account;
use crate::input::rows::partition_parts::Parts;
use crate::input::rows::repeated::{Placed, Repeats};
use crate::input::values::codes::OwnedId;

/// One refund application and its row.
#[derive(Debug, Clone)]
pub struct Application {
    /// The file's position in the dataset.
    pub file: u32,
    /// The row of the file.
    pub row: u32,
    /// Its id.
    pub id: OwnedId,
    /// Its order; `None` for a refund that names its customer alone.
    pub order: Option<OwnedId>,
    /// The customer, where the input names one: who it is of a refund whose order is not there.
    pub customer: Option<OwnedId>,
    /// The fields that tables use; the shop is a provisional code.
    pub refund: Refund,
}

/// What was counted then of an application, and whether it is there: its shop's code and its id first.
pub(super) type Change = (u32, OwnedId, Option<PaidOut>, bool);

/// The last versions of applications.
pub(super) struct Settled {
    pub applications: Vec<Application>,
    pub lines: Vec<RefundLine>,
    /// Those of which the earlier reading counted something else.
    pub changes: Vec<Change>,
    /// By file: rows used and rows superseded.
    pub accounts: Vec<Account>,
    /// Rows of one application where nothing says which of them is newer.
    pub repeats: Repeats,
    /// Rows superseded by a row of another part of the input.
    pub across_parts: u64,
}

impl Settled {
    pub fn new(accounts: Vec<Account>) -> Self {
        let (applications, lines, changes) = (Vec::new(), Vec::new(), Vec::new());
        Settled { applications, lines, changes, accounts, repeats: Repeats::default(), across_parts: 0 }
    }
}

/// How versions of an application are known.
pub(super) struct Rules<'a> {
    /// Whether rows have a time of modification; without one, different rows of one file or of two parts are no versions.
    pub has_versions: bool,
    pub parts: &'a Parts,
    /// What this reading is compared with.
    pub then: Option<&'a Then>,
    /// By code of a shop of files that are gone: its code.
    pub gone_shops: &'a [u32],
}

/// Adds the last version of each application in a partition: by modification, then by the order of files and rows.
pub(super) fn last_versions(mut bytes: &[u8], is_text: RefundTextIds, rules: &Rules<'_>, settled: &mut Settled) {
    let Settled { applications, lines, changes, accounts, repeats, across_parts } = settled;
    let files = accounts.len();
    let is_gone = |version: &Version<'_>| version.file as usize >= files;
    let mut versions: Vec<Version<'_>> = Vec::new();
    while let Some((mut version, rest)) = Version::read(bytes, is_text) {
        bytes = rest;
        if is_gone(&version) {
            // The shops of all files that are gone have a code.
            let Some(shop) = rules.gone_shops.get(version.refund.shop as usize) else { continue };
            version.refund.shop = *shop;
        }
        versions.push(version);
    }
    // Those of files that are gone come last.
    let place = |version: &Version<'_>| (is_gone(version), version.modified, version.file, version.row);
    versions.sort_unstable_by(|a, b| (a.refund.shop, a.id).cmp(&(b.refund.shop, b.id)).then_with(|| place(a).cmp(&place(b))));
    for all in versions.chunk_by(|a, b| (a.refund.shop, a.id) == (b.refund.shop, b.id)) {
        let (versions, gone) = all.split_at(all.partition_point(|version| !is_gone(version)));
        if let (Some(before), Some(version)) = (rules.then.and_then(|then| then.change(versions, gone)), all.first()) {
            changes.push((version.refund.shop, version.id.into(), before, !versions.is_empty()));
        }
        let Some((used, older)) = versions.split_last() else { continue };
        if !rules.has_versions && !older.is_empty() {
            let rows: Vec<Placed<&Version<'_>>> =
                versions.iter().map(|value| Placed { file: value.file as usize, row: u64::from(value.row), value }).collect();
            repeats.note(rules.parts, &rows, |a, b| (a.order, a.customer, a.line, a.refund) == (b.order, b.customer, b.line, b.refund));
        }
        let part = |version: &Version<'_>| rules.parts.of_file(version.file as usize);
        *across_parts += older.iter().filter(|version| part(version) != part(used)).count() as u64;
        for version in older {
            if let Some(account) = accounts.get_mut(version.file as usize) {
                account.superseded += 1;
            }
        }
        if let Some(account) = accounts.get_mut(used.file as usize) {
            account.used += 1;
        }
        let Version { file, row, id, order, customer, line, refund, .. } = *used;
        lines.extend(line.map(|line| RefundLine { file, row, line: line.into() }));
        let (order, customer) = (order.map(OwnedId::from), customer.map(OwnedId::from));
        applications.push(Application { file, row, id: OwnedId::from(id), order, customer, refund });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::partition::{Budget, Partitions, Writer};
    use crate::spec::Id;

    #[test]
    fn the_last_version_counts_whatever_the_order_of_arrival() {
        let refund = |amount| Refund {
            shop: 3,
            created: 1,
            completed: 2,
            amount,
            intervened: Some(amount == 9),
            is_open: amount == 8,
            reason: amount as u16,
        };
        let version = |file, row, modified, id, amount| {
            let customer = (amount == 9).then_some(Id::Text("甲"));
            // The line is a text, and the one of the older version is another.
            let line = (amount != 5).then_some(Id::Text(if amount == 9 { "头" } else { "尾" }));
            Version { file, row, modified, id, order: Some(Id::Integer(8)), customer, line, was_known: false, refund: refund(amount) }
        };
        // Application 鱼 was changed at 20 in file 1 and at 20 again in file 2; 肉 has one version.
        let versions = [
            version(2, 0, 20, Id::Text("鱼"), 9),
            version(0, 5, 10, Id::Text("鱼"), 7),
            version(1, 9, 20, Id::Text("鱼"), 8),
            version(0, 6, 30, Id::Text("肉"), 5),
        ];
        let mut writer = Writer::new(1, Arc::new(Budget::unlimited()));
        versions.iter().for_each(|version| version.put(0, &mut writer));
        let mut bytes = Vec::new();
        Partitions::new(vec![writer]).unwrap().read(0, &mut bytes).unwrap();
        let mut settled = Settled::new(vec![Account::default(); 3]);
        last_versions(
            &bytes,
            RefundTextIds { refund: true, order: false, customer: true, line: true },
            &Rules { has_versions: true, parts: &Parts::default(), then: None, gone_shops: &[] },
            &mut settled,
        );
        let Settled { applications, lines, accounts, .. } = settled;
        let found: Vec<(u32, Option<OwnedId>, Refund)> = applications.iter().map(|one| (one.file, one.order.clone(), one.refund)).collect();
        assert_eq!(found, [(0, Some(OwnedId::Integer(8)), refund(5)), (2, Some(OwnedId::Integer(8)), refund(9))]);
        assert_eq!(applications.iter().map(|one| one.customer.clone()).collect::<Vec<_>>(), [None, Some(OwnedId::Text("甲".into()))]);
        assert_eq!(lines, [RefundLine { file: 2, row: 0, line: OwnedId::Text("头".into()) }]);
        assert_eq!(accounts.iter().map(|account| (account.used, account.superseded)).collect::<Vec<_>>(), [(1, 1), (0, 1), (1, 0)]);
    }
}
