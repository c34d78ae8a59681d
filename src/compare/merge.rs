//! The merge of two pages by their keys.

use std::cmp::Ordering;

use arrow::array::make_comparator;
use arrow::compute::SortOptions;

use super::pages::Page;
use crate::error::Result;

/// Some rows that follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Rows of A whose keys B does not have: the first, and how many.
    OnlyA(usize, usize),
    /// Rows of B whose keys A does not have.
    OnlyB(usize, usize),
    /// Rows of both with the same keys: the first of A, the first of B, and how many.
    Both(usize, usize, usize),
}

/// The steps from these rows of both pages to the end of one of them, in the order of the key, and the rows from which the next go on.
pub(super) fn steps(a: &Page, b: &Page, (mut at_a, mut at_b): (usize, usize)) -> Result<(Vec<Step>, (usize, usize))> {
    let pairs = a.keys.iter().zip(&b.keys);
    let comparators = pairs.map(|(a, b)| make_comparator(a, b, SortOptions::default())).collect::<Result<Vec<_>, _>>()?;
    let mut steps: Vec<Step> = Vec::new();
    while at_a < a.rows() && at_b < b.rows() {
        let order = comparators.iter().map(|compare| compare(at_a, at_b)).find(|order| order.is_ne());
        match order.unwrap_or(Ordering::Equal) {
            Ordering::Less => {
                match steps.last_mut() {
                    Some(Step::OnlyA(_, rows)) => *rows += 1,
                    _ => steps.push(Step::OnlyA(at_a, 1)),
                }
                at_a += 1;
            }
            Ordering::Greater => {
                match steps.last_mut() {
                    Some(Step::OnlyB(_, rows)) => *rows += 1,
                    _ => steps.push(Step::OnlyB(at_b, 1)),
                }
                at_b += 1;
            }
            Ordering::Equal => {
                match steps.last_mut() {
                    Some(Step::Both(_, _, rows)) => *rows += 1,
                    _ => steps.push(Step::Both(at_a, at_b, 1)),
                }
                (at_a, at_b) = (at_a + 1, at_b + 1);
            }
        }
    }
    Ok((steps, (at_a, at_b)))
}
