"use strict";
/* Steering: why sales changed, what revenue means, where orders wait, what sources bring, how the month stands against its plan. */

report.steering = (() => {
  const { make, panel, missing, label } = report.elements;
  const { table } = report.tables;

  const PERIODS = ["period_start", "month", "cohort_month", "cohort"];
  const NAMED = ["channel", "measure", "status"];
  const HOURS = ["hours_to_pay_km_median", "hours_to_ship_km_median"];

  /* A column; periods are shown as months, names of values by their names. */
  function column(source, name) {
    if (PERIODS.includes(name)) {
      const show = (day, row) => `${day.slice(0, 7)}${row.is_complete === false ? " *" : ""}`;
      return { table: source, column: name, numeric: false, show };
    }
    if (NAMED.includes(name)) return { table: source, column: name, numeric: false, show: (value) => report.name(value) };
    if (HOURS.includes(name)) return { table: source, column: name, show: report.numbers.hours };
    // A multiple, as campaigns show it.
    if (name === "return_on_cost") return { table: source, column: name, show: (value) => report.numbers.plain(value, 2) };
    return { table: source, column: name };
  }

  /* A panel with rows of a table, the newest first. */
  function listing(id, source, names, rows, columns = names.map((name) => column(source, name))) {
    const title = report.say(id);
    if (!report.data.tables[source]) return panel(id, title, "", missing(source));
    if (!rows.length) return panel(id, title, "", make("p", { class: "missing" }, report.say("no_rows")));
    return panel(
      id,
      title,
      report.say(`${id}_remark`),
      table({ caption: title, columns, rows, filter: false, tall: rows.length > 14 }),
      rows.some((row) => row.is_complete === false) ? make("p", { class: "remark" }, report.say("not_whole")) : null,
    );
  }

  const newest = (rows) => [...rows].reverse();

  const DRIVERS = ["traffic", "conversion", "mix", "frequency", "basket", "price", "untracked"].map((factor) => `${factor}_effect`);

  /* Why sales changed: the effects add up to the change. */
  function drivers(shop) {
    const rows = newest(report.data.rows("sales_drivers", shop)).filter((row) => row.change !== null);
    return listing("drivers", "sales_drivers", ["period_start", "paid_amount", "change", ...DRIVERS], rows);
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
    const rows = report.data.rows("traffic_sources", shop);
    const whole = rows.filter((row) => row.is_complete);
    const last = (whole.length ? whole : rows).map((row) => row.period_start).sort().at(-1);
    const names = ["period_start", "channel", "uv_daily_mean", "visitor_share", "conversion", "orders", "paid_amount", "amount_share"];
    const costs = ["cost", "cost_per_order", "return_on_cost"];
    return listing("sources", "traffic_sources", [...names, ...costs], rows.filter((row) => row.period_start === last));
  }

  /* What new customers of a channel cost, and whether they paid it back: months with a cost. */
  function channels(shop) {
    const rows = newest(report.data.rows("channel_value", shop)).filter((row) => row.cost !== null && row.cost > 0);
    const byMonth = rows.sort((one, other) => other.cohort_month.localeCompare(one.cohort_month) || one.channel.localeCompare(other.channel));
    const names = ["cohort_month", "channel", "new_customers", "cost", "cost_per_new_customer", "repurchase_rate_90"];
    return listing("channels", "channel_value", [...names, "net_revenue", "paid_back_share", "payback_days"], byMonth);
  }

  const AMOUNTS = ["plan", "actual", "expected_by_now", "gap_by_now", "projected", "projected_gap", "needed_per_day"];

  const isBudget = (row) => row.measure === "ad_cost" && row.status !== null;

  /* The status of a budget in words for what is spent: to have spent it all is no success. */
  const ofBudget = (status, row) => (row.share_done > 1 ? "budget_exceeded" : `budget_${status}`);

  /* How the newest month with plans stands against them. */
  function progress(shop) {
    const source = "plan_progress";
    const rows = report.data.rows(source, shop);
    const month = rows.map((row) => row.month).sort().at(-1);
    const amount = (name) => ({ table: source, column: name, numeric: true, show: (value, row) => report.numbers.inUnit(value, row.unit) });
    const texts = ["month", "measure", "channel"].map((name) => column(source, name));
    const status = { ...column(source, "status"), show: (value, row) => report.name(isBudget(row) ? ofBudget(value, row) : value) };
    const columns = [...texts, status, column(source, "share_done"), ...AMOUNTS.map(amount)];
    return listing("progress", source, [], rows.filter((row) => row.month === month), columns);
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

  const WINDOWS = [30, 90, 180, 365];

  /* Who bought again within so many days, and what had been brought by then: a cohort a line. */
  function windows(shop) {
    const source = "cohort_value";
    const cohorts = new Map();
    for (const row of report.data.rows(source, shop)) {
      if (!cohorts.has(row.cohort)) cohorts.set(row.cohort, { cohort: row.cohort, cohort_size: row.cohort_size, is_complete: true, within: {} });
      cohorts.get(row.cohort).within[row.days] = row;
    }
    const within = (name) =>
      WINDOWS.map((days) => ({
        table: source,
        column: name,
        text: report.say("within_days", { column: label(source, name), days }),
        value: (row) => (row.within[days] ? row.within[days][name] : null),
      }));
    const columns = [column(source, "cohort"), column(source, "cohort_size"), ...within("repurchase_rate"), ...within("net_revenue_per_customer")];
    return listing("windows", source, [], newest([...cohorts.values()]), columns);
  }

  return { drivers, bridge, funnel, sources, channels, progress, buyers, timing, windows };
})();
