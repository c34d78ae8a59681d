//! The integration tests, as one binary: each further one would link polars once more.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "all/docs.rs"]
mod docs;
