//! store_stage: the stage of each shop in each month, since when, and every figure by which a rule decided on it.

use std::sync::OnceLock;

use super::store_stage_columns::{AMOUNTS, CATEGORY, ITEMS, RETURNING, STAGE};
use super::store_stages::{STORE_STAGES, StageMonth};
use crate::spec::Need;
use crate::table::night::Read;
use crate::table::unit::{Table, Witness};

/// The table.
pub static TABLE: Table<StageMonth> = Table {
    name: "store_stage",
    chinese: "店铺阶段表",
    question: "Which stage is each shop in, since when, and by which figures?",
    grain: "one shop and a whole month of it up to the as-of date",
    key: &["shop_id", "month"],
    needs: &[Need { input: "orders", column: "" }],
    uses: &["item_id"],
    reads: &[Read::Shared(&STORE_STAGES)],
    columns: &[&STAGE, &AMOUNTS, &RETURNING, &ITEMS, &CATEGORY],
    rows: |night, out| out.all(night.shared(&STORE_STAGES)?.iter().cloned()),
    witness: Witness::Sql,
    card: OnceLock::new(),
};
