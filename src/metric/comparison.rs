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
