"use strict";
/* Listings: panels with rows of a table, whose columns are shown by what they are. */

report.listings = (() => {
  const { make, label, panel } = report.elements;
  const { table } = report.tables;

  const PERIODS = ["period_start", "month", "cohort_month", "cohort"];
  const NAMED = ["channel", "measure", "status", "promotion"];
  const CHANGES = ["paid_amount_vs_previous", "paid_amount_vs_year_ago", "trend"];
  const MULTIPLES = ["return_on_cost", "return_on_commission", "lift"];
  const SHOPS = ["shop_a", "shop_b"];
  /* The columns of items, and those of their titles, which jobs without titles do not have. */
  const TITLES = { item_id: "title", item_a: "title_a", item_b: "title_b" };
  const HOURS = ["hours_to_pay_km_median", "hours_to_ship_km_median"];

  /* A column; periods are shown as months, names of values by their names. */
  function column(source, name) {
    if (PERIODS.includes(name)) {
      const show = (day, row) => `${day.slice(0, 7)}${row.is_complete === false ? " *" : ""}`;
      return { table: source, column: name, numeric: false, show, text: name === "period_start" ? report.say("month_column") : undefined };
    }
    if (NAMED.includes(name)) return { table: source, column: name, numeric: false, show: (value) => report.name(value) };
    if (SHOPS.includes(name)) {
      const show = (shop) => (report.data.nameOf(shop) ? `${shop} ${report.data.nameOf(shop)}` : shop);
      return { table: source, column: name, numeric: false, show };
    }
    if (CHANGES.includes(name)) return { table: source, column: name, show: (value) => report.numbers.change(value, 1) };
    if (TITLES[name]) {
      const show = (item, row) => (row[TITLES[name]] ? make("span", { class: "titled" }, `${item} ${row[TITLES[name]]}`) : `${item}`);
      return { table: source, column: name, numeric: false, show };
    }
    if (name === "dwell_per_visit") {
      const show = (value) => (value === null ? report.numbers.NOTHING : report.say("seconds", { count: report.numbers.plain(value) }));
      return { table: source, column: name, show };
    }
    // Each says its unit, which is minutes where hours would be too long.
    if (HOURS.includes(name)) return { table: source, column: name, text: label(source, name).replace(/（小时）|，小时/, ""), show: report.numbers.hours };
    // Multiples, as campaigns show them.
    if (MULTIPLES.includes(name)) return { table: source, column: name, show: (value) => report.numbers.plain(value, 2) };
    return { table: source, column: name };
  }

  /* A column whose unit stands in the row. */
  const figure = (source, name) => ({ table: source, column: name, numeric: true, show: (value, row) => report.numbers.inUnit(value, row.unit) });

  /* What is missing to a plan in words: a number below 0 is what is there beyond it. Of a budget the rest is neither good nor bad. */
  function gap(value, text, isBudget = false) {
    if (value === null || value === undefined) return report.numbers.NOTHING;
    if (value === 0) return text;
    const said = report.say(`${isBudget ? "budget" : "plan"}_${value > 0 ? "short" : "beyond"}`, { value: text });
    const kind = isBudget ? (value > 0 ? null : "down") : value > 0 ? "down" : "up";
    return make("span", { class: kind }, said);
  }

  /* The columns by their names; those that the snapshot does not have are left out: what they count was not there. */
  const columnsOf = (source, names) => names.filter((name) => report.data.meaning(source, name)).map((name) => column(source, name));

  /* A panel with rows of a table, the newest first; nothing without rows. */
  function listing(id, source, names, rows, columns = columnsOf(source, names)) {
    const title = report.say(id);
    if (!report.data.tables[source] || !rows.length) return null;
    return panel(
      id,
      title,
      report.say(`${id}_remark`, { month: rows[0].period_start ? rows[0].period_start.slice(0, 7) : "" }),
      table({ caption: title, columns, rows, filter: false, tall: rows.length > 8, cards: id !== "timing" }),
      rows.some((row) => row.is_complete === false) ? make("p", { class: "remark" }, report.say("not_whole")) : null,
    );
  }

  const newest = (rows) => [...rows].reverse();

  /* The rows of the last complete month, or of the month so far where there is none; those with the largest cells first, if a column says so. */
  function ofLastMonth(rows, month, by = null) {
    const whole = rows.filter((row) => row.is_complete);
    const last = (whole.length ? whole : rows).map((row) => row[month]).sort().at(-1);
    const found = rows.filter((row) => row[month] === last);
    return by ? found.sort((one, other) => other[by] - one[by]) : found;
  }

  return { column, figure, gap, listing, newest, ofLastMonth };
})();
