//! Model: how customers buy and leave, fitted by maximum likelihood to repeat patterns counted by cell.
//!
//! `cells` counts, `likelihood` sums on all threads, `search` finds the maximum by `optimise`, `estimate` decides whether it is reliable; then
//! one file for each model. This room knows no tables and uses no random numbers: the same counts give the same bits on any
//! number of threads.

pub mod beta_geometric;
pub mod cells;
pub mod ends;
pub mod estimate;
pub mod gamma_gamma;
pub mod leaving;
mod left;
pub mod likelihood;
pub mod matrix;
pub mod moments;
pub mod nbd;
pub mod opportunities;
pub mod optimise;
pub mod pareto_nbd;
pub mod prediction;
pub mod quadrature;
pub mod regularity;
pub mod sbg;
pub mod search;
