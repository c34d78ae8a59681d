//! Daily means and their conversion: the platform's conversion of a period, over the days that have traffic.

use super::ratio::{Quotient, ratio};

/// Visitors and paying customers added up over the days that have visitors; in fractions where the days to come are simulated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VisitorCounts {
    /// Paying customers of each of these days.
    pub paying_customer_days: f64,
    /// Visitors of each of these days.
    pub visitor_days: f64,
}

impl VisitorCounts {
    /// The daily mean of paying customers over the daily mean of visitors, computed as the quotient of the sums, so that equal shops have
    /// equal rates.
    pub fn uv_conversion(self) -> Quotient {
        Quotient { numerator: self.paying_customer_days, denominator: self.visitor_days }
    }
}

/// Visitors and paying customers of a period's days, both over the days with a UV. UV counts people and does not add
/// up over days; the sums serve only for daily means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DailyMeans {
    /// Days with a UV.
    pub days_with_traffic: i64,
    /// Daily UV summed over these days; `None` without such a day.
    pub uv_sum: Option<i64>,
    /// Paying customers of each of these days summed; `None` without such a day or if customers are unknown.
    pub paying_customer_days: Option<i64>,
}

impl DailyMeans {
    /// Computes the means over days given as (UV, paying customers).
    ///
    /// ```
    /// use huitou::metric::uv_conversion::DailyMeans;
    /// // The second day has no UV, so its 9 paying customers stay out as well.
    /// let means = DailyMeans::over([(Some(100), Some(4)), (None, Some(9)), (Some(300), Some(8))]);
    /// assert_eq!(means.uv_daily_mean(), Some(200.0));
    /// assert_eq!(means.paying_daily_mean(), Some(6.0));
    /// assert_eq!(means.uv_conversion(), Some(0.03));
    /// ```
    pub fn over(days: impl IntoIterator<Item = (Option<i64>, Option<i64>)>) -> Self {
        let (mut count, mut uv_sum, mut paying_sum) = (0, 0, Some(0));
        for (uv, paying) in days {
            if let Some(uv) = uv {
                count += 1;
                uv_sum += uv;
                paying_sum = paying_sum.zip(paying).map(|(sum, paying)| sum + paying);
            }
        }
        let known = count > 0;
        DailyMeans { days_with_traffic: count, uv_sum: known.then_some(uv_sum), paying_customer_days: paying_sum.filter(|_| known) }
    }

    /// The sums over the days of both: of other days, or of other shops.
    pub fn plus(self, other: DailyMeans) -> DailyMeans {
        let sum = |own: Option<i64>, more: Option<i64>| own.zip(more).map(|(own, more)| own + more);
        match (self.days_with_traffic, other.days_with_traffic) {
            (0, _) => other,
            (_, 0) => self,
            (days, more) => DailyMeans {
                days_with_traffic: days + more,
                uv_sum: sum(self.uv_sum, other.uv_sum),
                paying_customer_days: sum(self.paying_customer_days, other.paying_customer_days),
            },
        }
    }

    /// The mean of the daily UV.
    pub fn uv_daily_mean(&self) -> Option<f64> {
        ratio(self.uv_sum?, self.days_with_traffic)
    }

    /// The mean of the daily numbers of paying customers.
    pub fn paying_daily_mean(&self) -> Option<f64> {
        ratio(self.paying_customer_days?, self.days_with_traffic)
    }

    /// Paying customers by visitors, both as daily means.
    pub fn uv_conversion(&self) -> Option<f64> {
        let counts = VisitorCounts { paying_customer_days: self.paying_customer_days? as f64, visitor_days: self.uv_sum? as f64 };
        counts.uv_conversion().value()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Taobao UserBehavior, first half of the sample, Beijing days 2017-11-25 to 12-03 (7-reference-values, 12): daily UV
    /// and buyers. Of 408 users 275 bought; the platform's conversion takes neither of these two numbers.
    #[test]
    fn the_nine_days_of_taobao() {
        let uv = [295, 302, 296, 306, 306, 286, 301, 399, 402];
        let buyers = [47, 61, 64, 62, 67, 59, 57, 67, 65];
        let means = DailyMeans::over(uv.into_iter().zip(buyers).map(|(uv, buyers)| (Some(uv), Some(buyers))));
        assert_eq!((means.uv_sum, means.paying_customer_days), (Some(2893), Some(549)));
        assert_eq!(means.uv_daily_mean(), Some(2893.0 / 9.0));
        assert_eq!(means.paying_daily_mean(), Some(61.0));
        assert_eq!(means.uv_conversion(), Some(549.0 / 2893.0));
    }

    #[test]
    fn the_sum_of_parts_is_the_whole() {
        let days = [(Some(100), Some(4)), (None, Some(9)), (Some(300), Some(8)), (None, None)];
        for cut in 0..=days.len() {
            let (one, other) = days.split_at(cut);
            let both = DailyMeans::over(one.iter().copied()).plus(DailyMeans::over(other.iter().copied()));
            assert_eq!(both, DailyMeans::over(days), "{cut}");
        }
        let unknown = DailyMeans::over([(Some(10), None)]);
        assert_eq!(unknown.plus(unknown), DailyMeans { days_with_traffic: 2, uv_sum: Some(20), paying_customer_days: None });
    }

    #[test]
    fn without_a_uv_or_without_customers_there_is_no_conversion() {
        let blind = DailyMeans::over([(None, Some(5))]);
        assert_eq!((blind, blind.paying_daily_mean(), blind.uv_conversion()), (DailyMeans::default(), None, None));
        let nobody_known = DailyMeans::over([(Some(10), None)]);
        assert_eq!((nobody_known.uv_daily_mean(), nobody_known.paying_daily_mean()), (Some(10.0), None));
        assert_eq!(DailyMeans::over([(Some(0), Some(1))]).uv_conversion(), None);
    }
}
