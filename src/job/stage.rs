//! Stages: the rules by which a shop is in a stage of its growth, from a checked stage file. The metrics that it names belong to the rooms
//! that compute them.

/// A stage of a shop (店铺阶段).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// 酝酿期.
    Incubation,
    /// 成长期.
    Growth,
    /// 成熟期.
    Maturity,
    /// 维持期.
    Maintenance,
    /// 瓶颈期.
    Bottleneck,
}

impl Stage {
    /// All, in the order of a shop's life.
    pub const ALL: [Stage; 5] = [Stage::Incubation, Stage::Growth, Stage::Maturity, Stage::Maintenance, Stage::Bottleneck];

    /// Their names, in the same order.
    pub const NAMES: [&'static str; 5] = ["incubation", "growth", "maturity", "maintenance", "bottleneck"];

    /// The name in stage files and in tables.
    pub fn name(self) -> &'static str {
        Stage::NAMES[self as usize]
    }

    /// The stage of that name.
    pub fn parse(name: &str) -> Option<Stage> {
        Stage::ALL.into_iter().find(|stage| stage.name() == name)
    }
}

/// A figure of a shop in a month, which rules bound; the columns of the table store_stage of the same names define them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StageFigure {
    /// Whole months since the opening.
    MonthsOpen,
    /// What was paid in three months, in units of the currency.
    Amount3m,
    /// Its growth against the three months before.
    Growth3m,
    /// Its growth against the same months of the year before.
    GrowthYear,
    /// The part of returning customers in the net revenue.
    ReturningAmountShare,
    /// Items that bring a tenth or more each.
    HitItems,
    /// The part of new items.
    NewItemShare,
    /// The rank within the category as a part of its shops.
    CategoryRankShare,
}

impl StageFigure {
    /// All, in the order of the columns.
    pub const ALL: [StageFigure; 8] = [
        StageFigure::MonthsOpen,
        StageFigure::Amount3m,
        StageFigure::Growth3m,
        StageFigure::GrowthYear,
        StageFigure::ReturningAmountShare,
        StageFigure::HitItems,
        StageFigure::NewItemShare,
        StageFigure::CategoryRankShare,
    ];

    /// The name in stage files and in tables.
    pub fn name(self) -> &'static str {
        match self {
            StageFigure::MonthsOpen => "months_open",
            StageFigure::Amount3m => "amount_3m",
            StageFigure::Growth3m => "growth_3m",
            StageFigure::GrowthYear => "growth_year",
            StageFigure::ReturningAmountShare => "returning_amount_share",
            StageFigure::HitItems => "hit_items",
            StageFigure::NewItemShare => "new_item_share",
            StageFigure::CategoryRankShare => "category_rank_share",
        }
    }

    /// The least and the greatest value that it can have, with the words for them in a message.
    pub fn range(self) -> (f64, f64, &'static str) {
        match self {
            StageFigure::MonthsOpen | StageFigure::Amount3m => (0.0, f64::INFINITY, "it is never below 0"),
            StageFigure::Growth3m | StageFigure::GrowthYear => (-1.0, f64::INFINITY, "a growth of 20 % is 0.2, and it is never below -1"),
            StageFigure::HitItems => (0.0, 10.0, "at most ten items bring a tenth each"),
            StageFigure::ReturningAmountShare | StageFigure::NewItemShare | StageFigure::CategoryRankShare => {
                (0.0, 1.0, "a share of 40 % is 0.4, and all is 1")
            }
        }
    }
}

/// The bounds of a figure. At least one of both is set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StageBound {
    /// The figure.
    pub figure: StageFigure,
    /// Not below this.
    pub at_least: Option<f64>,
    /// Not above this.
    pub at_most: Option<f64>,
    /// Whether the figure decides nothing where it is unknown, so that the other bounds of the rule decide.
    pub or_unknown: bool,
}

impl StageBound {
    /// Whether a value lies within the bounds; an unknown one only where the bound says so.
    pub fn holds(&self, value: Option<f64>) -> bool {
        let is_within = |value| self.at_least.is_none_or(|low| value >= low) && self.at_most.is_none_or(|high| value <= high);
        value.map_or(self.or_unknown, is_within)
    }

    /// Whether every value within these bounds lies within the others too.
    pub fn implies(&self, other: &StageBound) -> bool {
        self.figure == other.figure
            && (other.or_unknown || !self.or_unknown)
            && other.at_least.is_none_or(|low| self.at_least.is_some_and(|own| own >= low))
            && other.at_most.is_none_or(|high| self.at_most.is_some_and(|own| own <= high))
    }
}

/// A rule: the stage of a shop all of whose bounds hold. Without bounds it always holds.
#[derive(Debug, Clone, PartialEq)]
pub struct StageRule {
    /// The stage.
    pub stage: Stage,
    /// The bounds, in the order of the file.
    pub bounds: Vec<StageBound>,
}

/// A stage file.
#[derive(Debug, Clone, PartialEq)]
pub struct Stages {
    /// The rules, of which the first that holds decides; at least one.
    pub rules: Vec<StageRule>,
    /// By stage: the names of the metrics that matter in it.
    pub metrics: [Vec<String>; 5],
}
