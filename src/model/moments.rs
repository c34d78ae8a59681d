//! Moments: the times of last purchases and of ends of observation in rows with the same x. Many rows share them, and what a density needs of
//! a moment is computed once for all of these.

use super::cells::Timing;
use super::likelihood::{Observation, Row};

/// The distinct moments of some rows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Moments {
    /// Ascending.
    all: Vec<f64>,
    /// By row: the places of t_x and of T among them.
    places: Vec<[u32; 2]>,
}

impl Moments {
    /// The distinct moments, ascending, in periods.
    pub fn all(&self) -> &[f64] {
        &self.all
    }

    /// By moment y: ln(α + y).
    pub fn lns(&self, alpha: f64) -> Vec<f64> {
        self.all.iter().map(|moment| (alpha + moment).ln()).collect()
    }

    /// By row: the places of t_x and of T among the moments.
    pub fn places(&self) -> impl Iterator<Item = [usize; 2]> + '_ {
        self.places.iter().map(|places| places.map(|place| place as usize))
    }
}

impl Observation for Timing {
    type Shared = Moments;

    fn shared(rows: &[Row<Timing>]) -> Moments {
        let mut all: Vec<f64> = rows.iter().flat_map(|row| [row.seen.recency, row.seen.age]).collect();
        all.sort_unstable_by(f64::total_cmp);
        all.dedup();
        let place = |moment: f64| all.partition_point(|other| *other < moment) as u32;
        let places = rows.iter().map(|row| [place(row.seen.recency), place(row.seen.age)]).collect();
        Moments { all, places }
    }
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
        let moments = Timing::shared(&rows(&[(0.0, 2.0), (2.0, 5.0), (2.0, 7.0)]));
        assert_eq!(moments.all(), [0.0, 2.0, 5.0, 7.0]);
        assert_eq!(moments.places().collect::<Vec<_>>(), [[0, 1], [1, 2], [1, 3]]);
    }

    /// The largest difference of a part of the scores of rows together and of each alone, relative to the part or to 1.
    fn difference<const N: usize>(model: &impl Density<N, Timing>, repeats: f64, rows: &[Row<Timing>]) -> f64 {
        let mut together = Vec::new();
        model.of_rows(repeats, rows, &Timing::shared(rows), &mut |row, score| together.push((row.seen, *score)));
        assert_eq!(together.iter().map(|(seen, _)| *seen).collect::<Vec<_>>(), rows.iter().map(|row| row.seen).collect::<Vec<_>>());
        let parts = together.iter().flat_map(|(seen, found)| {
            let alone = model.of_seen(repeats, seen);
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
                    assert_eq!(difference(&BetaGeometric::new(chance, regularity, [0.3, 4.0, 0.8, 2.4]), repeats, &rows), 0.0);
                    assert_eq!(difference(&Nbd { regularity, r: 0.5, alpha: 4.0 }, repeats, &rows), 0.0);
                }
            }
        }
    }
}
