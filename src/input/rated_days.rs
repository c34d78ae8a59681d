//! Rated days: of each customer and calendar month the first three ratings count, summed by shop and day.

use std::cmp::Ordering;

use hashbrown::HashMap;

use super::facts::ScoreDay;
use crate::partition::{Writer, partition_of};
use crate::spec::{Day, Grain, Id, day_of_time, id_hash, id_hash_within};

/// The ratings of one customer in one calendar month that count, at most.
const COUNTED_A_MONTH: u32 = 3;

/// A score that is not there.
const NO_SCORE: u32 = u32::MAX;

/// Bytes of a rating, without the text of its customer.
const RECORD: usize = 48;

/// One rating.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rating {
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

    /// Puts it where all ratings of its customer lie.
    pub fn put(&self, customer: Id<'_>, writer: &mut Writer) {
        let partition = partition_of(id_hash_within(self.shop, id_hash(customer)), writer.partitions());
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

    /// The rating at the beginning of `bytes` with its customer, and the bytes behind it.
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

/// What was rated, by shop and day.
#[derive(Debug, Default)]
pub(super) struct RatedDays(HashMap<(u32, Day), ScoreDay, foldhash::fast::FixedState>);

impl RatedDays {
    /// Adds a rating that counts.
    pub fn add(&mut self, rating: &Rating) {
        let (shop, day) = (rating.shop, day_of_time(rating.time));
        let sums = self.0.entry((shop, day)).or_insert(ScoreDay { shop, day, ..ScoreDay::default() });
        for (column, score) in rating.scores.iter().enumerate() {
            if *score != NO_SCORE {
                sums.sums[column] += i64::from(*score);
                sums.counts[column] += 1;
            }
        }
    }

    /// Adds those ratings of a partition that count: [`COUNTED_A_MONTH`] of each customer and month, by time and then by the
    /// order of files and rows.
    pub fn add_counted(&mut self, mut bytes: &[u8], is_text: bool) {
        let mut ratings: Vec<(Rating, Id<'_>)> = Vec::new();
        while let Some((rating, customer, rest)) = Rating::read(bytes, is_text) {
            ratings.push((rating, customer));
            bytes = rest;
        }
        let order = |(one, by): &(Rating, Id<'_>), (other, other_by): &(Rating, Id<'_>)| -> Ordering {
            (one.shop, by, one.time, one.file, one.row).cmp(&(other.shop, other_by, other.time, other.file, other.row))
        };
        ratings.sort_unstable_by(order);
        let (mut last, mut counted) = (None, 0);
        for (rating, customer) in &ratings {
            let key = (rating.shop, *customer, Grain::Month.index(day_of_time(rating.time)));
            counted = if last == Some(key) { counted + 1 } else { 1 };
            last = Some(key);
            if counted <= COUNTED_A_MONTH {
                self.add(rating);
            }
        }
    }

    /// Adds what was gathered elsewhere.
    pub fn merge(&mut self, other: RatedDays) {
        for (key, more) in other.0 {
            let sums = self.0.entry(key).or_insert(ScoreDay { shop: more.shop, day: more.day, ..ScoreDay::default() });
            for column in 0..sums.sums.len() {
                sums.sums[column] += more.sums[column];
                sums.counts[column] += more.counts[column];
            }
        }
    }

    /// The days, ascending by (provisional shop, day).
    pub fn sorted(self) -> Vec<ScoreDay> {
        let mut days: Vec<ScoreDay> = self.0.into_values().collect();
        days.sort_unstable_by_key(|day| (day.shop, day.day));
        days
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::partition::{Budget, Partitions};
    use crate::spec::DAY_MICROSECONDS;

    #[test]
    fn of_each_customer_and_month_the_first_three_count() {
        // Customer 甲 rates 1, 2, 3, 4 on the 1st to 4th of January 1970 and 5 on 1 February; two ratings name nobody.
        let rating = |row, day: i64, score| Rating::new(0, row, 0, day * DAY_MICROSECONDS, [Some(score), None, None, None]);
        let mut writer = Writer::new(1, Arc::new(Budget::unlimited()));
        for rating in [rating(0, 3, 4.0), rating(1, 0, 1.0), rating(2, 1, 2.0), rating(3, 2, 3.0), rating(4, 31, 5.0)] {
            rating.put(Id::Text("甲"), &mut writer);
        }
        let mut bytes = Vec::new();
        Partitions::new(vec![writer]).unwrap().read(0, &mut bytes).unwrap();
        let mut days = RatedDays::default();
        days.add_counted(&bytes, true);
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
        let mut writer = Writer::new(1, Arc::new(Budget::unlimited()));
        for rating in [rating(1, 0, 5.0), rating(0, 9, 3.0), rating(0, 2, 2.0), rating(0, 1, 1.0)] {
            rating.put(Id::Integer(4), &mut writer);
        }
        let mut bytes = Vec::new();
        Partitions::new(vec![writer]).unwrap().read(0, &mut bytes).unwrap();
        let mut days = RatedDays::default();
        days.add_counted(&bytes, false);
        let days = days.sorted();
        assert_eq!((days[0].shop, days[0].sums, days[0].counts), (7, [0, 6_000_000, 0, 0], [0, 3, 0, 0]));
    }
}
