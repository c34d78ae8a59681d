//! Times: cells as points in time, the clocks that they follow, and the forms of texts.

pub mod clock;
pub(super) mod int96;
pub mod time;
pub(super) mod time_forms;
pub(super) mod time_text;
