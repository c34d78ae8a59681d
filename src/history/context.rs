//! What every fold and table of a run shares: the as-of date, the parameters, the dictionaries.

use std::sync::Arc;

use super::campaigns::CampaignIndex;
use super::scopes::Scopes;
use super::views::Viewers;
use crate::error::listed;
use crate::input::records::do_not_contact::DoNotContact;
use crate::input::records::item_titles::Titles;
use crate::input::values::codes::OwnedId;
use crate::input::values::links::Links;
use crate::job::Params;
use crate::job::rule::Rule;
use crate::job::stage::Stages;
use crate::job::strategy::Strategy;
use crate::spec::currency::CNY;
use crate::spec::{DAY_MICROSECONDS, Day, Id, IdType, IdTypes, MappedInputs, NO_DAY, id_hash};

/// Text values by code; code 0 is the missing value, real values are sorted from 1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dictionary(Vec<String>);

impl Dictionary {
    /// A dictionary of values that are distinct, and ascending where tables are made of them.
    pub fn new(sorted: Vec<String>) -> Self {
        Dictionary(sorted)
    }

    /// The value with that code; `None` for the missing value.
    pub fn value(&self, code: u32) -> Option<&str> {
        self.0.get((code as usize).checked_sub(1)?).map(String::as_str)
    }

    /// The number of codes, including that of the missing value.
    pub fn codes(&self) -> usize {
        self.0.len() + 1
    }
}

/// The ids of the shops, ascending; a shop's code is its position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShopIds {
    /// Order-preserving keys of integer ids.
    Integer(Vec<u64>),
    /// Text ids.
    Text(Vec<String>),
}

impl ShopIds {
    /// Takes ids that are ascending, distinct and of one type.
    pub fn new(sorted: Vec<OwnedId>) -> Self {
        if sorted.iter().all(|id| matches!(id, OwnedId::Integer(_))) {
            ShopIds::Integer(sorted.iter().filter_map(|id| if let OwnedId::Integer(key) = id { Some(*key) } else { None }).collect())
        } else {
            ShopIds::Text(
                sorted.into_iter().filter_map(|id| if let OwnedId::Text(text) = id { Some(text.into_string()) } else { None }).collect(),
            )
        }
    }

    /// How many shops there are.
    pub fn len(&self) -> usize {
        match self {
            ShopIds::Integer(keys) => keys.len(),
            ShopIds::Text(texts) => texts.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// By shop code: the hash of the shop's id.
    pub fn hashes(&self) -> Vec<u64> {
        match self {
            ShopIds::Integer(keys) => keys.iter().map(|key| id_hash(Id::Integer(*key))).collect(),
            ShopIds::Text(texts) => texts.iter().map(|text| id_hash(Id::Text(text))).collect(),
        }
    }

    /// The id of the shop with that code.
    pub fn id(&self, code: u32) -> Option<Id<'_>> {
        match self {
            ShopIds::Integer(keys) => keys.get(code as usize).map(|key| Id::Integer(*key)),
            ShopIds::Text(texts) => texts.get(code as usize).map(|text| Id::Text(text)),
        }
    }
}

/// The columns of the orders input that the job maps. Figures that need an unmapped column are null.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Features {
    /// `customer_id`: without it there are no customers, only orders.
    pub customers: bool,
    /// `quantity`.
    pub quantity: bool,
    /// `channel`.
    pub channel: bool,
    /// `category_id`.
    pub category: bool,
    /// `item_id`, where a wanted table uses it.
    pub item: bool,
    /// `status`.
    pub status: bool,
    /// `province`.
    pub province: bool,
    /// `promotion`, where a wanted table uses it.
    pub promotion: bool,
    /// `discount_amount`, where a wanted table uses it.
    pub discount: bool,
    /// `shipped_at`.
    pub shipped: bool,
    /// `completed_at`.
    pub completed: bool,
    /// `paid_at`: without it the time of creation stands for that of payment.
    pub paid: bool,
    /// Anything that says what was refunded: a refunds input, or `refund_amount` or `status` of the orders.
    pub refunded: bool,
    /// A refunds input, which has the day of each refund.
    pub refunds: bool,
}

impl Features {
    /// Whether anything says which orders were paid: else all count as paid when they were placed.
    pub fn knows_payment(&self) -> bool {
        self.paid || self.status
    }
}

/// A moment of a day at which lists are made, instead of its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The first moment that is not known any more, local time in microseconds.
    pub end: i64,
    /// How often lists are made, in microseconds: `unpaid_last_day` counts the orders that are an hour old and were not so old the time before.
    pub every: i64,
}

impl Moment {
    /// The end of what is known at a moment; without one the end of the as-of date.
    pub fn end_of(moment: Option<Moment>, as_of: Day) -> i64 {
        moment.map_or((i64::from(as_of) + 1) * DAY_MICROSECONDS, |moment| moment.end)
    }
}

/// What every fold and table of a run shares.
#[derive(Debug, Clone)]
pub struct Context {
    /// The as-of date (D): the last day whose events count.
    pub as_of: Day,
    /// The moment of it at which lists are made; `None` for its end.
    pub moment: Option<Moment>,
    /// A day not after the first order of any shop; `as_of` where there is none.
    pub first_day: Day,
    /// By shop code: the first day with an order; [`crate::spec::NO_DAY`] where there is none. Known when the pass is done.
    pub first_days: Vec<Day>,
    /// By shop code: the last day of the calibration of models; the last fifth of the days from the shop's first order to the as-of
    /// date is held out. [`crate::spec::NO_DAY`] for a shop without orders.
    pub calibration_ends: Vec<Day>,
    /// The shops of all inputs.
    pub shops: ShopIds,
    /// The id types of the result tables.
    pub ids: IdTypes,
    /// Channels of orders.
    pub channels: Dictionary,
    /// By code of a channel of orders: whether the traffic has a cost of it. Empty where no table reads traffic by channel.
    pub channels_with_cost: Vec<bool>,
    /// Provinces of orders.
    pub provinces: Dictionary,
    /// Categories of order lines, as text.
    pub categories: Dictionary,
    /// The same as ids; code 1 is the first.
    pub category_ids: Vec<OwnedId>,
    /// Items of order lines; code 1 is the first.
    pub item_ids: Vec<OwnedId>,
    /// Promotions of orders.
    pub promotions: Dictionary,
    /// Reasons of refunds; none where no wanted table reads them.
    pub refund_reasons: Dictionary,
    /// Titles of the items of shops; none where no wanted table reads them.
    pub item_titles: Arc<Titles>,
    /// Plans of affiliate orders (淘客).
    pub affiliate_plans: Dictionary,
    /// The ids of the publishers of these plans, as people read them.
    pub publishers: Dictionary,
    /// The ids of the agents whom customers asked, as people read them.
    pub agents: Dictionary,
    /// The columns that the orders input has.
    pub features: Features,
    /// The inputs of the job with their columns: tables leave out columns that need others.
    pub inputs: MappedInputs,
    /// The customers among those who viewed pages.
    pub viewers: Arc<Viewers>,
    /// The currency of all amounts.
    pub currency: String,
    /// The parameters of the job.
    pub params: Params,
    /// The rules of the platforms, by which shops are assessed.
    pub rules: Vec<Arc<Rule>>,
    /// The campaigns by day, and their audiences by customer.
    pub campaigns: Arc<CampaignIndex>,
    /// Whom to contact: the job's strategies in their order.
    pub strategies: Vec<Strategy>,
    /// By which rules shops are in stages, if the job says so.
    pub stages: Option<Stages>,
    /// By shop code: whether its newest orders or refunds are too old for lists of its customers.
    pub stale_shops: Vec<bool>,
    /// The customers whom no list may have.
    pub do_not_contact: Arc<DoNotContact>,
    /// Which ids of customers are of one person.
    pub links: Arc<Links>,
    /// The shops that are taken together; none where no total is asked for.
    pub scopes: Arc<Scopes>,
}

impl Context {
    /// Builds a context without values: the orders input has no optional column, all dictionaries are empty, and the job has neither
    /// other inputs nor rules nor campaigns nor strategies.
    pub fn new(as_of: Day, params: Params, shops: ShopIds, ids: IdTypes) -> Self {
        Context {
            as_of,
            moment: None,
            first_day: as_of,
            first_days: vec![NO_DAY; shops.len()],
            calibration_ends: vec![NO_DAY; shops.len()],
            shops,
            ids,
            channels: Dictionary::default(),
            channels_with_cost: Vec::new(),
            provinces: Dictionary::default(),
            categories: Dictionary::default(),
            category_ids: Vec::new(),
            item_ids: Vec::new(),
            promotions: Dictionary::default(),
            refund_reasons: Dictionary::default(),
            item_titles: Arc::default(),
            affiliate_plans: Dictionary::default(),
            publishers: Dictionary::default(),
            agents: Dictionary::default(),
            features: Features::default(),
            inputs: MappedInputs::default(),
            viewers: Arc::default(),
            currency: CNY.to_owned(),
            params,
            rules: Vec::new(),
            campaigns: Arc::default(),
            strategies: Vec::new(),
            stages: None,
            stale_shops: Vec::new(),
            do_not_contact: Arc::default(),
            links: Arc::default(),
            scopes: Arc::default(),
        }
    }

    /// The context of folds over scopes, to which a scope is a shop. Scopes have neither campaigns nor the limits between calibration and
    /// holdout.
    pub fn of_scopes(&self) -> Context {
        let shops = ShopIds::Text(self.scopes.names());
        Context {
            first_days: vec![NO_DAY; shops.len()],
            calibration_ends: vec![NO_DAY; shops.len()],
            ids: IdTypes { shop: IdType::text(), ..self.ids.clone() },
            shops,
            campaigns: Arc::default(),
            viewers: Arc::default(),
            stale_shops: Vec::new(),
            do_not_contact: Arc::default(),
            scopes: Arc::default(),
            ..self.clone()
        }
    }

    /// The first moment that the run does not know any more, local time in microseconds.
    pub fn end(&self) -> i64 {
        Moment::end_of(self.moment, self.as_of)
    }

    /// The id of a shop as people read it; `None` for a code that no shop has.
    pub fn shop_name(&self, code: u32) -> Option<String> {
        self.shops.id(code).map(|id| self.ids.shop.show(id))
    }

    /// The first five of these shops, and how many more there are, for a warning; `None` for none.
    pub fn shop_names(&self, codes: impl Iterator<Item = u32>) -> Option<String> {
        const MOST: usize = 5;
        let names: Vec<String> = codes.filter_map(|code| self.shop_name(code)).collect();
        (!names.is_empty()).then(|| listed(names.into_iter(), MOST))
    }

    /// The day from which segment_migration starts: one period before the as-of date.
    pub fn migration_from(&self) -> Day {
        self.params.migration_period.before(self.as_of)
    }
}
