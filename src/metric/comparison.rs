//! Comparisons of two arms: what every one of them says, whatever was compared and how.

/// The lower and the upper limit.
pub type Interval = (f64, f64);

/// The standard normal deviate that 2.5 % of the distribution lie above.
pub const NORMAL_95: f64 = 1.959_963_984_540_054;

/// The difference between two arms, treated less control.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// The difference.
    pub difference: f64,
    /// The limits between which it lies with a confidence of 95 %; `None` where too few bought to tell.
    pub interval: Option<Interval>,
    /// How likely a difference as great as this one is where the arms do not differ, two-sided.
    pub p_value: f64,
    /// How the interval was found.
    pub method: &'static str,
}
