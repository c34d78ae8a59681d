"use strict";
/* Assessments: a card for each, with every requirement, its margin, and what it needs to pass. */

report.assessments = (() => {
  const { make, term, missing } = report.elements;
  const { NOTHING, plain, chance, points, inUnit } = report.numbers;

  /* A status has a sign and a word beside its colour. */
  const SIGNS = {
    pass: ["good", "✔"],
    running_pass: ["good", "✔"],
    fail: ["bad", "✘"],
    running_fail: ["bad", "✘"],
    unknown: ["warn", "?"],
  };

  function badge(status) {
    if (status === null) return NOTHING;
    const [kind, sign] = SIGNS[status] || ["rest", "–"];
    return make("span", { class: `status ${kind}` }, `${sign} ${report.name(status)}`);
  }

  /* Whether more of the metric is worse, so that what is needed is a limit. */
  function isUpper(row) {
    if (row.test === "not_bottom") return Boolean(report.data.metrics[row.metric] && report.data.metrics[row.metric].best === "least");
    return ["at_most", "at_most_peer_mean"].includes(row.test);
  }

  /* The name of the test. Levels of points are reached with their number, so one must stay below. */
  const test = (row) => report.name(row.test === "at_most" && row.level !== null ? "below" : row.test);

  /* What the value is held against: "at least 3.20%". */
  function threshold(row) {
    const number = (value) => inUnit(value, row.unit);
    if (row.threshold === null) {
      const alone = report.testsAlone[row.test];
      return alone ? alone[report.language === "zh" ? 1 : 0] : NOTHING;
    }
    const shown =
      row.threshold_to_date !== null && row.threshold_to_date !== row.threshold
        ? report.say("part_of", { part: number(row.threshold_to_date), all: number(row.threshold) })
        : number(row.threshold);
    return `${test(row)} ${shown}`;
  }

  const isMoneyADay = (row) => row.needed_unit === `${report.data.currency} a day`;

  /* What the days to come have to bring, or why nothing is said. */
  function outlook(row) {
    const lines = [];
    if (row.reason !== null) lines.push(report.note(row.reason));
    if (row.consequence !== null) lines.push(report.note(row.consequence));
    if (row.needed !== null) {
      const unit =
        isMoneyADay(row)
          ? report.say("money_a_day", { currency: report.currency() })
          : row.needed_unit === "items a day"
            ? report.say("items_a_day")
            : row.needed_unit === "mean of the ratings to come"
              ? report.say("ratings_to_come")
              : report.say("days_to_come");
      if (isUpper(row) || row.needed > 0)
        lines.push(
          report.say(isUpper(row) ? "needs_at_most" : "needs_at_least", {
            value: inUnit(row.needed, isMoneyADay(row) ? report.data.currency : row.unit),
            unit,
          }),
        );
    }
    if (row.needed === null && row.status === "running_fail" && row.pass_probability === 0) lines.push(report.say("out_of_reach"));
    // What is missed is no longer at risk.
    if (row.at_risk_from !== null && row.status !== "running_fail") lines.push(report.say("risk_from", { date: row.at_risk_from }));
    return lines.join("; ") || NOTHING;
  }

  function requirements(rows, title) {
    const in_unit = (column) => ({ table: "assessment_results", column, numeric: true, show: (value, row) => inUnit(value, row.unit) });
    const columns = [
      { table: "assessment_results", column: "metric", show: (value) => report.name(value) },
      { table: "assessment_results", column: "status", show: badge, answer: true },
      in_unit("value"),
      { table: "assessment_results", column: "threshold", numeric: true, show: (_, row) => threshold(row) },
      { ...in_unit("margin"), show: (value, row) => (row.unit === "1" ? points(value) : (value > 0 ? "+" : "") + inUnit(value, row.unit)) },
      { table: "assessment_results", column: "rank", show: (value, row) => (value === null ? NOTHING : `${value} / ${row.peers}`) },
      { table: "assessment_results", column: "pass_probability", show: chance },
      {
        table: "assessment_results",
        column: "needed",
        text: report.say("what_it_takes"),
        numeric: false,
        value: outlook,
        show: (value) => make("span", { class: "wrap" }, value),
      },
    ];
    return report.tables.table({ caption: title, columns, rows, filter: false });
  }

  function card(shop, { current, earlier }, at) {
    const own = report.data.rows("assessment_results", shop).filter((row) => row.assessment === current.assessment);
    const of = (cycle) => own.filter((row) => row.period_start === cycle.period_start);
    const id = `assessment-${at}`;
    const title = `${report.name(current.assessment)} ${current.period_start} – ${current.period_end}`;
    const fact = (name, value) => make("div", {}, make("dt", {}, name), make("dd", {}, value));
    const facts = [fact(term("assessment_summary", "passed"), report.say("of", { part: current.passed, all: current.requirements }))];
    if (current.failed) facts.push(fact(term("assessment_summary", "failed"), plain(current.failed)));
    if (current.unknown) facts.push(fact(term("assessment_summary", "unknown"), plain(current.unknown)));
    if (current.days_left) facts.push(fact(term("assessment_summary", "days_left"), plain(current.days_left)));
    if (current.pass_probability !== null)
      facts.push(fact(term("assessment_summary", "pass_probability"), chance(current.pass_probability)));
    if (current.worst_metric !== null) facts.push(fact(term("assessment_summary", "worst_metric"), report.name(current.worst_metric)));
    facts.push(fact(term("assessment_summary", "phase"), report.name(current.phase)));
    const before = earlier.map((cycle) =>
      make(
        "p",
        { class: "remark" },
        `${report.say("cycle_before")} ${cycle.period_start} – ${cycle.period_end}: `,
        badge(cycle.status),
        cycle.worst_metric ? ` ${report.say("weakest", { metric: report.name(cycle.worst_metric) })}` : "",
      ),
    );
    return make(
      "section",
      { class: "panel long", "aria-labelledby": id },
      make(
        "div",
        { class: "card-head" },
        make("h3", { id }, report.name(current.assessment)),
        make("span", { class: "faint" }, `${current.period_start} – ${current.period_end}`),
        badge(current.status),
      ),
      make("dl", { class: "facts" }, facts),
      of(current).length ? requirements(of(current), title) : missing("assessment_results"),
      before,
    );
  }

  /* The cards of a shop. */
  function cards(shop) {
    if (!report.data.tables.assessment_summary) return [make("div", { class: "panel" }, missing("assessment_summary"))];
    const cycles = report.overview.currentCycles(shop);
    if (!cycles.length) return [make("div", { class: "panel" }, make("p", { class: "missing" }, report.say("no_rows")))];
    return cycles.map((cycle, at) => card(shop, cycle, at));
  }

  /* The cycle of each assessment that counts now, a line each. */
  function summary(shop) {
    const source = "assessment_summary";
    const rows = report.overview.currentCycles(shop).map(({ current }) => current);
    const column = (name, show, numeric = false) => ({ table: source, column: name, numeric, show });
    const columns = [
      column("assessment", (value) => report.name(value)),
      { ...column("status", badge), answer: true },
      column("passed", (value, row) => report.say("of", { part: value, all: row.requirements }), true),
      column("pass_probability", (value) => chance(value), true),
      column("worst_metric", (value) => (value === null ? NOTHING : report.name(value))),
    ];
    return report.listings.listing("standing", source, [], rows, columns);
  }

  return { cards, summary, badge };
})();
