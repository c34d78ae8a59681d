//! How the orders of a run were read, for the state that it leaves.

use super::identity::Identity;
use super::restore::KeptLayer;
use crate::input::values::codes::Codes;

/// How the orders of a run were read, for the layers that follow from it.
#[derive(Debug, Default)]
pub struct ForState {
    /// How rows are read.
    pub identity: Identity,
    /// The layers that were used.
    pub kept: Vec<KeptLayer>,
    /// By file: whether it is in one of them.
    pub is_stored: Vec<bool>,
    /// The titles of items.
    pub titles: Option<Codes>,
}
