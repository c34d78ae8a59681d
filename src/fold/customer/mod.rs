//! Customers by row: their figures in columns, who they are, and the order of the tables made of them.

pub mod columns;
pub mod keys;
pub mod order;
