"use strict";
/* What changed since the snapshot before: figures that were published and are others today, by how much, and why. */

report.restated = (() => {
  const { make, panel } = report.elements;
  const { NOTHING, plain, change, points, inUnit } = report.numbers;
  const { table } = report.tables;
  const { sum, toFen } = report.derived;

  const SOURCE = "restatements";
  /* The figures by which managers know a month, and the sums among them. */
  const OF_MONTHS = ["paid_amount", "net_by_payment", "paying_customers"];
  const CAUSES = ["late_payment", "late_refund", "new_version", "late_order", "vanished", "moved", "other"];
  /* The tables below it, each as a panel. */
  const REST = ["shop_periods", "revenue_bridge", "cohort_retention", "assessment_results", "repurchase_intervals"];
  const NOT_COMPARED = "(job)";
  /* How a warning begins that says what was not compared. */
  const WARNS = "restatements: ";

  /* Shops that a sentence names, at most. */
  const MOST_NAMED = 5;

  const named = (shop) => (report.data.nameOf(shop) ? `${shop} ${report.data.nameOf(shop)}` : shop);
  const rowsOf = (shop) => report.data.rows(SOURCE, shop);
  const isCompared = (row) => row.table !== NOT_COMPARED;
  const isOfMonth = (row) => row.table === "shop_periods" && row.grain === "month" && OF_MONTHS.includes(row.metric);
  /* The bridge says some sums of the same months once more. */
  const isSaid = (shop) => {
    const said = new Set(rowsOf(shop).filter((row) => row.table === "shop_periods").map((row) => `${row.metric} ${row.grain} ${row.period_start}`));
    return (row) => row.table === "revenue_bridge" && said.has(`${row.metric} ${row.grain} ${row.period_start}`);
  };
  const isMoney = (row) => row.unit === report.data.currency;

  /* The metric as the column of its table is called. */
  function metricOf(row) {
    if (report.language !== "zh") return report.labels[row.metric] || report.readable(row.metric);
    return report.data.restated_names[`${row.table}.${row.metric}`] || row.metric;
  }

  /* A month, a quarter, a year, or the first day of a cycle. */
  function periodOf(row) {
    const year = row.period_start.slice(0, 4);
    const month = Number(row.period_start.slice(5, 7));
    if (row.grain === "month") return row.period_start.slice(0, 7);
    if (row.grain === "quarter") return `${year}-Q${Math.floor((month - 1) / 3) + 1}`;
    return row.grain === "year" ? year : row.period_start;
  }

  const signed = (value, text) => (value > 0 ? `+${text}` : text);

  /* A difference with its sign: a share by points. */
  function differenceOf(row) {
    if (row.difference === null) return NOTHING;
    return row.unit === "1" ? points(row.difference) : signed(row.difference, inUnit(row.difference, row.unit));
  }

  /* What the orders of each cause did, the cause that did most first: [cause, amount or null, orders]. */
  function effects(row) {
    const of = (cause) => [cause, row[`${cause}_amount`], row[`${cause}_orders`]];
    const size = ([, amount]) => (amount === null ? 0 : Math.abs(amount));
    const order = (one, other) => size(other) - size(one) || (other[2] || 0) - (one[2] || 0);
    return CAUSES.map(of)
      .filter(([, amount, orders]) => (amount === null ? orders : amount))
      .sort(order);
  }

  /* Why, in money and orders; without orders, by the name of the cause alone. Of a figure that is no money nobody knows what each cause did to
     it: only the main one is said, with its orders. */
  function because(row) {
    const isMoneyKnown = CAUSES.some((cause) => row[`${cause}_amount`] !== null);
    const found = effects(row).filter(([cause]) => isMoneyKnown || cause === row.cause);
    if (!found.length) return report.say(`cause_${row.cause}`);
    const said = found.map(([cause, amount, orders]) => {
      const counted = orders ? report.say(orders === 1 ? "one_order" : "orders_counted", { count: plain(orders) }) : "";
      const values = { cause: report.say(`cause_${cause}`), counted, amount: amount === null ? "" : signed(amount, plain(amount, 2)) };
      return report.say(amount === null ? "cause_of_orders" : counted ? "cause_of_both" : "cause_of_amount", values);
    });
    return said.join(report.say("part_then"));
  }

  /* Why, and below it whether that is bad and what to do. Orders that are gone are the one cause that is always a fault. */
  function reason(said, row) {
    const advice = report.say(`advice_${row.cause}`);
    return make("span", { class: "wrap" }, said, make("small", { class: `advice ${row.cause === "vanished" ? "bad-text" : "faint"}` }, advice));
  }

  const text = (key, value, more = {}) => ({ text: report.say(key), value, show: (shown) => shown, ...more });

  /* The columns that all rows share: what was said, what is said, and why. */
  function columns(first, why) {
    const figure = (name) => ({ table: SOURCE, column: name, text: report.say(`restated_${name}`), numeric: true, show: (value, row) => inUnit(value, row.unit) });
    return [
      ...first,
      figure("old"),
      figure("new"),
      { table: SOURCE, column: "difference", text: report.say("restated_difference"), numeric: true, answer: true, show: (value, row) => differenceOf(row) },
      { table: SOURCE, column: "relative", text: report.say("restated_relative"), show: (value, row) => (row.unit === "1" ? NOTHING : change(value, 1)) },
      { table: SOURCE, column: "cause", text: report.say("restated_why"), numeric: false, value: why, show: reason },
    ];
  }

  /* With which snapshot the figures are compared; nothing where the manifest does not say. */
  const against = () => (report.data.compared_with ? [make("p", { class: "remark", id: "restated-against" }, report.say("restated_against", report.data.compared_with))] : []);

  /* First what a manager asks: which months are others, by how much, and why. */
  function months(shop) {
    const rows = rowsOf(shop)
      .filter(isOfMonth)
      .sort((one, other) => other.period_start.localeCompare(one.period_start) || OF_MONTHS.indexOf(one.metric) - OF_MONTHS.indexOf(other.metric));
    const named = { table: SOURCE, column: "metric", numeric: false, value: (row) => `${periodOf(row)} ${metricOf(row)}`, show: (shown) => shown };
    if (!rows.length) return make("p", { class: "remark" }, report.say("restated_no_month"));
    return panel(
      "restated_months",
      report.say("restated_months"),
      report.say("restated_months_remark"),
      table({ caption: report.say("restated_months"), columns: columns([named], because), rows, filter: false, tall: rows.length > 12, cards: true }),
    );
  }

  /* To the fen: what each cause did to each sum of money. */
  function amounts(shop) {
    const isTwice = isSaid(shop);
    const isShown = (row) => isCompared(row) && isMoney(row) && row.other_amount !== null && row.dimension === "all" && !isTwice(row);
    const rows = rowsOf(shop).filter(isShown);
    if (!rows.length) return null;
    const there = CAUSES.filter((cause) => rows.some((row) => row[`${cause}_amount`]));
    const money = (value) => (value ? signed(value, plain(value, 2)) : value === 0 ? "0" : NOTHING);
    const listed = [
      { table: SOURCE, column: "metric", numeric: false, value: (row) => `${periodOf(row)} ${metricOf(row)}`, show: (shown) => shown },
      { table: SOURCE, column: "table", numeric: false, value: (row) => tableName(row.table), show: (shown) => shown },
      ...there.map((cause) => ({ table: SOURCE, column: `${cause}_amount`, text: report.say(`cause_${cause}`), show: money })),
      { table: SOURCE, column: "difference", numeric: true, answer: true, show: money },
    ];
    return panel(
      "restated_amounts",
      report.say("restated_amounts"),
      report.say("restated_amounts_remark"),
      table({ caption: report.say("restated_amounts"), columns: listed, rows, filter: rows.length > 12, tall: rows.length > 8, cards: true }),
    );
  }

  const tableName = (name) => report.say(`restated_${name}`);

  /* `period 3` of a cohort is its fourth month; an assessment has a name. */
  function placeOf(row) {
    if (row.table === "cohort_retention") return report.say("cohort_in_month", { cohort: periodOf(row), month: row.dimension.replace("period ", "") });
    if (row.table === "assessment_results") return `${report.name(row.dimension)} · ${periodOf(row)}`;
    return row.grain === "all" ? report.say("of_all_days") : periodOf(row);
  }

  /* The other figures of a table. */
  function others(shop, name) {
    const isTwice = isSaid(shop);
    const rows = rowsOf(shop).filter((row) => row.table === name && !isOfMonth(row) && !isTwice(row));
    if (!rows.length) return null;
    const first = [
      { table: SOURCE, column: "metric", numeric: false, value: metricOf, show: (shown) => shown },
      text("restated_place", placeOf, { table: SOURCE, column: "period_start", numeric: false }),
    ];
    const title = tableName(name);
    const said = (row) => report.say(`cause_${row.cause}`);
    return panel(
      `restated_${name}`,
      title,
      report.say("restated_rest_remark", { count: rows.length }),
      table({ caption: title, columns: columns(first, said), rows, filter: rows.length > 12, tall: rows.length > 8, cards: true }),
    );
  }

  /* What was not compared, and why: once for each reason. */
  function notCompared(rows) {
    const reasons = rows.filter((row) => !isCompared(row)).map((row) => report.say(row.cause, { what: report.note(row.detail) }));
    const warnings = report.data.warnings.filter((warning) => warning.startsWith(WARNS)).map((warning) => report.note(warning));
    return [...new Set([...reasons, ...warnings])].map((line) => make("p", { class: "remark" }, line));
  }

  /* Nothing changed: a few words beside a heading; nothing at all where the snapshot has no such table or was compared with none, or something
     did change. */
  function quiet(shops) {
    if (!report.data.tables[SOURCE] || !report.data.compared_with || shops.some((shop) => rowsOf(shop).length) || notCompared([]).length) return null;
    return make("span", { id: "restated-nothing" }, ` · ${report.say("restated_nothing")}`);
  }

  /* The parts for a shop: what is seen, and what is folded in. */
  function ofShop(shop) {
    const rows = report.data.tables[SOURCE] ? rowsOf(shop) : [];
    const lines = notCompared(rows);
    const seen = rows.some(isCompared) ? [...against(), ...lines, make("div", { class: "grid" }, months(shop))] : lines;
    return { seen: seen.length && report.data.tables[SOURCE] ? seen : [], folded: [amounts(shop), ...REST.map((name) => others(shop, name))].filter(Boolean) };
  }

  const largest = (rows) => [...rows].sort((one, other) => Math.abs(other.difference) - Math.abs(one.difference))[0] || null;

  /* The figures of months of a shop, as its line in the list of shops. */
  function lineOf(shop) {
    const rows = rowsOf(shop).filter(isCompared);
    const paid = rows.filter((row) => isOfMonth(row) && row.metric === "paid_amount");
    const net = rows.filter((row) => isOfMonth(row) && row.metric === "net_by_payment");
    const total = (of) => (of.length ? toFen(sum(of.map((row) => row.difference))) : null);
    return { shop, count: rows.length, months: new Set([...paid, ...net].map((row) => row.period_start)), paid: total(paid), net: total(net), largest: largest(paid) || largest(net) };
  }

  /* The shops together: what their changes add up to, and the largest of them. */
  function together(rows) {
    const total = (name) => (rows.some((row) => row[name] !== null) ? toFen(sum(rows.map((row) => row[name]))) : null);
    const months = new Set(rows.flatMap((row) => [...row.months]));
    return { shop: null, months, paid: total("paid"), net: total("net"), largest: largest(rows.map((row) => row.largest)) };
  }

  /* The shops of a group of which money of months is another, that with the largest change first, below their sum; how many others have other
     figures that changed. */
  function ofGroup(choose) {
    if (!report.data.tables[SOURCE]) return [];
    const lines = notCompared(report.data.shops.flatMap(rowsOf));
    const size = (line) => Math.abs(line.paid || 0) + Math.abs(line.net || 0);
    const changed = report.data.shops.map(lineOf).filter((line) => line.count);
    if (!changed.length) return lines;
    const rows = changed.filter((line) => line.largest).sort((one, other) => size(other) - size(one));
    const others = changed.filter((line) => !line.largest).map((line) => named(line.shop));
    const remark = { count: others.length, shops: others.slice(0, MOST_NAMED).join(report.say("restated_and")) + (others.length > MOST_NAMED ? " …" : "") };
    // Of shops without details a page that is cut has these figures alone.
    const ofOthers = others.length && !report.data.left_out ? [make("p", { class: "remark" }, report.say(others.length === 1 ? "restated_other_shop" : "restated_other_shops", remark))] : [];
    if (!rows.length) return [...against(), ...lines, ...ofOthers];
    const money = (value) => (value === null ? NOTHING : signed(value, plain(value, 2)));
    const said = (row) => (row ? `${periodOf(row)} ${metricOf(row)} ${differenceOf(row)}` : NOTHING);
    const whose = (row) => named(rows.find((line) => line.largest === row).shop);
    const why = (row) => (row ? because(row) : NOTHING);
    const listed = [
      { table: SOURCE, column: "shop_id", numeric: false, value: (row) => row.shop, show: (shop) => (shop === null ? report.say("all_together") : named(shop)) },
      text("restated_paid", (row) => row.paid, { numeric: true, answer: true, show: money }),
      text("restated_net", (row) => row.net, { numeric: true, show: money }),
      text("restated_months_count", (row) => row.months.size, { numeric: true, show: (value) => plain(value) }),
      text("restated_largest", (row) => said(row.largest), {}),
      { table: SOURCE, column: "cause", text: report.say("restated_why"), numeric: false, value: (row) => why(row.largest), show: (shown, row) => (row.shop === null ? whose(row.largest) : reason(shown, row.largest)) },
    ];
    const title = report.say("restated_shops");
    const ofShops = table({ caption: title, columns: listed, rows, filter: false, tall: rows.length > 12, cards: true, choose: (row) => choose(row.shop), first: rows.length > 1 ? together(rows) : null });
    return [...against(), ...lines, ...ofOthers, make("div", { class: "grid" }, panel("restated_shops", title, report.say("restated_shops_remark"), ofShops))];
  }

  return { ofShop, ofGroup, quiet };
})();
