//! Unknown season: how far the days to come may lie from the mean of a year where the data are too short to show a season.

/// The standard deviation of what is to come in a month around the mean of a year, relative to it, where no season is known: a little more than
/// 0.23, as the months of the sample's calendar scatter around their mean year, and as one month of a site's visitors against another
/// (√2 × 0.16: docs/forecast.md).
pub const UNKNOWN_SEASON: f64 = 0.25;
