//! Commissions of orders that failed: nothing of them will be settled.

use super::layout::Layout;
use super::preset::STATE;
use super::value::Value;

/// What the states of affiliate orders contain whose commission is never paid: 订单失效, 已失效, 订单关闭.
const FAILED: [&str; 2] = ["失效", "关闭"];

/// Takes back commissions of failed orders. Does nothing where a file has no states.
#[derive(Debug, Clone, Copy, Default)]
pub struct Failures {
    state: Option<usize>,
    estimated: Option<usize>,
    clawed_back: Option<usize>,
}

impl Failures {
    /// Those of files with this layout.
    pub fn new(layout: &Layout) -> Self {
        let [state, estimated, clawed_back] = [STATE, "estimated_commission", "clawed_back"].map(|name| layout.position(name));
        Failures { state, estimated, clawed_back }
    }

    /// Sets what was taken back of a row: all that was estimated, where the order failed and the file says nothing of it.
    pub fn take_back(self, values: &mut [Value]) {
        let value = |place: Option<usize>| place.and_then(|place| values.get(place));
        let has_failed = value(self.state).and_then(Value::text).is_some_and(|state| FAILED.iter().any(|word| state.contains(word)));
        let estimated = value(self.estimated).and_then(Value::integer);
        let says_nothing = value(self.clawed_back).is_some_and(|clawed_back| clawed_back.integer().is_none());
        if let (true, true, Some(estimated), Some(place)) = (has_failed, says_nothing, estimated, self.clawed_back)
            && let Some(own) = values.get_mut(place)
        {
            *own = Value::Integer(estimated);
        }
    }
}
