//! The keys of a strategy file: name, shape, default and meaning, declared like those of the job file in `keys`.

use super::keys::{Key, MOST_DAYS, Numbers, Presence, Shape, key};

use Presence::{Default, Optional, Required};

/// The top level of a strategy file.
pub const STRATEGY: &[Key] = &[
    key("strategy", Shape::Name, Required, "the name of the strategy; its table is audience_NAME"),
    key("title", Shape::Text, Optional, "what the list is for, in a line"),
    key("where", Shape::Condition, Required, "who is a candidate: a condition in SQL over the columns of customers and of open orders"),
    key(
        "order_by",
        Shape::Ordering,
        Default("[net_revenue desc]"),
        "what puts the candidates in order, the best first: columns, with `desc` for the greatest first",
    ),
    key("max_size", Shape::Integer { from: 1, to: 1_000_000 }, Default("500"), "customers of a shop that the list has at most"),
    key(
        "cool_down_days",
        Shape::Integer { from: 0, to: MOST_DAYS },
        Default("30"),
        "customers of a list of this many days before are left out, of the lists that params.cool_down counts; 0: earlier lists do not count",
    ),
    key(
        "min_hours_since_order",
        Shape::Integer { from: 0, to: 24 * MOST_DAYS },
        Default("48"),
        "customers who ordered less than this many hours before the end of the as-of date are left out; 0: nobody is",
    ),
    key(
        "control_share",
        Shape::Measure(Numbers::PartOrNone),
        Default("0.10"),
        "the share of customers who are held out, so that the effect can be measured; 0: nobody is",
    ),
];
