"use strict";
/* The overview: the last whole month of the shop in tiles, and all shops in a table. */

report.overview = (() => {
  const { make, term, label, panel, missing } = report.elements;
  const { NOTHING, plain, change, points, cell } = report.numbers;

  /* How the reader sorts and filters the list of shops, whichever of them is shown. */
  const memory = {};

  const months = (shop) => report.data.rows("shop_periods", shop);

  /* What a shop is called by its sales: net of refunds where the snapshot knows them. */
  const salesColumn = (rows) => (rows.some((row) => row.net_by_refund !== null) ? "net_by_refund" : "paid_amount");

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

  /* The whole month that lies so many months before that one, if the page has it. */
  function monthsBefore(rows, last, count) {
    const start = report.data.monthStart(last.period_start, count);
    return rows.find((row) => row.period_start === start) || null;
  }

  /* By how much a figure changed: a share in percentage points, everything else in percent of what it was. */
  function changed(meaning, value, before) {
    if (value === null || before === null) return NOTHING;
    if (meaning.unit === "1") return points(value - before);
    const growth = report.derived.ratio(value, before);
    return growth === null || before < 0 ? NOTHING : change(growth - 1, 1);
  }

  /* What a figure of the tile was in an earlier month, and how it has changed since: always the same measure. */
  function compared(text, meaning, column, value, earlier, shown) {
    if (!earlier || earlier[column] === null) return make("div", { class: "before" }, report.say(text, { value: NOTHING }));
    return make(
      "div",
      { class: "before" },
      `${report.say(text, { value: shown(earlier[column]) })} (${changed(meaning, value, earlier[column])})`,
    );
  }

  /* The buyers of a month who are neither new nor returning: all that they paid in it was refunded in full. */
  function refundedInFull(row) {
    const { paying_customers: all, new_customers: fresh, returning_customers: returning } = row;
    return all === null || fresh === null || returning === null ? null : all - fresh - returning;
  }

  /* Whom the number of buyers is made of. */
  function buyers(row) {
    const refunded = refundedInFull(row);
    if (refunded === null) return null;
    const values = { fresh: plain(row.new_customers), returning: plain(row.returning_customers), refunded: plain(refunded) };
    return make("div", { class: "before" }, report.say("buyers_are", values));
  }

  function tile(column, rows, last, [before, yearAgo], sales) {
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
        meaning.kind === "money" || meaning.unit.startsWith("CNY") ? make("small", {}, report.currency()) : null,
      ),
      compared("month_before", meaning, column, value, before, shown),
      column === sales && yearAgo ? compared("year_before", meaning, column, value, yearAgo, shown) : null,
      column === "paying_customers" && last ? buyers(last) : null,
      spark(rows.slice(-13).map((row) => row[column])),
    );
  }

  /* The last whole month of a shop in tiles. */
  function tiles(shop) {
    const rows = months(shop);
    const whole = rows.filter((row) => row.is_complete);
    const last = whole.at(-1);
    if (!last) return make("p", { class: "missing" }, report.say("no_whole_month"));
    const running = rows.find((row) => row.period_start > last.period_start);
    const sales = salesColumn(rows);
    const earlier = [1, 12].map((count) => monthsBefore(whole, last, count));
    const columns = [
      sales,
      "paid_orders",
      "paying_customers",
      "value_per_customer",
      "uv_daily_mean",
      "uv_conversion",
      "returning_share",
      "placed_paid_rate",
    ].filter((column) => rows.some((row) => row[column] !== null));
    const soFar = running
      ? make(
          "dl",
          { class: "facts" },
          make(
            "div",
            {},
            make("dt", {}, `${label("shop_periods", sales)}, ${report.say("so_far", { month: running.period_start.slice(0, 7), days: running.days })}`),
            make("dd", {}, `${plain(running[sales], 2)} ${report.currency()}`),
          ),
        )
      : null;
    return [
      make("h3", {}, report.say("month_of_shop", { month: last.period_start.slice(0, 7), shop })),
      soFar,
      make(
        "div",
        { class: "tiles" },
        columns.map((column) => tile(column, whole, last, earlier, sales)),
      ),
    ].filter(Boolean);
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

  /* The worst of what is missed is what has the least chance to be passed yet, and of equals the one of the longest cycle. */
  const hope = (cycle) => (cycle.status === "fail" || cycle.pass_probability === null ? 0 : cycle.pass_probability);
  const isMissed = (cycle) => cycle.status.endsWith("fail");

  function shopRow(shop, month, planned) {
    const row = months(shop).find((candidate) => candidate.period_start === month) || {};
    const cycles = currentCycles(shop).map(({ current }) => current);
    const judged = cycles.filter((cycle) => !["exempt", "not_applicable"].includes(cycle.status));
    const forecast = report.data.rows("forecast_months", shop).find((candidate) => candidate.month === planned);
    return {
      ...row,
      so_far: report.morning.soFarOf(shop) || {},
      shop,
      category: cycles.map((cycle) => cycle.category).find((category) => category !== null) || null,
      missed: judged.length ? judged.filter(isMissed).length : null,
      judged: judged.length,
      worst: judged.filter(isMissed).sort((one, other) => hope(one) - hope(other) || one.period_start.localeCompare(other.period_start))[0] || null,
      sales_gap: (report.morning.planOf(shop) || { projected_gap: null }).projected_gap,
      net_gap: forecast ? forecast.gap : null,
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
    // People who buy in several shops count once in totals; without them money alone adds up.
    const counted = report.data.rows("total_periods", "all").find((row) => row.period_start === month);
    const total = counted || (rows.length > 1 && month ? report.group.paidIn(month, months) : null);
    const soFarOfAll = rows.length > 1 ? report.group.soFar() : null;
    const added = (name) => (rows.some((row) => row[name] !== null) ? report.derived.sum(rows.map((row) => row[name])) : null);
    const sums = Object.fromEntries(["missed", "judged", "net_gap"].map((name) => [name, added(name)]));
    // The same plan as above the list: that of all, whose sales are known for all.
    const planOfAll = report.group.plan();
    sums.sales_gap = planOfAll ? report.derived.difference(planOfAll.plan, planOfAll.projected) : null;
    const all = soFarOfAll || total ? { ...total, so_far: soFarOfAll || {}, shop: null, ...sums } : null;
    const sales = "paid_amount";
    const figures = [
      sales,
      "paid_amount_vs_previous",
      "paid_amount_vs_year_ago",
      "value_per_customer",
      "returning_share",
    ];
    const columns = [
      {
        text: label("shop_periods", "shop_id"),
        value: (row) => row.shop,
        show: (value) => (value === null ? report.say("all_together") : value),
        below: (row) => (row.shop !== null && report.data.nameOf(row.shop) ? make("span", { class: "below" }, report.data.nameOf(row.shop)) : null),
        table: "shop_periods",
        column: "shop_id",
        numeric: false,
      },
    ];
    // The month to date and the last day, of the shops of which the page has days.
    if (rows.some((row) => row.so_far.month !== undefined)) {
      const ofDays = (name, text, show, column = null) => ({
        ...(column ? { table: "shop_daily", column } : {}),
        text,
        value: (row) => (row.so_far[name] === undefined ? null : row.so_far[name]),
        show,
        numeric: true,
      });
      const inPercent = (value) => change(value, 1);
      columns.push(
        ofDays("month", report.say("month_so_far"), (value) => plain(value), "paid_amount"),
        ofDays("month_change", report.say("month_before_days"), inPercent),
        ofDays("day", report.data.as_of.slice(5), (value) => plain(value), "paid_amount"),
        ofDays("day_change", report.say("week_before", { weekday: report.weekday(report.data.as_of) }), inPercent),
      );
    }
    if (report.data.tables.brief) {
      columns.push({
        text: report.say("urgent_lines"),
        value: (row) => (row.shop === null ? report.data.shops : [row.shop]).reduce((sum, name) => sum + report.morning.urgentOf(name), 0),
        show: (value) => (value ? make("span", { class: "status bad" }, `✘ ${value}`) : "0"),
        numeric: true,
      });
    }
    // What no shop has is no column: without customers' ids, say, there are no customers to count.
    for (const column of figures.filter((name) => rows.some((row) => typeof row[name] === "number"))) {
      const isChange = column.startsWith("paid_amount_vs");
      const text = isChange ? report.say(column.endsWith("previous") ? "versus_month" : "versus_year") : undefined;
      const show = isChange ? (value) => change(value, 1) : column === sales ? (value) => plain(value) : undefined;
      columns.push({ table: "shop_periods", column, text, show });
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
        below: (row) => (row.worst ? make("span", { class: "limits" }, report.name(row.worst.assessment)) : null),
      });
    }
    // What is missing to the plan of what the shops are paid, in the running month; without one, to that of the forecast, which is net.
    const ofPlan = (name, gap, month) => ({
      ...gap,
      text: report.say(`${name}_in`, { month: month.slice(0, 7) }),
      value: (row) => row[name],
      numeric: true,
      show: (value) => report.listings.gap(value, plain(Math.abs(value))),
    });
    if (rows.some((row) => row.sales_gap !== null)) columns.push(ofPlan("sales_gap", { table: "plan_progress", column: "projected_gap" }, report.data.as_of));
    else if (planned) columns.push(ofPlan("net_gap", { table: "forecast_months", column: "gap" }, planned));
    if (rows.some((row) => row.category)) columns.push({ table: "assessment_summary", column: "category" });
    const isOfPeople = ["value_per_customer", "returning_share"].some((name) => rows.some((row) => typeof row[name] === "number"));
    const apart = all && !counted && isOfPeople ? report.say("people_apart") : "";
    const remark = month ? report.say("all_shops_remark", { month: month.slice(0, 7) }) + apart : report.say("no_whole_month");
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
        first: all,
        filter: true,
        tall: true,
        memory,
      }),
    );
  }

  return { tiles, shops, currentCycles, salesColumn, refundedInFull };
})();
