//! Inputs of the laws beside those of every job: what publishers earn, what customers asked, keywords, and ids of one person.

use arrow::array::{Date32Array, Int64Array, StringArray};

use super::laws::{DrawnOrder, FIRST, Rows, times};
use super::scene::{Columns, DAY, money};

/// Every paid order of the first channel, as estimated when it was paid and as settled fifteen days later.
pub fn affiliate_rows(drawn_orders: &[DrawnOrder]) -> Rows {
    let brought = drawn_orders.iter().enumerate().filter(|(_, order)| order.channel == Some(0));
    let paid = brought.filter_map(|(number, order)| Some((number as i64, order, order.paid?)));
    let versions: Vec<(i64, &DrawnOrder, i64, bool)> = paid
        .flat_map(|(number, order, days)| {
            let at = (FIRST + order.day + days) * DAY + number * 1_000_003 % DAY;
            [(number, order, at, false), (number, order, at + 15 * DAY, true)]
        })
        .collect();
    let estimated: Vec<i64> = versions.iter().map(|(_, order, ..)| order.amounts.iter().sum::<i64>() / 10).collect();
    let settled = |settled: bool, at: i64| settled.then_some(at);
    let columns = Columns(Vec::new())
        .with("shop_id", Int64Array::from_iter_values(versions.iter().map(|(_, order, ..)| order.shop + 1)))
        .with("order_id", Int64Array::from_iter_values(versions.iter().map(|(number, ..)| 1_000 + number)))
        .with("publisher_id", Int64Array::from_iter_values(versions.iter().map(|(number, ..)| 1 + number % 3)))
        .with("plan", StringArray::from_iter(versions.iter().map(|(number, ..)| [None, Some("通用计划")][(number % 2) as usize])))
        .with("estimated_commission", money(&estimated))
        .with("settled_at", times(&versions.iter().map(|(.., at, is_settled)| settled(*is_settled, *at)).collect::<Vec<_>>()))
        .with("modified_at", times(&versions.iter().map(|(.., at, _)| Some(*at)).collect::<Vec<_>>()));
    Rows { batch: columns.batch(), known: versions.iter().map(|(.., at, _)| *at).collect() }
}

/// Who placed every second order asked an hour before, one of three agents.
pub fn inquiry_rows(drawn_orders: &[DrawnOrder]) -> Rows {
    let asked: Vec<(i64, &DrawnOrder, i64)> = (0..)
        .zip(drawn_orders)
        .filter(|(number, _)| number % 2 == 0)
        .map(|(number, order)| (number, order, (FIRST + order.day) * DAY + number * 1_000_003 % DAY - DAY / 24))
        .collect();
    let columns = Columns(Vec::new())
        .with("shop_id", Int64Array::from_iter_values(asked.iter().map(|(_, order, _)| order.shop + 1)))
        .with("agent_id", Int64Array::from_iter_values(asked.iter().map(|(number, ..)| 1 + number % 3)))
        .with("customer_id", Int64Array::from_iter_values(asked.iter().map(|(_, order, _)| 100 + order.customer)))
        .with("asked_at", times(&asked.iter().map(|(.., at)| Some(*at)).collect::<Vec<_>>()));
    Rows { batch: columns.batch(), known: asked.iter().map(|(.., at)| *at).collect() }
}

/// Two keywords on every third day of the first shop.
pub fn keyword_rows() -> Rows {
    let keys: Vec<(i64, &str)> = (0..50).flat_map(|step| ["茶", "绿茶"].map(|word| (FIRST + 3 * step, word))).collect();
    let clicks = || keys.iter().map(|(day, word)| day % 7 * word.len() as i64);
    let columns = Columns(Vec::new())
        .with("shop_id", Int64Array::from_iter_values(keys.iter().map(|_| 1)))
        .with("date", Date32Array::from_iter_values(keys.iter().map(|(day, _)| *day as i32)))
        .with("keyword", StringArray::from_iter_values(keys.iter().map(|(_, word)| *word)))
        .with("clicks", Int64Array::from_iter_values(clicks()))
        .with("cost", money(&clicks().map(|clicks| clicks * 123).collect::<Vec<_>>()));
    Rows { batch: columns.batch(), known: keys.iter().map(|(day, _)| day * DAY).collect() }
}

/// Four of the customers are two persons, as was always known.
pub fn link_rows() -> Rows {
    let columns =
        Columns(Vec::new()).with("customer_id", Int64Array::from(vec![101, 107])).with("linked_id", Int64Array::from(vec![106, 102]));
    Rows { batch: columns.batch(), known: vec![0; 2] }
}
