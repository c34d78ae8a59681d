//! Values: cells of the columns of a file as ids, integers, money, texts and states.

pub(super) mod cells;
pub mod codes;
pub mod decimal;
pub mod fault;
pub mod id_text;
pub mod ids;
pub mod integers;
pub mod links;
pub mod money;
pub mod placeholder;
pub mod short_numbers;
pub mod status;
pub mod text;
pub mod whole;
