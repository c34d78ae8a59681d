"use strict";
/* Who bought again, and what customers brought: cohorts by month or quarter, or by what they came with, and all of them together. */

report.windows = (() => {
  const { make, label, select, panel } = report.elements;
  const { NOTHING, plain, percent } = report.numbers;
  const { ratio } = report.derived;

  const WINDOWS = [30, 90, 180, 365];
  const MONTHS = [1, 2, 3, 6, 12];
  /* A rate of fewer customers says little: it is pale, and months of fewer are taken together as quarters. */
  const FEW = 30;

  /* Values that are no values, which come last. */
  const RESTS = ["(other)", "(none)"];
  /* As many values of a dimension are on the page at most (`thin.rs`). */
  const MOST_VALUES = 12;

  const state = { measure: "within", by: "all" };

  /* What is counted of whom: each in the rows of its table, by the column of the panel that they belong to. */
  const MEASURES = {
    within: {
      source: "cohort_value",
      column: "repurchase_rate",
      places: WINDOWS,
      place: (row) => row.days,
      part: (row) => row.repurchased_customers,
      of: (row) => row.customers,
      head: (days) => report.say("within_days", { days }),
      show: (value) => percent(value, 1),
    },
    exact: {
      source: "cohort_retention",
      column: "retention_rate",
      places: MONTHS,
      place: (row) => (row.is_complete ? row.period : null),
      part: (row) => row.active_customers,
      of: (row) => row.cohort_size,
      head: (month) => report.say("in_month", { month }),
      show: (value) => percent(value, 1),
    },
    value: {
      source: "cohort_value",
      column: "net_revenue_per_customer",
      places: WINDOWS,
      place: (row) => row.days,
      part: (row) => row.net_revenue,
      of: (row) => row.customers,
      head: (days) => report.say("within_days", { days }),
      show: (value) => plain(value, 0),
    },
  };

  /* Lines of the panel: the rows of a table by a name, their counts added up. Each cohort counts once for the size of its line. */
  function gathered(measure, rows, nameOf) {
    const lines = new Map();
    for (const row of rows) {
      const name = nameOf(row);
      if (!lines.has(name)) lines.set(name, { name, sizes: new Map(), cells: new Map(), truncated: false });
      const line = lines.get(name);
      line.sizes.set(`${row.dimension_value} ${row.cohort}`, row.cohort_size);
      line.truncated = line.truncated || row.is_left_truncated;
      const place = measure.place(row);
      if (!measure.places.includes(place)) continue;
      const cell = line.cells.get(place) || { part: 0, of: 0 };
      line.cells.set(place, { part: cell.part + measure.part(row), of: cell.of + measure.of(row) });
    }
    for (const line of lines.values()) line.size = [...line.sizes.values()].reduce((sum, size) => sum + size, 0);
    return [...lines.values()];
  }

  const quarterOf = (date) => `${date.slice(0, 4)}-Q${Math.floor((Number(date.slice(5, 7)) - 1) / 3) + 1}`;

  /* Whether most whole months of the last year have few customers. */
  function areSmall(rows) {
    const sizes = new Map(rows.filter((row) => row.cohort < report.data.monthStart(report.data.as_of, 0)).map((row) => [row.cohort, row.cohort_size]));
    const last = [...sizes.entries()].sort().slice(-12).map(([, size]) => size);
    return last.filter((size) => size < FEW).length * 2 > last.length;
  }

  /* The rows of undivided cohorts, and those of a dimension: without it there is one dimension only. */
  const ofDimension = (measure, shop, dimension) => report.data.rows(measure.source, shop).filter((row) => (row.dimension || "all") === dimension);

  function lines(shop, measure) {
    const all = ofDimension(measure, shop, "all");
    const known = (rows) => rows.filter((row) => !row.is_left_truncated);
    if (state.by === "all") {
      const isSmall = areSmall(all);
      const own = gathered(measure, all, (row) => (isSmall ? quarterOf(row.cohort) : row.cohort.slice(0, 7))).sort((one, other) => other.name.localeCompare(one.name));
      return [...gathered(measure, known(all), () => null), ...own];
    }
    const divided = ofDimension(measure, shop, state.by);
    const cohorts = new Set(divided.map((row) => row.cohort));
    const same = all.filter((row) => cohorts.has(row.cohort));
    const isRest = (line) => (RESTS.includes(line.name) ? 1 : 0);
    const own = gathered(measure, known(divided), (row) => row.dimension_value).sort((one, other) => isRest(one) - isRest(other) || other.size - one.size);
    return [...gathered(measure, known(same), () => null), ...own];
  }

  /* By what the cohorts of a shop can be divided. */
  function dimensions(shop) {
    const found = [...new Set(report.data.rows("cohort_value", shop).map((row) => row.dimension))];
    return found.includes("all") ? found : [];
  }

  /* An item with its title, where the page has it; other values by their names. */
  function valueName(value, shop) {
    if (state.by !== "first_item") return report.name(value);
    const item = report.data.rows("items", shop).find((row) => String(row.item_id) === value);
    return item && item.title ? `${value} ${item.title}` : report.marked(value);
  }

  function nameOf(line, shop) {
    if (line.name === null) return make("strong", {}, report.say("all_together"));
    const name = state.by === "all" ? line.name : valueName(line.name, shop);
    return line.truncated ? `${name} *` : name;
  }

  function cell(measure, line, place) {
    const { part, of } = line.cells.get(place) || { part: null, of: 0 };
    const value = ratio(part, of);
    if (value === null) return NOTHING;
    const shown = measure.show(value);
    return of < FEW ? make("span", { class: "pale", title: report.say("of_few", { count: plain(of) }) }, shown) : shown;
  }

  /* Whether a rate is of some of the customers of its line only, since the others are not old enough for it. */
  const isOfSome = (line, place) => (line.cells.get(place) || { of: 0 }).of > 0 && line.cells.get(place).of < line.size;

  function panelOf(shop) {
    const there = dimensions(shop);
    const measures = Object.keys(MEASURES).filter((name) => ofDimension(MEASURES[name], shop, "all").length);
    if (!measures.length) return null;
    if (!measures.includes(state.measure)) [state.measure] = measures;
    if (!there.includes(state.by) || MEASURES[state.measure].source !== "cohort_value") state.by = "all";
    const measure = MEASURES[state.measure];
    const redraw = (change) => (value) => {
      change(value);
      report.charts.replace(panelOf(shop));
    };
    const tools = make(
      "div",
      { class: "tools" },
      select(
        report.say("figure"),
        measures.map((name) => [name, report.say(`measure_${name}`)]),
        state.measure,
        redraw((value) => (state.measure = value)),
      ),
      there.length > 1 && measure.source === "cohort_value"
        ? select(
            report.say("divided_by"),
            there.map((dimension) => [dimension, dimension === "all" ? report.say("months_of_first") : report.name(dimension)]),
            state.by,
            redraw((value) => (state.by = value)),
          )
        : null,
    );
    const [all, ...own] = lines(shop, measure);
    const rows = [all, ...own];
    const isFew = rows.some((line) => measure.places.some((place) => (line.cells.get(place) || { of: 0 }).of > 0 && line.cells.get(place).of < FEW));
    const columns = [
      {
        table: measure.source,
        column: state.by === "all" ? "cohort" : "dimension_value",
        text: state.by === "all" ? label("cohort_value", "cohort") : report.name(state.by),
        value: (line) => line.name || "",
        show: (_, line) => nameOf(line, shop),
        numeric: false,
      },
      { table: measure.source, column: "cohort_size", value: (line) => line.size },
      ...measure.places.map((place) => ({
        table: measure.source,
        column: measure.column,
        text: measure.head(place),
        value: (line) => {
          const found = line.cells.get(place);
          return found ? ratio(found.part, found.of) : null;
        },
        show: (_, line) => cell(measure, line, place),
        below: (line) =>
          isOfSome(line, place) ? make("span", { class: "limits" }, report.say("of_customers", { count: plain(line.cells.get(place).of) })) : null,
        numeric: true,
      })),
    ];
    return panel(
      "windows",
      report.say(`windows_${state.measure}`),
      report.sayAll(
        [`windows_${state.measure}_remark`, true],
        ["windows_all_remark", true],
        ["windows_values_remark", state.by !== "all" && own.length >= MOST_VALUES],
        ["windows_few_remark", isFew],
        ["windows_of_remark", rows.some((line) => measure.places.some((place) => isOfSome(line, place)))],
        ["windows_truncated_remark", rows.some((line) => line.truncated)],
      ),
      tools,
      report.tables.table({ caption: report.say(`windows_${state.measure}`), columns, rows: own, first: all, filter: false, tall: own.length > 8, cards: false }),
    );
  }

  return { panel: panelOf };
})();
