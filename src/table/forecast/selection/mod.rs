//! Selection: models fitted to the customers of a shop, tested on the hold-out, and the one of them that predicts it best.
//!
//! `base` counts histories, `fitted` fits models to them, `hold_out` tests them, `against_naive` against "as often as before" (`as_before`),
//! `evidence` compares them with each other (by `densities`), `choice` chooses one, `pool` is for shops with too few customers.

pub mod against_naive;
pub mod as_before;
pub mod base;
pub mod choice;
pub(super) mod densities;
pub mod evidence;
pub mod fitted;
pub mod hold_out;
pub(super) mod pool;
