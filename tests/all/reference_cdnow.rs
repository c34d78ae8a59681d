//! CDNOW: the figures of the 1/10 sample of Fader and Hardie, as published and as recomputed with pandas and SciPy.

use std::collections::HashMap;

use super::result::{Snapshot, reference};

fn cdnow() -> Option<Snapshot> {
    reference("cdnow", &[], None)
}

#[test]
fn cdnow_counts_fader_hardie() {
    let Some(snapshot) = cdnow() else { return };
    let inputs = snapshot.table("inputs");
    assert_eq!((inputs.sum("rows"), inputs.sum("used"), inputs.sum("rejected")), (6_919, 6_919, 0));
    let customers = snapshot.table("customers");
    assert_eq!(customers.batch.num_rows(), 2_357);
    assert_eq!(customers.sum("purchase_days"), 6_696, "several purchases of a customer on a day are one purchase day");
    assert_eq!(customers.sum("orders"), 6_919);
    assert_eq!(customers.money("paid_amount"), "244091.94");
}

/// x = purchase days after the first by 1997-09-30, x* = purchase days in the 39 weeks after it.
#[test]
fn cdnow_repeat_purchases_in_calibration_and_holdout_fader_hardie() {
    let Some(calibration) = reference("cdnow", &[], Some("1997-09-30")) else { return };
    let calibration = calibration.table("customers");
    assert_eq!(calibration.batch.num_rows(), 2_357);
    let repeats: HashMap<String, i64> =
        calibration.rows().map(|row| (row.text("customer_id"), row.count("purchase_days").unwrap() - 1)).collect();
    assert_eq!(repeats.values().filter(|x| **x > 0).count(), 946);
    assert_eq!(repeats.values().sum::<i64>(), 2_457);

    // Customer 1516 of the walkthroughs: x 26, t_x 30.857 weeks, T 31 weeks.
    let known = calibration.row(&[("customer_id", "1516")]);
    let (age, recency) = (known.count("age_days").unwrap(), known.count("recency_days").unwrap());
    assert_eq!((repeats["1516"], age, age - recency), (26, 31 * 7, 216));

    let Some(all) = cdnow() else { return };
    let mut holdout = [(0_i64, 0_i64); 8];
    for row in all.table("customers").rows() {
        let x = repeats[&row.text("customer_id")];
        let group = &mut holdout[usize::try_from(x.min(7)).unwrap()];
        group.0 += 1;
        group.1 += row.count("purchase_days").unwrap() - 1 - x;
    }
    assert_eq!(holdout.map(|(customers, _)| customers), [1411, 439, 214, 100, 62, 38, 29, 64]);
    assert_eq!(holdout.iter().map(|(_, purchases)| purchases).sum::<i64>(), 1_882);
    // Fader, Hardie & Lee 2005, conditional expectations: the actual mean of each group.
    let means = holdout.map(|(customers, purchases)| format!("{:.4}", purchases as f64 / customers as f64));
    assert_eq!(means, ["0.2367", "0.6970", "1.3925", "1.5600", "2.5323", "2.9474", "3.8621", "6.3594"]);
}

#[test]
fn cdnow_monthly_cohorts_fader_hardie() {
    let Some(snapshot) = cdnow() else { return };
    let table = snapshot.table("cohort_retention");
    let published: [(&str, &[i64]); 3] = [
        ("1997-01-01", &[781, 124, 95, 70, 65, 77, 65, 53, 52, 45, 62, 59, 45, 47, 63, 37, 37, 33]),
        ("1997-02-01", &[857, 134, 110, 75, 77, 75, 61, 61, 74, 70, 59, 57, 59, 70, 56, 59, 60]),
        ("1997-03-01", &[719, 87, 84, 78, 63, 64, 55, 57, 73, 65, 47, 51, 78, 32, 38, 45]),
    ];
    assert_eq!(table.batch.num_rows(), published.iter().map(|(_, cells)| cells.len()).sum::<usize>());
    for (cohort, cells) in published {
        let rows = table.with(&[("dimension", "all"), ("grain", "month"), ("cohort", cohort)]);
        assert_eq!(rows.iter().map(|row| row.count("active_customers").unwrap()).collect::<Vec<_>>(), cells, "{cohort}");
        for row in rows {
            assert_eq!((row.count("cohort_size"), row.text("is_complete").as_str()), (Some(cells[0]), "true"));
        }
    }
}

#[test]
fn cdnow_repurchase_and_interval_quantiles() {
    let Some(snapshot) = cdnow() else { return };
    let table = snapshot.table("repurchase_intervals");
    let first = table.row(&[("nth", "1")]);
    assert_eq!((first.count("customers"), first.count("repurchased")), (Some(2_357), Some(1_139)));
    assert_eq!(first.rounded("repurchase_rate", 6), "0.483241");
    // Of the intervals seen: 55 days, badly biased; with those censored who have not come back the median is not reached.
    assert_eq!(
        (first.rounded("mean_days", 6), first.number("p50"), first.text("km_median_days")),
        ("107.884987".into(), Some(55.0), String::new())
    );
    let all = table.row(&[("nth", "0")]);
    assert_eq!((all.count("repurchased"), all.rounded("mean_days", 6)), (Some(4_339), "70.860567".into()));
    assert_eq!(["p25", "p50", "p75", "p90"].map(|column| all.number(column)), [12.0, 34.0, 90.5, 196.0].map(Some));
    let histogram = snapshot.table("interval_histogram");
    let intervals = |nth: &str| histogram.with(&[("nth", nth)]).iter().map(|row| row.count("intervals").unwrap()).sum::<i64>();
    assert_eq!((intervals("0"), intervals("1")), (4_339, 1_139));
}

/// Days from the first to the second purchase day, censored at 1998-06-30; events before censorings of the same day.
#[test]
fn kaplan_meier_first_repurchase_cdnow() {
    let Some(snapshot) = cdnow() else { return };
    let table = snapshot.table("repurchase_survival");
    let curve = table.with(&[("nth", "1")]);
    assert_eq!(curve.iter().map(|row| row.count("events").unwrap()).sum::<i64>(), 1_139);
    assert_eq!(curve.iter().map(|row| row.count("censored").unwrap()).sum::<i64>(), 2_357 - 1_139);
    assert_eq!(curve[0].count("at_risk"), Some(2_357));
    let at = |day: i64| *curve.iter().rfind(|row| row.count("days").unwrap() <= day).unwrap();
    let published = [
        (7, "0.938481"),
        (14, "0.888842"),
        (30, "0.826050"),
        (60, "0.745015"),
        (90, "0.708528"),
        (180, "0.623674"),
        (365, "0.544336"),
        (500, "0.518111"),
    ];
    for (day, survival) in published {
        assert_eq!(at(day).rounded("survival", 6), survival, "S({day})");
    }
    assert_eq!((at(90).rounded("std_error", 6), at(365).rounded("std_error", 6)), ("0.009360".into(), "0.010258".into()));
    // The same curve read at five days beside the intervals.
    let intervals = snapshot.table("repurchase_intervals");
    let first = intervals.row(&[("nth", "1")]);
    for (column, day) in [("km_within_30", 30), ("km_within_60", 60), ("km_within_90", 90), ("km_within_180", 180), ("km_within_365", 365)]
    {
        assert_eq!(first.number(column), at(day).number("survival").map(|survival| 1.0 - survival), "{column}");
    }
}
