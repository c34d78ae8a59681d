//! Assessment peers: the metrics by which shops compare in a quarter, and the position of each shop among those of its category.

use std::collections::BTreeMap;

use crate::metric::assessed::*;
use crate::metric::measure::Measure;
use crate::metric::peers::{PeerPosition, PeerRanks};

/// The metrics by which shops compare, in the order of their columns: all except counts that are only parts of rates.
pub static COMPARED: [Assessed; 20] = [
    PAID_AMOUNT,
    UV_CONVERSION,
    PAYMENT_RATE,
    DSR_DESCRIPTION,
    DSR_SERVICE,
    DSR_DELIVERY,
    DSR_LOGISTICS,
    DSR_MEAN,
    DISPUTE_RATE,
    REFUND_RATE,
    REFUND_HOURS,
    COMPLAINT_RATE,
    DELIVERY_HOURS,
    NEW_ITEMS,
    SERVICE_SCORE_MIN,
    SERVICE_SCORE_MEAN,
    IDLE_MONTHS,
    VIOLATION_POINTS,
    SERIOUS_VIOLATION_POINTS,
    RED_LINE_VIOLATIONS,
];

/// A shop in a quarter, to be compared.
pub struct Candidate<'a> {
    /// The number of the quarter.
    pub quarter: i32,
    /// The shop's main category, without which it has no peers.
    pub category: Option<&'a str>,
    /// Whether the shop is eligible in the quarter. Other shops have peers but are not peers themselves.
    pub is_eligible: bool,
    /// The values of [`COMPARED`] in the measures' own units; equal figures are equal to the last bit, so that they tie.
    pub values: [Option<f64>; COMPARED.len()],
}

/// The figures of a shop's peers.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ComparedShop {
    /// Eligible shops of the category in the quarter; `None` where the category is unknown.
    pub peers: Option<i64>,
    /// By [`COMPARED`], means in the unit of results.
    pub positions: [PeerPosition; COMPARED.len()],
}

/// Compares the eligible shops of one category in one quarter with each other. With fewer than `least` values there is no comparison.
pub fn compare(candidates: &[Candidate<'_>], least: usize) -> Vec<ComparedShop> {
    let mut compared = vec![ComparedShop::default(); candidates.len()];
    // Shops are in order, and so are the members of a group: sums of floats have a fixed order.
    let mut groups: BTreeMap<(i32, &str), Vec<usize>> = BTreeMap::new();
    for (place, candidate) in candidates.iter().enumerate() {
        if let Some(category) = candidate.category {
            groups.entry((candidate.quarter, category)).or_default().push(place);
        }
    }
    for places in groups.into_values() {
        let (eligible, others): (Vec<usize>, Vec<usize>) = places.into_iter().partition(|place| candidates[*place].is_eligible);
        for place in eligible.iter().chain(&others) {
            compared[*place].peers = Some(eligible.len() as i64);
        }
        for (number, metric) in COMPARED.iter().enumerate() {
            let measure = Measure::named(metric.name);
            let values: Vec<Option<f64>> = eligible.iter().map(|place| candidates[*place].values[number]).collect();
            let ranks = PeerRanks::of(&values, metric.best, least);
            let peers = Some(ranks.with_value as i64);
            let mean = ranks.mean.map(|mean| measure.in_results(mean));
            for (place, rank) in eligible.iter().zip(&ranks.ranks) {
                compared[*place].positions[number] = PeerPosition { peers, mean, rank: *rank, percentile: None };
            }
            for place in &others {
                compared[*place].positions[number] = PeerPosition { peers, ..PeerPosition::default() };
            }
        }
    }
    compared
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(category: Option<&'static str>, is_eligible: bool, paid_amount: f64, dispute_rate: f64) -> Candidate<'static> {
        let mut values = [None; COMPARED.len()];
        for (metric, value) in [(PAID_AMOUNT, paid_amount), (DISPUTE_RATE, dispute_rate)] {
            values[COMPARED.iter().position(|compared| *compared == metric).unwrap()] = Some(value);
        }
        Candidate { quarter: 7, category, is_eligible, values }
    }

    #[test]
    fn eligible_shops_of_a_category_compare_and_others_only_see_how_many_they_are() {
        let of = |metric: Assessed| COMPARED.iter().position(|compared| *compared == metric).unwrap();
        let candidates = [
            candidate(Some("shoes"), true, 300.0, 0.25),
            candidate(Some("shoes"), true, 500.0, 0.75),
            candidate(Some("shoes"), false, 900.0, 0.0),
            candidate(Some("hats"), true, 100.0, 0.0),
            candidate(None, true, 100.0, 0.0),
        ];
        let compared = compare(&candidates, 2);
        let position = |shop: usize, metric: Assessed| compared[shop].positions[of(metric)];
        assert_eq!(compared.iter().map(|shop| shop.peers).collect::<Vec<_>>(), [Some(2), Some(2), Some(2), Some(1), None]);
        // Money is shown in units of the currency: (3 + 5) / 2; more is better of it, and less of disputes.
        assert_eq!(position(0, PAID_AMOUNT), PeerPosition { peers: Some(2), mean: Some(4.0), rank: Some(2), percentile: None });
        assert_eq!(position(0, DISPUTE_RATE), PeerPosition { peers: Some(2), mean: Some(0.5), rank: Some(1), percentile: None });
        assert_eq!(position(2, PAID_AMOUNT), PeerPosition { peers: Some(2), ..PeerPosition::default() });
        // One peer with a value is not enough, and nobody has a value of the payment rate.
        assert_eq!(position(3, PAID_AMOUNT), PeerPosition { peers: Some(1), ..PeerPosition::default() });
        assert_eq!(position(0, PAYMENT_RATE), PeerPosition { peers: Some(0), ..PeerPosition::default() });
        assert_eq!(position(4, PAID_AMOUNT), PeerPosition::default());
    }
}
