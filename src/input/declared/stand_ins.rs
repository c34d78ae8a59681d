//! Stand-ins: what an input gives in place of another one. Page views, counted by day, are traffic.

use super::columns::{Input, PAGE_VIEWS, TRAFFIC};

/// The input from which a column of another input is counted where the job does not map it, and the column that this takes; no column where
/// the required ones are enough. `None` for what nothing stands in for: page views know no costs, favourites and carts.
pub fn stand_in(input: &str, column: &str) -> Option<(&'static Input, &'static str)> {
    if input != TRAFFIC.name {
        return None;
    }
    let of = match column {
        "" | "pv" | "uv" | "visits" | "bounces" => "",
        "ipv" | "ipv_uv" => "item_id",
        "channel" | "new_visitors" => "channel",
        "dwell_seconds" => "dwell_seconds",
        _ => return None,
    };
    Some((&PAGE_VIEWS, of))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_views_are_traffic_without_what_they_do_not_know() {
        let known = TRAFFIC.columns.iter().map(|column| column.name).filter(|column| stand_in(TRAFFIC.name, column).is_some());
        let expected = ["channel", "pv", "uv", "ipv", "ipv_uv", "visits", "bounces", "dwell_seconds", "new_visitors"];
        assert_eq!(known.collect::<Vec<_>>(), expected);
        assert!(expected.iter().all(|column| {
            let (input, of) = stand_in(TRAFFIC.name, column).unwrap();
            of.is_empty() || input.position(of).is_some()
        }));
        assert!(stand_in("orders", "").is_none());
    }
}
