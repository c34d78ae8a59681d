//! Assessment peers: the metrics by which assessment_quarterly compares shops, and where each shop stands among its peers.

use std::collections::BTreeMap;

use super::rows::Row;
use crate::metric::assessed::best_of;
use crate::metric::measure::Measure;
use crate::metric::peers::Standings;

/// Where a shop stands among its peers with one metric.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Standing {
    pub peers: Option<i64>,
    pub mean: Option<f64>,
    pub rank: Option<i64>,
}

/// A metric by which shops compare.
pub struct Comparison {
    /// Its name among the assessed metrics, which know the good end.
    pub metric: &'static str,
    /// The value; equal figures give the same number to the last bit, so that they tie.
    pub value: fn(&Row<'_>) -> Option<f64>,
}

const fn comparison(metric: &'static str, value: fn(&Row<'_>) -> Option<f64>) -> Comparison {
    Comparison { metric, value }
}

/// The metrics by which shops are compared, in the order of their columns: all but the counts that are only parts of rates.
pub static COMPARISONS: [Comparison; 20] = [
    // Whole minor units are exact as floats up to 2^53.
    comparison("paid_amount", |row| Some(row.paid_amount() as f64)),
    comparison("uv_conversion", |row| row.period.means.uv_conversion()),
    comparison("payment_rate", |row| row.payment_rate()),
    comparison("dsr_description", |row| row.dsr.scores[0]),
    comparison("dsr_service", |row| row.dsr.scores[1]),
    comparison("dsr_delivery", |row| row.dsr.scores[2]),
    comparison("dsr_logistics", |row| row.dsr.scores[3]),
    comparison("dsr_mean", |row| row.dsr.mean),
    comparison("dispute_rate", |row| row.applications?.dispute_rate()),
    comparison("refund_rate", |row| row.refund_rate()),
    comparison("refund_hours", |row| row.applications?.refund_hours()),
    comparison("complaint_rate", |row| row.complaint_rate()),
    comparison("delivery_hours", |row| row.delivery_hours()),
    comparison("new_items", |row| row.records.new_items.map(|items| items as f64)),
    comparison("service_score_min", |row| row.records.service_score_min),
    comparison("service_score_mean", |row| row.records.service_score_mean),
    comparison("idle_months", |row| row.records.idle_months.map(|months| months as f64)),
    comparison("violation_points", |row| row.records.violation_points),
    comparison("serious_violation_points", |row| row.records.serious_violation_points),
    comparison("red_line_violations", |row| row.records.red_line_violations.map(|violations| violations as f64)),
];

/// Fills in peers and standings: the eligible shops of one category in one quarter compare with each other.
pub fn compare(rows: &mut [Row<'_>], least: usize) {
    // Rows come by shop, and so do the members of a group: sums of floats have one order.
    let mut groups: BTreeMap<(i32, &str), Vec<usize>> = BTreeMap::new();
    for (position, row) in rows.iter().enumerate() {
        if let Some(category) = row.category {
            groups.entry((row.period.index, category)).or_default().push(position);
        }
    }
    for positions in groups.into_values() {
        let (eligible, others): (Vec<usize>, Vec<usize>) = positions.into_iter().partition(|position| rows[*position].is_eligible);
        for position in eligible.iter().chain(&others) {
            rows[*position].peers = Some(eligible.len() as i64);
        }
        for (number, comparison) in COMPARISONS.iter().enumerate() {
            let values: Vec<Option<f64>> = eligible.iter().map(|position| (comparison.value)(&rows[*position])).collect();
            let standings = Standings::of(&values, best_of(comparison.metric), least);
            let peers = Some(standings.with_value as i64);
            let scale = Measure::named(comparison.metric).scale();
            for (position, rank) in eligible.iter().zip(&standings.ranks) {
                let mean = standings.mean.map(|mean| mean / scale);
                rows[*position].standings[number] = Standing { peers, mean, rank: *rank };
            }
            for position in &others {
                rows[*position].standings[number].peers = peers;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::quarterly::CARD;
    use super::*;
    use crate::metric::assessed::ASSESSED;
    use crate::metric::peers::Best;

    #[test]
    fn every_metric_that_is_a_column_is_compared_but_parts_of_rates() {
        let parts = ["intervened_refunds", "refund_applications"];
        let columns: Vec<&str> =
            ASSESSED.iter().map(|metric| metric.name).filter(|name| CARD.column(name).is_some() && !parts.contains(name)).collect();
        assert_eq!(COMPARISONS.each_ref().map(|comparison| comparison.metric).to_vec(), columns);
        // What a rule has to name a standard or a number of months for is no column.
        let others: Vec<&str> = ASSESSED.iter().map(|metric| metric.name).filter(|name| CARD.column(name).is_none()).collect();
        assert_eq!(others, ["service_score_kth", "service_months_below"]);
    }

    #[test]
    fn the_card_calls_the_end_better_that_ranks_first() {
        for comparison in &COMPARISONS {
            let rank = CARD.column(&format!("{}_rank", comparison.metric)).unwrap();
            let best = if best_of(comparison.metric) == Best::Most { "more" } else { "less" };
            assert!(rank.definition.contains(&format!("{best} is better")), "{}", rank.definition);
        }
    }
}
