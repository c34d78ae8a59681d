//! Item pairs of the public groceries set of the R package arules: a month of a grocery, 9,835 baskets (M. Hahsler, K. Hornik, T. Reutterer,
//! "Implications of probabilistic data modeling for mining association rules", 2006).

use std::fs::File;
use std::io::Read;

use arrow::array::{Int64Array, StringArray};
use flate2::read::GzDecoder;

use super::public_data;
use super::scene::{Columns, JOB, Scene, dates, money, rows};

/// (order, item): one line for each.
fn lines() -> Option<Vec<(i64, String)>> {
    let mut text = String::new();
    GzDecoder::new(File::open(public_data::file("groceries.csv.gz")?).unwrap()).read_to_string(&mut text).unwrap();
    let of_line = |(order, line): (i64, &str)| line.split(',').map(|item| (order, item.trim().to_owned())).collect::<Vec<_>>();
    Some((1..).zip(text.lines().filter(|line| !line.trim().is_empty())).flat_map(of_line).collect())
}

#[test]
fn pairs_are_those_of_arules() {
    let Some(lines) = lines() else { return };
    let orders: Vec<i64> = lines.iter().map(|(order, _)| *order).collect();
    assert_eq!(orders.last(), Some(&9_835));
    let scene = Scene::new();
    let columns = Columns(Vec::new())
        .with("order_id", Int64Array::from(orders.clone()))
        .with("line_id", Int64Array::from((0..lines.len() as i64).collect::<Vec<_>>()))
        .with("item_id", StringArray::from_iter_values(lines.iter().map(|(_, item)| item)))
        .with("created_at", dates(&vec!["2026-01-05"; lines.len()]))
        .with("paid_amount", money(&vec![100; lines.len()]));
    scene.parquet("orders.parquet", &columns);
    scene.job(&format!("{JOB}tables: [item_pairs]\n"));
    let published = scene.publish("2026-01-31", "out", 2).unwrap();
    let found: Vec<Vec<String>> = rows(&published, "item_pairs").iter().map(|row| row.split('|').map(str::to_owned).collect()).collect();
    let pair = |a: &str, b: &str| found.iter().find(|row| (row[1].as_str(), row[2].as_str()) == (a, b)).unwrap();
    let number = |row: &[String], at: usize| row[at].parse::<f64>().unwrap();
    let is = |found: f64, expected: f64, digits: f64| assert!((found / expected - 1.0).abs() < digits, "{found} instead of {expected}");

    // Whole milk is in 2,513 baskets, other vegetables in 1,903, both are in 736. arules prints for {other vegetables} => {whole milk}
    // support 0.07483477, confidence 0.3867578, lift 1.513634.
    let milk = pair("other vegetables", "whole milk");
    assert_eq!(milk[3..7], ["736", "1903", "2513", "9835"]);
    is(number(milk, 7), 0.074_834_77, 1e-7);
    is(number(milk, 8), 0.386_757_8, 1e-6);
    is(number(milk, 9), 736.0 / 2_513.0, 1e-12);
    is(number(milk, 10), 1.513_634, 1e-6);
    // Counted in whole numbers: the sum over k from 736 of C(1903, k) C(7932, 2513 − k), by C(9835, 2513).
    is(number(milk, 11), MILK_AND_VEGETABLES, 1e-9);
    // {root vegetables} => {whole milk}: 0.04890696, 0.4486940, 1.756031; {yogurt} => {whole milk}: 0.05602440, 0.4016035, 1.571735.
    for (with, support, confidence, lift) in
        [("root vegetables", 0.048_906_96, 0.448_694_0, 1.756_031), ("whole milk", 0.056_024_40, 0.401_603_5, 1.571_735)]
    {
        // Pairs are by name: root vegetables < whole milk < yogurt.
        let (row, of) = if with == "whole milk" { (pair("whole milk", "yogurt"), 9) } else { (pair(with, "whole milk"), 8) };
        is(number(row, 7), support, 1e-6);
        is(number(row, of), confidence, 1e-6);
        is(number(row, 10), lift, 1e-6);
    }
    // Nobody names a customer.
    assert!(found.iter().all(|row| row[14].is_empty() && row[16].is_empty()));
    // By whole numbers, over all pairs of five baskets and more.
    let tested = number(milk, 12) as usize;
    assert_eq!((tested, found.len()), PAIRS);
}

/// Made with whole numbers of any size.
const MILK_AND_VEGETABLES: f64 = 1.443_891_554_743_753e-45;
/// Pairs with five baskets and more, and how many of them are rows.
const PAIRS: (usize, usize) = (4_782, 1_000);
