//! Refunds by cause: those that counted before and count otherwise now. Measures by the day of a refund follow from them, whatever order they are of.

use hashbrown::HashSet;

use crate::fold::folds::Folds;
use crate::history::changed::{Before, Found};
use crate::input::records::facts::Refund;
use crate::input::records::refunds::Application;
use crate::spec::cause::Cause;

/// Refunds of one cause.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RefundStep {
    /// As they counted before.
    pub before: Vec<Refund>,
    /// As they count now.
    pub after: Vec<Refund>,
}

/// By the place of a cause among those that are counted: its refunds.
pub type RefundSteps = [RefundStep; Cause::COUNT];

/// The refunds that count otherwise than before. `excessive` are the positions of those that exceed what was paid now.
pub fn refund_steps(before: &Before, found: &Found<Folds>, applications: &[Application], excessive: &HashSet<u32>) -> RefundSteps {
    let mut steps = RefundSteps::default();
    let now = |position: u32| applications.get(position as usize).map(|application| application.refund);
    for (number, change) in (0..).zip(&before.refunds) {
        let Some(step) = change.cause.place().and_then(|place| steps.get_mut(place)) else { continue };
        let was = change.before.as_ref().filter(|_| !found.excessive_before.contains(&number));
        step.before.extend(was.map(|paid_out| paid_out.refund));
        step.after.extend(change.now.filter(|position| !excessive.contains(position)).and_then(now));
    }
    for otherwise in &found.otherwise {
        let Some(step) = otherwise.cause.place().and_then(|place| steps.get_mut(place)) else { continue };
        let side = if otherwise.counts { &mut step.after } else { &mut step.before };
        side.extend(now(otherwise.position));
    }
    for side in steps.iter_mut().flat_map(|step| [&mut step.before, &mut step.after]) {
        side.sort_unstable_by_key(|refund| (refund.shop, refund.completed, refund.amount));
    }
    steps
}
