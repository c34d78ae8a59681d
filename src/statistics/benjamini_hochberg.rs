//! Benjamini–Hochberg: which of many tests say something, when the share of false discoveries among them is to be small.

/// The q-value of each p-value: the smallest false discovery rate at which its test is a discovery, over all tests given (Y. Benjamini,
/// Y. Hochberg, "Controlling the False Discovery Rate: a Practical and Powerful Approach to Multiple Testing", Journal of the Royal
/// Statistical Society B 57, 1995). With m tests, the p-value of rank k gives p · (m / k), and no test has a q-value above that of one with a
/// greater p-value. Equal p-values have equal q-values, and the order of the tests does not matter.
///
/// ```
/// use huitou::statistics::benjamini_hochberg::q_values;
/// assert_eq!(q_values(&[0.04, 0.01, 0.5]), [0.06, 0.03, 0.5]);
/// ```
pub fn q_values(p_values: &[f64]) -> Vec<f64> {
    let mut descending: Vec<usize> = (0..p_values.len()).collect();
    descending.sort_by(|one, other| p_values[*other].total_cmp(&p_values[*one]));
    let tests = p_values.len() as f64;
    let mut q_values = vec![1.0; p_values.len()];
    let mut least: f64 = 1.0;
    for (place, test) in descending.iter().enumerate() {
        let rank = (p_values.len() - place) as f64;
        least = least.min(p_values[*test] * (tests / rank));
        q_values[*test] = least;
    }
    q_values
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The example of the paper (section 4.1): thrombolysis after myocardial infarction (Neuhaus et al. 1992), 15 comparisons. At 5 %
    /// Bonferroni's method rejects three hypotheses, this one four, since p(4) = 0.0095 ≤ 4/15 · 0.05 = 0.013.
    #[test]
    fn the_example_of_the_paper() {
        let p_values =
            [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.000];
        let q_values = q_values(&p_values);
        assert_eq!(q_values.iter().filter(|q| **q <= 0.05).count(), 4);
        assert_eq!(p_values.iter().filter(|p| **p <= 0.05 / 15.0).count(), 3);
        // By hand: 0.0095 · 15 / 4, and 0.0278 · 15 / 6 = 0.0695, above 0.0298 · 15 / 7 = 0.063857.
        assert!((q_values[3] - 0.035_625).abs() < 1e-15, "{}", q_values[3]);
        assert!((q_values[5] - 0.063_857_142_857).abs() < 1e-12 && q_values[5] == q_values[6]);
        assert!((q_values[9] - 0.486).abs() < 1e-15 && q_values[14] == 1.0);
    }

    proptest! {
        #[test]
        fn discoveries_are_those_of_the_step_up_procedure(
            p_values in prop::collection::vec((0..=200_u32).prop_map(|p| f64::from(p) / 200.0), 0..40),
            level in 0.01..0.99_f64,
        ) {
            let q_values = q_values(&p_values);
            prop_assert!(q_values.iter().zip(&p_values).all(|(q, p)| q >= p && *q <= 1.0));
            // The largest k with p(k) ≤ k/m · level; all up to it are discoveries.
            let mut sorted = p_values.clone();
            sorted.sort_by(f64::total_cmp);
            let tests = sorted.len() as f64;
            let is_near = sorted.iter().enumerate().any(|(at, p)| (p * tests / (at as f64 + 1.0) - level).abs() < 1e-12);
            prop_assume!(!is_near);
            let discoveries = sorted.iter().enumerate().filter(|(at, p)| **p * tests <= (*at as f64 + 1.0) * level).map(|(at, _)| at + 1).max();
            prop_assert_eq!(q_values.iter().filter(|q| **q <= level).count(), discoveries.unwrap_or(0));
        }
    }
}
