//! Overlap fold: the people of a scope by the pairs of shops in which they bought.

use arrow::record_batch::RecordBatch;

use super::codes::CodeOf;
use super::layout::{Key, Layout};
use super::spec::{FoldSpec, Pace};
use super::tally::Tally;
use crate::error::{Error, Result};
use crate::history::{Fold, History};

/// People by pairs of shops. A fold over shops counts nobody: only what a person bought in a scope has shops.
pub static OVERLAPS: FoldSpec<OverlapFold> =
    FoldSpec { name: "overlaps", version: 1, pace: Pace::AsTheyCome, new: |_, _| OverlapFold::default() };

/// The state.
const PAIRS: Layout<3, 1> = Layout {
    keys: [Key::Code(CodeOf::Shop), Key::Named(CodeOf::Member, "one"), Key::Named(CodeOf::Member, "other")],
    position: "zero",
    counters: ["customers"],
};

/// Counts people by (scope, shop, shop): those with a purchase in both. A shop with itself has all of its customers.
#[derive(Default)]
pub struct OverlapFold {
    /// All counts at position 0.
    pairs: Tally<3, [u32; 1]>,
}

impl OverlapFold {
    /// The customers of both shops; of one shop those of it.
    pub fn customers(&self, scope: u32, one: u32, other: u32) -> i64 {
        let [one, other] = if one <= other { [one, other] } else { [other, one] };
        self.pairs.line([scope as i32, one as i32, other as i32]).map_or(0, |line| line.at(0)[0].into())
    }
}

impl Fold for OverlapFold {
    fn update(&mut self, history: &History<'_>) {
        for (place, one) in history.shops.iter().enumerate() {
            for other in &history.shops[place..] {
                self.pairs.line_mut([history.shop as i32, *one as i32, *other as i32]).cell(0)[0] += 1;
            }
        }
    }

    fn state(&mut self) -> Result<Vec<RecordBatch>> {
        Ok(vec![self.pairs.state(&PAIRS)?])
    }

    fn merge(&mut self, state: &[RecordBatch]) -> Result<()> {
        match state {
            [] => Ok(()),
            [pairs] => self.pairs.merge(&PAIRS, pairs),
            other => Err(Error::bug(format!("a state of {} batches given to the overlap fold", other.len()))),
        }
    }
}
