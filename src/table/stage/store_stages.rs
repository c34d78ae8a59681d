//! The stages of all shops, which both tables read.

use super::decision::{Decision, decisions};
use super::figures::{self, Figures};
use super::shop_months::ShopMonths;
use crate::fold::activity::ACTIVITY;
use crate::fold::item::months::ITEM_MONTHS;
use crate::fold::returning::RETURNING;
use crate::table::night::{Read, Shared};

/// A shop in a month: its figures and its stage.
#[derive(Debug, Clone)]
pub struct StageMonth {
    /// The code of the shop.
    pub shop: u32,
    /// The number of the month, as [`crate::spec::Grain::Month`] counts them.
    pub month: i32,
    /// The figures by which the stage was decided.
    pub figures: Figures,
    /// The stage.
    pub decision: Decision,
}

/// The stages of all shops, ascending by shop and month.
pub static STORE_STAGES: Shared<Vec<StageMonth>> = Shared {
    name: "store_stages",
    not_requested: |request| (!request.has_stages).then_some("the job names no stage file (`stages`)"),
    reads: |_| vec![Read::Fold(&ACTIVITY), Read::Fold(&RETURNING), Read::Fold(&ITEM_MONTHS)],
    make: |night| {
        let (context, facts) = (night.context.as_ref(), night.facts.as_ref());
        let (activity, returning, items) = (night.fold(&ACTIVITY)?, night.fold(&RETURNING)?, night.fold(&ITEM_MONTHS)?);
        let items = items.sales();
        let rules = context.stages.as_ref().map_or(&[][..], |stages| stages.rules.as_slice());
        let shops = ShopMonths::all(context, &activity, facts);
        let mut figures: Vec<Vec<Figures>> =
            shops.iter().map(|months| figures::of_shop(context, facts, months, &returning, &items)).collect();
        figures::rank(context, facts, &shops, &mut figures);
        let rows = shops.iter().zip(figures).flat_map(|(months, figures)| {
            let decisions = decisions(rules, months.first, &figures);
            let of_month =
                move |(place, (figures, decision))| StageMonth { shop: months.shop, month: months.month(place), figures, decision };
            figures.into_iter().zip(decisions).enumerate().map(of_month).collect::<Vec<_>>()
        });
        Ok(rows.collect())
    },
};
