"use strict";
/* Steering: why sales changed, what revenue means, where orders wait, what sources bring, how the month stands against its plan. */

report.steering = (() => {
  const { make, label } = report.elements;
  const { column, figure, listing, newest, ofLastMonth } = report.listings;

  /* Why sales changed: the effects add up to the change. */
  function drivers(shop) {
    const rows = newest(report.data.rows("sales_drivers", shop)).filter((row) => row.change !== null);
    return listing("drivers", "sales_drivers", ["period_start", "paid_amount", "change", ...report.drivers], rows);
  }

  /* What revenue means on four bases, and the refunds still to come. */
  function bridge(shop) {
    const names = ["period_start", "paid_amount", "refunds_of_payments", "net_by_payment", "refunds_in_period", "net_by_refund", "settled"];
    const shares = ["refund_share", "refund_share_expected", "refund_maturity"];
    return listing("bridge", "revenue_bridge", [...names, ...shares], newest(report.data.rows("revenue_bridge", shop)));
  }

  /* Where orders and money wait. */
  function funnel(shop) {
    const orders = ["period_start", "placed_orders", "paid_orders", "shipped_orders", "completed_orders"];
    const waits = ["hours_to_pay_km_median", "hours_to_ship_km_median", "cash_days_km_median", "late_shipments", "late_shipment_share"];
    const names = [...orders, ...waits, "paid_not_completed_amount"];
    return listing("funnel", "payment_funnel", names, newest(report.data.rows("payment_funnel", shop)));
  }

  /* What the channels brought in the last complete month, or so far where there is none. */
  function sources(shop) {
    // Where nobody counted the visitors, the channels that sold most come first.
    const order = (one, other) => (other.uv_daily_mean || 0) - (one.uv_daily_mean || 0) || (other.paid_amount || 0) - (one.paid_amount || 0);
    const rows = ofLastMonth(report.data.rows("traffic_sources", shop), "period_start").sort(order);
    const names = ["channel", "uv_daily_mean", "visitor_share", "conversion", "orders", "paid_amount", "amount_share"];
    const costs = ["cost", "cost_per_order", "return_on_cost"];
    return listing("sources", "traffic_sources", [...names, ...costs], rows);
  }

  /* What new customers of a channel cost, and whether they paid it back: months with a cost. */
  function channels(shop) {
    const rows = newest(report.data.rows("channel_value", shop)).filter((row) => row.cost !== null && row.cost > 0);
    const byMonth = rows.sort((one, other) => other.cohort_month.localeCompare(one.cohort_month) || one.channel.localeCompare(other.channel));
    const names = ["cohort_month", "channel", "new_customers", "cost", "cost_per_new_customer", "repurchase_rate_90"];
    return listing("channels", "channel_value", [...names, "net_revenue", "paid_back_share", "payback_days"], byMonth);
  }

  const AMOUNTS = ["plan", "actual", "expected_by_now", "gap_by_now", "projected", "projected_gap", "needed_per_day"];

  const GAPS = ["gap_by_now", "projected_gap"];

  const isBudget = (row) => row.measure === "ad_cost" && row.status !== null;

  /* The status of a budget in words for what is spent: to have spent it all is no success. */
  const ofBudget = (status, row) => (row.share_done > 1 ? "budget_exceeded" : `budget_${status}`);

  /* The status in the light of the month's end, as `Plan::outlook` of the brief: 5 % below the plan still counts as on track. */
  function outlook(status, row) {
    if (isBudget(row)) return ofBudget(status, row);
    if (row.projected === null) return status;
    if (["ahead", "on_track"].includes(status) && row.projected < row.plan * 0.95) return `${status}_but_short`;
    return status === "behind" && row.projected >= row.plan ? "behind_but_enough" : status;
  }

  /* How the newest month with plans stands against them, in short and in full. */
  function progress(shop) {
    const source = "plan_progress";
    const rows = report.data.rows(source, shop);
    const month = rows.map((row) => row.month).sort().at(-1);
    const inWords = (value, row) =>
      value === null ? report.numbers.NOTHING : report.listings.gap(value, report.numbers.inUnit(Math.abs(value), row.unit), row.measure === "ad_cost");
    const amount = (name) => (GAPS.includes(name) ? { ...figure(source, name), show: inWords } : figure(source, name));
    const texts = ["measure", "channel", "month"].map((name) => column(source, name));
    const status = { ...column(source, "status"), answer: true, show: (value, row) => report.name(outlook(value, row)) };
    const isProjected = (row) => row.projected !== null && ["forecast", "spread"].includes(row.projected_by);
    const byMethod = (row) => (isProjected(row) ? make("span", { class: "limits" }, report.say(`by_${row.projected_by}`)) : null);
    const withMethod = (name) => (name.startsWith("projected") ? { ...amount(name), below: byMethod } : amount(name));
    const own = rows.filter((row) => row.month === month);
    const short = [texts[0], status, column(source, "share_done"), ...["plan", "projected_gap"].map(withMethod)];
    const full = [...texts, status, column(source, "share_done"), ...AMOUNTS.map(withMethod)];
    return [listing("progress", source, [], own.filter((row) => row.channel === "(all)"), short), listing("progress_all", source, [], own, full)];
  }

  /* What new customers brought, and those who had bought before. */
  function buyers(shop) {
    const names = ["period_start", "new_customers", "returning_customers", "new_net_revenue", "returning_net_revenue"];
    const rows = newest(report.data.rows("shop_periods", shop));
    return listing("buyers", "shop_periods", [...names, "returning_share", "returning_share_365"], rows);
  }

  /* When orders are paid: an hour a line, a weekday a column. */
  function timing(shop) {
    const source = "order_timing";
    const hours = Array.from({ length: 24 }, (_, hour) => ({ hour }));
    const rows = report.data.rows(source, shop);
    for (const { weekday, hour, share } of rows) hours[hour][weekday] = share;
    const weekdays = [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({
      table: source,
      column: "share",
      // 1 January 2024 was a Monday.
      text: report.weekday(`2024-01-0${weekday}`),
      value: (row) => row[weekday],
    }));
    return listing("timing", source, [], rows.length ? hours : [], [{ ...column(source, "hour"), numeric: true }, ...weekdays]);
  }

  /* Who came, how long they stayed, and who of those known bought on the day. */
  function visitors(shop) {
    const names = ["period_start", "uv_daily_mean", "uv", "visits", "depth", "bounce_rate", "dwell_per_visit"];
    const paid = ["viewing_customer_days", "viewed_paid_customer_days", "viewed_paid_rate"];
    const rows = newest(report.data.rows("shop_periods", shop));
    // What no month knows is no column; without visitors there is no panel.
    const isKnown = (name) => rows.some((row) => row[name] !== null && row[name] !== undefined);
    const known = [...names, ...paid].filter(isKnown);
    return listing("visitors", "shop_periods", known, known.length > 1 ? rows : []);
  }

  /* The stage of the shop and since when, as a few words; nothing where the job has no rules for it. */
  function stageNow(shop) {
    const row = report.data.rows("store_stage", shop).at(-1);
    return row && row.stage !== null ? report.say("stage_now", { stage: report.name(row.stage), since: row.since.slice(0, 7) }) : "";
  }

  /* The reason of a stage in words: its figures by their names, joined as the language joins them. */
  function inWords(reason) {
    const named = report
      .note(reason)
      .replace(/\b[a-z][a-z_0-9]+(?= (?:>=|<=|is unknown))/g, (name) => (report.data.meaning("store_stage", name) ? label("store_stage", name) : name))
      .replaceAll(">=", "≥")
      .replaceAll("<=", "≤");
    return report.language === "zh" ? named.replaceAll(" and ", "，且").replaceAll(" is unknown", " 未知") : named;
  }

  /* How the metrics do that matter in the shop's stage. */
  function stage(shop) {
    const source = "stage_metrics";
    const last = report.data.rows(source, shop).map((row) => row.month).sort().at(-1);
    const rows = report.data.rows(source, shop).filter((row) => row.month === last);
    const named = (name) => ({ ...column(source, name), show: (value) => report.name(value) });
    const metric = {
      ...column(source, "metric"),
      show: (value, row) => (report.language === "zh" ? row.metric_chinese : report.labels[value] || report.readable(value)),
    };
    const rank = { ...column(source, "peer_rank"), show: (value, row) => (value === null ? report.numbers.NOTHING : `${value} / ${row.peers}`) };
    const columns = [metric, figure(source, "value"), figure(source, "value_before"), named("versus_before"), figure(source, "peer_median"), rank, named("versus_peers")];
    const found = listing("stage", source, [], rows, columns);
    const decided = report.data.rows("store_stage", shop).at(-1);
    if (found && decided && decided.reason !== null) {
      found.append(make("p", { class: "remark" }, report.say("stage_reason", { month: decided.month.slice(0, 7), reason: inWords(decided.reason) })));
    }
    return found;
  }

  const TOTALS = ["shops", "paid_amount", "paid_amount_vs_previous", "paid_amount_vs_year_ago", "paid_orders", "paying_customers", "new_customers"];
  const RATIOS = ["returning_share", "value_per_customer", "uv_conversion", "refund_share"];

  /* All shops together, month by month; nothing where there is one shop. */
  function totals() {
    const rows = report.data.shops.length > 1 ? newest(report.data.rows("total_periods", "all")) : [];
    return listing("totals", "total_periods", ["period_start", ...TOTALS, ...RATIOS], rows);
  }

  /* The shops of each category together in the last complete month. */
  function categories() {
    const rows = report.data.shops.length > 1 ? ofLastMonth(report.data.rows("total_periods", "category"), "period_start", "paid_amount") : [];
    return listing("categories", "total_periods", ["category", ...TOTALS, ...RATIOS], rows);
  }

  return { drivers, bridge, funnel, sources, channels, progress, buyers, timing, visitors, totals, categories, stage, stageNow };
})();
