"use strict";
/* The overview: the last whole month of the shop in tiles, and all shops in a table. */

report.overview = (() => {
  const { make, term, label, panel, missing } = report.elements;
  const { NOTHING, plain, change, cell } = report.numbers;

  /* How the reader sorts and filters the list of shops, whichever of them is shown. */
  const memory = {};

  const months = (shop) => report.data.rows("shop_periods", shop);

  /* What a shop is called by its sales: net of refunds where the snapshot knows them. */
  const salesColumn = (rows) => (rows.some((row) => row.net_revenue !== null) ? "net_revenue" : "paid_amount");

  function spark(values) {
    const there = values.filter((value) => value !== null);
    if (there.length < 3) return null;
    const [least, most] = [Math.min(...there, 0), Math.max(...there)];
    const points = values.map((value, at) =>
      value === null
        ? null
        : `${((at / (values.length - 1)) * 100).toFixed(1)},${(28 - ((value - least) / (most - least || 1)) * 26).toFixed(1)}`,
    );
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const line = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
    svg.setAttribute("viewBox", "0 0 100 30");
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("aria-hidden", "true");
    line.setAttribute("points", points.filter(Boolean).join(" "));
    svg.append(line);
    return svg;
  }

  function tile(column, rows, last, before) {
    const meaning = report.data.meaning("shop_periods", column);
    const shown = (value) => (meaning.kind === "money" ? plain(value, Math.abs(value) < 1000 ? 2 : 0) : cell(meaning, value));
    const value = last ? last[column] : null;
    const text = value === null ? NOTHING : shown(value);
    return make(
      "div",
      { class: "tile" },
      term("shop_periods", column),
      make(
        "div",
        { class: "value", style: `--letters: ${text.length}` },
        text,
        // The unit goes to the next line where there is no room beside the value.
        make("wbr"),
        meaning.kind === "money" || meaning.unit.startsWith("CNY") ? make("small", {}, report.say("yuan")) : null,
      ),
      make(
        "div",
        { class: "before" },
        before && before[column] !== null
          ? report.say("month_before", { value: shown(before[column]) })
          : report.say("month_before", { value: NOTHING }),
      ),
      spark(rows.slice(-13).map((row) => row[column])),
    );
  }

  /* The last whole month of a shop in tiles. */
  function tiles(shop) {
    const rows = months(shop);
    const whole = rows.filter((row) => row.is_complete);
    const [last, before] = [whole.at(-1), whole.at(-2)];
    if (!last) return make("p", { class: "missing" }, report.say("no_whole_month"));
    const running = rows.find((row) => row.period_start > last.period_start);
    const sales = salesColumn(rows);
    const columns = [
      sales,
      "paid_orders",
      "paying_customers",
      "value_per_customer",
      "uv_daily_mean",
      "uv_conversion",
      "returning_share",
      "payment_rate",
    ].filter((column) => rows.some((row) => row[column] !== null));
    const growth = make(
      "dl",
      { class: "facts" },
      ["paid_amount_vs_previous", "paid_amount_vs_year_ago"].map((column) =>
        make("div", {}, make("dt", {}, term("shop_periods", column)), make("dd", {}, change(last[column]))),
      ),
      running
        ? make(
            "div",
            {},
            make("dt", {}, report.say("so_far", { month: running.period_start.slice(0, 7), days: running.days })),
            make("dd", {}, `${plain(running[sales], 2)} ${report.say("yuan")}`),
          )
        : null,
    );
    return [
      make("h3", {}, report.say("month_of_shop", { month: last.period_start.slice(0, 7), shop })),
      growth,
      make(
        "div",
        { class: "tiles" },
        columns.map((column) => tile(column, whole, last, before)),
      ),
    ];
  }

  /* The cycle of each assessment that counts now: the last one, or the one before while the last has run for a month at most. */
  function currentCycles(shop) {
    const byAssessment = new Map();
    for (const row of report.data.rows("assessment_summary", shop)) {
      if (!byAssessment.has(row.assessment)) byAssessment.set(row.assessment, []);
      byAssessment.get(row.assessment).push(row);
    }
    return [...byAssessment.values()].map((rows) => ({ current: rows.at(-1), earlier: rows.slice(0, -1).reverse() }));
  }

  /* The first month with a plan for any shop: a column holds one month, whichever months a shop has plans for. */
  const plannedMonth = () =>
    report.data.shops
      .flatMap((shop) => report.data.rows("forecast_months", shop))
      .filter((row) => row.gap !== null)
      .map((row) => row.month)
      .sort()[0];

  function shopRow(shop, month, planned) {
    const row = months(shop).find((candidate) => candidate.period_start === month) || {};
    const cycles = currentCycles(shop).map(({ current }) => current);
    const judged = cycles.filter((cycle) => !["exempt", "not_applicable"].includes(cycle.status));
    const forecast = report.data.rows("forecast_months", shop).find((candidate) => candidate.month === planned);
    return {
      ...row,
      shop,
      category: cycles.map((cycle) => cycle.category).find((category) => category !== null) || null,
      missed: judged.length ? judged.filter((cycle) => cycle.status.endsWith("fail")).length : null,
      judged: judged.length,
      gap: forecast ? forecast.gap : null,
    };
  }

  /* All shops, a line each; a shop is chosen by its number. */
  function shops(shop, choose) {
    if (!report.data.tables.shop_periods) return panel("shops", report.say("all_shops"), "", missing("shop_periods"));
    const month = report.data.shops
      .flatMap((name) => months(name))
      .filter((row) => row.is_complete)
      .map((row) => row.period_start)
      .sort()
      .at(-1);
    const planned = plannedMonth();
    const rows = report.data.shops.map((name) => shopRow(name, month, planned));
    const sales = salesColumn(rows.map((row) => ({ net_revenue: null, ...row })));
    const figures = [
      sales,
      "paid_amount_vs_previous",
      "paid_amount_vs_year_ago",
      "paid_orders",
      "paying_customers",
      "value_per_customer",
      "uv_conversion",
      "returning_share",
    ];
    const columns = [
      {
        text: label("shop_periods", "shop_id"),
        value: (row) => row.shop,
        show: (value) => value,
        table: "shop_periods",
        column: "shop_id",
        numeric: false,
      },
    ];
    if (rows.some((row) => row.category)) columns.push({ table: "assessment_summary", column: "category" });
    // What no shop has is no column: without customers' ids, say, there are no customers to count.
    for (const column of figures.filter((name) => rows.some((row) => typeof row[name] === "number"))) {
      const isChange = column.startsWith("paid_amount_vs");
      columns.push({ table: "shop_periods", column, show: isChange ? (value) => change(value) : undefined });
    }
    if (rows.some((row) => row.missed !== null)) {
      columns.push({
        table: "assessment_summary",
        column: "status",
        text: report.say("assessments_missed", { date: report.data.as_of }),
        numeric: true,
        value: (row) => row.missed,
        show: (value, row) =>
          value === null || value === undefined
            ? NOTHING
            : make(
                "span",
                { class: `status ${value ? "bad" : "good"}` },
                `${value ? "✘" : "✔"} ${report.say("of", { part: value, all: row.judged })}`,
              ),
      });
    }
    if (planned) {
      columns.push({ table: "forecast_months", column: "gap", text: report.say("missing_to_target_in", { month: planned.slice(0, 7) }) });
    }
    const remark = month ? report.say("all_shops_remark", { month: month.slice(0, 7) }) : report.say("no_whole_month");
    return panel(
      "shops",
      report.say("all_shops_title", { count: rows.length }),
      remark,
      report.tables.table({
        caption: report.say("all_shops"),
        columns,
        rows,
        sort: [columns.findIndex((column) => column.column === sales), true],
        choose: (row) => choose(row.shop),
        chosen: (row) => row.shop === shop,
        filter: true,
        tall: true,
        memory,
      }),
    );
  }

  return { tiles, shops, currentCycles, salesColumn };
})();
