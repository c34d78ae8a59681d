//! Exchange: what the steps of a run on several machines tell each other. An engine such as Spark carries it from step to step and looks into
//! none of it.
//!
//! Every border between steps is one Arrow IPC stream of rows `kind`, `part`, `scan`, `payload`: see [`rows`]. The metadata of its schema has
//! the protocol and the work, so that no step takes what another program or another run made.

mod row;
pub mod rows;

pub use row::{Kind, Row};
