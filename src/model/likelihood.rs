//! Likelihood: the log-density of one observation, summed over a weighted sample with its gradient. It uses all threads, and the
//! result has the same bits on any number of them.

use std::ops::Range;

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
    /// The sum of two parts.
    pub fn plus(&self, other: &Score<N>) -> Score<N> {
        Score { value: self.value + other.value, gradient: std::array::from_fn(|index| self.gradient[index] + other.gradient[index]) }
    }
}

/// The log-density of an observation under a model at given parameters, in two parts, so that the costly one is computed once
/// for all observations with the same x.
pub trait Density<const N: usize, O: Observation>: Sync {
    /// The part that depends on x only.
    fn of_repeats(&self, repeats: f64) -> Score<N>;

    /// The other part.
    fn of_seen(&self, repeats: f64, seen: &O) -> Score<N>;

    /// The other part of rows with the same x, in their order; `shared` is what they have in common.
    fn of_rows(&self, repeats: f64, rows: &[Row<O>], _shared: &O::Shared, each: &mut impl FnMut(&Row<O>, &Score<N>)) {
        rows.iter().for_each(|row| each(row, &self.of_seen(repeats, &row.seen)));
    }
}

/// What is seen of customers beside x.
pub trait Observation: Copy + Send + Sync {
    /// What densities of rows with the same x have in common.
    type Shared: Clone + std::fmt::Debug + Send + Sync;

    /// What these rows have in common.
    fn shared(rows: &[Row<Self>]) -> Self::Shared;
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

/// Observations with weights, ordered by x.
#[derive(Debug, Clone)]
pub struct Sample<O: Observation> {
    repeats: Vec<f64>,
    rows: Vec<Row<O>>,
    /// By chunk of rows: those with the same x.
    chunks: Vec<Vec<Run<O>>>,
}

/// Rows of a chunk with the same x.
#[derive(Debug, Clone)]
struct Run<O: Observation> {
    rows: Range<usize>,
    shared: O::Shared,
}

/// Rows that one thread sums at once. The number is fixed, so that the order of all additions is fixed.
const CHUNK: usize = 2048;

/// Values of x for which it does not pay to wake another thread.
const FEWEST: usize = 128;

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
        let chunks: Vec<&[Row<O>]> = rows.chunks(CHUNK).collect();
        let chunks = chunks.into_par_iter().enumerate().map(|(place, chunk)| runs(place * CHUNK, chunk)).collect();
        Sample { repeats, rows, chunks }
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
        let distance = self.weighted_sum(|_, _| 1.0) / count as f64;
        let mut cumulated = 0.0;
        Sample::new(self.rows().filter_map(|(x, row)| {
            let before = (cumulated / distance + 0.5).floor();
            cumulated += row.weight;
            let hits = (cumulated / distance + 0.5).floor() - before;
            (hits > 0.0).then_some((x, Row { weight: hits, ..*row }))
        }))
    }

    /// The log-likelihood with its derivatives in the logarithms of the parameters.
    pub fn evaluate<const N: usize>(&self, density: &impl Density<N, O>, parameters: &[f64; N]) -> Evaluation<N> {
        let by_repeats = self.repeats.par_iter().with_min_len(FEWEST).map(|repeats| density.of_repeats(*repeats));
        let by_repeats: Vec<Score<N>> = by_repeats.collect();
        let of_runs = |runs: &Vec<Run<O>>| {
            let mut sum = Evaluation { value: 0.0, gradient: [0.0; N], information: [[0.0; N]; N] };
            for run in runs {
                let Some((rows, first)) = self.rows.get(run.rows.clone()).and_then(|rows| Some((rows, rows.first()?))) else { continue };
                let Some(of_repeats) = by_repeats.get(first.group as usize) else { continue };
                density.of_rows(self.x(first), rows, &run.shared, &mut |row: &Row<O>, of_seen: &Score<N>| {
                    let score = of_repeats.plus(of_seen);
                    add(&mut sum, row.weight, score.value, &std::array::from_fn(|index| score.gradient[index] * parameters[index]));
                });
            }
            sum
        };
        let sums: Vec<Evaluation<N>> = self.chunks.par_iter().map(of_runs).collect();
        let mut whole = Evaluation { value: 0.0, gradient: [0.0; N], information: [[0.0; N]; N] };
        for sum in &sums {
            whole.value += sum.value;
            for row in 0..N {
                whole.gradient[row] += sum.gradient[row];
                for column in 0..N {
                    whole.information[row][column] += sum.information[row][column];
                }
            }
        }
        whole
    }
}

/// The rows of a chunk by x.
fn runs<O: Observation>(start: usize, chunk: &[Row<O>]) -> Vec<Run<O>> {
    let mut start = start;
    let of_rows = |rows: &[Row<O>]| {
        let range = start..start + rows.len();
        start = range.end;
        Run { rows: range, shared: O::shared(rows) }
    };
    chunk.chunk_by(|one, other| one.group == other.group).map(of_rows).collect()
}

fn add<const N: usize>(sum: &mut Evaluation<N>, weight: f64, value: f64, gradient: &[f64; N]) {
    sum.value += weight * value;
    let information: &mut Matrix<N> = &mut sum.information;
    for row in 0..N {
        let weighted = weight * gradient[row];
        sum.gradient[row] += weighted;
        for column in 0..N {
            information[row][column] += weighted * gradient[column];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Observation for f64 {
        type Shared = ();

        fn shared(_: &[Row<f64>]) {}
    }

    /// The log-density −(x − m)² / 2 − seen · m: its maximum is the mean of (x − seen).
    struct Plain(f64);

    impl Density<1, f64> for Plain {
        fn of_repeats(&self, repeats: f64) -> Score<1> {
            Score { value: -0.5 * (repeats - self.0).powi(2), gradient: [repeats - self.0] }
        }

        fn of_seen(&self, _: f64, seen: &f64) -> Score<1> {
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
