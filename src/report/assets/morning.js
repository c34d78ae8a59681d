"use strict";
/* The morning: how yesterday was, how the month stands, why it changed, and what to do now. */

report.morning = (() => {
  const { make, term } = report.elements;
  const { NOTHING, plain, percent, change, points } = report.numbers;
  const { ratio, sum, toFen, allotted } = report.derived;

  const FIGURES = ["paid_amount", "paid_orders", "uv", "conversion", "new_customers", "refund_amount"];
  /* What a figure of a day is called over several days: visitors are the mean of the days that know them. */
  const OF_DAYS = { uv: "uv_daily_mean", conversion: "uv_conversion" };
  /* Of these less is better. */
  const COSTS = ["refund_amount"];
  const isShare = (figure) => figure === "conversion";

  /* A figure of a day or of several: money and counts add up, the conversion is that of the days with visitors. */
  function total(days, figure) {
    if (isShare(figure)) {
      const viewed = days.filter((day) => day.uv !== null && day.paying_customers !== null);
      return ratio(sum(viewed.map((day) => day.paying_customers)), sum(viewed.map((day) => day.uv)));
    }
    const known = days.filter((day) => day[figure] !== null);
    if (!known.length) return null;
    if (figure === "uv") return sum(known.map((day) => day.uv)) / known.length;
    return toFen(sum(known.map((day) => day[figure])));
  }

  const shown = (figure, value) => {
    if (value === null) return NOTHING;
    if (isShare(figure)) return percent(value);
    return plain(value, figure.endsWith("amount") && value % 1 && Math.abs(value) < 1000 ? 2 : 0);
  };

  /* How a figure changed, in words and in the colour of good and bad; a change of less than half a percent is none. On a telephone what it is
     held against stands once above all figures. */
  function compared(text, figure, now, before) {
    const against = make("span", { class: "against" }, `${text} `);
    if (now === null || before === null) return make("div", { class: "before" }, against, NOTHING);
    // A change from nothing, or of more than tenfold, says less than what it was.
    if (!isShare(figure) && (before === 0 || Math.abs(now / before) > 10)) {
      return make("div", { class: "before" }, against, report.say("was", { value: shown(figure, before) }));
    }
    const moved = isShare(figure) ? now - before : now / before - 1;
    const written = isShare(figure) ? points(moved) : change(moved, 1);
    const isGood = moved > 0 !== COSTS.includes(figure);
    const kind = Math.abs(moved) < (isShare(figure) ? 0.0005 : 0.005) ? null : isGood ? "up" : "down";
    return make("div", { class: "before" }, against, make("span", { class: kind }, written));
  }

  /* The days of a shop by their dates. */
  const daysOf = (shop) => new Map(report.data.rows("shop_daily", shop).map((row) => [row.date, row]));

  /* The days from one date to another; nothing where the page does not have all of them. */
  function span(days, first, last) {
    const found = [];
    for (let date = first; date <= last; date = report.data.shift(date, 1)) {
      if (!days.has(date)) return null;
      found.push(days.get(date));
    }
    return found.length ? found : null;
  }

  function tile(source, figure, value, ...lines) {
    const text = shown(figure === "uv_conversion" ? "conversion" : figure, value);
    return make(
      "div",
      { class: "tile" },
      term(source, figure),
      make("div", { class: "value", style: `--letters: ${text.length}` }, text),
      ...lines,
    );
  }

  /* Figures beside each other; on a telephone below each other, each in a line, with what they are held against above them. */
  function tiles(id, title, heads, ...content) {
    return make(
      "section",
      { class: "morning", id, "aria-labelledby": `${id}-title` },
      make("h3", { id: `${id}-title` }, title),
      make(
        "div",
        { class: "tiles six" },
        make("div", { class: "heads" }, heads.map((head) => make("span", {}, head))),
        ...content,
      ),
    );
  }

  /* The last day, against the day before and the same weekday of the week before, and what was expected of the shop. */
  function yesterday(days, figures, shop = null) {
    const last = report.data.as_of;
    if (!days.has(last)) return null;
    const before = (count) => {
      const found = days.get(report.data.shift(last, -count));
      return found ? [found] : [];
    };
    const value = (rows, figure) => (rows.length ? total(rows, figure) : null);
    const known = figures.filter((figure) => total([...days.values()], figure) !== null);
    const weekday = report.weekday(last);
    return tiles(
      "yesterday",
      report.say("yesterday", { date: last, weekday }),
      [report.say("day_before"), report.say("week_before", { weekday })],
      known.map((figure) => {
        const now = value([days.get(last)], figure);
        return tile(
          "shop_daily",
          figure,
          now,
          compared(report.say("day_before"), figure, now, value(before(1), figure)),
          compared(report.say("week_before", { weekday }), figure, now, value(before(7), figure)),
          shop === null ? null : expected(shop, figure),
        );
      }),
    );
  }

  /* The same days of an earlier month: as many from its first day on, none of the month after it. */
  function sameDays(days, count) {
    const first = report.data.monthStart(report.data.as_of, count);
    const last = report.data.shift(first, Number(report.data.as_of.slice(8)) - 1);
    const end = report.data.shift(report.data.monthStart(report.data.as_of, count - 1), -1);
    return span(days, first, last < end ? last : end);
  }

  /* The rows of the plan of a shop's sales in the running month: one or none. */
  function plansOf(shop) {
    const month = report.data.monthStart(report.data.as_of, 0);
    const isOwn = (row) => row.month === month && row.channel === "(all)" && row.measure === "sales";
    return report.data.rows("plan_progress", shop).filter(isOwn);
  }

  /* That plan, as far as something can be held against it; nothing where there is none. */
  const planOf = (shop) => plansOf(shop).find((row) => row.status !== null) || null;

  /* Whether it is known that none of these shops has such a plan: a snapshot without the table says nothing of plans that were given. */
  const hasNoPlan = (shops) =>
    (report.data.tables.plan_progress || !report.data.inputs.some((input) => input.name === "plans")) && !shops.some((shop) => plansOf(shop).length);

  /* How the month stands against its plan: what is done of it, what should be by now, and where it will end. */
  function plan(row) {
    if (!row) return null;
    const should = ratio(row.expected_by_now, row.plan);
    const lines = [
      make("div", { class: "before" }, report.say("plan_by_now", { share: percent(should, 1) })),
      make(
        "div",
        { class: "before" },
        report.say(["forecast", "spread"].includes(row.projected_by) && row.projected !== null ? `plan_ends_by_${row.projected_by}` : "plan_ends", {
          end: row.projected === null ? NOTHING : plain(row.projected),
          plan: plain(row.plan),
        }),
      ),
      // Of several shops the sum may be well while some are not.
      row.behind ? make("div", { class: "before" }, make("span", { class: "down" }, report.say(row.behind.has_ended ? "plans_missed" : "plans_behind", row.behind))) : null,
    ];
    const kind = { ahead: "up", done: "up", behind: "down", missed: "down" }[row.status] || "";
    return make(
      "div",
      { class: "tile planned" },
      term("plan_progress", "share_done", report.say("plan_done")),
      make("div", { class: `value ${kind}`, style: "--letters: 6" }, percent(row.share_done, 1)),
      ...lines,
    );
  }

  /* The month so far, against the same days of the month and of the year before, and the plan of its sales. */
  function month(days, figures, planned, shops) {
    const own = sameDays(days, 0);
    if (!own) return null;
    const [before, yearAgo] = [sameDays(days, 1), sameDays(days, 12)];
    const known = figures.filter((figure) => total(own, figure) !== null);
    const value = (rows, figure) => (rows ? total(rows, figure) : null);
    const ofPlan = plan(planned);
    const shownFigures = ofPlan ? known.filter((figure) => figure !== "new_customers") : known;
    const range = { from: report.data.monthStart(report.data.as_of, 0).slice(5), to: report.data.as_of.slice(5), count: own.length };
    return tiles(
      "month",
      report.say("month_to_date", range),
      [report.say("month_before_days"), report.say("year_before_days")],
      shownFigures.map((figure) => {
        const now = total(own, figure);
        return tile(
          OF_DAYS[figure] ? "shop_periods" : "shop_daily",
          OF_DAYS[figure] || figure,
          now,
          compared(report.say("month_before_days"), figure, now, value(before, figure)),
          compared(report.say("year_before_days"), figure, now, value(yearAgo, figure)),
        );
      }),
      ofPlan || (hasNoPlan(shops) ? make("p", { class: "remark" }, report.say("no_plan")) : null),
    );
  }

  /* What a figure of the last day was expected to be; nothing where nothing was. */
  function expected(shop, figure) {
    const row = report.data.rows("alerts", shop).find((candidate) => candidate.date === report.data.as_of && candidate.metric === figure);
    if (!row || row.expected === null) return null;
    const range = { from: shown(figure, row.expected_lower), to: shown(figure, row.expected_upper) };
    const kind = row.severity === "none" ? null : row.is_good ? "up" : "down";
    return make("div", { class: `before ${kind ? "" : "usual"}` }, make("span", { class: kind }, report.say("usual", range)));
  }

  /*
   * What was out of the ordinary in the last days, the newest first and of a day the most severe. Visitors who were so are followed by the
   * sources that they came from, the one furthest from what was expected first: it says where the others went.
   */
  function unusual(shop) {
    const all = report.data.rows("alerts", shop);
    const isSource = (row) => row.metric.startsWith("uv:");
    const distance = (row) => (row.off === null ? 0 : Math.abs(row.off));
    const withOff = (row) => ({ ...row, off: row.value === null || row.expected === null ? null : row.value - row.expected });
    const found = all.filter((row) => row.severity !== "none").map(withOff);
    const ofVisitors = new Set(found.filter((row) => row.metric === "uv").map((row) => row.date));
    const sourcesOf = (date) =>
      all
        .filter((row) => row.date === date && isSource(row))
        .map(withOff)
        .sort((one, other) => distance(other) - distance(one));
    const place = (row) => (row.severity === "alarm" ? 0 : 1);
    return found
      .filter((row) => !(isSource(row) && ofVisitors.has(row.date)))
      .sort((one, other) => other.date.localeCompare(one.date) || place(one) - place(other))
      .flatMap((row) => (row.metric === "uv" ? [row, ...sourcesOf(row.date)] : [row]).map((each) => ({ ...each, shop, isAlarm: row.severity === "alarm" })));
  }

  /* The alarms and watches of shops in a table, the newest first, of a day shop by shop; nothing where there are none. Of several shops the alarms
     come first, and each row has its shop, which it opens. */
  function alertsOf(shops, choose) {
    const source = "alerts";
    const newest = (one, other) => other.date.localeCompare(one.date);
    const first = (one, other) => (choose ? other.isAlarm - one.isAlarm : 0);
    // The sort is stable: visitors stay before their sources.
    const rows = shops.flatMap(unusual).sort((one, other) => first(one, other) || newest(one, other));
    const open = (shop) => make("button", { type: "button", class: "link", onclick: () => choose(shop) }, report.data.nameOf(shop) || shop);
    const { column, figure } = report.listings;
    const { inUnit } = report.numbers;
    const kindOf = (row) => (row.severity === "none" ? "rest" : row.is_good ? "good" : BADGES[row.severity][0]);
    const named = (value, row) => make("span", { class: `status ${kindOf(row)}` }, value === "none" ? report.say("in_range") : report.name(value));
    const signed = (value, row) => (row.unit === "1" ? points(value) : `${value > 0 ? "+" : ""}${inUnit(value, row.unit)}`);
    const range = (value, row) => (value === null ? NOTHING : `${inUnit(value, row.unit)} – ${inUnit(row.expected_upper, row.unit)}`);
    const columns = [
      ...(choose ? [{ ...column(source, "shop_id"), value: (row) => row.shop, show: open }] : []),
      { ...column(source, "metric"), show: report.metricName },
      column(source, "date"),
      figure(source, "value"),
      figure(source, "expected"),
      { text: report.say("off_expected"), value: (row) => row.off, numeric: true, show: (value, row) => (value === null ? NOTHING : signed(value, row)) },
      { table: source, column: "expected_lower", text: report.say("usual_range"), numeric: true, show: range },
      { ...column(source, "severity"), show: named, answer: true },
      { ...column(source, "driver"), show: (value) => (value === null ? NOTHING : report.say(`driver_${value}`)) },
      ...(rows.some((row) => row.event !== null) ? [column(source, "event")] : []),
    ];
    return report.listings.listing("alerts", source, [], rows, columns);
  }

  const alerts = (shop) => alertsOf([shop], null);

  /* Why the month changed: the effects of the factors, which add up to the change as they are shown, whole yuan to whole yuan. */
  function why(row) {
    if (!row || row.change === null) return null;
    const money = (value) => `${value > 0 ? "+" : ""}${plain(value)}`;
    // Shops of which no factor is known are a factor of several shops.
    const factors = [...report.drivers, ...(row.young_shops_effect ? ["young_shops_effect"] : [])];
    const shown = allotted(factors.map((name) => row[name]), row.change);
    const effects = factors
      .map((name, at) => ({ name, amount: shown[at] }))
      .filter((effect) => effect.amount)
      .sort((one, other) => Math.abs(other.amount) - Math.abs(one.amount));
    const factor = ({ name, amount }) =>
      make(
        "li",
        {},
        name === "young_shops_effect" ? report.say("driver_young_shops") : term("sales_drivers", name, report.say(`driver_${name.replace("_effect", "")}`)),
        " ",
        make("span", { class: amount > 0 ? "up" : "down" }, money(amount)),
      );
    return make(
      "section",
      { class: "morning", id: "why", "aria-labelledby": "why-title" },
      make(
        "h3",
        { id: "why-title" },
        report.say("why", { month: row.period_start.slice(0, 7), change: `${money(row.change)} ${report.currency()}` }),
        make("small", {}, report.say(row.is_complete ? "why_whole" : "why_running", { days: row.compared_days })),
      ),
      make("ul", { class: "factors" }, effects.map(factor)),
    );
  }

  const BADGES = { alarm: ["bad", "✘"], watch: ["warn", "!"], info: ["rest", "→"] };

  /* Inputs of which nothing has come from the shop for longer than usual, while it did from others. */
  const silences = (shop) =>
    report.data.inputs
      .filter((input) => input.silent_shops.includes(shop))
      .map((input) => {
        const since = (input.silent_since || {})[shop] || NOTHING;
        return { kind: "", severity: "alarm", text: report.say("silent_since", { input: report.name(input.name), since }) };
      });

  /* The money at stake: what it is off what it should be; none where it is not about money. */
  const stake = (row) => (row.unit === report.data.currency && row.value !== null && row.expected !== null ? Math.abs(row.value - row.expected) : 0);

  /* What to do now: the lines of the brief, and before them inputs that did not come. */
  function linesOf(shop) {
    const text = report.language === "zh" ? "text_zh" : "text_en";
    const ofTable = report.data.rows("brief", shop).map((row) => ({ kind: row.kind, severity: row.severity, text: row[text], weight: row.weight, stake: stake(row) }));
    // What is not in the table matters most.
    return [...silences(shop).map((line) => ({ ...line, weight: Infinity, stake: 0 })), ...ofTable].map((line) => ({ ...line, shop }));
  }

  /* How many lines of a shop cannot wait: alarms, assessments and plans. */
  const urgentOf = (shop) => linesOf(shop).filter((line) => line.severity === "alarm").length;

  /* The lines; with `choose`, each with its shop, which it opens. */
  function todo(rows, choose = null, after = null) {
    if (!report.data.tables.brief && !rows.length) return null;
    const open = (shop) => make("button", { type: "button", class: "link whose", onclick: () => choose(shop) }, report.data.nameOf(shop) || shop);
    const line = (row) => {
      const [kind, sign] = BADGES[row.severity] || BADGES.info;
      return make(
        "li",
        {},
        make("span", { class: `status ${kind}` }, `${sign} ${report.name(row.severity)}`),
        choose ? open(row.shop) : null,
        make("span", { class: "said" }, row.text),
      );
    };
    return make(
      "section",
      { class: "morning panel", id: "todo", "aria-labelledby": "todo-title" },
      make("h3", { id: "todo-title" }, report.say("todo")),
      rows.length ? make("ol", { class: "todo" }, rows.map(line)) : make("p", { class: "missing" }, report.say("nothing_to_do")),
      after,
    );
  }

  /* What a shop was paid in the month to date and on the last day, each with its change; nothing where the page has no days of it. */
  function soFar(days) {
    const [own, before] = [sameDays(days, 0), sameDays(days, 1)];
    const last = days.get(report.data.as_of);
    const weekBefore = days.get(report.data.shift(report.data.as_of, -7));
    const change = (now, then) => (then ? now / then - 1 : null);
    if (!own || !last) return null;
    const paid = total(own, "paid_amount");
    return {
      month: paid,
      month_change: before ? change(paid, total(before, "paid_amount")) : null,
      day: last.paid_amount,
      day_change: weekBefore ? change(last.paid_amount, weekBefore.paid_amount) : null,
    };
  }

  /* The same of a shop. */
  const soFarOf = (shop) => soFar(daysOf(shop));

  /* The first screen of a shop. */
  const panels = (shop) =>
    [yesterday(daysOf(shop), FIGURES, shop), month(daysOf(shop), FIGURES, planOf(shop), [shop]), why(report.data.rows("sales_drivers", shop).at(-1)), todo(linesOf(shop))].filter(Boolean);

  return { panels, alerts, alertsOf, soFar, soFarOf, urgentOf, linesOf, planOf, yesterday, month, why, todo };
})();
