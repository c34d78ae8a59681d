//! `freshness` of an input: how many days up to the as-of date may be without any event of it.

use super::as_of::AsOf;
use super::keys::Shape;
use super::section::{Section, joined};
use super::values;
use crate::spec::Day;

/// Days up to the as-of date without any event of an input, from which on something follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Freshness {
    /// From this many on the input is stale.
    pub warn: Option<i32>,
    /// From this many on the run stops.
    pub error: Option<i32>,
}

/// What applies to orders of a job that runs as of yesterday and does not say it: one day without orders is not rare in a small
/// shop, two are worth a look.
const WARN_ORDERS: i32 = 2;

impl Freshness {
    /// The days without any event from which on the input is stale: an input that stops the run is stale as well. `None` if it never is.
    pub fn stale_from(&self) -> Option<i32> {
        [self.warn, self.error].into_iter().flatten().min()
    }

    /// What applies to the orders of a job with this as-of date.
    pub(super) fn of_orders(self, as_of: AsOf) -> Freshness {
        let default = (as_of == AsOf::Yesterday).then_some(WARN_ORDERS);
        Freshness { warn: self.warn.or(default), ..self }
    }
}

/// The days from the newest event to the as-of date that are without any.
pub fn days_without(newest: Day, as_of: Day) -> i32 {
    as_of.saturating_sub(newest)
}

/// Reads the section of an input, if it has one.
pub(super) fn read(input: &Section<'_>) -> Option<Freshness> {
    if input.key("freshness").is_none() {
        return Some(Freshness::default());
    }
    let section = input.section("freshness")?;
    let days = |name| {
        section.optional(name, |shape, node| match *shape {
            Shape::Days { from, to } => values::days(node, from, to),
            _ => Err(values::found(node)),
        })
    };
    let (warn, error) = (days("warn")?, days("error")?);
    if let (Some(warn), Some(error)) = (warn, error)
        && warn > error
    {
        let path = joined(&section.path, "warn");
        let message = format!("`{path}` is {warn} days, more than the {error} days of `error`");
        section.check.note(section.place_of("warn"), message, "a warning comes before the stop: give fewer days, or the same");
        return None;
    }
    Some(Freshness { warn, error })
}
