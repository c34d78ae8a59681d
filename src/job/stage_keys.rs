//! The keys of a stage file: name, shape, default and meaning, declared like those of the job file in `keys`.

use super::keys::{Key, Numbers, Presence, Shape, key};
use super::stage::Stage;

use Presence::{Default, Optional, Required};

/// The top level of a stage file.
pub const STAGES: &[Key] = &[
    key("rules", Shape::List(STAGE_RULE), Required, "the rules by which shops are in stages, in their order: the first that holds decides"),
    key("metrics", Shape::Section(STAGE_METRICS), Optional, "the metrics that matter in each stage, for the table stage_metrics"),
];

/// One of `rules`.
pub const STAGE_RULE: &[Key] = &[
    key("stage", Shape::Choice(&Stage::NAMES), Required, "the stage of a shop for which the rule holds"),
    key(
        "when",
        Shape::Section(STAGE_FIGURES),
        Optional,
        "figures of the shop and their bounds, all of which must hold; a figure that is unknown is within none, unless `or_unknown` says otherwise. A rule without \
         always holds",
    ),
];

/// A figure's bounds below `when`.
pub const STAGE_BOUND: &[Key] = &[
    key("at_least", Shape::Measure(Numbers::Any), Optional, "the figure is not below this"),
    key("at_most", Shape::Measure(Numbers::Any), Optional, "the figure is not above this"),
    key(
        "or_unknown",
        Shape::Choice(&["true", "false"]),
        Default("false"),
        "whether the other bounds of the rule decide where the figure is unknown, as the rank of a shop that is alone in its category",
    ),
];

const fn bounded(name: &'static str, doc: &'static str) -> Key {
    key(name, Shape::Section(STAGE_BOUND), Optional, doc)
}

/// Below `when`: the figures of [`super::stage::StageFigure`].
pub const STAGE_FIGURES: &[Key] = &[
    bounded("months_open", "whole months since the shop's opening"),
    bounded("amount_3m", "what was paid in the last three months, in units of the currency"),
    bounded("growth_3m", "its growth against the three months before, the season removed where two years are known: 0.2 is 20 % more"),
    bounded("growth_year", "its growth against the same three months of the year before"),
    bounded("returning_amount_share", "the part of returning customers in the net revenue of the three months: 0.4 is 40 %"),
    bounded("hit_items", "items that bring a tenth or more each of what was paid for items in the three months"),
    bounded("new_item_share", "the part of items first sold within 90 days in what was paid for items in the three months"),
    bounded(
        "category_rank_share",
        "the shop's rank by amount_3m among the shops of its category, as a part of them: 0.1 is the best tenth",
    ),
];

const fn metrics(name: &'static str, doc: &'static str) -> Key {
    key(name, Shape::StageMetrics, Default("[]"), doc)
}

/// Below `metrics`: the stages.
pub const STAGE_METRICS: &[Key] = &[
    metrics("incubation", "the metrics that matter in the incubation (酝酿期)"),
    metrics("growth", "the metrics that matter in the growth (成长期)"),
    metrics("maturity", "the metrics that matter in the maturity (成熟期)"),
    metrics("maintenance", "the metrics that matter in the maintenance (维持期)"),
    metrics("bottleneck", "the metrics that matter in the bottleneck (瓶颈期)"),
];
