"use strict";
/* Goods: which keywords lead to the shop, which items carry it, which are bought together, and what orders amount to. */

report.goods = (() => {
  const { column, listing, ofLastMonth } = report.listings;
  const { sum, ratio, toFen } = report.derived;
  const numbers = report.numbers;

  /* How a figure changed: relative to what it was, and a share by points. */
  const growth = (now, before) => (now === null || !before ? null : now / before - 1);
  const points = (now, before) => (now === null || before === null ? null : now - before);

  /* The keywords that brought the most visitors. */
  function keywords(shop) {
    const visitors = ["keyword", "period_start", "uv_sum", "uv_share", "clicks", "click_rate", "conversion", "orders", "amount"];
    const rows = ofLastMonth(report.data.rows("keywords", shop), "period_start", "uv_sum");
    return listing("keywords", "keywords", [...visitors, "cost", "orders_with_cost", "amount_with_cost", "cost_per_order", "return_on_cost"], rows);
  }

  /* The items that brought the most. */
  function items(shop) {
    const sold = ["item_id", "tier", "net_revenue", "revenue_share", "trend", "refund_share"];
    const came = ["customers", "gateway_share", "repurchase_rate_90", "shop_repurchase_rate_90"];
    const again = ["days_per_unit"];
    const rows = [...report.data.rows("items", shop)].sort((one, other) => one.revenue_rank - other.revenue_rank);
    return listing("items", "items", [...sold, ...came, ...again], rows);
  }

  /* A pair with a higher q-value may be chance. */
  const FINDING = 0.05;

  /* The pairs that are in most baskets and no chance, those first of which chance explains the least. */
  function pairs(shop) {
    const together = ["item_a", "item_b", "orders_both", "orders_a", "orders_b", "lift", "q_value"];
    const rows = report.data.rows("item_pairs", shop).filter((row) => row.q_value <= FINDING).sort((one, other) => one.q_value - other.q_value);
    return listing("pairs", "item_pairs", [...together, "then_customers", "then_share", "then_median_days"], rows);
  }

  /* How many orders reach a threshold, and what is missing to those just below. */
  function baskets(shop) {
    const source = "basket_value";
    const names = ["threshold_amount", "month", "percent", "orders", "orders_at_or_above", "share", "orders_just_below", "amount_missing_mean"];
    return listing("baskets", source, names, ofLastMonth(report.data.rows(source, shop), "month", "threshold_amount").reverse());
  }

  /* How the orders of the last complete month are spread over amounts. */
  function bands(shop) {
    const source = "order_bands";
    return listing("bands", source, ["band_from", "band_to", "month", "orders", "share", "amount"], ofLastMonth(report.data.rows(source, shop), "month"));
  }

  /* What promotions sold in the last complete month, what they took off the price, and whom they won. */
  function promotions(shop) {
    const source = "promotions";
    const sold = ["promotion", "period_start", "orders", "order_share", "paid_amount", "amount_share", "order_value"];
    const names = [...sold, "discount_amount", "discount_depth", "refund_share", "new_customers", "returning_share"];
    return listing("promotions", source, names, ofLastMonth(report.data.rows(source, shop), "period_start", "paid_amount"));
  }

  /* Why items come back: the reasons by which the most was refunded. */
  function refunds(shop) {
    const source = "item_refunds";
    const names = ["item_id", "reason", "refunded_orders", "refunded_of_paid", "refund_share", "reason_share", "shop_reason_share", "refunded_30", "refunded_30_before"];
    const rows = [...report.data.rows(source, shop)].sort((one, other) => other.refunded_of_paid - one.refunded_of_paid);
    return listing("refunds", source, names, rows);
  }

  const WEEK = 7;

  /* The sums of an item over the week that ends so many days before the as-of date. */
  function week(days, weeksBefore) {
    const last = report.data.shift(report.data.as_of, -WEEK * weeksBefore);
    const first = report.data.shift(last, 1 - WEEK);
    const own = days.filter((row) => row.date >= first && row.date <= last);
    const viewed = own.filter((row) => row.ipv_uv !== null);
    return {
      visitors: viewed.length ? sum(viewed.map((row) => row.ipv_uv)) : null,
      conversion: ratio(sum(viewed.map((row) => row.buyers)), sum(viewed.map((row) => row.ipv_uv))),
      amount: toFen(sum(own.map((row) => row.paid_amount))),
    };
  }

  /* The items that carry the shop, this week against the one before. */
  function weeks(shop) {
    const source = "item_days";
    const items = new Map(report.data.rows("items", shop).map((row) => [row.item_id, { ...row, days: [] }]));
    for (const row of report.data.rows(source, shop)) if (items.has(row.item_id)) items.get(row.item_id).days.push(row);
    const rows = [...items.values()].filter((item) => item.days.length);
    for (const row of rows) [row.now, row.before] = [week(row.days, 0), week(row.days, 1)];
    const pair = (name, column, show, changed, showChange) => [
      { table: source, column, value: (row) => row.now[name], show, numeric: true },
      { text: report.say("week_on_week"), value: (row) => changed(row.now[name], row.before[name]), show: showChange, numeric: true },
    ];
    const plain = (value) => numbers.plain(value);
    const money = (value) => numbers.plain(value, 2);
    const percent = (value) => numbers.percent(value);
    const inPercent = (value) => numbers.change(value, 1);
    const inPoints = (value) => numbers.points(value);
    const columns = [
      column("items", "item_id"),
      column("items", "tier"),
      ...pair("visitors", "ipv_uv", plain, growth, inPercent),
      ...pair("conversion", "item_conversion", percent, points, inPoints),
      ...pair("amount", "paid_amount", money, growth, inPercent),
    ];
    return listing("weeks", source, [], rows.sort((one, other) => other.now.amount - one.now.amount), columns);
  }

  return { keywords, items, pairs, baskets, bands, promotions, refunds, weeks };
})();
