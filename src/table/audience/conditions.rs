//! The conditions of strategies: SQL over the columns of candidates, checked before anything is computed.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, Int64Array, new_null_array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, SchemaRef};
use arrow::record_batch::RecordBatch;
use rayon::prelude::*;

use super::candidates::{UNPAID_AMOUNT, UNPAID_HOURS, UNPAID_ITEM, UNPAID_LAST_DAY, UNPAID_ORDERS, candidate_schema};
use crate::error::{Error, Problem, Result};
use crate::job::nearest;
use crate::job::strategy::Strategy;
use crate::spec::{IdType, IdTypes};
use crate::table::condition::Condition;

/// The conditions of a job's strategies, in their order.
#[derive(Debug, Clone)]
pub(super) struct Conditions {
    /// One for each strategy.
    each: Vec<Condition>,
}

/// Candidates for whom one thread evaluates all conditions.
const FEW: usize = 8192;

/// Does some work on a thread of its own. Polars computes on its own threads, and one of ours that waits for them takes up another table meanwhile,
/// for which the lists then wait.
fn apart<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| scope.spawn(work).join()).unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// All problems of the conditions and orders of strategies. `ids` are the types of ids.
pub fn problems(strategies: &[Strategy], ids: &IdTypes) -> Vec<Problem> {
    let schema = candidate_schema(ids);
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let unknown = |place: &str, strategy: &Strategy, key: &str, column: &str| {
        let all = "docs/lists.md has all columns";
        let help = match nearest(column, names.iter().copied()) {
            Some(close) => format!("did you mean `{close}`? {all}"),
            None => all.to_owned(),
        };
        Problem::new(place, format!("`{key}` of the strategy `{}` names `{column}`, which candidates do not have", strategy.name))
            .help(help)
    };
    let of_strategy = |strategy: &Strategy| {
        let mut problems = Vec::new();
        let is_unknown = |column: &&str| !names.contains(column);
        match parsed(strategy) {
            Err(problem) => problems.push(problem),
            Ok(condition) => {
                let named = condition.columns();
                let absent: Vec<&str> = named.iter().map(String::as_str).filter(is_unknown).collect();
                problems.extend(absent.iter().map(|column| unknown(&strategy.condition_place, strategy, "where", column)));
                if absent.is_empty() {
                    problems.extend(evaluated(&condition, strategy, &RecordBatch::new_empty(Arc::clone(&schema))).err());
                }
            }
        }
        let ordered = strategy.order_by.iter().map(|ordering| ordering.column.as_str());
        problems.extend(ordered.filter(is_unknown).map(|column| unknown(&strategy.order_place, strategy, "order_by", column)));
        problems
    };
    strategies.par_iter().flat_map_iter(of_strategy).collect()
}

impl Conditions {
    /// The conditions of these strategies.
    ///
    /// # Errors
    /// [`Error::Usage`] if one is not SQL.
    pub fn new(strategies: &[Strategy]) -> Result<Self> {
        let each: Result<Vec<Condition>, Problem> = strategies.iter().map(parsed).collect();
        each.map(|each| Conditions { each }).map_err(|problem| Error::Usage(vec![problem]))
    }

    /// By strategy: the candidates that meet its condition. Null is not true.
    ///
    /// # Errors
    /// [`Error::Usage`] if a condition cannot be evaluated for some candidate, such as a text that is cast to a number.
    pub fn evaluate(&self, strategies: &[Strategy], candidates: &RecordBatch) -> Result<Vec<BooleanArray>> {
        let evaluate = |(condition, strategy)| evaluated(condition, strategy, candidates);
        let each: Vec<Result<BooleanArray, Problem>> = match candidates.num_rows() {
            0..FEW => apart(|| self.each.iter().zip(strategies).map(evaluate).collect()),
            _ => self.each.par_iter().zip(strategies).map(evaluate).collect(),
        };
        each.into_iter().collect::<Result<_, Problem>>().map_err(|problem| Error::Usage(vec![problem]))
    }
}

/// Whether a list is about unpaid orders: it is sorted by them first, or nobody without one meets its condition. The latter is what SQL says of a
/// candidate without any of whom nothing else is known: false, and not null, whatever else there is.
pub(super) fn is_about_unpaid(strategy: &Strategy) -> bool {
    let unpaid = [UNPAID_ORDERS, UNPAID_LAST_DAY, UNPAID_AMOUNT, UNPAID_HOURS, UNPAID_ITEM].map(|column| column.name);
    if strategy.order_by.first().is_some_and(|ordering| unpaid.contains(&ordering.column.as_str())) {
        return true;
    }
    let condition = parsed(strategy).ok().filter(|condition| condition.columns().iter().any(|column| unpaid.contains(&column.as_str())));
    let Some(condition) = condition else { return false };
    // A condition may compare ids with texts or with numbers.
    [Some(IdType::text()), IdType::of(&DataType::Int64)].into_iter().flatten().any(|id| {
        let [shop, customer, category, item, campaign] = std::array::from_fn(|_| id.clone());
        let nobody = without_unpaid(&candidate_schema(&IdTypes { shop, customer, category, item, campaign }));
        let met = nobody.ok().and_then(|nobody| condition.evaluate(&nobody).ok());
        met.is_some_and(|met| met.is_valid(0) && !met.value(0))
    })
}

/// A candidate without unpaid orders of whom nothing else is known.
fn without_unpaid(schema: &SchemaRef) -> Result<RecordBatch> {
    let counted = [UNPAID_ORDERS, UNPAID_LAST_DAY, UNPAID_AMOUNT].map(|column| column.name);
    let cell = |field: &Arc<Field>| -> Result<ArrayRef> {
        Ok(match counted.contains(&field.name().as_str()) {
            true => cast(&Int64Array::from(vec![0]), field.data_type())?,
            false => new_null_array(field.data_type(), 1),
        })
    };
    Ok(RecordBatch::try_new(Arc::clone(schema), schema.fields().iter().map(cell).collect::<Result<Vec<_>>>()?)?)
}

fn parsed(strategy: &Strategy) -> Result<Condition, Problem> {
    Condition::parse(&strategy.condition).map_err(|refused| {
        let what = format!("`where` of the strategy `{}` is not a valid condition: {}", strategy.name, refused.cause);
        let help = "write it as in the WHERE of a query, such as recency_days > 60 AND value_tier = 'A'";
        Problem::new(&strategy.condition_place, what).help(refused.help.unwrap_or_else(|| help.to_owned()))
    })
}

fn evaluated(condition: &Condition, strategy: &Strategy, candidates: &RecordBatch) -> Result<BooleanArray, Problem> {
    condition.evaluate(candidates).map_err(|refusal| {
        let what = format!("`where` of the strategy `{}` cannot be evaluated: {}", strategy.name, refusal.cause);
        Problem::new(&strategy.condition_place, what).help(refusal.help)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::shipped::STRATEGIES;
    use crate::job::strategy::Ordering;

    fn is_about(condition: &str, first: &str) -> bool {
        is_about_unpaid(&Strategy {
            name: "care".to_owned(),
            title: "care".to_owned(),
            place: String::new(),
            condition: condition.to_owned(),
            condition_place: String::new(),
            order_by: vec![Ordering { column: first.to_owned(), is_descending: true }],
            order_place: String::new(),
            max_size: 1,
            cool_down_days: 0,
            min_hours_since_order: 0,
            control_share: 0.0,
        })
    }

    #[test]
    fn a_list_is_about_unpaid_orders_where_nobody_without_one_is_on_it() {
        let about = [
            "unpaid_last_day > 0",
            "unpaid_orders >= 1 AND net_revenue > 100",
            "shop_id = 7 AND unpaid_amount > 50",
            "shop_id = 'a' AND NOT unpaid_orders = 0",
            "(value_tier = 'A' OR orders > 3) AND unpaid_orders > 1",
        ];
        for condition in about {
            assert!(is_about(condition, "net_revenue"), "{condition}");
        }
        for condition in ["orders > 0", "unpaid_orders = 0 AND orders > 0", "unpaid_orders > 0 OR orders > 3", "not a condition ("] {
            assert!(!is_about(condition, "net_revenue"), "{condition}");
        }
        // The age of no order is null, which says nothing; who sorts by it means them.
        assert!(is_about("unpaid_hours < 24", "unpaid_hours"));
        let shipped = STRATEGIES.iter().filter(|strategy| strategy.text.contains("order_by: [unpaid_")).map(|strategy| strategy.name);
        assert_eq!(shipped.collect::<Vec<_>>(), ["unpaid_reminder"]);
    }
}
