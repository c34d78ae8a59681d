//! Customers by row: their figures in columns, their keys, and their order in tables.

pub mod columns;
pub mod keys;
pub mod order;
