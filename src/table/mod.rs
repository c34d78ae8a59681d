//! Table: one file a result table, its card and what fills it.

pub mod array_table;
pub mod arrays;
pub mod assessment;
pub mod audience;
pub mod campaign;
pub mod catalogue;
pub mod column;
pub mod condition;
pub mod customer;
pub mod forecast;
pub mod night;
pub mod read;
pub mod read_back;
pub mod repurchase;
pub mod request;
pub mod rows;
pub mod run;
pub mod shop;
pub mod unit;

#[cfg(test)]
pub(crate) mod testing;

pub use catalogue::{card, cards, tables_of};
pub use night::Night;
pub use rows::Sink;
