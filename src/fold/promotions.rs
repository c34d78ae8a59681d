//! Promotion fold: orders paid by promotion and day, what was taken off them, and the distinct customers of each promotion by period.

use arrow::record_batch::RecordBatch;

use super::calendar::Calendar;
use super::codes::CodeOf;
use super::layout::{Key, Layout, Rows};
use super::missing::Missing;
use super::spec::{FoldSpec, Pace};
use super::tally::{Cell, Line, Tally, add_count, add_sum};
use crate::error::{Error, Result};
use crate::history::{Context, Fold, History, Order};
use crate::spec::{Day, Grain};

/// What was paid by a promotion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PromotionOrders {
    /// What was paid for the orders, in minor units.
    pub paid_amount: i64,
    /// What of it was refunded by the as-of date, in minor units.
    pub refunded: i64,
    /// What was taken off the orders that say so, in minor units.
    pub discount: i64,
    /// What these orders would have cost: what was paid for them and what was taken off, in minor units.
    pub before_discount: i64,
    /// Orders paid.
    pub orders: u32,
    /// Of these, those that say what was taken off.
    pub with_discount: u32,
    /// Customers whose first purchase is one of them.
    pub new_customers: u32,
}

impl PromotionOrders {
    /// The sum of both.
    pub fn plus(self, other: &PromotionOrders) -> PromotionOrders {
        PromotionOrders {
            paid_amount: self.paid_amount + other.paid_amount,
            refunded: self.refunded + other.refunded,
            discount: self.discount + other.discount,
            before_discount: self.before_discount + other.before_discount,
            orders: self.orders + other.orders,
            with_discount: self.with_discount + other.with_discount,
            new_customers: self.new_customers + other.new_customers,
        }
    }

    fn note(&mut self, order: &Order) {
        self.paid_amount += order.paid_amount;
        self.refunded += order.refunded;
        self.orders += 1;
        if let Some(discount) = order.known_discount() {
            self.discount += discount;
            self.before_discount += order.paid_amount + discount;
            self.with_discount += 1;
        }
    }
}

impl Cell<7> for PromotionOrders {
    fn counters(&self) -> [i64; 7] {
        let counts = [self.orders, self.with_discount, self.new_customers].map(i64::from);
        [self.paid_amount, self.refunded, self.discount, self.before_discount, counts[0], counts[1], counts[2]]
    }

    fn add(&mut self, &[paid_amount, refunded, discount, before_discount, orders, with_discount, new_customers]: &[i64; 7]) -> Option<()> {
        add_sum(&mut self.paid_amount, paid_amount)?;
        add_sum(&mut self.refunded, refunded)?;
        add_sum(&mut self.discount, discount)?;
        add_sum(&mut self.before_discount, before_discount)?;
        add_count(&mut self.orders, orders)?;
        add_count(&mut self.with_discount, with_discount)?;
        add_count(&mut self.new_customers, new_customers)
    }
}

/// Distinct customers of a promotion in a period. New ones add up over days, for a customer is new on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PromotionPeople {
    /// Customers who paid an order by it.
    pub paying: i64,
    /// Customers with a purchase by it who had bought before the period.
    pub returning: i64,
}

/// The state of the days.
const DAYS: Layout<2, 7> = Layout {
    keys: [Key::Code(CodeOf::Shop), Key::Code(CodeOf::Promotion)],
    position: "day",
    counters: ["paid_amount", "refunded", "discount", "before_discount", "orders", "with_discount", "new_customers"],
};

/// The state of the periods. A grain is known by its place in [`Grain::periods`].
const PERIODS: Layout<3, 2> = Layout {
    keys: [Key::Code(CodeOf::Shop), Key::Code(CodeOf::Promotion), Key::Number("grain")],
    position: "period",
    counters: ["paying", "returning"],
};

/// Orders paid, and who paid them, by shop and promotion.
pub static PROMOTION_ORDERS: FoldSpec<PromotionFold> =
    FoldSpec { name: "promotion_orders", version: 1, pace: Pace::ByShop, new: |context, _| PromotionFold::new(context) };

/// A [`Line`] for each code of a promotion.
type ByPromotion<C> = Tally<1, Line<C>>;

/// Counts, by shop and promotion, the [`PromotionOrders`] of each day and the [`PromotionPeople`] of each period.
pub struct PromotionFold {
    days: ByPromotion<PromotionOrders>,
    /// One for each of [`Grain::periods`].
    periods: [ByPromotion<[u32; 2]>; 4],
    calendar: Calendar,
    missing: Missing,
    /// The promotion and the day of each paid order of the current customer, and whether it is a purchase.
    paid: Vec<(i32, Day, bool)>,
}

impl PromotionFold {
    /// A fold that has seen nobody.
    pub fn new(context: &Context) -> Self {
        PromotionFold {
            days: Tally::default(),
            periods: Default::default(),
            calendar: Calendar::new(context),
            missing: Missing::of(&context.promotions),
            paid: Vec::new(),
        }
    }

    /// The promotions of the paid orders of a shop, ascending by code, each with its days, ascending.
    pub fn of_shop(&self, shop: u32) -> impl Iterator<Item = (u32, Vec<(Day, PromotionOrders)>)> {
        let promotions = self.days.line([shop as i32]).into_iter().flat_map(Line::cells);
        promotions.filter(|(_, days)| !days.is_empty()).map(|(promotion, days)| {
            let counted = days.cells().filter(|(_, cell)| **cell != PromotionOrders::default());
            (promotion as u32, counted.map(|(day, cell)| (day, *cell)).collect())
        })
    }

    /// The customers of a promotion in the period with that index; the grain is one of the job's [`Grain::periods`].
    pub fn people(&self, shop: u32, promotion: u32, grain: Grain, index: i32) -> PromotionPeople {
        let tally = self.calendar.place(grain).and_then(|place| self.periods.get(place));
        let promotions = tally.and_then(|promotions| promotions.line([shop as i32]));
        let [paying, returning] = promotions.map_or([0; 2], |promotions| promotions.at(promotion as i32).at(index)).map(i64::from);
        PromotionPeople { paying, returning }
    }
}

impl Fold for PromotionFold {
    fn update(&mut self, history: &History<'_>) {
        let PromotionFold { days, periods, calendar, missing, paid } = self;
        let shop = [history.shop as i32];
        let promotions = days.line_mut(shop);
        paid.clear();
        for order in history.paid_orders() {
            let promotion = missing.settled(order.promotion);
            promotions.cell(promotion).cell(order.paid_day).note(order);
            paid.push((promotion, order.paid_day, order.is_purchase()));
        }
        if history.is_anonymous {
            return;
        }
        if let Some(first) = history.purchases().next() {
            promotions.cell(missing.settled(first.promotion)).cell(first.paid_day).new_customers += 1;
        }
        let first_day = history.first_purchase_day();
        let first_periods = first_day.map(|day| calendar.periods(day));
        paid.sort_unstable();
        for same_promotion in paid.chunk_by(|one, next| one.0 == next.0) {
            // By grain, the last period in which the customer was counted as paying, and as returning.
            let mut counted = [[None; 2]; 4];
            for (promotion, day, is_purchase) in same_promotion {
                for (grain, (by_promotion, index)) in periods.iter_mut().zip(calendar.periods(*day)).enumerate() {
                    let returns = *is_purchase && first_periods.is_some_and(|first| first[grain] < index);
                    for (place, is_one) in [true, returns].into_iter().enumerate() {
                        if is_one && counted[grain][place] != Some(index) {
                            by_promotion.line_mut(shop).cell(*promotion).cell(index)[place] += 1;
                            counted[grain][place] = Some(index);
                        }
                    }
                }
            }
        }
    }

    fn counts_anonymous_orders(&self) -> bool {
        true
    }

    fn state(&mut self) -> Result<Vec<RecordBatch>> {
        let mut days = Rows::new(&DAYS);
        for (&[shop], promotions) in std::mem::take(&mut self.days).sorted() {
            for (promotion, line) in promotions.cells() {
                line.counted().for_each(|(day, counters)| days.push([shop, promotion], day, counters));
            }
        }
        let mut periods = Rows::new(&PERIODS);
        for (tally, grain) in std::mem::take(&mut self.periods).iter().zip(0..) {
            for (&[shop], promotions) in tally.sorted() {
                for (promotion, line) in promotions.cells() {
                    line.counted().for_each(|(index, counters)| periods.push([shop, promotion, grain], index, counters));
                }
            }
        }
        Ok(vec![days.into_batch()?, periods.into_batch()?])
    }

    fn merge(&mut self, state: &[RecordBatch]) -> Result<()> {
        let (days, periods) = match state {
            [] => return Ok(()),
            [days, periods] => (days, periods),
            other => return Err(Error::bug(format!("a state of {} batches given to the promotion fold", other.len()))),
        };
        DAYS.rows(days, |[shop, promotion], day, counters| self.days.line_mut([shop]).cell(promotion).cell(day).add(counters))?;
        PERIODS.rows(periods, |[shop, promotion, grain], index, counters| {
            let tally = self.periods.get_mut(usize::try_from(grain).ok()?)?;
            tally.line_mut([shop]).cell(promotion).cell(index).add(counters)
        })
    }

    fn absorb(&mut self, other: Self) -> Result<()> {
        self.days.absorb_lines(other.days)?;
        self.periods.iter_mut().zip(other.periods).try_for_each(|(own, more)| own.absorb_lines(more))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::values::money::NO_MONEY;
    use crate::spec::WeekStart;
    use crate::table::testing::{customer, day, folded, paid, text_shops};

    #[test]
    fn a_customer_is_new_by_one_promotion_and_returns_in_later_periods() {
        let context = text_shops(1, "2024-03-31");
        let one = customer(
            0,
            vec![
                // Refunded in full: it was paid, and is no purchase.
                paid("2024-01-02", 900).refunding(900).promoted(2, 100),
                paid("2024-01-30", 100).promoted(1, 20),
                paid("2024-01-30", 300).promoted(2, 0),
                paid("2024-02-01", 400).promoted(1, NO_MONEY), // the same week, another month
                paid("2024-02-05", 500).refunding(50).promoted(1, 25),
            ],
        );
        let fold = folded(PromotionFold::new(&context), &[one]);
        let cell = |[paid_amount, refunded, discount, before_discount]: [i64; 4], [orders, with_discount, new_customers]: [u32; 3]| {
            PromotionOrders { paid_amount, refunded, discount, before_discount, orders, with_discount, new_customers }
        };
        let expected = vec![
            (
                1,
                vec![
                    (day("2024-01-30"), cell([100, 0, 20, 120], [1, 1, 1])),
                    (day("2024-02-01"), cell([400, 0, 0, 0], [1, 0, 0])),
                    (day("2024-02-05"), cell([500, 50, 25, 525], [1, 1, 0])),
                ],
            ),
            (2, vec![(day("2024-01-02"), cell([900, 900, 100, 1000], [1, 1, 0])), (day("2024-01-30"), cell([300, 0, 0, 300], [1, 1, 0]))]),
        ];
        assert_eq!(fold.of_shop(0).collect::<Vec<_>>(), expected);
        assert_eq!(fold.of_shop(1).count(), 0);
        let people = |promotion, grain: Grain, on| {
            let PromotionPeople { paying, returning } = fold.people(0, promotion, grain, grain.index(day(on)));
            [paying, returning]
        };
        // New in January, in the week of 29 January and in the year; 1 February lies in that week and in a later month.
        assert_eq!(people(1, Grain::Month, "2024-01-01"), [1, 0]);
        assert_eq!(people(1, Grain::Month, "2024-02-01"), [1, 1]);
        assert_eq!(people(1, Grain::Week(WeekStart::Monday), "2024-01-30"), [1, 0]);
        assert_eq!(people(1, Grain::Week(WeekStart::Monday), "2024-02-05"), [1, 1]);
        assert_eq!(people(1, Grain::Year, "2024-01-01"), [1, 0]);
        // By the other promotion the customer is neither new nor returning in January.
        assert_eq!(people(2, Grain::Month, "2024-01-01"), [1, 0]);
        assert_eq!(people(2, Grain::Month, "2024-02-01"), [0, 0]);
    }

    #[test]
    fn who_had_everything_refunded_pays_and_neither_is_new_nor_returns() {
        let context = text_shops(1, "2024-03-31");
        let fold = folded(PromotionFold::new(&context), &[customer(0, vec![paid("2024-01-02", 900).refunding(900).promoted(1, 0)])]);
        let index = Grain::Month.index(day("2024-01-02"));
        assert_eq!(fold.people(0, 1, Grain::Month, index), PromotionPeople { paying: 1, returning: 0 });
        assert_eq!(fold.of_shop(0).map(|(_, days)| days[0].1.new_customers).collect::<Vec<_>>(), [0]);
    }

    #[test]
    fn a_foreign_state_is_refused() {
        let mut fold = PromotionFold::new(&text_shops(1, "2024-03-31"));
        let state = fold.state().unwrap();
        assert!(fold.merge(&state[..1]).is_err());
        assert!(fold.merge(&[state[1].clone(), state[0].clone()]).is_err());
    }
}
