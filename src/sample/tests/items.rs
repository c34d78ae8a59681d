//! Items of the data set: what they are called, and for what they come back.

use super::super::refunds::FAULTS;
use super::*;

#[test]
fn an_item_has_one_title_a_day_and_few_have_two_in_all() {
    let (dir, _) = written(&small());
    let orders = rows(dir.path(), "orders");
    let (items, titles, created) = (integers(&orders, "item_id"), texts(&orders, "item_title"), micros(&orders, "created_at"));
    let mut by_item: BTreeMap<Option<i64>, BTreeMap<String, (i64, i64)>> = BTreeMap::new();
    for ((item, title), created) in items.iter().zip(&titles).zip(&created) {
        let (title, created) = (title.clone().unwrap(), created.unwrap());
        let days = by_item.entry(*item).or_default().entry(title).or_insert((created, created));
        *days = (days.0.min(created), days.1.max(created));
    }
    for (item, titles) in &by_item {
        let mut days: Vec<(i64, i64)> = titles.values().copied().collect();
        days.sort_unstable();
        assert!(days.len() < 3 && days.windows(2).all(|pair| pair[0].1 < pair[1].0), "{item:?}: {titles:?}");
    }
    let renamed = by_item.values().filter(|titles| titles.len() == 2).count();
    assert!(renamed > 0 && renamed * 4 < by_item.len(), "{renamed} of {}", by_item.len());
    assert!(titles.iter().flatten().all(|title| title.chars().count() <= 30), "as many letters as a title may have");
}

#[test]
fn items_with_a_fault_come_back_for_it() {
    let (dir, _) = written(&Options { superseded: 0.0, dirty: 0.0, ..small() });
    let orders = rows(dir.path(), "orders");
    let item_of: BTreeMap<Option<i64>, Option<i64>> = integers(&orders, "line_id").into_iter().zip(integers(&orders, "item_id")).collect();
    let refunds = rows(dir.path(), "refunds");
    let reasons = texts(&refunds, "reason");
    let is_fault = |reason: &Option<String>| reason.as_ref().is_some_and(|reason| FAULTS.contains(&reason.as_str()));
    let mut by_item: BTreeMap<Option<i64>, [usize; 2]> = BTreeMap::new();
    for (line, reason) in integers(&refunds, "line_id").iter().zip(&reasons) {
        by_item.entry(item_of[line]).or_default()[usize::from(is_fault(reason))] += 1;
    }
    let faulty: Vec<[usize; 2]> = by_item.into_values().filter(|counts| counts[1] > 0).collect();
    let [others, faults] = faulty.iter().fold([0, 0], |sums, counts| [sums[0] + counts[0], sums[1] + counts[1]]);
    // Two of three, and some more where those are left out of which none came back for it.
    assert!(faults > 20 && faults > others && faults < 6 * others.max(1), "{faults} and {others}");
    assert!(reasons.iter().any(Option::is_none), "some give no reason");
}
