//! Model: how a customer base buys and leaves, fitted by maximum likelihood to histories counted by cell.
//!
//! `cells` counts, `likelihood` sums on all threads, `optimise` climbs, `estimate` says what the end is worth; then one file for
//! each model. Nothing here knows tables, and nothing draws a random number: the same counts give the same bits on any number
//! of threads.

pub mod beta_geometric;
pub mod cells;
pub mod estimate;
pub mod gamma_gamma;
pub mod leaving;
pub mod likelihood;
pub mod matrix;
pub mod nbd;
pub mod opportunities;
pub mod optimise;
pub mod pareto_nbd;
pub mod prediction;
pub mod quadrature;
pub mod regularity;
pub mod sbg;
