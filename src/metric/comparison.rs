//! Comparisons of two arms: the result of a comparison, whatever was compared and by which method.

/// The lower and the upper limit.
pub type Interval = (f64, f64);

/// The standard normal deviate: 2.5 % of the distribution lie above it.
pub const NORMAL_95: f64 = 1.959_963_984_540_054;

/// The difference between two arms, treated less control.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// The difference.
    pub difference: f64,
    /// The 95 % confidence limits; `None` if too few bought.
    pub interval: Option<Interval>,
    /// The two-sided p-value: the probability of a difference at least this large between arms that do not differ.
    pub p_value: f64,
    /// The method of the interval.
    pub method: &'static str,
}

impl Comparison {
    /// Whether the limits leave 0 out, so that it is known on which side of it the difference lies.
    pub fn is_settled(&self) -> bool {
        self.interval.is_some_and(|(low, high)| low > 0.0 || high < 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_settled_where_its_limits_leave_0_out() {
        let of = |interval| Comparison { difference: 1.0, interval, p_value: 0.5, method: "welch" }.is_settled();
        assert!(of(Some((0.1, 2.0))) && of(Some((-2.0, -0.1))));
        assert!(!of(Some((-0.1, 2.0))) && !of(Some((0.0, 2.0))) && !of(Some((-2.0, 0.0))) && !of(None));
    }
}
