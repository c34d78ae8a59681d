//! What is said of the effect of a repeated campaign where it is not the whole answer.

/// No campaign of the name has both arms.
pub const NO_CONTROL: &str = "no campaign with two arms: the effect cannot be told from the season";
/// None of those with both arms is over.
pub const RUNNING: &str = "windows of all campaigns with two arms still run";
/// Too few bought for an interval.
pub const FEW: &str = "too few buyers in an arm over all campaigns for limits";
/// The interval holds 0.
pub const UNSETTLED: &str = "the limits of the revenue difference hold 0: what the messages brought is not settled";
