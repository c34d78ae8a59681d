//! The selection of one shop: the candidates who meet conditions, those who are left out with the reason, and the lists.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Int64Array, StringArray, UInt32Array};
use arrow::compute::{filter_record_batch, take_record_batch};
use arrow::datatypes::{DataType, Field, Float64Type, Int64Type, Schema};
use arrow::record_batch::RecordBatch;
use hashbrown::HashMap;

use super::candidates::{Candidates, HOURS_SINCE_ORDER, OPEN_REFUNDS};
use super::card::TEMPLATE;
use super::excluded::{self, Excluded, Reason};
use super::ranking::{self, NUMBER, Ranking, absent};
use crate::error::Result;
use crate::fold::customer::keys::{CustomerIds, mixed};
use crate::history::Context;
use crate::input::records::facts::{Facts, Listed};
use crate::job::strategy::Strategy;
use crate::metric::arm::arm_of;
use crate::spec::schema::schema;
use crate::spec::{Card, Day, Id};
use crate::table::rows::Sink;
use crate::table::shop::days::of_shop;
use crate::table::shop::shops;

/// Rows of one batch of `audience_excluded`.
const BATCH: usize = 65_536;

/// The candidates of one shop, from which its lists are selected.
pub(super) struct Selection<'a> {
    context: &'a Context,
    /// The card of each list.
    cards: &'a [Card],
    shop: u32,
    /// What people call it.
    shop_name: Option<&'a str>,
    /// The last list of each of this shop's customers, ascending by customer.
    listed: &'a [Listed],
    /// By number: candidates who meet a condition.
    ids: CustomerIds,
    /// All who are left out: number of the candidate, number of the strategy, reason.
    excluded: Vec<(u32, usize, Reason<'a>)>,
    rankings: Vec<Ranking>,
}

impl<'a> Selection<'a> {
    /// A selection without candidates of a shop.
    pub fn new(context: &'a Context, cards: &'a [Card], shop: u32, facts: &'a Facts) -> Self {
        // Customers on the lists before it cannot be on this one, so that many more must be kept to fill it.
        let mut most = 0_usize;
        let ranking = |strategy: &Strategy| {
            most = most.saturating_add(strategy.max_size);
            Ranking::new(strategy, most)
        };
        Selection {
            context,
            cards,
            shop,
            shop_name: shops::name_of(facts, shop),
            listed: of_shop(&facts.listed, shop, |listed| listed.shop),
            ids: CustomerIds::default(),
            excluded: Vec::new(),
            rankings: context.strategies.iter().map(ranking).collect(),
        }
    }

    /// The shop.
    pub fn shop(&self) -> u32 {
        self.shop
    }

    /// Adds candidates of the shop, with their rows and, by strategy, whether they meet its condition.
    ///
    /// # Errors
    /// [`crate::error::Error::Bug`] if the rows are not those of candidates.
    pub fn take(&mut self, candidates: &Candidates, rows: &RecordBatch, met: &[BooleanArray]) -> Result<()> {
        let numbers: ArrayRef = Arc::new(UInt32Array::from(self.number(candidates, met)?));
        let numbered = self.needed(rows, numbers)?;
        let refunds = rows.column_by_name(OPEN_REFUNDS.name).and_then(|column| column.as_primitive_opt::<Int64Type>());
        let hours = rows.column_by_name(HOURS_SINCE_ORDER.name).and_then(|column| column.as_primitive_opt::<Float64Type>());
        let (Some(refunds), Some(hours)) = (refunds, hours) else { return Err(absent(HOURS_SINCE_ORDER.name)) };
        let earlier: Vec<Option<&'a Listed>> = candidates.ids().map(|id| self.last_list(id?)).collect();
        let unsubscribed: Vec<bool> =
            candidates.ids().map(|id| id.is_some_and(|id| self.context.do_not_contact.has(self.shop, id))).collect();
        let own_numbers = ranking::numbers(&numbered)?;
        let is_stale = self.context.stale_shops.get(self.shop as usize).copied().unwrap_or(false);
        for (strategy_number, (strategy, met)) in self.context.strategies.iter().zip(met).enumerate() {
            let reason = |row: usize| {
                let list = earlier.get(row).copied().flatten();
                if unsubscribed.get(row).copied().unwrap_or(false) {
                    Some(Reason::DoNotContact)
                } else if is_stale {
                    Some(Reason::StaleInput)
                } else if refunds.is_valid(row) && refunds.value(row) > 0 {
                    Some(Reason::OpenRefund)
                } else if hours.is_valid(row) && hours.value(row) < strategy.min_hours_since_order as f64 {
                    Some(Reason::RecentOrder)
                } else {
                    let days = strategy.cool_down_days;
                    let is_within = |listed: &&Listed| self.context.as_of - listed.cools_from < days;
                    list.filter(is_within).map(|listed| Reason::CoolDown(&listed.list, listed.day))
                }
            };
            let mut stays = vec![false; rows.num_rows()];
            for (row, stays) in stays.iter_mut().enumerate().filter(|(row, _)| met.is_valid(*row) && met.value(*row)) {
                match reason(row) {
                    Some(reason) => self.excluded.push((own_numbers.value(row), strategy_number, reason)),
                    None => *stays = true,
                }
            }
            if stays.contains(&true)
                && let Some(ranking) = self.rankings.get_mut(strategy_number)
            {
                ranking.add(filter_record_batch(&numbered, &BooleanArray::from(stays))?)?;
            }
        }
        Ok(())
    }

    /// The number of each candidate: a new one for those who meet a condition; 0 for others, whose number is not used.
    fn number(&mut self, candidates: &Candidates, met: &[BooleanArray]) -> Result<Vec<u32>> {
        let meets = |row: usize| met.iter().any(|met| met.is_valid(row) && met.value(row));
        let mut numbers = vec![0; candidates.each.len()];
        for (row, id) in candidates.ids().enumerate().filter(|(row, _)| meets(*row)) {
            numbers[row] = self.ids.len() as u32;
            if !id.is_some_and(|id| self.ids.push(id)) {
                return Err(mixed());
            }
        }
        Ok(numbers)
    }

    /// The columns that lists are sorted by or show, and the candidates' numbers.
    fn needed(&self, rows: &RecordBatch, numbers: ArrayRef) -> Result<RecordBatch> {
        let orderings = self.context.strategies.iter().flat_map(|strategy| &strategy.order_by);
        let ordered: Vec<&str> = orderings.map(|ordering| ordering.column.as_str()).collect();
        let is_needed = |name: &str| TEMPLATE.column(name).is_some() || ordered.contains(&name);
        let schema = rows.schema();
        let (mut fields, mut columns): (Vec<_>, Vec<_>) =
            schema.fields().iter().cloned().zip(rows.columns().iter().cloned()).filter(|(field, _)| is_needed(field.name())).unzip();
        fields.push(Arc::new(Field::new(NUMBER, DataType::UInt32, false)));
        columns.push(numbers);
        Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
    }

    fn last_list(&self, customer: Id<'_>) -> Option<&'a Listed> {
        let at = self.listed.binary_search_by(|listed| listed.customer.id().cmp(&customer)).ok()?;
        self.listed.get(at)
    }

    /// Fills the lists in the order of the strategies, with each customer on one of them at most, and writes the rows of all tables.
    ///
    /// # Errors
    /// What the sink returns.
    pub fn finish(mut self, sink: &mut Sink<'_>) -> Result<()> {
        let context = self.context;
        // By number of the candidate: the strategy of the list.
        let mut tonight: HashMap<u32, usize> = HashMap::new();
        let as_of: Day = context.as_of;
        let cards = self.cards;
        for (number, ((strategy, card), ranking)) in
            context.strategies.iter().zip(cards).zip(std::mem::take(&mut self.rankings)).enumerate()
        {
            let (best, dropped) = ranking.finish()?;
            let left_out = |candidate: u32, tonight: &HashMap<u32, usize>| {
                let other = tonight.get(&candidate).and_then(|other| cards.get(*other));
                other.map_or(Reason::OverSize, |list| Reason::CoolDown(&list.name, as_of))
            };
            let mut on_list: Vec<u32> = Vec::new();
            if let Some(best) = &best {
                let candidates = ranking::numbers(best)?;
                for row in 0..best.num_rows() as u32 {
                    let candidate = candidates.value(row as usize);
                    if on_list.len() < strategy.max_size && !tonight.contains_key(&candidate) {
                        on_list.push(row);
                    } else {
                        self.excluded.push((candidate, number, left_out(candidate, &tonight)));
                    }
                }
                let rows = self.list((strategy, card), best, &on_list)?;
                sink(card, rows)?;
                tonight.extend(on_list.iter().map(|row| (candidates.value(*row as usize), number)));
            }
            self.excluded.extend(dropped.into_iter().map(|candidate| (candidate, number, left_out(candidate, &tonight))));
        }
        self.hand_out_excluded(sink)
    }

    /// The rows of a list: `on_list` are rows of `best`, the best first.
    fn list(&self, (strategy, card): (&Strategy, &Card), best: &RecordBatch, on_list: &[u32]) -> Result<RecordBatch> {
        let context = self.context;
        let candidates = ranking::numbers(best)?;
        let id = |row: u32| self.ids.get(candidates.value(row as usize) as usize);
        let mut ranked: Vec<(u32, i64)> = on_list.iter().copied().zip(1..).collect();
        ranked.sort_unstable_by(|(one, _), (other, _)| id(*one).cmp(&id(*other)));
        let rows = take_record_batch(best, &UInt32Array::from_iter_values(ranked.iter().map(|(row, _)| *row)))?;
        let arm = |row: u32| arm_of(&strategy.name, &context.ids.customer.show(id(row)), strategy.control_share).name();
        let schema = schema(card, &context.ids);
        let column = |field: &Field| -> Result<ArrayRef> {
            Ok(match field.name().as_str() {
                "shop_name" => Arc::new(StringArray::from_iter(ranked.iter().map(|_| self.shop_name))),
                "rank" => Arc::new(Int64Array::from_iter_values(ranked.iter().map(|(_, rank)| *rank))),
                "arm" => Arc::new(StringArray::from_iter_values(ranked.iter().map(|(row, _)| arm(*row)))),
                "strategy" => Arc::new(StringArray::from_iter_values(ranked.iter().map(|_| &strategy.name))),
                name => Arc::clone(rows.column_by_name(name).ok_or_else(|| absent(name))?),
            })
        };
        let columns = schema.fields().iter().map(|field| column(field)).collect::<Result<Vec<_>>>()?;
        Ok(RecordBatch::try_new(schema, columns)?)
    }

    fn hand_out_excluded(mut self, sink: &mut Sink<'_>) -> Result<()> {
        let strategies: Vec<Arc<str>> = self.context.strategies.iter().map(|strategy| strategy.name.as_str().into()).collect();
        let mut all = std::mem::take(&mut self.excluded);
        let key = |(candidate, strategy, _): &(u32, usize, Reason<'a>)| (self.ids.get(*candidate as usize), strategies.get(*strategy));
        all.sort_unstable_by(|one, other| key(one).cmp(&key(other)));
        for some in all.chunks(BATCH) {
            let excluded = some.iter().filter_map(|(candidate, strategy, reason)| {
                let customer = self.ids.get(*candidate as usize);
                Some(Excluded { customer, strategy: strategies.get(*strategy)?, reason: *reason })
            });
            sink(&excluded::CARD, excluded::table(self.context, (self.shop, self.shop_name), excluded)?)?;
        }
        Ok(())
    }
}
