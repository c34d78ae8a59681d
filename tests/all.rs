//! The integration tests, as one binary: each further one would link polars once more.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "all/bad_input.rs"]
mod bad_input;
#[path = "all/folds.rs"]
mod folds;
#[path = "all/kill.rs"]
mod kill;
#[path = "all/laws.rs"]
mod laws;
#[path = "all/odd_input.rs"]
mod odd_input;
#[path = "all/rooms.rs"]
mod rooms;
#[path = "all/scene.rs"]
mod scene;
#[path = "all/wild.rs"]
mod wild;
