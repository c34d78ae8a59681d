//! Keywords sell, cost and are rare as they were made to; customers unsubscribe from a shop, from all, and later than the data end.

use std::collections::BTreeMap;

use arrow::array::Array;
use arrow::datatypes::Date32Type;

use super::*;

#[test]
fn keywords_and_unsubscribed_customers() {
    let (dir, _) = written(&Options { orders: 20_000, customers: Some(6_000), shops: 18, ..Options::default() });
    let read = |input: &str| rows_of(&dir.path().join(format!("{input}.parquet")));
    let found = read("keyword_traffic");
    assert!((5_000..20_000).contains(&found.num_rows()), "{}", found.num_rows());
    let (channels, keywords) = (texts(&found, "channel"), texts(&found, "keyword"));
    let (costs, amounts) = (fen(&found, "cost"), fen(&found, "amount"));
    assert!(channels.iter().zip(&costs).all(|(channel, cost)| (channel.as_deref() == Some("paid")) == cost.is_some()));
    let mut by_word: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for row in (0..found.num_rows()).filter(|row| costs[*row].is_some()) {
        let sums = by_word.entry(keywords[row].as_deref().unwrap()).or_default();
        *sums = (sums.0 + costs[row].unwrap(), sums.1 + amounts[row].unwrap());
    }
    let pays = |end: &str| by_word.iter().filter(|(word, _)| word.ends_with(end)).map(|(_, (cost, amount))| amount - cost).sum::<i64>();
    assert!(pays("旗舰店") > 0, "who searches for the brand buys");
    let general: i64 = ["女装", "美妆", "食品"].iter().map(|word| by_word.get(*word).map_or(0, |(cost, amount)| amount - cost)).sum();
    assert!(general < 0, "the general word costs more than it brings: {general}");

    let list = read("do_not_contact");
    let (shops, since) = (column(&list, "shop_id"), column(&list, "since"));
    assert!(shops.null_count() > 0 && since.null_count() > 0 && shops.null_count() < list.num_rows() / 4);
    let last = Options::default().last_day;
    assert!(since.as_primitive::<Date32Type>().iter().flatten().any(|day| day > last));
}
