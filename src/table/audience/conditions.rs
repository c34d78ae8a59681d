//! The conditions of strategies: SQL over the columns of candidates, checked before anything is computed.

use std::sync::Arc;

use arrow::array::BooleanArray;
use arrow::record_batch::RecordBatch;

use super::candidates::candidate_schema;
use crate::error::{Error, Problem, Result};
use crate::job::nearest;
use crate::job::strategy::Strategy;
use crate::spec::IdTypes;
use crate::table::condition::Condition;

/// The conditions of a job's strategies, in their order.
#[derive(Debug, Clone)]
pub(super) struct Conditions {
    /// One for each strategy.
    each: Vec<Condition>,
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
    let mut problems = Vec::new();
    for strategy in strategies {
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
    }
    problems
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
        let evaluated = self.each.iter().zip(strategies).map(|(condition, strategy)| evaluated(condition, strategy, candidates));
        evaluated.collect::<Result<_, Problem>>().map_err(|problem| Error::Usage(vec![problem]))
    }
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
