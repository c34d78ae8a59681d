//! The platform's records of the shops include every case between which assessments distinguish.

use arrow::datatypes::{Date32Type, Float64Type};

use super::*;
use crate::spec::period::{iso, parse_day};

fn dates(batch: &RecordBatch, name: &str) -> Vec<i32> {
    column(batch, name).as_primitive::<Date32Type>().iter().flatten().collect()
}

fn numbers(batch: &RecordBatch, name: &str) -> Vec<Option<f64>> {
    column(batch, name).as_primitive::<Float64Type>().iter().collect()
}

/// The id of the shop at that position.
fn shop_id(index: i64) -> Option<i64> {
    Some(58_501_001 + 37 * index)
}

#[test]
fn shops_pass_hover_and_fail_in_what_the_platform_counts() {
    let (dir, summary) = written(&Options { orders: 20_000, customers: Some(6_000), shops: 18, ..Options::default() });
    let names: Vec<&str> = summary.inputs.iter().skip(5).map(|input| input.name).collect();
    assert_eq!(
        names,
        [
            "complaints",
            "service_scores",
            "listings",
            "violations",
            "benchmarks",
            "shop_metrics",
            "plans",
            "ad_plans",
            "campaigns",
            "audiences",
            "keyword_traffic",
            "do_not_contact",
            "affiliate_orders",
            "inquiries",
            "page_views",
            "customer_links",
            "item_traffic",
            "events",
        ]
    );
    let read = |input: &str| rows_of(&dir.path().join(format!("{input}.parquet")));
    let job = fs::read_to_string(dir.path().join("job.yaml")).unwrap();
    let is_file = |name: &&&str| !["affiliate_orders", "inquiries"].contains(*name);
    assert!(names.iter().filter(is_file).all(|name| job.contains(&format!("  {name}: {{ path: {name}.parquet }}\n"))), "{job}");
    let last = Options::default().last_day;

    let complaints = read("complaints");
    assert!(complaints.num_rows() > 50 && integers(&complaints, "count").iter().all(|count| *count > Some(0)));

    // October 2026 is the last month that is over on 21 November.
    let scores = read("service_scores");
    assert_eq!(dates(&scores, "month").into_iter().max().map(iso), Some("2026-10-01".to_owned()));
    let score: Vec<f64> = numbers(&scores, "score").into_iter().flatten().collect();
    assert!(score.iter().all(|score| (1.0..=5.0).contains(score)));
    let of =
        |index| integers(&scores, "shop_id").into_iter().zip(&score).filter(move |(id, _)| *id == shop_id(index)).map(|(_, score)| *score);
    assert!(of(1).filter(|score| *score < 3.0).count() >= 2, "bad months");
    assert!(of(4).all(|score| (2.9..3.4).contains(&score)), "hovers about 3");
    assert!(of(0).all(|score| score > 3.0));

    let listings = read("listings");
    let live: Vec<(Option<i64>, Option<i64>)> = integers(&listings, "shop_id").into_iter().zip(integers(&listings, "items_live")).collect();
    let idle = |index| live.iter().filter(|(id, live)| *id == shop_id(index) && *live == Some(0)).count();
    assert_eq!([4, 13, 8, 16, 0].map(idle), [6, 6, 6, 5, 0]);
    assert_eq!(dates(&listings, "month").into_iter().max().map(iso), Some("2026-11-01".to_owned()));

    let violations = read("violations");
    let (shops, kinds, points) = (integers(&violations, "shop_id"), texts(&violations, "kind"), numbers(&violations, "points"));
    let occurred = micros(&violations, "occurred_at");
    assert!(occurred.is_sorted());
    let new_year = i64::from(parse_day("2026-01-01").unwrap()) * 86_400_000_000;
    let general = |index: i64, is_this_year: bool| -> f64 {
        let is_wanted = |row: &usize| {
            shops[*row] == shop_id(index) && kinds[*row].as_deref() == Some("general") && (occurred[*row] >= Some(new_year)) == is_this_year
        };
        (0..shops.len()).filter(is_wanted).filter_map(|row| points[row]).sum()
    };
    assert_eq!([2, 8, 14].map(|index| general(index, true)), [12.0, 26.0, 11.0]);
    assert_eq!([2, 8, 14].map(|index| general(index, false)), [9.0; 3]);
    let of_kind = |kind: &str| -> Vec<(Option<i64>, Option<f64>)> {
        (0..shops.len()).filter(|row| kinds[*row].as_deref() == Some(kind)).map(|row| (shops[row], points[row])).collect()
    };
    assert_eq!(of_kind("serious"), [(shop_id(5), Some(12.0))]);
    assert_eq!(of_kind("red_line"), [(shop_id(17), None)]);

    // Nine quarters, from that of December 2024 to the running one; three categories, four metrics; the worst fifth is
    // worse than the mean, and the worst tenth than that.
    let benchmarks = read("benchmarks");
    assert_eq!(benchmarks.num_rows(), 9 * 3 * 4);
    let [mean, tenth, fifth] = ["mean", "p10", "p20"].map(|name| numbers(&benchmarks, name));
    for (row, metric) in texts(&benchmarks, "metric").into_iter().enumerate() {
        let is_descending = tenth[row] < fifth[row] && fifth[row] < mean[row];
        let is_ascending = tenth[row] > fifth[row] && fifth[row] > mean[row];
        assert!(if metric.as_deref() == Some("dispute_rate") { is_ascending } else { is_descending });
    }

    // The shops that opened within the data, the first day being day 1: day 61 is the 60th after it.
    let metrics = read("shop_metrics");
    let shops = read("shops");
    let opened: BTreeMap<_, _> = integers(&shops, "shop_id").into_iter().zip(dates(&shops, "opened_at")).collect();
    let attended: Vec<_> = integers(&metrics, "shop_id").into_iter().zip(numbers(&metrics, "value")).collect();
    assert_eq!(attended, [(shop_id(3), Some(1.0)), (shop_id(7), Some(0.0)), (shop_id(11), Some(1.0)), (shop_id(15), Some(1.0))]);
    for ((id, _), start) in attended.iter().zip(dates(&metrics, "period_start")) {
        assert_eq!(start, opened[id] + 60);
        assert!(start <= last);
    }
}

/// A single shop over one month has no complete month and no trial: the job names only inputs with rows.
#[test]
fn a_job_without_inputs_that_have_no_rows() {
    let (dir, summary) = written(&Options { orders: 300, shops: 1, months: 1, ..Options::default() });
    let job = fs::read_to_string(dir.path().join("job.yaml")).unwrap();
    assert!(!job.contains("service_scores") && !job.contains("shop_metrics") && job.contains("listings"), "{job}");
    assert!(dir.path().join("service_scores.parquet").exists());
    assert_eq!(summary.inputs.len(), 23);
}
