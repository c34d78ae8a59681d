//! Likelihood: the log-density of one observation, summed over a weighted sample with its gradient. It uses all threads, and the
//! result has the same bits on any number of them.

use std::sync::OnceLock;

use rayon::prelude::*;

use super::matrix::Matrix;
use super::optimise::Evaluation;

/// A part of a log-density and its derivatives in the parameters themselves (not their logarithms).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score<const N: usize> {
    /// The logarithm.
    pub value: f64,
    /// Its derivatives.
    pub gradient: [f64; N],
}

impl<const N: usize> Score<N> {
    /// Of what is not defined.
    pub const NONE: Score<N> = Score { value: f64::NAN, gradient: [f64::NAN; N] };

    /// The sum of two parts.
    #[inline]
    pub fn plus(&self, other: &Score<N>) -> Score<N> {
        Score { value: self.value + other.value, gradient: std::array::from_fn(|index| self.gradient[index] + other.gradient[index]) }
    }
}

/// The log-density of an observation under a model at given parameters, in two parts: what depends on x only, and the rest, of which all is
/// computed once that observations with the same x share.
pub trait Density<const N: usize, O: Observation>: Sync {
    /// What all observations of a sample share of the other part.
    type Prepared: Send + Sync;
    /// What observations with the same x share of it.
    type Known: Send + Sync;

    /// The part that depends on x only.
    fn of_repeats(&self, repeats: f64) -> Score<N>;

    /// What is shared by all observations.
    fn prepared(&self, common: &O::Common) -> Self::Prepared;

    /// What is shared by observations with that x.
    fn known(&self, prepared: &Self::Prepared, repeats: f64, shared: &O::Shared) -> Self::Known;

    /// The other part of an observation at its place among those with the same x.
    fn of_seen(&self, known: &Self::Known, seen: &O, place: O::Place) -> Score<N>;

    /// The whole of one observation alone.
    fn of_one(&self, repeats: f64, seen: O) -> Score<N> {
        let (known, place) = self.known_of_one(repeats, seen);
        let of_seen = place.map(|place| self.of_seen(&known, &seen, place));
        let of_repeats = self.of_repeats(repeats);
        of_seen.map_or(of_repeats, |of_seen| of_repeats.plus(&of_seen))
    }

    /// What is known of one observation alone, with its place.
    fn known_of_one(&self, repeats: f64, seen: O) -> (Self::Known, Option<O::Place>) {
        let (mut shared, places) = O::shared(&[Row { group: 0, weight: 1.0, seen }]);
        let common = O::common(std::slice::from_mut(&mut shared));
        (self.known(&self.prepared(&common), repeats, &shared), places.first().copied())
    }
}

/// What is seen of customers beside x.
pub trait Observation: Copy + Send + Sync {
    /// What all observations of a sample have in common under any density.
    type Common: Clone + std::fmt::Debug + Send + Sync;

    /// What observations with the same x have in common under any density.
    type Shared: Clone + std::fmt::Debug + Send + Sync;

    /// The place of one among them.
    type Place: Copy + std::fmt::Debug + Send + Sync;

    /// What these rows have in common, and the place of each.
    fn shared(rows: &[Row<Self>]) -> (Self::Shared, Vec<Self::Place>);

    /// What all rows have in common, from what those with the same x have. These learn their places in it.
    fn common(groups: &mut [Self::Shared]) -> Self::Common;
}

/// An observation with its weight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row<O> {
    /// Its x, as an index into the distinct values of the sample.
    pub group: u32,
    /// How often it occurs.
    pub weight: f64,
    /// The observation without x.
    pub seen: O,
}

/// How well the standard errors of what is fitted to a sample are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Errors {
    /// From the second derivatives over all observations.
    Exact,
    /// Well enough to judge whether the parameters are known: exact only where that is not clear from a part of the observations.
    ToJudge,
}

/// Observations with weights, ordered by x.
#[derive(Debug, Clone)]
pub struct Sample<O: Observation> {
    rows: Vec<Row<O>>,
    /// By row: its place among those with the same x.
    places: Vec<O::Place>,
    /// The distinct x, ascending.
    repeats: Vec<f64>,
    /// By distinct x: what its rows have in common.
    groups: Vec<O::Shared>,
    common: O::Common,
    weight: f64,
    levels: OnceLock<Vec<Sample<O>>>,
    errors: Errors,
}

/// Rows that one thread sums at once. The number is fixed, so that the order of all additions is fixed.
const CHUNK: usize = 2048;

/// Observations of the coarsest level, if a sample has more than twice as many.
pub const TRIAL: usize = 256;

/// The factor by which the number of observations grows from level to level, up to all of them.
pub const FINER: usize = 8;

impl<O: Observation> Sample<O> {
    /// A sample from pairs of x and row, ascending by x.
    pub fn new(observations: impl Iterator<Item = (f64, Row<O>)>) -> Self {
        let mut repeats: Vec<f64> = Vec::new();
        let mut rows = Vec::new();
        for (x, row) in observations {
            if repeats.last() != Some(&x) {
                repeats.push(x);
            }
            rows.push(Row { group: (repeats.len() - 1) as u32, ..row });
        }
        let of_groups: Vec<&[Row<O>]> = rows.chunk_by(|one, other| one.group == other.group).collect();
        let (mut groups, places): (Vec<O::Shared>, Vec<Vec<O::Place>>) = of_groups.into_par_iter().map(O::shared).unzip();
        let common = O::common(&mut groups);
        let weight = rows.iter().map(|row| row.weight).sum();
        Sample { rows, places: places.concat(), repeats, groups, common, weight, levels: OnceLock::new(), errors: Errors::Exact }
    }

    /// The same sample for fits whose standard errors are wanted so well.
    pub fn with_errors(self, errors: Errors) -> Self {
        Sample { errors, ..self }
    }

    /// How well standard errors are wanted.
    pub fn errors(&self) -> Errors {
        self.errors
    }

    /// Samples that represent this one, each [`FINER`] times as large as the one before: on the first a maximum is searched for, each
    /// further one and this one begin where it is. Empty if this one is small.
    pub fn levels(&self) -> &[Sample<O>] {
        self.levels.get_or_init(|| {
            let counts = std::iter::successors(Some(TRIAL), |count| Some(count * FINER));
            let level = |count: usize| (2.0 * count as f64 <= self.weight).then(|| self.thinned(count));
            let is_small = |level: &Sample<O>| level.len() <= TRIAL && 2 * TRIAL < self.len() || level.len() * FINER / 2 < self.len();
            counts.map_while(level).take_while(is_small).collect()
        })
    }

    /// The number of distinct observations.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether the sample is empty.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows with their x.
    pub fn rows(&self) -> impl Iterator<Item = (f64, &Row<O>)> {
        self.rows.iter().map(|row| (self.x(row), row))
    }

    fn x(&self, row: &Row<O>) -> f64 {
        self.repeats.get(row.group as usize).copied().unwrap_or(f64::NAN)
    }

    /// Σ weight · f(x, what was seen).
    pub fn weighted_sum(&self, f: impl Fn(f64, &O) -> f64) -> f64 {
        self.rows().map(|(x, row)| row.weight * f(x, &row.seen)).sum()
    }

    /// About `count` observations that represent all: chosen at even distances of the cumulated weight, so that each has the
    /// same weight on average. Enough to find the neighbourhood of a maximum.
    pub fn thinned(&self, count: usize) -> Sample<O> {
        let distance = self.weight / count as f64;
        let mut cumulated = 0.0;
        Sample::new(self.rows().filter_map(|(x, row)| {
            let before = (cumulated / distance + 0.5).floor();
            cumulated += row.weight;
            let hits = (cumulated / distance + 0.5).floor() - before;
            (hits > 0.0).then_some((x, Row { weight: hits, ..*row }))
        }))
    }

    /// By row: its log-density.
    pub fn values<const N: usize>(&self, density: &impl Density<N, O>) -> Vec<f64> {
        self.map(density, |of_repeats, known, row, place| of_repeats.value + density.of_seen(known, &row.seen, place).value)
    }

    /// By row: what `of_row` makes of the part of its log-density that depends on x, of what is known of that x, and of the row.
    pub fn map<const N: usize, D: Density<N, O>>(
        &self,
        density: &D,
        of_row: impl Fn(&Score<N>, &D::Known, &Row<O>, O::Place) -> f64 + Sync,
    ) -> Vec<f64> {
        let known = self.known(density);
        let rows = self.rows.par_iter().zip(&self.places).with_min_len(CHUNK);
        let value = |(row, place): (&Row<O>, &O::Place)| {
            known.get(row.group as usize).map_or(f64::NAN, |(of_repeats, known)| of_row(of_repeats, known, row, *place))
        };
        rows.map(value).collect()
    }

    /// By distinct x: the part of log-densities that depends on it, and what is known of the rest.
    fn known<const N: usize, D: Density<N, O>>(&self, density: &D) -> Vec<(Score<N>, D::Known)> {
        let prepared = density.prepared(&self.common);
        let of_group = |(repeats, shared): (&f64, &O::Shared)| (density.of_repeats(*repeats), density.known(&prepared, *repeats, shared));
        // Few rows are not worth waking another thread.
        if self.rows.len() <= CHUNK {
            return self.repeats.iter().zip(&self.groups).map(of_group).collect();
        }
        self.repeats.par_iter().zip(&self.groups).map(of_group).collect()
    }

    /// The log-likelihood with its derivatives in the logarithms of the parameters.
    pub fn evaluate<const N: usize>(&self, density: &impl Density<N, O>, parameters: &[f64; N]) -> Evaluation<N> {
        let known = self.known(density);
        let of_chunk = |(rows, places): (&[Row<O>], &[O::Place])| {
            let mut sum = Evaluation { value: 0.0, gradient: [0.0; N], information: [[0.0; N]; N] };
            for (row, place) in rows.iter().zip(places) {
                let Some((of_repeats, known)) = known.get(row.group as usize) else { continue };
                let score = of_repeats.plus(&density.of_seen(known, &row.seen, *place));
                add(&mut sum, row.weight, score.value, &std::array::from_fn(|index| score.gradient[index] * parameters[index]));
            }
            sum
        };
        let sums: Vec<Evaluation<N>> = self.rows.par_chunks(CHUNK).zip(self.places.par_chunks(CHUNK)).map(of_chunk).collect();
        let mut whole = Evaluation { value: 0.0, gradient: [0.0; N], information: [[0.0; N]; N] };
        for sum in &sums {
            whole.value += sum.value;
            for row in 0..N {
                whole.gradient[row] += sum.gradient[row];
                for column in 0..N {
                    // The upper half is that of sums, the lower one the same.
                    whole.information[row][column] += sum.information[row.min(column)][row.max(column)];
                }
            }
        }
        whole
    }
}

/// Adds an observation: of the information, the upper half.
#[inline(always)]
fn add<const N: usize>(sum: &mut Evaluation<N>, weight: f64, value: f64, gradient: &[f64; N]) {
    sum.value += weight * value;
    let information: &mut Matrix<N> = &mut sum.information;
    for row in 0..N {
        let weighted = weight * gradient[row];
        sum.gradient[row] += weighted;
        for column in row..N {
            information[row][column] += weighted * gradient[column];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Observation for f64 {
        type Common = ();
        type Shared = ();
        type Place = ();

        fn shared(rows: &[Row<f64>]) -> ((), Vec<()>) {
            ((), vec![(); rows.len()])
        }

        fn common(_: &mut [()]) {}
    }

    /// The log-density −(x − m)² / 2 − seen · m: its maximum is the mean of (x − seen).
    struct Plain(f64);

    impl Density<1, f64> for Plain {
        type Prepared = ();
        type Known = ();

        fn prepared(&self, _: &()) {}

        fn known(&self, _: &(), _: f64, _: &()) {}

        fn of_repeats(&self, repeats: f64) -> Score<1> {
            Score { value: -0.5 * (repeats - self.0).powi(2), gradient: [repeats - self.0] }
        }

        fn of_seen(&self, _: &(), seen: &f64, _: ()) -> Score<1> {
            Score { value: -seen * self.0, gradient: [-seen] }
        }
    }

    #[test]
    fn weights_count_and_derivatives_are_those_of_logarithms() {
        let sample = Sample::new(
            [(1.0, 3.0, 0.0), (1.0, 1.0, 0.5), (4.0, 2.0, 1.0)].map(|(x, weight, seen)| (x, Row { group: 0, weight, seen })).into_iter(),
        );
        let found = sample.evaluate(&Plain(2.0), &[2.0]);
        // By hand: −½ − ½ − ½ of x = 1, −½ − 1 of it with ½ seen, twice −2 − 2 of x = 4.
        assert_eq!(found.value, -3.0 * 0.5 - 1.5 - 2.0 * 4.0);
        assert_eq!(found.gradient, [2.0 * (-3.0 - 1.5 + 2.0 * 1.0)]);
        assert_eq!(found.information, [[4.0 * (3.0 + 2.25 + 2.0)]]);
    }

    #[test]
    fn a_thinned_sample_keeps_the_shares() {
        let rows = (0..1000).map(|x| (f64::from(x), Row { group: 0, weight: if x == 0 { 1000.0 } else { 1.0 }, seen: 0.0 }));
        let thin = Sample::new(rows).thinned(100);
        let total = thin.weighted_sum(|_, _| 1.0);
        let at_zero = thin.weighted_sum(|x, _| if x == 0.0 { 1.0 } else { 0.0 });
        assert!((99.0..=101.0).contains(&total) && (49.0..=51.0).contains(&at_zero), "{total} {at_zero}");
    }
}
