//! The maximum of a smooth function of few variables, from one start, with the same steps every time.
//!
//! BFGS (Nocedal & Wright, Numerical Optimization, 2nd ed., algorithm 6.1) with backtracking. Its first matrix is the inverse of
//! the outer product of the scores (Berndt, Hall, Hall & Hausman 1974), which for a likelihood is close to the Hessian already.

use std::cell::Cell;

use super::matrix::{Matrix, dot, inverse, product};

/// A function at a point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evaluation<const N: usize> {
    /// The value; not finite where the function is not defined.
    pub value: f64,
    /// Its slope in each variable.
    pub gradient: [f64; N],
    /// The sum of the outer products of the contributions' gradients.
    pub information: Matrix<N>,
}

/// The end of a search.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Optimum<const N: usize> {
    /// The best point found.
    pub at: [f64; N],
    /// The function there.
    pub evaluation: Evaluation<N>,
    /// Steps taken.
    pub iterations: u32,
    /// Whether the slope is practically zero.
    pub is_converged: bool,
    /// Whether a variable ran off: it came [`RUN_OFF`] away from its usual value, the function rising, and no maximum was found.
    pub has_run_off: bool,
}

/// Where a search may go, and how much work it may do. The bound is a number of evaluations, not a time, so that the same data end at the
/// same point on any machine.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reach<const N: usize> {
    /// The usual values of the variables, around which they are searched for.
    pub usual: [f64; N],
    /// The evaluations of the function after which the search gives up.
    pub evaluations: u32,
    /// The expected rise of a further step, in units of the function, at which a search ends.
    pub tolerance: f64,
}

/// Where a search starts, with what is known there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Start<const N: usize> {
    /// The point.
    pub at: [f64; N],
    /// The function there; `None` if it is not evaluated yet.
    pub evaluation: Option<Evaluation<N>>,
    /// About the inverse of minus the second derivatives; `None` if it is not known.
    pub covariance: Option<Matrix<N>>,
}

impl<const N: usize> Start<N> {
    /// A point of which nothing is known.
    pub fn at(at: [f64; N]) -> Self {
        Start { at, evaluation: None, covariance: None }
    }
}

impl<const N: usize> Reach<N> {
    /// The nearest point whose variables are within a distance of their usual values.
    fn within(&self, at: [f64; N], distance: f64) -> [f64; N] {
        std::array::from_fn(|index| at[index].clamp(self.usual[index] - distance, self.usual[index] + distance))
    }
}

/// The distance of a variable from its usual value at which it has run off: variables are logarithms, so this is a factor of 10⁴. Beyond
/// it a likelihood rises by less than its own rounding, and to follow it costs hundreds of evaluations that decide nothing.
pub const RUN_OFF: f64 = 9.210_340_371_976_182;

/// The longest step in a variable. Variables are logarithms: a factor of 7.
const LONGEST_STEP: f64 = 2.0;

/// A variable that is nearer to the edge than this is at it.
const WIDTH_OF_THE_EDGE: f64 = 1e-9;

/// The steps that a search takes with a variable at the edge: enough for the other variables, which hardly move any more, and for one
/// that only overshot to come back.
const AT_THE_EDGE: u32 = 8;

/// The rise of a step from the edge below which a search ends there: nothing is decided by less, and to follow a ridge into the rounding of the
/// function takes hundreds of evaluations.
const LEAST_RISE: f64 = 1e-4;

/// A start is at most this far from the usual values: a search that begins where another one ran off shall see the slope back.
const FARTHEST_START: f64 = RUN_OFF - LONGEST_STEP;

/// Finds a maximum from a start.
pub fn maximise<const N: usize>(function: &impl Fn(&[f64; N]) -> Evaluation<N>, start: Start<N>, reach: &Reach<N>) -> Optimum<N> {
    let left = Cell::new(reach.evaluations);
    let function = |at: &[f64; N]| {
        left.set(left.get().saturating_sub(1));
        function(at)
    };
    let at = reach.within(start.at, FARTHEST_START);
    let evaluation = start.evaluation.filter(|_| at == start.at).unwrap_or_else(|| function(&at));
    let mut here = Optimum { at, evaluation, iterations: 0, is_converged: false, has_run_off: false };
    let mut curvature = start.covariance.unwrap_or_else(|| first_curvature(&here.evaluation));
    let mut is_fresh = start.covariance.is_none();
    let mut at_the_edge = 0;
    while left.get() > 0 && here.evaluation.value.is_finite() {
        // A variable at the edge stays there while the function rises outwards, and the others are searched for on.
        let is_held: [bool; N] = std::array::from_fn(|index| {
            let distance = here.at[index] - reach.usual[index];
            distance.abs() >= RUN_OFF - WIDTH_OF_THE_EDGE && distance * here.evaluation.gradient[index] >= 0.0
        });
        let free = |vector: [f64; N]| -> [f64; N] { std::array::from_fn(|index| if is_held[index] { 0.0 } else { vector[index] }) };
        let is_at_the_edge = is_held.contains(&true);
        here.has_run_off |= is_at_the_edge;
        at_the_edge += u32::from(is_at_the_edge);
        if at_the_edge > AT_THE_EDGE {
            break;
        }
        let gradient = free(here.evaluation.gradient);
        let mut direction = free(product(&curvature, &gradient));
        let is_uphill = dot(&direction, &gradient) > 0.0;
        if !is_uphill {
            curvature = first_curvature(&here.evaluation);
            direction = free(product(&curvature, &gradient));
        }
        let promised = dot(&direction, &gradient);
        if promised < reach.tolerance {
            // What the matrix has learned at the edge says nothing of the inside.
            if here.has_run_off && !is_at_the_edge && !is_fresh {
                curvature = first_curvature(&here.evaluation);
                is_fresh = true;
                continue;
            }
            here.is_converged = promised >= 0.0 && !is_at_the_edge;
            break;
        }
        let Some((at, evaluation)) = line_search(&function, &here, &direction, reach, &|| left.get() > 0) else {
            // Either the matrix has degenerated, or the rise is below floating-point precision.
            if is_fresh {
                here.is_converged = promised < 1e-6 && !is_at_the_edge;
                break;
            }
            curvature = first_curvature(&here.evaluation);
            is_fresh = true;
            continue;
        };
        let fall = difference(&here.evaluation.gradient, &evaluation.gradient);
        curvature = updated(&curvature, &difference(&at, &here.at), &fall);
        is_fresh = false;
        let rise = evaluation.value - here.evaluation.value;
        here = Optimum { at, evaluation, iterations: here.iterations + 1, ..here };
        if is_at_the_edge && rise < LEAST_RISE {
            break;
        }
    }
    // Who came back from the edge and found a maximum has not run off.
    here.has_run_off &= !here.is_converged;
    here
}

/// About twice the rise from there to the maximum, as far as the function is a parabola; infinite where that is not known.
pub fn promised<const N: usize>(evaluation: &Evaluation<N>) -> f64 {
    let step = product(&first_curvature(evaluation), &evaluation.gradient);
    let promised = dot(&step, &evaluation.gradient);
    if promised >= 0.0 { promised } else { f64::INFINITY }
}

/// The inverse of the outer product, regularised if it is singular, else a short step uphill.
fn first_curvature<const N: usize>(evaluation: &Evaluation<N>) -> Matrix<N> {
    let mut lifted = evaluation.information;
    let trace: f64 = (0..N).map(|row| lifted[row][row]).sum();
    for (row, values) in lifted.iter_mut().enumerate() {
        values[row] += 1e-9 * trace;
    }
    inverse(&lifted).unwrap_or_else(|| {
        let steepest = evaluation.gradient.iter().fold(1.0, |most: f64, slope| most.max(slope.abs()));
        std::array::from_fn(|row| std::array::from_fn(|column| if row == column { 1.0 / steepest } else { 0.0 }))
    })
}

/// A point along the direction that is sufficiently higher; `None` if none is found.
fn line_search<const N: usize>(
    function: &impl Fn(&[f64; N]) -> Evaluation<N>,
    here: &Optimum<N>,
    direction: &[f64; N],
    reach: &Reach<N>,
    may_go_on: &dyn Fn() -> bool,
) -> Option<([f64; N], Evaluation<N>)> {
    let slope = dot(direction, &here.evaluation.gradient);
    let longest = direction.iter().fold(0.0, |most: f64, part| most.max(part.abs()));
    // A step to the edge ends there in all variables: those that run off do so together, and a step that is cut in one of them alone leads
    // off the ridge along which they do.
    let room = (0..N).map(|index| room(here.at[index] - reach.usual[index], direction[index]));
    let mut step = room.fold((LONGEST_STEP / longest).min(1.0), f64::min);
    // Rises below the rounding of the sum cannot be seen.
    let rounding = 1e-14 * here.evaluation.value.abs();
    for _ in 0..25 {
        if !may_go_on() {
            return None;
        }
        let at = reach.within(std::array::from_fn(|index| here.at[index] + step * direction[index]), RUN_OFF);
        let evaluation = function(&at);
        let is_defined = evaluation.value.is_finite() && evaluation.gradient.iter().all(|slope| slope.is_finite());
        if is_defined && evaluation.value + rounding >= here.evaluation.value + 1e-4 * step * slope {
            return (at != here.at).then_some((at, evaluation));
        }
        // The maximum of the parabola through both values and the slope, limited in both directions.
        let bend = here.evaluation.value + step * slope - evaluation.value;
        let peak = if bend.is_finite() && bend > 0.0 { 0.5 * step * step * slope / bend } else { 0.5 * step };
        step = peak.clamp(0.1 * step, 0.5 * step);
    }
    None
}

/// The longest step that a variable at a distance from its usual value can take in a direction; infinite for one that is at the edge, and stays
/// there.
fn room(distance: f64, direction: f64) -> f64 {
    let left = RUN_OFF - distance * direction.signum();
    if direction == 0.0 || left <= WIDTH_OF_THE_EDGE { f64::INFINITY } else { left / direction.abs() }
}

/// The BFGS update of the inverse Hessian; unchanged if the function is not concave along the step.
fn updated<const N: usize>(matrix: &Matrix<N>, step: &[f64; N], fall: &[f64; N]) -> Matrix<N> {
    let bend = dot(step, fall);
    let bends_down = bend > 1e-12 * dot(step, step).sqrt() * dot(fall, fall).sqrt();
    if !bends_down {
        return *matrix;
    }
    let turned = product(matrix, fall);
    let stretch = (1.0 + dot(fall, &turned) / bend) / bend;
    std::array::from_fn(|row| {
        std::array::from_fn(|column| {
            matrix[row][column] + stretch * step[row] * step[column] - (turned[row] * step[column] + step[row] * turned[column]) / bend
        })
    })
}

fn difference<const N: usize>(one: &[f64; N], other: &[f64; N]) -> [f64; N] {
    std::array::from_fn(|index| one[index] - other[index])
}

/// Minus the second derivatives, by one-sided differences of the gradient, made symmetric. The error of 10⁻⁶ is negligible for
/// standard errors, and one-sided differences take half the time.
pub fn observed_information<const N: usize>(
    function: &impl Fn(&[f64; N]) -> Evaluation<N>,
    at: &[f64; N],
    gradient: &[f64; N],
) -> Matrix<N> {
    const STEP: f64 = 1e-6;
    let raw: Matrix<N> = std::array::from_fn(|variable| {
        let beside = std::array::from_fn(|index| if index == variable { at[index] + STEP } else { at[index] });
        difference(gradient, &function(&beside).gradient).map(|fall| fall / STEP)
    });
    std::array::from_fn(|row| std::array::from_fn(|column| 0.5 * (raw[row][column] + raw[column][row])))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rosenbrock's valley turned upside down: its top is 0 at (1, 1).
    fn rosenbrock(at: &[f64; 2]) -> Evaluation<2> {
        let [x, y] = *at;
        let bow = y - x * x;
        let gradient = [2.0 * (1.0 - x) + 400.0 * x * bow, -200.0 * bow];
        Evaluation { value: -(1.0 - x).powi(2) - 100.0 * bow * bow, gradient, information: [[1.0, 0.0], [0.0, 1.0]] }
    }

    /// Around 0, with as many evaluations as any search here needs.
    fn reach<const N: usize>(evaluations: u32) -> Reach<N> {
        Reach { usual: [0.0; N], evaluations, tolerance: 1e-9 }
    }

    #[test]
    fn rosenbrock_1960() {
        let top = maximise(&rosenbrock, Start::at([-1.2, 1.0]), &reach(200));
        assert!(top.is_converged && top.at.iter().all(|part| (part - 1.0).abs() < 1e-4), "{top:?}");
        // By hand: f_xx = −2 − 1200 x² + 400 y = −802, f_xy = 400, f_yy = −200 at the top.
        let found = observed_information(&rosenbrock, &[1.0, 1.0], &[0.0, 0.0]);
        for (row, expected) in found.iter().zip([[802.0, -400.0], [-400.0, 200.0]]) {
            assert!(row.iter().zip(expected).all(|(one, other)| (one - other).abs() < 1e-5 * 802.0), "{found:?}");
        }
    }

    #[test]
    fn a_function_that_rises_forever_does_not_converge() {
        let rising = |at: &[f64; 1]| Evaluation { value: at[0], gradient: [1.0], information: [[0.0]] };
        let end = maximise(&rising, Start::at([0.0]), &reach(200));
        assert!(!end.is_converged && end.has_run_off && end.at[0] >= RUN_OFF, "{end:?}");
        // Steps of at most 2 lead there: the first one beyond shows it, not after all that are allowed.
        assert!(end.iterations <= 13, "{end:?}");
        // A start out there sees the slope back where there is one.
        let falling = |at: &[f64; 1]| Evaluation { value: -at[0] * at[0], gradient: [-2.0 * at[0]], information: [[1.0]] };
        let back = maximise(&falling, Start::at([1e3]), &reach(200));
        assert!(back.is_converged && !back.has_run_off && back.at[0].abs() < 1e-4, "{back:?}");
    }

    /// A likelihood as of customers who hardly differ: it rises along a narrow ridge on which both variables run off, by less and less.
    #[test]
    fn variables_that_run_off_together_stay_on_their_ridge_up_to_the_edge() {
        let count = Cell::new(0);
        let ridge = |at: &[f64; 2]| {
            count.set(count.get() + 1);
            let (across, left) = (at[1] - at[0] - 3.0, (-at[0]).exp());
            let gradient = [2e4 * across + left, -2e4 * across];
            Evaluation { value: -4e5 - 1e4 * across * across - left, gradient, information: [[2e4, -2e4], [-2e4, 2e4]] }
        };
        let end = maximise(&ridge, Start::at([0.0, 1.0]), &Reach { usual: [0.0, 2.0], evaluations: 200, tolerance: 1e-9 });
        assert!(end.has_run_off && !end.is_converged, "{end:?}");
        // On the ridge: the second variable, 3 from the first one, is at its edge 9.2 from 2, and the first one is where the ridge is then.
        assert!((end.at[1] - 2.0 - RUN_OFF).abs() < 1e-6 && (end.at[0] - (end.at[1] - 3.0)).abs() < 1e-3, "{end:?}");
        assert!(count.get() <= 60, "{} evaluations", count.get());
    }

    #[test]
    fn a_search_does_no_more_work_than_it_may() {
        for most in [1, 7, 30] {
            let count = std::cell::Cell::new(0);
            let counted = |at: &[f64; 2]| {
                count.set(count.get() + 1);
                rosenbrock(at)
            };
            let end = maximise(&counted, Start::at([-1.2, 1.0]), &reach(most));
            assert!(count.get() <= most && !end.is_converged, "{} of {most}: {end:?}", count.get());
        }
    }

    #[test]
    fn a_start_that_is_not_defined_does_not_converge() {
        let nowhere = |_: &[f64; 1]| Evaluation { value: f64::NAN, gradient: [f64::NAN], information: [[0.0]] };
        assert!(!maximise(&nowhere, Start::at([0.0]), &reach(200)).is_converged);
    }
}
