//! Table: the result tables, by family, each one constant that declares what it means, what it reads and how its rows are made.
//!
//! `unit` and `column` are the parts of a table, `catalogue` lists all tables. `night` provides what a table reads, `preparation` makes
//! what several read; `read` and `request` derive from it what a run needs. `rows` and `arrays` make batches of rows; `array_table` serves the one table that is too large to be
//! made row by row. `read_back` and `condition` serve code that reads finished tables.
//!
//! A family names only those before it: `shop`, `total`, `channel`, `alert`, `affiliate`, `service`, `order`, `item`, `run`, `repurchase`, then `scores` (the customers of a run, in
//! order and scored, which several families read), `forecast`, `plan`, `customer`, `group`, `campaign`, `stage`, `audience`, `assessment`,
//! `restatement`, and last `morning`, which hears the rows of all of them.

pub mod affiliate;
pub mod alert;
pub mod array_table;
pub mod arrays;
pub mod assessment;
pub mod audience;
pub mod campaign;
pub mod catalogue;
pub mod channel;
pub mod column;
pub mod condition;
pub mod customer;
pub mod forecast;
pub mod group;
pub mod item;
pub mod morning;
pub mod night;
pub mod order;
pub mod plan;
pub mod preparation;
pub mod read;
pub mod read_back;
pub mod repurchase;
pub mod request;
pub mod restatement;
pub mod rows;
pub mod run;
pub mod scores;
pub mod service;
pub mod shop;
pub mod stage;
pub mod total;
pub mod unit;

#[cfg(test)]
pub(crate) mod testing;

pub use catalogue::{card, cards, tables_of};
pub use night::Night;
pub use rows::Sink;
