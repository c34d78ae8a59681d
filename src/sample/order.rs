//! The course of an order: whether and when it is paid, shipped, received and refunded, and which of its states were exported.

use super::calendar::DAY;
use super::shop::Shop;
use super::world::World;

/// The second of an event that never happens.
pub const NEVER: u32 = u32::MAX;
/// Days after the placement of an order in which all its events happen.
pub const LONGEST: u32 = 60;
/// Share of orders with 1 to 5 lines, and the mean.
const LINES: [f64; 5] = [0.62, 0.23, 0.09, 0.04, 0.02];
/// The mean number of lines.
pub const MEAN_LINES: f64 = 0.62 + 2.0 * 0.23 + 3.0 * 0.09 + 4.0 * 0.04 + 5.0 * 0.02;
/// How much more likely the state before a notable change (a late payment, a refund) was exported than other states.
pub const NOTABLE: f64 = 8.0;
const HOUR: f64 = 3_600.0;

/// A refund application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refund {
    /// When it was opened.
    pub opened: u32,
    /// When it was decided.
    pub decided: u32,
    /// Whether the money was paid back.
    pub is_granted: bool,
    /// Whether the platform intervened.
    pub is_intervened: bool,
    /// The only line that it concerns; `None` for all lines of the order.
    pub line: Option<u8>,
    /// The part of the amount paid that it concerns, in thousandths.
    pub part: u32,
    /// The number of the reason.
    pub reason: u8,
}

/// The times of an order, in seconds of the calendar; [`NEVER`] for events that do not happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// The number of lines, 1 to 5.
    pub lines: u8,
    /// When it was placed.
    pub created: u32,
    /// When it was paid.
    pub paid: u32,
    /// When it was closed without payment.
    pub closed: u32,
    /// When it was shipped.
    pub shipped: u32,
    /// When its receipt was confirmed.
    pub completed: u32,
    /// The refund application, if there is one.
    pub refund: Option<Refund>,
}

/// A state of an order that a later one superseded.
#[derive(Debug, Clone, Copy)]
pub struct Version {
    /// When it began.
    pub since: u32,
    /// Whether a late payment or a refund ended it.
    pub is_notable: bool,
}

impl Order {
    /// The order with that number of the customer.
    pub fn new(world: &World, shop: &Shop, customer: u32, number: u32, created: u32) -> Self {
        let mut draws = world.of_order(world.streams.orders, customer, number);
        let lines = 1 + draws.pick(&LINES) as u8;
        let mut order = Order { lines, created, paid: NEVER, closed: NEVER, shipped: NEVER, completed: NEVER, refund: None };
        if draws.chance(shop.unpaid) {
            // The buyer closes it within hours, or the platform when the time to pay is over.
            let hours = if draws.chance(0.3) { draws.between(0.05, 12.0) } else { draws.between(24.0, 72.0) };
            order.closed = created + (hours * HOUR) as u32;
            return order;
        }
        order.paid = created
            + match draws.unit() {
                soon if soon < 0.76 => draws.between(8.0, 600.0) as u32,
                later if later < 0.93 => (draws.between(0.16, 10.0) * HOUR) as u32,
                _ => (draws.between(12.0, 70.0) * HOUR) as u32,
            };
        // Shipping takes up to twice as long on promotions.
        let busy = if world.calendar.is_promotion((created / DAY) as usize) { 2.0 } else { 1.0 };
        let hours = (shop.ship_hours * busy * (0.2 + 0.8 * draws.exponential())).clamp(0.5, 140.0);
        order.shipped = order.paid + (hours * HOUR) as u32;
        // Most customers confirm receipt; for the others the platform does so after ten days.
        let days = if draws.chance(0.28) { 10.0 } else { draws.between(1.5, 9.0) };
        order.completed = order.shipped + (days * f64::from(DAY)) as u32;
        if draws.chance(shop.refunds) {
            order.apply_for_refund(shop, &mut draws);
        }
        order
    }

    fn apply_for_refund(&mut self, shop: &Shop, draws: &mut super::random::Draws) {
        let before_shipping = draws.chance(0.25);
        let line = (self.lines > 1 && draws.chance(0.5)).then(|| draws.below(u64::from(self.lines)) as u8);
        let part = if before_shipping || draws.chance(0.75) { 1_000 } else { 50 + draws.below(550) as u32 };
        let is_intervened = draws.chance(shop.intervened);
        let is_granted = before_shipping || draws.chance(0.78);
        let reason = draws.below(6) as u8;
        let (opened, hours) = if before_shipping {
            (self.paid + (f64::from(self.shipped - self.paid) * draws.between(0.05, 0.7)) as u32, draws.between(0.2, 20.0))
        } else {
            (self.shipped + (draws.between(1.0, 14.0) * f64::from(DAY)) as u32, draws.between(6.0, 190.0))
        };
        let hours = if is_intervened { hours + draws.between(48.0, 240.0) } else { hours };
        let decided = opened + (hours * HOUR) as u32 + 1;
        let is_whole = is_granted && part == 1_000 && (line.is_none() || self.lines == 1);
        if before_shipping {
            let delay = (decided + 3_600).saturating_sub(self.shipped);
            (self.shipped, self.completed) = if is_whole { (NEVER, NEVER) } else { (self.shipped + delay, self.completed + delay) };
        } else if opened <= self.completed {
            // Receipt is not confirmed while an application is open, nor after a full refund.
            self.completed = if is_whole { NEVER } else { self.completed.max(decided + 7_200) };
        }
        self.refund = Some(Refund { opened, decided, is_granted, is_intervened, line, part, reason });
    }

    /// The seconds at which the order changes, ascending.
    fn changes(&self) -> [u32; 6] {
        let refunded = self.refund.filter(|refund| refund.is_granted).map_or(NEVER, |refund| refund.decided);
        let mut changes = [self.created, self.paid, self.closed, self.shipped, self.completed, refunded];
        changes.sort_unstable();
        changes
    }

    /// The second of the last change before `end`: the `modified_at` of the current version.
    pub fn settled(&self, end: u32) -> u32 {
        self.changes().into_iter().filter(|change| *change < end).max().unwrap_or(self.created)
    }

    /// The versions that were superseded before `end`, ascending.
    pub fn superseded(&self, end: u32) -> impl Iterator<Item = Version> {
        let changes = self.changes();
        let (paid, created) = (self.paid, self.created);
        let refunded = self.refund.filter(|refund| refund.is_granted).map_or(NEVER, |refund| refund.decided);
        (1..changes.len()).filter(move |&next| changes[next] < end && changes[next] > changes[next - 1]).map(move |next| {
            let late = changes[next] == paid && paid / DAY != created / DAY;
            Version { since: changes[next - 1], is_notable: late || changes[next] == refunded }
        })
    }

    /// The refund by a second for the line that cost `paid`, in fen.
    pub fn refunded(&self, line: u8, paid: i64, by: u32) -> i64 {
        match self.refund {
            Some(refund) if refund.is_granted && refund.decided <= by => refund.amount(line, paid),
            _ => 0,
        }
    }
}

impl Refund {
    /// The amount that it concerns of the line that cost `paid`, in fen.
    pub fn amount(&self, line: u8, paid: i64) -> i64 {
        if self.line.is_some_and(|only| only != line) { 0 } else { paid * i64::from(self.part) / 1_000 }
    }
}
