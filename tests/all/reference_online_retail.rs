//! UCI Online Retail: counts, cohorts and intervals of the tables published about it, under their rules A, B, D and E.

use super::result::{Snapshot, Table, reference};

fn rule_d() -> Option<Snapshot> {
    reference("online_retail", &[], None)
}

const CUSTOMER_KNOWN: &str = "inputs.orders.filter=CustomerID IS NOT NULL";

#[test]
fn online_retail_counts_rule_d() {
    let Some(snapshot) = rule_d() else { return };
    let inputs = snapshot.table("inputs");
    assert_eq!(["rows", "used", "filtered"].map(|column| inputs.sum(column)), [541_909, 397_884, 541_909 - 397_884]);
    // Exact duplicates are lines too: with the number of the row as their id none supersedes another.
    assert_eq!((inputs.sum("superseded"), inputs.sum("rejected")), (0, 0));
    let customers = snapshot.table("customers");
    assert_eq!(customers.batch.num_rows(), 4_338);
    assert_eq!(customers.sum("orders"), 18_532);
    assert_eq!(customers.sum("purchase_days"), 16_763);
    let repeat = |column: &str| customers.rows().filter(|row| row.count(column).unwrap() > 1).count();
    assert_eq!((repeat("purchase_days"), repeat("orders")), (2_790, 2_845), "by day, by invoice");
    assert_eq!(format!("{:.6}", 2_845.0 / 4_338.0), "0.655832");
    let intervals = snapshot.table("repurchase_intervals");
    let first = intervals.row(&[("nth", "1")]);
    assert_eq!(["repurchase_rate", "repurchase_rate_by_order"].map(|rate| first.rounded(rate, 6)), ["0.643154", "0.655832"]);
    assert_eq!(["customers_by_order", "repurchased_by_order"].map(|column| first.count(column)), [Some(4_338), Some(2_845)]);
}

/// Published: 8,911,407.904, the sum of exact products. Here a line is rounded to the penny before anything is added; the
/// only lines in fractions of a penny are four of one item at 0.001, which round to nothing:
/// 8,911,407.904 − 4 × 0.001 = 8,911,407.90. The same by DuckDB:
///
/// ```sql
/// select sum(q * p), sum(round_even(q * p, 2)), count(*) filter (p * 100 <> floor(p * 100)) from (
///     select Quantity::decimal(12,0) q, UnitPrice::decimal(12,4) p from 'online_retail.parquet'
///     where CustomerID is not null and Quantity > 0 and UnitPrice > 0)
/// -- 8911407.9040, 8911407.90, 4
/// ```
#[test]
fn online_retail_revenue_rule_d_rounded_by_line() {
    let Some(snapshot) = rule_d() else { return };
    assert_eq!(snapshot.table("shop_daily").money("paid_amount"), "8911407.90");
    assert_eq!(snapshot.table("customers").money("net_revenue"), "8911407.90");
    let year = snapshot.table("shop_periods");
    let money = |start: &str| year.row(&[("grain", "year"), ("period_start", start)]).text("paid_amount").parse::<f64>().unwrap();
    assert_eq!(format!("{:.2}", money("2010-01-01") + money("2011-01-01")), "8911407.90");
}

/// The published sum itself comes out where the unit is made small enough: everything a thousand times as much.
#[test]
fn online_retail_revenue_rule_d_as_published() {
    let Some(snapshot) = reference("online_retail", &["inputs.orders.columns.paid_amount=Quantity * UnitPrice * 1000"], None) else {
        return;
    };
    assert_eq!(snapshot.table("shop_daily").money("paid_amount"), "8911407904.00");
}

#[test]
fn online_retail_rules_a_b_and_e() {
    // B: a known customer and a positive quantity; 40 lines more than D, all of them free.
    let b = "inputs.orders.filter=CustomerID IS NOT NULL AND Quantity > 0";
    let Some(snapshot) = reference("online_retail", &[b], None) else { return };
    assert_eq!(snapshot.table("inputs").sum("used"), 397_924);
    assert_eq!((snapshot.table("customers").batch.num_rows(), snapshot.table("shop_daily").sum("paid_orders")), (4_339, 18_536));
    // A: returns too. Negative amounts are not taken for money here, so they count by what they are worth.
    let a = [CUSTOMER_KNOWN, "inputs.orders.columns.paid_amount=ABS(Quantity * UnitPrice)", "inputs.orders.columns.quantity=ABS(Quantity)"];
    let Some(snapshot) = reference("online_retail", &a, None) else { return };
    assert_eq!((snapshot.table("inputs").sum("used"), snapshot.table("customers").batch.num_rows()), (406_829, 4_372));
    // E: D without exact duplicates; lines that are equal in everything share an id, the later one takes its place.
    let e = "inputs.orders.columns.line_id=CONCAT_WS('|', StockCode, Description, CAST(Quantity AS VARCHAR), \
             CAST(InvoiceDate AS VARCHAR), CAST(UnitPrice AS VARCHAR))";
    let Some(snapshot) = reference("online_retail", &[e], None) else { return };
    let inputs = snapshot.table("inputs");
    assert_eq!((inputs.sum("used"), inputs.sum("superseded")), (392_692, 397_884 - 392_692));
    // Published: 8,887,208.894, less the same four lines of 0.001, of which none is a duplicate.
    assert_eq!(snapshot.table("shop_daily").money("paid_amount"), "8887208.89");
    assert_eq!(snapshot.table("shop_daily").sum("paid_orders"), 18_532);
}

#[test]
fn online_retail_returned_lines() {
    let returns = ["inputs.orders.filter=CustomerID IS NOT NULL AND InvoiceNo LIKE 'C%'", "inputs.orders.columns.quantity=ABS(Quantity)"];
    let sets = [returns[0], returns[1], "inputs.orders.columns.paid_amount=-1 * Quantity * UnitPrice"];
    let Some(snapshot) = reference("online_retail", &sets, None) else { return };
    assert_eq!(snapshot.table("inputs").sum("used"), 8_905);
    assert_eq!(snapshot.table("shop_daily").money("paid_amount"), "611342.09");
}

#[test]
fn online_retail_all_invoices_without_their_customers() {
    let columns =
        "inputs.orders.columns={order_id: InvoiceNo, line_id: $row, created_at: InvoiceDate, paid_amount: ABS(Quantity * UnitPrice)}";
    let Some(snapshot) = reference("online_retail", &[columns, "inputs.orders.filter=InvoiceNo IS NOT NULL"], None) else { return };
    assert_eq!(snapshot.table("inputs").sum("used"), 541_909);
    assert_eq!(snapshot.table("shop_daily").sum("paid_orders"), 25_900);
}

#[test]
fn online_retail_intervals_rule_d() {
    let Some(snapshot) = rule_d() else { return };
    let table = snapshot.table("repurchase_intervals");
    let all = table.row(&[("nth", "0")]);
    assert_eq!((all.count("repurchased"), all.rounded("mean_days", 6)), (Some(12_425), "45.656901".into()));
    assert_eq!(["p25", "p50", "p75", "p90"].map(|column| all.number(column)), [12.0, 28.0, 58.0, 110.0].map(Some));
}

fn cohort(table: &Table, cohort: &str) -> Vec<i64> {
    let rows = table.with(&[("dimension", "all"), ("grain", "month"), ("cohort", cohort)]);
    rows.iter().map(|row| row.count("active_customers").unwrap()).collect()
}

#[test]
fn online_retail_cohorts_rule_d() {
    let Some(snapshot) = rule_d() else { return };
    let table = snapshot.table("cohort_retention");
    let published: [(&str, &[i64]); 13] = [
        ("2010-12-01", &[885, 324, 286, 340, 321, 352, 321, 309, 313, 350, 331, 445, 235]),
        ("2011-01-01", &[417, 92, 111, 96, 134, 120, 103, 101, 125, 136, 152, 49]),
        ("2011-02-01", &[380, 71, 71, 108, 103, 94, 96, 106, 94, 116, 26]),
        ("2011-03-01", &[452, 68, 114, 90, 101, 76, 121, 104, 126, 39]),
        ("2011-04-01", &[300, 64, 61, 63, 59, 68, 65, 78, 22]),
        ("2011-05-01", &[284, 54, 49, 49, 59, 66, 75, 27]),
        ("2011-06-01", &[242, 42, 38, 64, 56, 81, 23]),
        ("2011-07-01", &[188, 34, 39, 42, 51, 21]),
        ("2011-08-01", &[169, 35, 42, 41, 21]),
        ("2011-09-01", &[299, 70, 90, 34]),
        ("2011-10-01", &[358, 86, 41]),
        ("2011-11-01", &[323, 36]),
        ("2011-12-01", &[41]),
    ];
    for (start, cells) in published {
        assert_eq!(cohort(&table, start), cells, "{start}");
    }
    assert_eq!(table.batch.num_rows(), 91);
    // December 2011 ends after 2011-12-09: its cells, the last of each cohort, can still grow.
    let unfinished = table.with(&[("is_complete", "false")]);
    assert_eq!(unfinished.len(), 13);
    assert!(unfinished.iter().all(|row| row.text("period_start") == "2011-12-01"));
    assert_eq!(table.row(&[("cohort", "2010-12-01"), ("period", "0")]).text("is_left_truncated"), "true");
}

/// The other table that is often published: returns count as activity.
#[test]
fn online_retail_cohorts_rule_a() {
    let sets =
        [CUSTOMER_KNOWN, "inputs.orders.columns.paid_amount=ABS(Quantity * UnitPrice)", "inputs.orders.columns.quantity=ABS(Quantity)"];
    let Some(snapshot) = reference("online_retail", &sets, None) else { return };
    let table = snapshot.table("cohort_retention");
    assert_eq!(cohort(&table, "2010-12-01"), [948, 362, 317, 367, 341, 376, 360, 336, 336, 374, 354, 474, 260]);
    assert_eq!(cohort(&table, "2011-01-01")[..2], [421, 101]);
}
