//! Seasonal factors: how much more or less than in a mean month there is in each month of a year, from two years of months or more.

/// Months of a year.
pub const YEAR: usize = 12;

/// The factors of the season by the place of a month within the year of the last month, the last month's being 0, by the classical decomposition:
/// the ratio of a month to the mean of the twelve around it, averaged over the years, their mean made 1. `None` without two whole years of numbers
/// above 0. The numbers are those of consecutive months, oldest first.
pub fn seasonal_factors(numbers: &[f64]) -> Option<[f64; YEAR]> {
    let count = numbers.len();
    if count < 2 * YEAR || numbers.iter().any(|number| *number <= 0.0) {
        return None;
    }
    let mut sums = [(0.0, 0.0); YEAR];
    for place in YEAR / 2..count - YEAR / 2 {
        // Thirteen months, the first and the last counted by half, are centred on this one.
        let around = &numbers[place - YEAR / 2..=place + YEAR / 2];
        let mean = (around.iter().sum::<f64>() - (around[0] + around[YEAR]) / 2.0) / YEAR as f64;
        let (sum, years) = &mut sums[place_in_year(place, count)];
        *sum += numbers[place] / mean;
        *years += 1.0;
    }
    let factors = sums.map(|(sum, years)| sum / years);
    let mean = factors.iter().sum::<f64>() / YEAR as f64;
    Some(factors.map(|factor| factor / mean))
}

/// The place within the year of the last of `count` consecutive months of the one at `place`.
pub fn place_in_year(place: usize, count: usize) -> usize {
    (place + YEAR * count - (count - 1)) % YEAR
}

/// The numbers with their season taken out; `None` where [`seasonal_factors`] are.
///
/// ```
/// use huitou::metric::seasonal_factors::without_season;
/// // 10 in every month and 20 in every December, the last month: without the season all months are alike.
/// let numbers: Vec<f64> = (1..=24).map(|month| if month % 12 == 0 { 20.0 } else { 10.0 }).collect();
/// let level = without_season(&numbers).unwrap();
/// assert!(level.iter().all(|number| (number - level[0]).abs() < 1e-9));
/// assert_eq!(without_season(&numbers[1..]), None);
/// ```
pub fn without_season(numbers: &[f64]) -> Option<Vec<f64>> {
    let factors = seasonal_factors(numbers)?;
    Some(numbers.iter().enumerate().map(|(place, number)| number / factors[place_in_year(place, numbers.len())]).collect())
}
