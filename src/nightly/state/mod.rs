//! State: what reading made of the order files, kept beside the snapshots for the next night, which reads the new files only.
//!
//! ```text
//! out/state/NAME-N.lines   a layer: the lines of some files, with what else their reading found
//! snapshot/state.json      which layers the next night begins with
//! ```
//!
//! A file is *closed* when none of its rows has a time after the as-of date: whatever later date a run has, its rows are read as they are now.
//! Closed files go into layers; open ones are read again every night. Layers are of two forms: the *base* holds most lines, by bucket, and a run
//! reads a bucket when it needs it; others are small, and their lines are dealt out as if they had been read. A layer stands for its files as a
//! whole: once one of them has changed or is gone, the rest of them is read again; where that happens to the base, the run is a full one.
//! Files with events of the last days stay out of the base, since exports write these anew.
//!
//! The rows of the other inputs are judged anew every night. What the state keeps of their files is what stands in them, decoded: see [`inputs`].
//!
//! The state is a cache: tables are the same with it and without it.

mod begin;
mod for_state;
mod identity;
mod inputs;
mod inputs_layer;
mod keep;
mod keep_inputs;
mod layer;
mod list;
mod notes;
mod outlook;
mod prior;
mod refunds_then;
mod restore;
mod scanned;
mod write;

pub use begin::{Begun, begin, list_of};
pub use for_state::ForState;
pub(super) use identity::identity;
pub(super) use inputs::{Inputs, others_read};
pub(super) use keep::{held_open, keep};
pub use list::{FILE, StateList};
pub use outlook::outlook;
pub(super) use prior::{Own, Prior};
pub(super) use refunds_then::refunds_then;
pub(super) use restore::{Found, Restored, reading_of_all, restore};
pub(super) use scanned::{Blobs, Scanned};
pub(super) use write::Source;
