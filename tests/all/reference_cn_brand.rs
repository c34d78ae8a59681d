//! The Chinese brand shop of 2019: counts, cohorts and the RFM flags of the author's notebook (DA-cases, RFM/PYTHON-RFM实战).

use super::result::{Snapshot, reference};

fn brand_shop() -> Option<Snapshot> {
    reference("cn_brand", &[], None)
}

#[test]
fn brand_shop_counts_da_cases() {
    let Some(snapshot) = brand_shop() else { return };
    let table = snapshot.table("shop_periods");
    let year = table.row(&[("grain", "year")]);
    // 28,833 rows, all paid; 27,793 交易成功, 1,040 refunded after payment.
    assert_eq!((year.count("paid_orders"), year.count("purchases")), (Some(28_833), Some(27_793)));
    assert_eq!(format!("{:.3}", 100.0 * (28_833.0 - 27_793.0) / 28_833.0), "3.607");
    assert_eq!((year.text("paid_amount"), year.count("paying_customers")), ("3640644.00".into(), Some(25_949)));
    let customers = snapshot.table("customers");
    assert_eq!(customers.batch.num_rows(), 25_420, "buyers with a success");
    assert_eq!((customers.sum("orders"), customers.money("net_revenue")), (27_793, "3511305.00".into()));
    assert_eq!(3_640_644 - 3_511_305, 129_339, "refunded");
}

#[test]
fn brand_shop_months_da_cases() {
    let Some(snapshot) = brand_shop() else { return };
    let table = snapshot.table("shop_periods");
    let months: Vec<(i64, String)> =
        table.with(&[("grain", "month")]).iter().map(|row| (row.count("paid_orders").unwrap(), row.text("paid_amount"))).collect();
    let published =
        [(8690, "1007696.00"), (4993, "664698.00"), (3258, "446164.00"), (3001, "405582.00"), (3311, "423205.00"), (5580, "693299.00")];
    assert_eq!(months, published.map(|(orders, amount)| (orders, amount.to_owned())));
}

#[test]
fn brand_shop_repeat_customers_and_intervals() {
    let Some(snapshot) = brand_shop() else { return };
    let customers = snapshot.table("customers");
    let repeat = |column: &str| customers.rows().filter(|row| row.count(column).unwrap() > 1).count();
    assert_eq!((repeat("purchase_days"), repeat("orders")), (1_751, 2_053), "by day, by order");
    assert_eq!(format!("{:.6}", 100.0 * 2_053.0 / 25_420.0), "8.076318");
    let intervals = snapshot.table("repurchase_intervals");
    let percent = |column: &str| format!("{:.6}", 100.0 * intervals.row(&[("nth", "1")]).number(column).unwrap());
    assert_eq!((percent("repurchase_rate"), percent("repurchase_rate_by_order")), ("6.888277".into(), "8.076318".into()));
    let all = intervals.row(&[("nth", "0")]);
    assert_eq!((all.count("repurchased"), all.rounded("mean_days", 6)), (Some(1_972), "63.093813".into()));
    assert_eq!((all.number("p50"), all.number("p90")), (Some(57.0), Some(150.0)));
}

#[test]
fn brand_shop_cohorts_by_first_success() {
    let Some(snapshot) = brand_shop() else { return };
    let table = snapshot.table("cohort_retention");
    let published: [(&str, &[i64]); 6] = [
        ("2019-01-01", &[8007, 139, 78, 109, 131, 334]),
        ("2019-02-01", &[4467, 42, 173, 43, 78]),
        ("2019-03-01", &[2953, 26, 46, 72]),
        ("2019-04-01", &[2509, 35, 48]),
        ("2019-05-01", &[2840, 43]),
        ("2019-06-01", &[4644]),
    ];
    for (cohort, cells) in published {
        let rows = table.with(&[("dimension", "all"), ("cohort", cohort)]);
        assert_eq!(rows.iter().map(|row| row.count("active_customers").unwrap()).collect::<Vec<_>>(), cells, "{cohort}");
    }
}

/// Scores by fixed limits, half-open from below; a flag is set where the score lies above the mean score.
#[test]
fn brand_shop_rfm_flags_da_cases() {
    let Some(snapshot) = brand_shop() else { return };
    let customers = snapshot.table("customers");
    let mean = |column: &str| format!("{:.6}", customers.sum(column) as f64 / customers.batch.num_rows() as f64);
    assert_eq!(["r_score", "f_score", "m_score"].map(mean), ["2.493430", "1.077498", "2.921204"]);
    let segments = snapshot.table("segment_value");
    // The notebook's flags R F M, buyers, amount.
    let published = [
        ("lost", 6_680, "444617.00"),      // 000
        ("win_back", 7_338, "1338153.00"), // 001
        ("fading", 185, "25803.00"),       // 010
        ("must_keep", 360, "116665.00"),   // 011
        ("recent", 4_224, "270869.00"),    // 100
        ("promising", 5_427, "981893.00"), // 101
        ("regular", 450, "64075.00"),      // 110
        ("champion", 756, "269230.00"),    // 111
    ];
    for (segment, buyers, amount) in published {
        let row = segments.row(&[("scheme", "rfm_segment"), ("segment", segment)]);
        assert_eq!((row.count("customers"), row.text("net_revenue")), (Some(buyers), amount.to_owned()), "{segment}");
    }
    assert_eq!(segments.with(&[("scheme", "rfm_segment")]).len(), 8);
}
