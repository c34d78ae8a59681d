//! Ends: the distinct pairs of x and T among cells. What a customer who is alive will buy depends on these alone, so that it is computed
//! once for all times of last purchases.

/// The distinct pairs of x and T of some cells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ends {
    pairs: Vec<(u32, u32)>,
    /// By cell: the place of its pair.
    places: Vec<u32>,
}

impl Ends {
    /// Those of cells by x and T in days, which are ordered by x.
    pub fn of(cells: impl ExactSizeIterator<Item = (u32, u32)>) -> Ends {
        const NONE: u32 = u32::MAX;
        let (mut pairs, mut places): (Vec<(u32, u32)>, _) = (Vec::new(), Vec::with_capacity(cells.len()));
        // By T: the place of its pair with the current x, whose pairs begin at `first`.
        let (mut known, mut first): (Vec<u32>, usize) = (Vec::new(), 0);
        for (repeats, age) in cells {
            if pairs.last().is_some_and(|(before, _)| *before != repeats) {
                pairs[first..].iter().for_each(|(_, age)| known[*age as usize] = NONE);
                first = pairs.len();
            }
            let at = age as usize;
            if known.len() <= at {
                known.resize(at + 1, NONE);
            }
            if known[at] == NONE {
                known[at] = pairs.len() as u32;
                pairs.push((repeats, age));
            }
            places.push(known[at]);
        }
        Ends { pairs, places }
    }

    /// The pairs of x and T in days.
    pub fn pairs(&self) -> &[(u32, u32)] {
        &self.pairs
    }

    /// By cell: the place of its pair.
    pub fn places(&self) -> &[u32] {
        &self.places
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_with_the_same_x_and_t_share_a_pair() {
        let ends = Ends::of([(0, 9), (1, 9), (1, 12), (1, 9), (3, 9)].into_iter());
        assert_eq!(ends.pairs(), [(0, 9), (1, 9), (1, 12), (3, 9)]);
        assert_eq!(ends.places(), [0, 1, 2, 1, 3]);
        assert_eq!(Ends::of([].into_iter()), Ends::default());
    }
}
