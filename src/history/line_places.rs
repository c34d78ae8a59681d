//! Places of lines: lines that name their order by its rank learn its position, and follow the orders.

use super::customer::{ItemLine, Order};

/// Turns ranks into positions. Reuses its memory for the next history.
#[derive(Debug, Default)]
pub(super) struct LinePlaces {
    /// By rank of an order: its position.
    positions: Vec<u32>,
}

impl LinePlaces {
    /// Gives lines the positions of their orders for their ranks, and brings them in that order, those of one order as they are. Ranks go
    /// from 0 without a gap.
    pub fn place(&mut self, orders: &[Order], lines: &mut [ItemLine]) {
        if lines.is_empty() {
            return;
        }
        self.positions.clear();
        self.positions.resize(orders.len(), 0);
        for (position, order) in (0..).zip(orders) {
            if let Some(of_rank) = self.positions.get_mut(order.rank as usize) {
                *of_rank = position;
            }
        }
        for line in lines.iter_mut() {
            line.order = self.positions.get(line.order as usize).copied().unwrap_or_default();
        }
        // A sort that keeps the order of equals.
        if !lines.is_sorted_by_key(|line| line.order) {
            lines.sort_by_key(|line| line.order);
        }
    }
}
