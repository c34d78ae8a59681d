//! Customer links: ids under which the same person is known.

use std::sync::Arc;

use crate::error::{Error, Problem, Result};
use crate::input::mapping::dataset::Dataset;
use crate::input::rows::ledger::{Ledger, Reason};
use crate::input::rows::scan::{RowIds, Scan, each_row, null, reject, unparseable};
use crate::input::values::fault::Faults;
use crate::input::values::ids::LONGEST_ID;
use crate::input::values::links::{LinkedIds, Links};
use crate::input::values::placeholder::is_placeholder;
use crate::partition::Budget;
use crate::spec::{Id, IdType, NO_TIME};

/// Pairs of ids at most: twice as many have places of 32 bits.
const MOST_PAIRS: u64 = (u32::MAX >> 1) as u64 - 1;

/// Reads the links that are valid on the as-of date: from their `valid_from` on, and always without one. A row that is there twice says the
/// same twice. A row with an id that programs write for nobody is rejected: it would make one person of all who have it.
///
/// # Errors
/// [`Error::Input`] where a file is damaged, or has more rows than can be joined.
pub fn read(scan: &Scan<'_>, dataset: &Dataset, budget: &Arc<Budget>) -> Result<(Links, Ledger)> {
    if dataset.rows() > MOST_PAIRS {
        let what = format!("input `{}` has {} rows, {MOST_PAIRS} at most", dataset.input.name, dataset.rows());
        return Err(Error::Input(vec![
            Problem::new(&dataset.spec.place, what).help("keep the links of customers who order, with `filter`"),
        ]));
    }
    // A row without a time counts, whatever the times of its row group are: the footer cannot decide.
    let (shares, ledger) = scan.on_all_threads(dataset, &[], LinkedIds::default, |pairs, batch, ledger| {
        let mut faults = Faults::default();
        let valid_from = batch.times("valid_from", &mut scan.clock.clone(), &mut faults);
        let (customers, linked) = (batch.ids("customer_id"), batch.ids("linked_id"));
        let types = ["customer_id", "linked_id"].map(|column| batch.id_type(column).unwrap_or_else(IdType::text));
        batch.note_rounded(&["customer_id", "linked_id"], &mut faults);
        each_row(batch, faults, ledger, |row, fault, ledger| {
            if valid_from[row] != NO_TIME && valid_from[row] >= scan.end() {
                ledger.account(batch.file).after_as_of += 1;
                return;
            }
            let (customer, other) = (customers.get(row), linked.get(row));
            let judged = match (customer, other, fault) {
                (None, ..) => Err(null("customer_id")),
                (_, None, _) => Err(null("linked_id")),
                (_, _, Some(fault)) => Err(unparseable(fault)),
                (Some(customer), Some(other), None) => {
                    let wrong = [("customer_id", customer, &types[0]), ("linked_id", other, &types[1])].into_iter().find_map(wrong);
                    wrong.map_or(Ok([customer, other]), Err)
                }
            };
            let of_one_type = |[one, other]: [Id<'_>; 2]| matches!(one, Id::Integer(_)) == matches!(other, Id::Integer(_));
            match judged {
                Ok(pair) if of_one_type(pair) => {
                    pair.into_iter().for_each(|id| {
                        pairs.push(id);
                    });
                    ledger.account(batch.file).used += 1;
                }
                Ok(_) => {
                    let verdict = (Reason::UnparseableValue, "one id is a number and the other a text".to_owned());
                    reject(batch, row, RowIds { customer, ..RowIds::default() }, verdict, ledger);
                }
                Err(verdict) => reject(batch, row, RowIds { customer, ..RowIds::default() }, verdict, ledger),
            }
        });
        Ok(())
    })?;
    let mut pairs = LinkedIds::default();
    shares.iter().flat_map(|share| (0..share.len()).filter_map(|place| share.get(place))).for_each(|id| {
        pairs.push(id);
    });
    drop(shares);
    let links = Links::new(&pairs);
    budget.reserve(links.bytes());
    Ok((links, ledger))
}

/// Why an id cannot be linked: it stands for nobody, or is too long for orders.
fn wrong((column, id, id_type): (&str, Id<'_>, &IdType)) -> Option<(Reason, String)> {
    if let Id::Text(text) = id
        && text.len() > LONGEST_ID
    {
        return Some((Reason::UnparseableValue, format!("{column}: {} bytes, {LONGEST_ID} at most", text.len())));
    }
    let shown = id_type.show(id);
    is_placeholder(&shown).then(|| (Reason::NullKey, format!("{column}: `{shown}`, as programs write it for nobody")))
}
