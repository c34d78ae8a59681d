//! Moments: the times of last purchases and of ends of observation in rows with the same x. Many rows share them, and what a density needs of
//! a moment is computed once for all of these.

use super::cells::Timing;
use super::likelihood::{Observation, Row};

/// The distinct moments of rows with the same x.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Moments {
    all: Vec<f64>,
    /// By moment: its place among those of all rows.
    places: Vec<u32>,
}

impl Moments {
    /// The distinct moments, ascending, in periods.
    pub fn all(&self) -> &[f64] {
        &self.all
    }

    /// By moment: its place among those of all rows of the sample.
    pub fn places(&self) -> &[u32] {
        &self.places
    }

    /// By moment: what is computed for it of all of the sample.
    pub fn of<'a, T>(&'a self, all: &'a [T]) -> impl Iterator<Item = &'a T> {
        self.places.iter().filter_map(|place| all.get(*place as usize))
    }
}

impl Observation for Timing {
    /// The distinct moments, ascending, in periods.
    type Common = Vec<f64>;
    type Shared = Moments;
    /// The places of t_x and of T among the moments.
    type Place = [u32; 2];

    fn shared(rows: &[Row<Timing>]) -> (Moments, Vec<[u32; 2]>) {
        let mut all: Vec<f64> = rows.iter().flat_map(|row| [row.seen.recency, row.seen.age]).collect();
        all.sort_unstable_by(f64::total_cmp);
        all.dedup();
        let place = |moment: f64| all.partition_point(|other| *other < moment) as u32;
        let places = rows.iter().map(|row| [place(row.seen.recency), place(row.seen.age)]).collect();
        (Moments { all, places: Vec::new() }, places)
    }

    fn common(groups: &mut [Moments]) -> Vec<f64> {
        let common = groups.iter().fold(Vec::new(), |common, group| both(&common, &group.all));
        for group in groups {
            let mut place = 0;
            group.places = Vec::with_capacity(group.all.len());
            for moment in &group.all {
                while common.get(place).is_some_and(|other| other < moment) {
                    place += 1;
                }
                group.places.push(place as u32);
            }
        }
        common
    }
}

/// The moments of two ascending lists, ascending.
fn both(one: &[f64], other: &[f64]) -> Vec<f64> {
    let mut both = Vec::with_capacity(one.len().max(other.len()));
    let (mut ones, mut others) = (one.iter().copied().peekable(), other.iter().copied().peekable());
    while let Some(next) = match (ones.peek(), others.peek()) {
        (Some(one), Some(other)) => Some(one.min(*other)),
        (one, other) => one.or(other).copied(),
    } {
        ones.next_if_eq(&next);
        others.next_if_eq(&next);
        both.push(next);
    }
    both
}

#[cfg(test)]
mod tests {
    use super::super::beta_geometric::{BetaGeometric, Chance};
    use super::super::likelihood::Density;
    use super::super::nbd::Nbd;
    use super::super::pareto_nbd::ParetoNbd;
    use super::*;

    fn rows(seen: &[(f64, f64)]) -> Vec<Row<Timing>> {
        seen.iter().map(|(recency, age)| Row { group: 0, weight: 1.0, seen: Timing { recency: *recency, age: *age } }).collect()
    }

    #[test]
    fn equal_moments_are_one_be_they_last_purchases_or_ends() {
        let (moments, places) = Timing::shared(&rows(&[(0.0, 2.0), (2.0, 5.0), (2.0, 7.0)]));
        assert_eq!(moments.all(), [0.0, 2.0, 5.0, 7.0]);
        assert_eq!(places, [[0, 1], [1, 2], [1, 3]]);
        let (others, _) = Timing::shared(&rows(&[(1.0, 7.0), (2.0, 9.0)]));
        let mut groups = [moments, others];
        let common = Timing::common(&mut groups);
        assert_eq!(common, [0.0, 1.0, 2.0, 5.0, 7.0, 9.0]);
        let [moments, others] = groups.each_ref().map(|group| group.of(&common).copied().collect::<Vec<f64>>());
        assert_eq!((moments.as_slice(), others.as_slice()), ([0.0, 2.0, 5.0, 7.0].as_slice(), [1.0, 2.0, 7.0, 9.0].as_slice()));
    }

    /// The largest difference of a part of the scores of rows together and of each alone, relative to the part or to 1.
    fn difference<const N: usize>(model: &impl Density<N, Timing>, repeats: f64, rows: &[Row<Timing>]) -> f64 {
        let (moments, places) = Timing::shared(rows);
        let mut groups = [moments];
        let prepared = model.prepared(&Timing::common(&mut groups));
        let (known, of_repeats) = (model.known(&prepared, repeats, &groups[0]), model.of_repeats(repeats));
        let parts = rows.iter().zip(places).flat_map(|(row, place)| {
            let found = of_repeats.plus(&model.of_seen(&known, &row.seen, place));
            let alone = model.of_one(repeats, row.seen);
            let of_value = (found.value, alone.value);
            std::iter::once(of_value).chain(found.gradient.into_iter().zip(alone.gradient)).collect::<Vec<_>>()
        });
        parts.map(|(found, alone)| (found - alone).abs() / alone.abs().max(1.0)).fold(0.0, f64::max)
    }

    #[test]
    fn rows_together_have_the_scores_of_each_alone() {
        let weeks = |days: u32| f64::from(days) / 7.0;
        let seen: Vec<(f64, f64)> =
            (0..60).flat_map(|last| (0..4).map(move |more| (weeks(11 * last), weeks(11 * last + 170 * more)))).collect();
        let rows = rows(&seen);
        for repeats in [0.0, 1.0, 6.0, 90.0] {
            for [r, alpha, s, beta] in
                [[0.55, 10.6, 0.6, 11.7], [40.0, 0.01, 3.0, 900.0], [1e-3, 2e3, 8.0, 0.02], [9e3, 2e5, 1e-4, 8e5], [2.0, 5.0, 1e3, 5.0]]
            {
                let found = difference(&ParetoNbd { r, alpha, s, beta }, repeats, &rows);
                assert!(found < 1e-11, "{repeats} {r} {alpha} {s} {beta}: {found}");
            }
            for chance in [Chance::AfterRepeats, Chance::AfterAll] {
                for regularity in [1, 3] {
                    let found = difference(&BetaGeometric::new(chance, regularity, [0.3, 4.0, 0.8, 2.4]), repeats, &rows);
                    assert!(found < 1e-13, "{repeats} {regularity}: {found}");
                    assert_eq!(difference(&Nbd { regularity, r: 0.5, alpha: 4.0 }, repeats, &rows), 0.0);
                }
            }
        }
    }
}
