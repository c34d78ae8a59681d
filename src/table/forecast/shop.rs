//! A shop's forecast: its customers' histories, the models fitted to them or to those of all shops, and the one that is used.

use std::ops::Range;

use super::selection::base::Base;
use super::selection::choice::Chosen;
use super::selection::evidence::Gain;
use super::selection::fitted::{Fitted, FittedModel};
use super::selection::hold_out::{Accuracy, HoldOut};
use super::value::ValueFit;
use crate::model::cells::PatternCounts;
use crate::model::prediction::Prediction;

/// The customers to whom parameters are fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FittedOn {
    /// The customers of the shop.
    Shop,
    /// The customers of all shops of the run, since the shop has too few.
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
    /// The customers to whom the models of purchases are fitted.
    pub fitted_on: FittedOn,
    /// These models.
    pub fitted: Vec<Fitted>,
    /// The performance of each on the shop's own hold-out; `None` if its fit to the calibration cannot be used.
    pub hold_outs: Vec<Option<HoldOut>>,
    /// The accuracy of "as often as before".
    pub naive: Option<Accuracy>,
    /// The model that is used.
    pub chosen: Option<Chosen>,
    /// By model: by how much histories are likelier under the chosen one; of all shops where it is fitted to these. Empty if none is.
    pub gains: Vec<Gain>,
    /// "As often as before", where it is used because models rank customers worse.
    pub as_before: Option<FittedModel>,
    /// Its predictions for each cell of [`Base::whole`]; empty if no model is used.
    pub(super) predictions: Vec<Prediction>,
    /// The customers to whom the model of values is fitted.
    pub value_fitted_on: FittedOn,
    /// The model of values.
    pub value: ValueFit,
}

impl ShopForecast {
    /// The model of purchases that is used, or "as often as before" in its place; its periods are weeks. `None` if none can be used.
    pub fn model(&self) -> Option<&FittedModel> {
        match self.chosen {
            Some(chosen) => self.fitted.get(chosen.place)?.usable(),
            None => self.as_before.as_ref(),
        }
    }

    /// The histories of the shop's customers up to the as-of date.
    pub fn cells(&self) -> &PatternCounts {
        &self.base.whole
    }

    /// The performance on the hold-out of the model that is used.
    pub fn hold_out(&self) -> Option<&HoldOut> {
        self.hold_outs.get(self.chosen?.place)?.as_ref()
    }

    /// The accuracy on the hold-out of what is used, be it "as often as before".
    pub fn accuracy(&self) -> Option<&Accuracy> {
        match self.as_before {
            Some(_) => self.naive.as_ref(),
            None => self.hold_out().map(|hold_out| &hold_out.accuracy),
        }
    }

    /// The predictions of the model that is used for the customers of a cell.
    #[inline]
    pub fn prediction(&self, cell: usize) -> Option<&Prediction> {
        self.predictions.get(cell)
    }
}
