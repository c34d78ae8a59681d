//! The keys of a job file: name, shape, default and meaning, declared once for checker, messages, schema and manual.
//! The keys of rule files are in `rule_keys`, those of strategy files in `strategy_keys`, those of stage files in `stage_keys`.

use super::cool_down::CoolDown;
use super::forecast::ModelChoice;
pub use super::shape::{Items, Key, Numbers, Presence, Shape};
use super::status::Status;
use super::totals::{GroupIds, Total};
use crate::spec::WeekStart;

use Presence::{Default, Optional, Required};

/// The largest number of days of any limit: ten years.
pub(super) const MOST_DAYS: i64 = 3650;

pub(super) const fn key(name: &'static str, shape: Shape, presence: Presence, doc: &'static str) -> Key {
    Key { name, shape, presence, doc }
}

const fn days(name: &'static str, from: i64, default: &'static str, doc: &'static str) -> Key {
    key(name, Shape::Integer { from, to: MOST_DAYS }, Default(default), doc)
}

/// The top level of a job file.
pub const JOB: &[Key] = &[
    key("job", Shape::Text, Required, "the name of the job in messages and in the manifest"),
    key("timezone", Shape::Timezone, Default("Asia/Shanghai"), "the zone whose calendar days count; times without a zone are read in it"),
    key("as_of", Shape::AsOf, Default("yesterday"), "the last day whose events count"),
    key("shop", Shape::Text, Optional, "the id of the only shop, for orders without a shop_id; the name of the job if absent"),
    key("currency", Shape::Currency, Default("CNY"), "the currency of all amounts, as its three capitals; nothing is converted"),
    key("inputs", Shape::Inputs, Required, "where the data are, and what their columns and statuses are called"),
    key("params", Shape::Section(PARAMS), Optional, "the numbers that definitions depend on"),
    key("assessments", Shape::Files("rule file"), Default("[]"), "the rule files by which shops are assessed"),
    key("strategies", Shape::Files("strategy file"), Default("[]"), "the strategy files that say whom to contact"),
    key("stages", Shape::File("stage file"), Optional, "the stage file: by which rules shops are in stages, and what matters in each"),
    key("tables", Shape::Tables, Default("all"), "the result tables: all that the inputs allow, or a list"),
    key("output", Shape::Section(OUTPUT), Optional, "where the snapshots go"),
];

/// Below `params`.
pub const PARAMS: &[Key] = &[
    key("cohort", Shape::Section(COHORT), Optional, "cohorts of cohort_retention and cohort_value, dimensions of all repurchase tables"),
    days("history_warmup", 0, "90", "days after the first day of data in which new customers may be old ones"),
    key(
        "lifecycle",
        Shape::SectionOr(LIFECYCLE, SUGGESTED),
        Optional,
        "the limits between the stages of a customer's life, or `suggested`: what the intervals of each shop suggest",
    ),
    key(
        "week_starts",
        Shape::Choice(&WeekStart::NAMES),
        Default("monday"),
        "the day on which a week begins, in every table that has weeks",
    ),
    key("migration_period", Shape::Choice(&["week", "month", "quarter", "year"]), Default("month"), "how far back segment_migration looks"),
    key("rfm", Shape::Section(RFM), Optional, "how recency, frequency and money are scored"),
    key("forecast", Shape::Section(FORECAST), Optional, "what customers are expected to buy"),
    key(
        "max_nth",
        Shape::Integer { from: 1, to: 1000 },
        Default("10"),
        "the last purchase day whose interval to the next has rows of its own",
    ),
    key("promise_hours", Shape::Integer { from: 1, to: 8760 }, Default("48"), "hours in which a shop promises to ship what was paid"),
    days("timing_days", 1, "90", "days up to the as-of date, this one included, whose orders order_timing counts"),
    days("alert_days", 1, "30", "days up to the as-of date, this one included, of which alerts has rows"),
    key(
        "min_customers",
        Shape::Integer { from: 1, to: 1_000_000 },
        Default("20"),
        "the smallest number of customers of an item whose rates say something",
    ),
    key("price_ending", Shape::Section(PRICE_ENDING), Optional, "the amounts at which a shop sets its prices and thresholds"),
    key(
        "max_reject_share",
        Shape::Number { from: 0.0, to: 1.0 },
        Default("0.001"),
        "the share of an input's rows that may be rejected before the run stops",
    ),
    key(
        "min_peers",
        Shape::Integer { from: 1, to: 1_000_000 },
        Default("5"),
        "the smallest number of shops that can represent their industry",
    ),
    key(
        "min_pair_orders",
        Shape::Integer { from: 1, to: 1_000_000 },
        Default("5"),
        "the orders that have both items of a pair in item_pairs, at least",
    ),
    key("max_pairs", Shape::Integer { from: 1, to: 1_000_000 }, Default("1000"), "the pairs of a shop in item_pairs, at most"),
    key("brief_size", Shape::Integer { from: 1, to: 1_000 }, Default("8"), "the lines of a shop in brief, at most"),
    key("campaign", Shape::Section(CAMPAIGN), Optional, "how the effect of campaigns is measured"),
    key(
        "cool_down",
        Shape::Choice(CoolDown::NAMES),
        Default("auto"),
        "what the cool-down of lists counts: `sent`, the lists that were sent; `listed`, all lists; `auto`, those that were sent where a shop records what it sends",
    ),
    key(
        "member_levels",
        Shape::List(MEMBER_LEVEL),
        Optional,
        "the levels of the shop's members, ascending; a customer has the highest one that either of its limits reaches; none if absent",
    ),
    key(
        "amount_bands",
        Shape::Amounts(Items::Ascending),
        Default("[]"),
        "the limits between the bands of net revenue in which customers lie; 1, 2, 5, 10, 20, 50 and so on if none",
    ),
    key(
        "totals",
        Shape::AnyChoices(Total::NAMES),
        Default("[]"),
        "shops taken together in total_daily and total_periods: all, or those of each category of the shops input",
    ),
    key(
        "group_ids",
        Shape::Choice(GroupIds::NAMES),
        Default("separate"),
        "what a customer_id means in shops of one shop_group: `shared` for the same person, as the tables of groups need it",
    ),
];

/// Below `params.price_ending`.
pub const PRICE_ENDING: &[Key] = &[
    key("step", Shape::Amount, Default("1"), "from one such amount to the next: 100 with `ending: 99` for 99, 199, 299"),
    key("ending", Shape::Amount, Default("0"), "the least of these amounts, below `step`"),
];

/// Below each of `params.member_levels`.
pub const MEMBER_LEVEL: &[Key] = &[
    key("name", Shape::Text, Required, "the shop's name for the level"),
    key("min_amount", Shape::Amount, Optional, "the net revenue of a customer that reaches the level; if absent, no amount does"),
    key(
        "min_orders",
        Shape::Integer { from: 1, to: 1_000_000 },
        Optional,
        "the purchases of a customer that reach the level; if absent, no number does",
    ),
];

/// Below `params.campaign`.
pub const CAMPAIGN: &[Key] = &[days("window_days", 1, "14", "days from the sending of a message on in which purchases count")];

/// Below `params.cohort`.
pub const COHORT: &[Key] = &[
    key("grain", Shape::Choices(&["day", "week", "month", "quarter"]), Default("[month]"), "the length of a cohort's periods"),
    key("dimensions", Shape::Dimensions, Default("[]"), "what cohorts and repurchases are split by, beside all customers together"),
];

/// The value of `params.lifecycle` with which each shop has its own limits.
pub const SUGGESTED: &str = "suggested";

/// Below `params.lifecycle`.
pub const LIFECYCLE: &[Key] = &[
    days("active_days", 1, "30", "days since the last purchase up to which a customer is active"),
    days("quiet_days", 1, "90", "days since the last purchase up to which a customer is quiet"),
    days("dormant_days", 1, "180", "days since the last purchase up to which a customer is dormant; churned after that"),
    key(
        "thresholds",
        Shape::Integers { from: 1, to: MOST_DAYS, items: Items::Any },
        Default("[]"),
        "idle days that lifecycle_thresholds tries beside its own",
    ),
];

/// Below `params.rfm`. The three lists of limits belong to `method: fixed`.
pub const RFM: &[Key] = &[
    key(
        "method",
        Shape::Choice(&["quantile", "fixed"]),
        Default("quantile"),
        "scores by the customer's place among all, or by fixed limits",
    ),
    key(
        "recency",
        Shape::Choice(&["stages", "quantile"]),
        Default("stages"),
        "with `method: quantile`, what scores recency: the limits of the lifecycle stages in force in the shop, or the customer's place among all",
    ),
    key(
        "recency_days",
        Shape::Integers { from: 0, to: MOST_DAYS, items: Items::FourAscending },
        Optional,
        "days: score 5 below the first limit, 4 from it on, 1 from the last on",
    ),
    key(
        "frequency",
        Shape::Integers { from: 1, to: 1_000_000, items: Items::FourAscending },
        Optional,
        "purchase days: score 1 below the first limit, 2 from it on, 5 from the last on",
    ),
    key(
        "monetary",
        Shape::Amounts(Items::FourAscending),
        Optional,
        "money: score 1 below the first limit, 2 from it on, 5 from the last on",
    ),
    key(
        "monetary_value",
        Shape::Choice(&["net_revenue", "per_purchase_day"]),
        Default("net_revenue"),
        "the money that is scored: all net revenue, or that of a purchase day",
    ),
];

/// Below `params.forecast`.
pub const FORECAST: &[Key] = &[
    key(
        "model",
        Shape::Choice(&ModelChoice::NAMES),
        Default("auto"),
        "the model of customers' purchases; auto selects the one that predicts the last fifth of the history best, none makes no forecast",
    ),
    days("horizon_days", 1, "90", "days after the as-of date in which purchases are expected"),
    key("months", Shape::Integer { from: 0, to: 12 }, Default("3"), "months after the one of the as-of date whose sales are expected"),
];

/// The keys of [`RFM`] that `method: fixed` needs and that mean nothing without it.
pub const RFM_FIXED: [&str; 3] = ["recency_days", "frequency", "monetary"];

/// Below `output`.
pub const OUTPUT: &[Key] = &[
    key("path", Shape::Path, Default("out"), "the folder of the snapshots"),
    key(
        "keep",
        Shape::Integer { from: 1, to: 1_000_000 },
        Optional,
        "the number of as-of dates whose snapshots stay after a run, the latest ones, each with the last run; of others, the lists that the cool-down needs; all if absent",
    ),
    key(
        "report",
        Shape::Choice(&["true", "en", "zh", "false"]),
        Default("false"),
        "whether two pages for people are written beside the tables, `report.html` and the small `brief.html` for mail: `true` or `en` in English, `zh` in Chinese",
    ),
    key(
        "state",
        Shape::Choice(&["true", "false"]),
        Default("true"),
        "whether a run keeps the order lines that it has read in `state` beside the snapshots, so that the next night reads the new files only",
    ),
    key("postgres", Shape::Section(POSTGRES), Optional, "the PostgreSQL database that shows the tables of the latest snapshot"),
];

/// Below `output.postgres`.
pub const POSTGRES: &[Key] = &[
    key(
        "url",
        Shape::Text,
        Required,
        "the connection string, from the environment: ${NAME}, with NAME set to postgresql://USER:PASSWORD@HOST/DATABASE",
    ),
    key(
        "schema",
        Shape::Name,
        Default("huitou"),
        "the schema of the tables; their rows lie in another one, called so with `_partitions` behind it",
    ),
    key(
        "timeout_minutes",
        Shape::Integer { from: 1, to: 1440 },
        Default("60"),
        "how many minutes a load may take; one that takes longer is given up, and the tables stay as they were",
    ),
    key(
        "history",
        Shape::TableNames,
        Default("[]"),
        "small tables whose rows of every night stay, in tables of their names with `_history` behind them, by a column `as_of`",
    ),
];

const PATH: Key = key("path", Shape::Path, Required, "a Parquet file, a folder of them, or a pattern such as data/*.parquet");
const COLUMNS: Key = key(
    "columns",
    Shape::Columns,
    Optional,
    "what the columns are called in the files, or SQL over them; others have their own name; `$row` numbers rows that have no id",
);
const FILTER: Key = key("filter", Shape::Condition, Optional, "a condition in SQL over the columns of the files; other rows are left out");
const TIMES: Key = key(
    "times",
    Shape::Times,
    Optional,
    "whose clock times without a zone show: the job's timezone (local), UTC (utc) or that of a zone; or a mapping from columns to these, which holds whatever the type in the files says. If absent, the files say it, else local",
);
/// Below `inputs.INPUT.freshness`.
const FRESHNESS: &[Key] = &[
    key(
        "warn",
        Shape::Days { from: 1, to: MOST_DAYS },
        Optional,
        "days up to the as-of date without any event from which on the input is stale: the run warns, and lists of customers are empty; \
         for orders 2d if absent and `as_of` is `yesterday`, else none",
    ),
    key(
        "error",
        Shape::Days { from: 1, to: MOST_DAYS },
        Optional,
        "days up to the as-of date without any event from which on nothing is published, except with `--allow-stale`; none if absent",
    ),
];
const FRESH: Key = key("freshness", Shape::Section(FRESHNESS), Optional, "how recent the newest event of the input must be");
const MONEY: Key = key(
    "money",
    Shape::Choice(&["major", "minor"]),
    Default("major"),
    "the unit of amounts in integer columns: units of the currency (major) or hundredths of it (minor)",
);

const ORDERS: &[Key] = &[
    PATH,
    COLUMNS,
    key(
        "status",
        Shape::Statuses(ORDER_STATUSES),
        Optional,
        "what the statuses in the files mean; those of the Taobao Open Platform are known",
    ),
    FILTER,
    MONEY,
    TIMES,
    FRESH,
    key(
        "customers",
        Shape::Choice(&["optional", "required"]),
        Default("optional"),
        "whether an order must name its customer: without one it counts for the shop and for no customer, or its rows are rejected",
    ),
];
const REFUNDS: &[Key] = &[
    PATH,
    COLUMNS,
    key("status", Shape::Statuses(REFUND_STATUSES), Optional, "what the statuses in the files mean; success, closed and open are known"),
    FILTER,
    MONEY,
    TIMES,
    FRESH,
];
const WITH_MONEY: &[Key] = &[PATH, COLUMNS, FILTER, MONEY, TIMES];
const OTHERS: &[Key] = &[PATH, COLUMNS, FILTER, TIMES];
const BY_DAY: &[Key] = &[PATH, COLUMNS, FILTER, TIMES, FRESH];
const TRAFFIC: &[Key] = &[PATH, COLUMNS, FILTER, MONEY, TIMES, FRESH];

/// What a status of the orders input can mean.
pub const ORDER_STATUSES: &[Status] =
    &[Status::Placed, Status::Paid, Status::Shipped, Status::Completed, Status::Refunded, Status::Cancelled, Status::Closed];
/// What a status of the refunds input can mean.
pub const REFUND_STATUSES: &[Status] = &[Status::Success, Status::Closed, Status::Open];

/// What `times` may say of an input or a column, for messages.
pub const CLOCK: &str = "`local`, `utc` or a time zone such as America/New_York";

/// The input that every job needs.
pub const REQUIRED_INPUT: &str = "orders";

/// The keys below an input: only inputs with statuses or money have keys for those.
pub fn input_keys(input: &str) -> &'static [Key] {
    match input {
        "orders" => ORDERS,
        "refunds" => REFUNDS,
        "traffic" | "keyword_traffic" => TRAFFIC,
        "shops" | "plans" | "ad_plans" | "campaigns" | "affiliate_orders" => WITH_MONEY,
        "page_views" | "ratings" | "complaints" | "violations" | "inquiries" | "service_scores" | "listings" | "item_traffic" => BY_DAY,
        _ => OTHERS,
    }
}
