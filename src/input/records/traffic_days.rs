//! Traffic days: the whole-shop traffic of all days in few bytes each.

use super::facts::TrafficDay;
use super::packed_rows::PackedRow;
use crate::input::values::short_numbers::{put, put_known, put_signed, take, take_known, take_signed};
use crate::spec::Day;

impl PackedRow for TrafficDay {
    fn shop(&self) -> u32 {
        self.shop
    }

    fn write(&self, before: Option<&Self>, into: &mut Vec<u8>) {
        put_signed(i64::from(self.day) - before.map_or(0, |before| before.day.into()), into);
        put(self.is_counted.into(), into);
        self.figures().into_iter().for_each(|figure| put_known(figure, into));
    }

    fn read(shop: u32, before: Option<&Self>, bytes: &mut &[u8]) -> Option<Self> {
        let day = Day::try_from(take_signed(bytes)?.saturating_add(before.map_or(0, |before| before.day.into()))).ok()?;
        let is_counted = take(bytes)? > 0;
        TrafficDay::read_figures(shop, day, bytes).map(|read| TrafficDay { is_counted, ..read })
    }
}

impl TrafficDay {
    /// All figures, in the order of the fields.
    pub fn figures(&self) -> [Option<i64>; 9] {
        let TrafficDay { shop: _, day: _, pv, uv, ipv, ipv_uv, visits, bounces, dwell_seconds, favorites, cart_adds, is_counted: _ } =
            *self;
        [pv, uv, ipv, ipv_uv, visits, bounces, dwell_seconds, favorites, cart_adds]
    }

    /// The row of a shop and day with the figures that were written in their order.
    pub fn read_figures(shop: u32, day: Day, bytes: &mut &[u8]) -> Option<Self> {
        let mut figures = [None; 9];
        for figure in &mut figures {
            *figure = take_known(bytes)?;
        }
        let [pv, uv, ipv, ipv_uv, visits, bounces, dwell_seconds, favorites, cart_adds] = figures;
        Some(TrafficDay { shop, day, pv, uv, ipv, ipv_uv, visits, bounces, dwell_seconds, favorites, cart_adds, is_counted: false })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::records::facts::TrafficDays;

    fn row(shop: u32, day: Day, uv: Option<i64>) -> TrafficDay {
        TrafficDay { shop, day, pv: Some(i64::MAX), uv, cart_adds: Some(0), is_counted: day > 0, ..TrafficDay::default() }
    }

    #[test]
    fn days_come_back_by_shop_and_take_few_bytes() {
        let rows = vec![row(4, -3, None), row(4, 20_000, Some(7)), row(1, 20_001, Some(3_000))];
        let mut days: TrafficDays = rows.clone().into();
        assert_eq!(days.iter().collect::<Vec<_>>(), [rows[2], rows[0], rows[1]]);
        assert_eq!((days.of_shop(4).count(), days.of_shop(2).count(), days.len()), (2, 0, 3));
        days.rank(&|shop| 5 - shop);
        assert_eq!(days.shops().collect::<Vec<_>>(), [1, 4]);
        assert_eq!(days.of_shop(1).map(|day| day.day).collect::<Vec<_>>(), [-3, 20_000]);
        let joined = TrafficDays::joined(vec![vec![rows[2]].into(), rows[..2].to_vec().into()]);
        assert_eq!(joined, rows.clone().into());
        // Shops with some hundred visitors a day: one byte for the next day, one for where it is from, at most two for each figure.
        let usual: Vec<TrafficDay> = (0..1_000)
            .map(|day| TrafficDay {
                day,
                pv: Some(16_000),
                uv: Some(900),
                visits: Some(1_000),
                bounces: Some(300),
                ..TrafficDay::default()
            })
            .collect();
        let packed = TrafficDays::from(usual);
        let bytes: usize = packed.bytes();
        assert!(bytes <= 1_000 * 16 + 8, "{bytes} bytes for 1,000 days");
    }
}
