//! The chain ladder: what amounts that still grow come to, from how older ones grew.
//!
//! Notation of Mack 1993 (Distribution-free calculation of the standard error of chain ladder reserve estimates, ASTIN Bulletin 23,
//! 213–225): C(i, k) is the amount of origin i up to age k, cumulative. The development factor of age k, by volume, is
//! f(k) = Σ C(i, k + 1) / Σ C(i, k) over the origins i that are known at age k + 1, and an origin known up to age a comes to
//! C(i, a) · f(a) · f(a + 1) · … in the end.

/// What the development factors are made of: sums over origins, by age.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Development {
    /// Of each age the sum of C(i, k), and that of C(i, k + 1) of the same origins.
    sums: Vec<[i128; 2]>,
}

impl Development {
    /// Adds an origin: its cumulative amounts at the ages 0, 1, 2 …, as far as they are known.
    pub fn add(&mut self, cumulative: impl IntoIterator<Item = i64>) {
        let mut amounts = cumulative.into_iter().map(i128::from);
        let Some(mut before) = amounts.next() else { return };
        for (age, after) in amounts.enumerate() {
            if age == self.sums.len() {
                self.sums.push([0, 0]);
            }
            if let Some([at, next]) = self.sums.get_mut(age) {
                *at += before;
                *next += after;
            }
            before = after;
        }
    }

    /// The development factors f(0), f(1) …, to the age before the greatest known one. A factor is 1 where nothing was there and nothing
    /// came; `None` where something came to origins that had nothing.
    pub fn factors(&self) -> Vec<Option<f64>> {
        let factor = |[at, next]: &[i128; 2]| match (*at, *next) {
            (0, 0) => Some(1.0),
            (0, _) => None,
            (at, next) => Some(next as f64 / at as f64),
        };
        self.sums.iter().map(factor).collect()
    }
}

/// What an amount known up to `age` is multiplied with to come to that in the end: the product of the factors from that age on, without a
/// tail beyond the greatest known age. `None` where one of them is unknown.
///
/// ```
/// use huitou::statistics::chain_ladder::{Development, to_ultimate};
/// let mut development = Development::default();
/// development.add([100, 150, 165]);
/// development.add([300, 450]);
/// development.add([200]);
/// let factors = development.factors();
/// assert_eq!(factors, [Some(1.5), Some(1.1)]);
/// assert_eq!(to_ultimate(&factors, 0), Some(1.5 * 1.1));
/// assert_eq!(to_ultimate(&factors, 2), Some(1.0));
/// ```
pub fn to_ultimate(factors: &[Option<f64>], age: usize) -> Option<f64> {
    factors.iter().skip(age).try_fold(1.0, |product, factor| Some(product * (*factor)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Taylor and Ashe 1983, cumulative, as Mack 1993 has it.
    const TAYLOR_ASHE: [&[i64]; 10] = [
        &[357_848, 1_124_788, 1_735_330, 2_218_270, 2_745_596, 3_319_994, 3_466_336, 3_606_286, 3_833_515, 3_901_463],
        &[352_118, 1_236_139, 2_170_033, 3_353_322, 3_799_067, 4_120_063, 4_647_867, 4_914_039, 5_339_085],
        &[290_507, 1_292_306, 2_218_525, 3_235_179, 3_985_995, 4_132_918, 4_628_910, 4_909_315],
        &[310_608, 1_418_858, 2_195_047, 3_757_447, 4_029_929, 4_381_982, 4_588_268],
        &[443_160, 1_136_350, 2_128_333, 2_897_821, 3_402_672, 3_873_311],
        &[396_132, 1_333_217, 2_180_715, 2_985_752, 3_691_712],
        &[440_832, 1_288_463, 2_419_861, 3_483_130],
        &[359_480, 1_421_128, 2_864_498],
        &[376_686, 1_363_294],
        &[344_014],
    ];

    #[test]
    fn taylor_and_ashe_1983_as_mack_1993_has_it() {
        let mut development = Development::default();
        TAYLOR_ASHE.iter().for_each(|origin| development.add(origin.iter().copied()));
        let factors = development.factors();
        let published = [3.491, 1.747, 1.457, 1.174, 1.104, 1.086, 1.054, 1.077, 1.018];
        assert_eq!(factors.len(), published.len());
        for (factor, published) in factors.iter().zip(published) {
            assert!((factor.unwrap() - published).abs() < 0.000_5, "{factor:?} where {published} is published");
        }
        // What is still to come of all origins.
        let reserve = |origin: &&[i64]| {
            let latest = origin[origin.len() - 1] as f64;
            latest * to_ultimate(&factors, origin.len() - 1).unwrap() - latest
        };
        let reserves: f64 = TAYLOR_ASHE.iter().map(reserve).sum();
        assert_eq!(format!("{reserves:.0}"), "18680856");
    }

    #[test]
    fn origins_that_had_nothing_have_no_factor_once_something_comes() {
        let mut development = Development::default();
        development.add([0, 0, 7, 7]);
        development.add([0, 0]);
        let factors = development.factors();
        assert_eq!(factors, [Some(1.0), None, Some(1.0)]);
        assert_eq!([0, 1, 2, 9].map(|age| to_ultimate(&factors, age)), [None, None, Some(1.0), Some(1.0)]);
    }

    #[test]
    fn one_age_or_none_teaches_nothing() {
        let mut development = Development::default();
        development.add([5]);
        development.add([]);
        assert_eq!(development, Development::default());
        assert!(development.factors().is_empty());
    }
}
