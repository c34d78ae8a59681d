//! `huitou list`: the lists of a night, or of an hour: what they hold, as a file to send, and that they were sent.

mod age;
mod export;
mod found;
mod overview;
mod sent;
mod sheet;
mod time;

use super::list_arguments::{ListAction, ListOptions};
use crate::error::Result;

/// Shows lists, exports one, or remembers that one was sent.
pub fn list(options: &ListOptions) -> Result<()> {
    match &options.action {
        None => overview::overview(options),
        Some(ListAction::Export(options)) => export::export(options),
        Some(ListAction::Sent(options)) => sent::sent(options),
    }
}
