//! Sums: the quantities that add up over the days of a shop: whole numbers where counted, fractions where simulated.

use std::ops::{Index, IndexMut};

use super::dsr::Score;

/// A quantity that is counted for a shop on a day. Amounts are in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// What was paid.
    Paid,
    /// Of what was paid, what was refunded by the as-of date.
    RefundedOfPaid,
    /// What was refunded on the day, of whatever payments.
    Refunded,
    /// What was paid for the orders completed on the day.
    Settled,
    /// Orders paid.
    PaidOrders,
    /// Orders placed.
    PlacedOrders,
    /// Visitors.
    Visitors,
    /// Paying customers of the days that have visitors.
    PayingCustomers,
    /// Refund applications made.
    Applications,
    /// Of these, those in which the platform intervened.
    Interventions,
    /// Of the applications, those that do not say whether the platform intervened.
    Unreported,
    /// Of the applications, those that succeeded.
    Successful,
    /// The time from application to success summed over these, in microseconds.
    WaitingMicroseconds,
    /// Of the orders paid, those shipped.
    ShippedOrders,
    /// The time from paid to shipped summed over these, in seconds.
    ShippingSeconds,
    /// Complaints.
    Complaints,
    /// One of the four scores added up over the ratings that give it, in millionths.
    ScoreSum(Score),
    /// Ratings that give this score.
    Ratings(Score),
}

/// The number of quantities: sixteen, and two for each of the four scores.
const QUANTITIES: usize = 16 + 2 * Score::ALL.len();

impl Quantity {
    /// The index into [`Sums`].
    fn place(self) -> usize {
        match self {
            Quantity::Paid => 0,
            Quantity::RefundedOfPaid => 1,
            Quantity::Refunded => 2,
            Quantity::Settled => 3,
            Quantity::PaidOrders => 4,
            Quantity::PlacedOrders => 5,
            Quantity::Visitors => 6,
            Quantity::PayingCustomers => 7,
            Quantity::Applications => 8,
            Quantity::Interventions => 9,
            Quantity::Unreported => 10,
            Quantity::Successful => 11,
            Quantity::WaitingMicroseconds => 12,
            Quantity::ShippedOrders => 13,
            Quantity::ShippingSeconds => 14,
            Quantity::Complaints => 15,
            Quantity::ScoreSum(score) => 16 + score as usize,
            Quantity::Ratings(score) => 16 + Score::ALL.len() + score as usize,
        }
    }
}

/// A number for each [`Quantity`], over a day or several: `Sums<i64>` for counting, `Sums<f64>` for computing rates. A float holds a count
/// or an amount exactly up to 2^53.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sums<T>([T; QUANTITIES]);

impl<T: Copy + Default> Default for Sums<T> {
    fn default() -> Self {
        Sums([T::default(); QUANTITIES])
    }
}

impl<T> Index<Quantity> for Sums<T> {
    type Output = T;

    fn index(&self, quantity: Quantity) -> &T {
        &self.0[quantity.place()]
    }
}

impl<T> IndexMut<Quantity> for Sums<T> {
    fn index_mut(&mut self, quantity: Quantity) -> &mut T {
        &mut self.0[quantity.place()]
    }
}

impl<T: Copy> Sums<T> {
    /// Applies a function to each of them.
    #[inline]
    pub fn map<U: Copy + Default>(&self, change: impl Fn(T) -> U) -> Sums<U> {
        let mut changed = Sums::default();
        // A plain loop, which the compiler makes one of several numbers at once.
        changed.0.iter_mut().zip(&self.0).for_each(|(changed, own)| *changed = change(*own));
        changed
    }

    /// Combines each of them with the same quantity of another.
    #[inline]
    pub fn with<U: Copy, V: Copy + Default>(&self, other: &Sums<U>, put_together: impl Fn(T, U) -> V) -> Sums<V> {
        let mut both = Sums::default();
        both.0.iter_mut().zip(self.0.iter().zip(&other.0)).for_each(|(both, (own, other))| *both = put_together(*own, *other));
        both
    }

    /// Replaces the scores and ratings by those of another.
    pub fn with_ratings_of(mut self, other: &Sums<T>) -> Sums<T> {
        for score in Score::ALL {
            for quantity in [Quantity::ScoreSum(score), Quantity::Ratings(score)] {
                self[quantity] = other[quantity];
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_quantity_has_a_place_of_its_own() {
        use Quantity::*;
        let plain = [
            Paid,
            RefundedOfPaid,
            Refunded,
            Settled,
            PaidOrders,
            PlacedOrders,
            Visitors,
            PayingCustomers,
            Applications,
            Interventions,
            Unreported,
            Successful,
            WaitingMicroseconds,
            ShippedOrders,
            ShippingSeconds,
            Complaints,
        ];
        let of_scores = Score::ALL.into_iter().flat_map(|score| [ScoreSum(score), Ratings(score)]);
        let mut places: Vec<usize> = plain.into_iter().chain(of_scores).map(Quantity::place).collect();
        places.sort_unstable();
        assert_eq!(places, (0..QUANTITIES).collect::<Vec<_>>());
    }

    #[test]
    fn ratings_of_others_leave_everything_else() {
        let (mut own, mut others) = (Sums::<i64>::default(), Sums::<i64>::default());
        own[Quantity::Paid] = 7;
        own[Quantity::Ratings(Score::Service)] = 1;
        others[Quantity::Paid] = 9;
        others[Quantity::Ratings(Score::Service)] = 2;
        others[Quantity::ScoreSum(Score::Service)] = 8;
        let both = own.with_ratings_of(&others);
        assert_eq!((both[Quantity::Paid], both[Quantity::Ratings(Score::Service)]), (7, 2));
        assert_eq!((both[Quantity::ScoreSum(Score::Service)], both[Quantity::ScoreSum(Score::Delivery)]), (8, 0));
    }
}
