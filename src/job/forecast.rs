//! The parameters of forecasts: the model of customers' purchases, and how far ahead it predicts.

/// A model of when customers buy and when they leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ModelKind {
    /// BG/NBD: a customer may leave after each repeat purchase.
    BgNbd,
    /// MBG/NBD: a customer may leave after each purchase, including the first.
    MbgNbd,
    /// Pareto/NBD: a customer may leave at any time.
    ParetoNbd,
    /// BG/CNBD-k: like BG/NBD, with intervals that are more regular than random ones.
    BgCnbdK,
    /// MBG/CNBD-k: like MBG/NBD, with such intervals.
    MbgCnbdK,
}

impl ModelKind {
    /// All models, those with random intervals before those with regular ones.
    pub const ALL: [ModelKind; 5] = [ModelKind::BgNbd, ModelKind::MbgNbd, ModelKind::ParetoNbd, ModelKind::BgCnbdK, ModelKind::MbgCnbdK];

    /// The name in job files and tables.
    pub fn name(self) -> &'static str {
        match self {
            ModelKind::BgNbd => "bg_nbd",
            ModelKind::MbgNbd => "mbg_nbd",
            ModelKind::ParetoNbd => "pareto_nbd",
            ModelKind::BgCnbdK => "bg_cnbd_k",
            ModelKind::MbgCnbdK => "mbg_cnbd_k",
        }
    }

    /// The place among models that explain the data equally well, the first to be used: exponential intervals before regular ones, and
    /// models under which one-time buyers may leave (whose `p_alive` says something of them) before the others; of these the one in closed
    /// form first.
    pub fn complexity(self) -> u32 {
        match self {
            ModelKind::MbgNbd => 0,
            ModelKind::ParetoNbd => 1,
            ModelKind::BgNbd => 2,
            ModelKind::MbgCnbdK => 3,
            ModelKind::BgCnbdK => 4,
        }
    }

    /// Whether the regularity of the intervals is a parameter of the model.
    pub fn has_regularity(self) -> bool {
        matches!(self, ModelKind::BgCnbdK | ModelKind::MbgCnbdK)
    }
}

/// The model that a job requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelChoice {
    /// The one that predicts the hold-out best.
    Auto,
    /// This one.
    Only(ModelKind),
    /// No forecast.
    None,
}

impl ModelChoice {
    /// The names in job files.
    pub const NAMES: [&str; 7] = ["auto", "bg_nbd", "mbg_nbd", "pareto_nbd", "bg_cnbd_k", "mbg_cnbd_k", "none"];

    /// The choice of that name.
    pub fn parse(name: &str) -> Option<ModelChoice> {
        match name {
            "auto" => Some(ModelChoice::Auto),
            "none" => Some(ModelChoice::None),
            other => ModelKind::ALL.into_iter().find(|kind| kind.name() == other).map(ModelChoice::Only),
        }
    }

    /// The name in job files.
    pub fn name(self) -> &'static str {
        match self {
            ModelChoice::Auto => "auto",
            ModelChoice::Only(kind) => kind.name(),
            ModelChoice::None => "none",
        }
    }

    /// The models to fit.
    pub fn kinds(self) -> Vec<ModelKind> {
        match self {
            ModelChoice::Auto => ModelKind::ALL.to_vec(),
            ModelChoice::Only(kind) => vec![kind],
            ModelChoice::None => Vec::new(),
        }
    }
}

/// The parameters of forecasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ForecastParams {
    /// The model.
    pub model: ModelChoice,
    /// Days after the as-of date whose purchases are predicted.
    pub horizon_days: i32,
    /// Months after that of the as-of date whose sales are predicted.
    pub months: u32,
}

impl ForecastParams {
    /// Whether a forecast is requested.
    pub fn is_wanted(self) -> bool {
        self.model != ModelChoice::None
    }

    /// Whether one of its models needs the intervals between purchase days.
    pub fn needs_intervals(self) -> bool {
        self.model.kinds().into_iter().any(ModelKind::has_regularity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_that_of_a_choice_and_nothing_else_is() {
        for name in ModelChoice::NAMES {
            assert_eq!(ModelChoice::parse(name).map(ModelChoice::name), Some(name));
        }
        assert_eq!(ModelChoice::NAMES.len(), ModelKind::ALL.len() + 2);
        assert_eq!(ModelChoice::parse("nbd"), None);
        assert_eq!((ModelChoice::Auto.kinds().len(), ModelChoice::None.kinds().len()), (5, 0));
    }
}
