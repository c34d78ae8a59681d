//! Rated days: ratings summed by shop and day, of which the first three of each customer and calendar month count.

use hashbrown::HashMap;

use super::facts::ScoreDay;
use crate::partition::{Writer, partition_of};
use crate::spec::{Day, Grain, Id, day_of_time, id_hash, id_hash_in_shop};

/// The most ratings of one customer in one calendar month that count.
const COUNTED_A_MONTH: usize = 3;

/// A missing score.
const NO_SCORE: u32 = u32::MAX;

/// Bytes of a rating, without the text of its customer.
const RECORD: usize = 48;

/// One rating.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::input) struct Rating {
    pub file: u32,
    pub row: u32,
    /// Provisional code.
    pub shop: u32,
    pub time: i64,
    /// In millionths, or [`NO_SCORE`].
    scores: [u32; 4],
}

impl Rating {
    /// A rating; scores lie between 1 and 5.
    pub fn new(file: u32, row: u32, shop: u32, time: i64, scores: [Option<f64>; 4]) -> Self {
        Rating { file, row, shop, time, scores: scores.map(|score| score.map_or(NO_SCORE, |score| (score * 1e6).round() as u32)) }
    }

    /// The calendar month.
    fn month(&self) -> i32 {
        Grain::Month.index(day_of_time(self.time))
    }

    /// Writes it to the partition of its customer; `shop_hash` is the hash of the shop's id.
    pub fn put(&self, customer: Id<'_>, shop_hash: u64, writer: &mut Writer) {
        let partition = partition_of(id_hash_in_shop(shop_hash, id_hash(customer)), writer.partitions());
        let (word, text) = match customer {
            Id::Integer(key) => (key, ""),
            Id::Text(text) => (text.len() as u64, text),
        };
        writer.put::<RECORD>(partition, |room| {
            let [a, b, c, d] = self.scores;
            let numbers = [self.file, self.row, self.shop, 0, a, b, c, d];
            for (room, number) in room.chunks_exact_mut(4).zip(numbers) {
                room.copy_from_slice(&number.to_le_bytes());
            }
            for (room, number) in room[32..].chunks_exact_mut(8).zip([self.time as u64, word]) {
                room.copy_from_slice(&number.to_le_bytes());
            }
            RECORD
        });
        writer.append(partition, text.as_bytes());
    }

    /// Reads the rating at the beginning of `bytes` and its customer; returns the remaining bytes too.
    fn read(bytes: &[u8], is_text: bool) -> Option<(Rating, Id<'_>, &[u8])> {
        let (record, rest) = bytes.split_first_chunk::<RECORD>()?;
        let number = |at: usize| record.get(4 * at..).and_then(<[u8]>::first_chunk).map_or(0, |number| u32::from_le_bytes(*number));
        let word = |at: usize| record.get(8 * at..).and_then(<[u8]>::first_chunk).map_or(0, |word| u64::from_le_bytes(*word));
        let rating = Rating {
            file: number(0),
            row: number(1),
            shop: number(2),
            time: word(4) as i64,
            scores: [number(4), number(5), number(6), number(7)],
        };
        if is_text {
            let (text, rest) = rest.split_at_checked(word(5) as usize)?;
            Some((rating, Id::Text(std::str::from_utf8(text).unwrap_or_default()), rest))
        } else {
            Some((rating, Id::Integer(word(5)), rest))
        }
    }
}

/// Sums of ratings by shop and day.
#[derive(Debug, Default)]
pub(in crate::input) struct RatedDays(HashMap<(u32, Day), RatedDay, foldhash::fast::FixedState>);

/// Ratings, less those that were subtracted.
#[derive(Debug, Default)]
struct RatedDay {
    ratings: i64,
    sums: [i64; 4],
    counts: [i64; 4],
}

impl RatedDays {
    /// Adds a rating.
    pub fn add(&mut self, rating: &Rating) {
        self.change(rating, 1);
    }

    fn change(&mut self, rating: &Rating, by: i64) {
        let rated = self.0.entry((rating.shop, day_of_time(rating.time))).or_default();
        rated.ratings += by;
        for (column, score) in rating.scores.iter().enumerate() {
            if *score != NO_SCORE {
                rated.sums[column] += by * i64::from(*score);
                rated.counts[column] += by;
            }
        }
    }

    /// Subtracts the ratings of a partition that do not count, after all were added: of each customer and month all after the first
    /// [`COUNTED_A_MONTH`], by time and then by the order of files and rows.
    ///
    /// They are few: adding all while the files of a day are read and subtracting these touches much less memory than adding the others
    /// once they are grouped by customer.
    pub fn take_uncounted(&mut self, bytes: &[u8], is_text: bool) {
        // Equal hashes side by side: only where there are more of them than count did a customer rate too often.
        let mut places: Vec<(u64, usize)> = Vec::new();
        let mut at = 0;
        while let Some((rating, customer, rest)) = bytes.get(at..).and_then(|bytes| Rating::read(bytes, is_text)) {
            // Provisional codes of shops suffice within this partition.
            let shop_month = u64::from(rating.shop) << 32 | u64::from(rating.month() as u32);
            places.push((id_hash_in_shop(shop_month, id_hash(customer)), at));
            at = bytes.len() - rest.len();
        }
        places.sort_unstable();
        let is_too_often = |same: &&[(u64, usize)]| same.len() > COUNTED_A_MONTH;
        for same in places.chunk_by(|(one, _), (other, _)| one == other).filter(is_too_often) {
            let read = |(_, at): &(u64, usize)| Rating::read(bytes.get(*at..)?, is_text).map(|(rating, customer, _)| (rating, customer));
            let mut ratings: Vec<(Rating, Id<'_>)> = same.iter().filter_map(read).collect();
            ratings.sort_unstable_by_key(|(rating, customer)| (rating.shop, *customer, rating.time, rating.file, rating.row));
            let is_same = |(one, by): &(Rating, Id<'_>), (other, other_by): &(Rating, Id<'_>)| {
                (one.shop, by, one.month()) == (other.shop, other_by, other.month())
            };
            for month in ratings.chunk_by(is_same) {
                month.iter().skip(COUNTED_A_MONTH).for_each(|(rating, _)| self.change(rating, -1));
            }
        }
    }

    /// Adds the sums of another thread.
    pub fn merge(&mut self, other: RatedDays) {
        for (key, more) in other.0 {
            let rated = self.0.entry(key).or_default();
            rated.ratings += more.ratings;
            for column in 0..rated.sums.len() {
                rated.sums[column] += more.sums[column];
                rated.counts[column] += more.counts[column];
            }
        }
    }

    /// The days with ratings, ascending by (provisional shop, day).
    pub fn sorted(self) -> Vec<ScoreDay> {
        let rated = self.0.into_iter().filter(|(_, rated)| rated.ratings > 0);
        let mut days: Vec<ScoreDay> =
            rated.map(|((shop, day), rated)| ScoreDay { shop, day, sums: rated.sums, counts: rated.counts }).collect();
        days.sort_unstable_by_key(|day| (day.shop, day.day));
        days
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::partition::{Budget, Partitions};
    use crate::spec::DAY_MICROSECONDS;

    fn all_but_uncounted(ratings: &[Rating], customer: Id<'_>) -> RatedDays {
        let mut days = RatedDays::default();
        let mut writer = Writer::new(1, Arc::new(Budget::unlimited()));
        for rating in ratings {
            days.add(rating);
            rating.put(customer, 0, &mut writer);
        }
        let mut bytes = Vec::new();
        Partitions::new(vec![writer]).unwrap().read(0, &mut bytes).unwrap();
        let mut uncounted = RatedDays::default();
        uncounted.take_uncounted(&bytes, matches!(customer, Id::Text(_)));
        days.merge(uncounted);
        days
    }

    #[test]
    fn of_each_customer_and_month_the_first_three_count() {
        // Customer 甲 rates 1, 2, 3, 4 on the 1st to 4th of January 1970 and 5 on 1 February; two ratings name nobody.
        let rating = |row, day: i64, score| Rating::new(0, row, 0, day * DAY_MICROSECONDS, [Some(score), None, None, None]);
        let named = [rating(0, 3, 4.0), rating(1, 0, 1.0), rating(2, 1, 2.0), rating(3, 2, 3.0), rating(4, 31, 5.0)];
        let mut days = all_but_uncounted(&named, Id::Text("甲"));
        let mut nameless = RatedDays::default();
        nameless.add(&rating(5, 3, 4.5));
        nameless.add(&rating(6, 3, 3.5));
        days.merge(nameless);
        let found: Vec<(i32, i64, i64)> = days.sorted().iter().map(|day| (day.day, day.sums[0], day.counts[0])).collect();
        assert_eq!(found, [(0, 1_000_000, 1), (1, 2_000_000, 1), (2, 3_000_000, 1), (3, 8_000_000, 2), (31, 5_000_000, 1)]);
    }

    #[test]
    fn of_ratings_of_one_moment_the_order_of_files_and_rows_decides() {
        let rating = |file, row, score| Rating::new(file, row, 7, 5, [None, Some(score), None, None]);
        let days = all_but_uncounted(&[rating(1, 0, 5.0), rating(0, 9, 3.0), rating(0, 2, 2.0), rating(0, 1, 1.0)], Id::Integer(4));
        let days = days.sorted();
        assert_eq!((days[0].shop, days[0].sums, days[0].counts), (7, [0, 6_000_000, 0, 0], [0, 3, 0, 0]));
    }

    #[test]
    fn a_day_whose_ratings_do_not_count_is_no_day() {
        let rating = |row, day: i64| Rating::new(0, row, 0, day * DAY_MICROSECONDS, [None; 4]);
        let days = all_but_uncounted(&[rating(0, 1), rating(1, 1), rating(2, 2), rating(3, 9)], Id::Integer(4));
        assert_eq!(days.sorted().iter().map(|day| day.day).collect::<Vec<_>>(), [1, 2]);
    }
}
