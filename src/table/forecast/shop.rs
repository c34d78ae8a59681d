//! A shop's forecast: its customers' histories, the models fitted to them or to those of all shops, and the one that is used.

use std::ops::Range;

use super::base::Base;
use super::choice::Chosen;
use super::fitted::{Fitted, FittedModel};
use super::hold_out::{Accuracy, HoldOut};
use super::value::ValueFit;
use crate::model::cells::Cells;
use crate::model::prediction::Prediction;

/// Whose customers parameters were fitted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FittedOn {
    /// Those of the shop.
    Shop,
    /// Those of all shops of the run, since the shop has too few.
    AllShops,
}

impl FittedOn {
    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            FittedOn::Shop => "shop",
            FittedOn::AllShops => "all_shops",
        }
    }
}

/// The forecast of one shop with customers.
#[derive(Debug)]
pub struct ShopForecast {
    /// Code of the shop.
    pub shop: u32,
    /// The rows of its customers.
    pub rows: Range<usize>,
    /// Their histories.
    pub base: Base,
    /// Whose customers the models of purchases were fitted to.
    pub fitted_on: FittedOn,
    /// These models.
    pub fitted: Vec<Fitted>,
    /// How each of them did on the shop's own hold-out; `None` where it could not be used before it.
    pub hold_outs: Vec<Option<HoldOut>>,
    /// How "as often as before" did.
    pub naive: Option<Accuracy>,
    /// The model that is used.
    pub chosen: Option<Chosen>,
    /// What it says of each cell of [`Base::whole`]; empty where none is used.
    pub(super) predictions: Vec<Prediction>,
    /// Whose customers the model of values was fitted to.
    pub value_fitted_on: FittedOn,
    /// The model of values.
    pub value: ValueFit,
}

impl ShopForecast {
    /// The model of purchases that is used; its periods are weeks. `None` where none can be.
    pub fn model(&self) -> Option<&FittedModel> {
        self.fitted.get(self.chosen?.place)?.usable()
    }

    /// The histories of the shop's customers up to the as-of date.
    pub fn cells(&self) -> &Cells {
        &self.base.whole
    }

    /// How the model that is used did on the hold-out.
    pub fn hold_out(&self) -> Option<&HoldOut> {
        self.hold_outs.get(self.chosen?.place)?.as_ref()
    }

    /// What the model that is used says of the customers of a cell.
    #[inline]
    pub fn prediction(&self, cell: usize) -> Option<&Prediction> {
        self.predictions.get(cell)
    }
}
