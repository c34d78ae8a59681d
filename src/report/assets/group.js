"use strict";
/* Several shops together: how their day and their month stand, why the month changed, and what is the most urgent in any of them. */

report.group = (() => {
  const { make } = report.elements;
  const { plain } = report.numbers;
  const { ratio, sum, toFen, allotted } = report.derived;
  const { morning } = report;

  /* What shops have in common; their customers do not add up to people. */
  const FIGURES = ["paid_amount", "paid_orders", "uv", "conversion", "refund_amount"];
  const SEVERITIES = ["alarm", "watch", "info"];
  /* Lines of what to do, at most, and those of one shop: a shop in trouble must not hide the others. */
  const MOST_LINES = 12;
  const MOST_OF_SHOP = 2;
  /* Shops that are named as those that made a change, at most. */
  const MOST_MOVERS = 3;

  /* Whether the page has the days of every shop: of some of them only, a sum would be wrong. */
  const isWhole = () => !report.data.left_out || report.data.left_out.shops >= report.data.left_out.listed;

  const added = (one, other) => (one === null ? other : other === null ? one : sum([one, other]));

  /* The days of all shops together; nothing where the page does not have the days of each. Buyers are those of the shops that know their
     visitors, so that their quotient is the conversion. */
  let made = null;
  function daysOfAll() {
    if (!isWhole()) return null;
    if (made) return made;
    made = new Map();
    for (const shop of report.data.shops) {
      for (const row of report.data.rows("shop_daily", shop)) {
        const own = { ...row, paying_customers: row.uv === null ? null : row.paying_customers };
        const before = made.get(row.date);
        const merged = { date: row.date };
        for (const name of ["paid_amount", "paid_orders", "refund_amount", "uv", "paying_customers"]) {
          const figure = own[name] === undefined ? null : own[name];
          merged[name] = before ? added(before[name], figure) : figure;
        }
        made.set(row.date, merged);
      }
    }
    return made;
  }

  /* The plans of the shops' sales as one; nothing where no shop has one. */
  function plan() {
    const rows = report.data.shops.map(morning.planOf).filter(Boolean);
    if (!rows.length || !isWhole()) return null;
    const all = (name) => (rows.some((row) => row[name] === null) ? null : sum(rows.map((row) => row[name])));
    const [planned, actual, due, projected] = ["plan", "actual", "expected_by_now", "projected"].map(all);
    // Behind is what is more than 5 % below what should be there by now, as for a shop.
    const pace = ratio(actual, due);
    const status = actual >= planned ? "done" : pace === null ? null : pace < 0.95 ? "behind" : pace > 1.05 ? "ahead" : "on_track";
    const by = rows.every((row) => row.projected_by === rows[0].projected_by) ? rows[0].projected_by : null;
    const late = rows.filter((row) => row.status === "behind" || row.status === "missed").length;
    const behind = late ? { late, count: rows.length, has_ended: rows.some((row) => row.status === "missed") } : null;
    return { behind, projected_by: by, plan: planned, actual, expected_by_now: due, projected, share_done: ratio(actual, planned), status };
  }

  /*
   * Why the month of all shops changed: the effects in each of them add up to the change of their sum. A shop whose month before is not there
   * as a whole has no effects; what it was paid more than on the same days of it is one of its own. `shops` has the change of each shop.
   */
  function drivers() {
    const last = (shop) => report.data.rows("sales_drivers", shop).at(-1);
    const rows = report.data.shops.map((shop) => ({ shop, row: last(shop) })).filter(({ row }) => row && row.change !== null);
    if (!rows.length || !isWhole()) return null;
    const first = rows[0].row;
    const { period_start: start, compared_days: count } = first;
    if (!rows.every(({ row }) => row.period_start === start && row.compared_days === count)) return null;
    const paid = (shop, from) => {
      const end = first.is_complete ? report.data.monthStart(from, -1) : report.data.shift(from, count);
      return sum(report.data.rows("shop_daily", shop).filter((day) => day.date >= from && day.date < end).map((day) => day.paid_amount));
    };
    const whole = new Set(rows.map(({ shop }) => shop));
    const young = report.data.shops
      .filter((shop) => !whole.has(shop))
      .map((shop) => ({ shop, amount: paid(shop, start) - paid(shop, report.data.monthStart(start, 1)) }));
    const shops = [...rows.map(({ shop, row }) => ({ shop, amount: row.change })), ...young].map((each) => ({ ...each, amount: toFen(each.amount) }));
    const summed = report.drivers.map((name) => [name, toFen(sum(rows.map(({ row }) => row[name])))]);
    const change = toFen(sum(shops.map((each) => each.amount)));
    return { ...first, ...Object.fromEntries(summed), young_shops_effect: toFen(sum(young.map((each) => each.amount))), change, shops };
  }

  /* The lines of all shops, the most severe first, then those with the most weight, then those with the most money at stake. */
  function lines() {
    const place = (line) => SEVERITIES.indexOf(line.severity);
    const order = (one, other) => place(one) - place(other) || (one.weight === other.weight ? 0 : other.weight - one.weight) || other.stake - one.stake;
    return report.data.shops.flatMap(morning.linesOf).sort(order);
  }

  /* The lines that are shown: those of each shop that come first, and of each kind that somebody must look at the gravest one, so that many of one
     kind do not hide that there are others. */
  function selected(all) {
    const kinds = new Set();
    const isFirst = all.map(({ kind, severity }) => severity !== "info" && !kinds.has(kind) && Boolean(kinds.add(kind)));
    const counts = new Map();
    const isOfShop = ({ shop }) => counts.set(shop, (counts.get(shop) || 0) + 1).get(shop) <= MOST_OF_SHOP;
    let room = MOST_LINES - isFirst.filter(Boolean).length;
    return all.filter((line, at) => (isOfShop(line) && !isFirst[at] && room > 0 ? room-- > 0 : isFirst[at]));
  }

  function todo(choose) {
    const all = lines();
    const shown = selected(all);
    const others = all.length - shown.length;
    return morning.todo(shown, choose, others ? make("p", { class: "remark" }, report.say("more_to_do", { count: others })) : null);
  }

  /* The shops that made most of a change, those that made the most first: as many as make half of it, and no more than three. Where these made more
     than twice of it, shops cancel out: then the largest of either way. `changes` has the amount of each shop. */
  function movers(changes) {
    const all = sum(changes.map((each) => each.amount));
    const along = changes.filter((each) => each.amount * all > 0).sort((one, other) => Math.abs(other.amount) - Math.abs(one.amount));
    const named = [];
    for (const each of along) {
      if (named.length === MOST_MOVERS || Math.abs(sum(named.map((one) => one.amount))) * 2 >= Math.abs(all)) break;
      named.push(each);
    }
    const against = changes.filter((each) => each.amount * all < 0).sort((one, other) => Math.abs(other.amount) - Math.abs(one.amount));
    const isCancelled = Math.abs(sum(named.map((one) => one.amount))) > 2 * Math.abs(all) && against.length > 0;
    return { all, named: isCancelled ? [named[0], against[0]] : named, isCancelled };
  }

  const money = (amount) => make("span", { class: amount > 0 ? "up" : amount < 0 ? "down" : null }, `${amount > 0 ? "+" : ""}${plain(amount)}`);

  /* A shop, which a click opens, with its amount. */
  function ofShop({ shop, amount }, choose) {
    const open = make("button", { type: "button", class: "link whose", onclick: () => choose(shop) }, report.data.nameOf(shop) || shop);
    return [" ", make("span", { class: "pair" }, open, " ", money(amount))];
  }

  const apart = (shops, choose) => shops.flatMap((each, at) => [at ? " ·" : "", ...ofShop(each, choose)]);

  /* Which shops made the change of what was paid on the last day, against one day before it, with their amounts; nothing where it hardly changed. */
  function moved(days, back, against, choose) {
    const [last, before] = [report.data.as_of, report.data.shift(report.data.as_of, -back)];
    const paid = (found) => (found && found.paid_amount !== null && found.paid_amount !== undefined ? found.paid_amount : 0);
    if (!days.has(last) || !days.has(before) || Math.abs(paid(days.get(last)) / paid(days.get(before)) - 1) < 0.005) return null;
    const changes = report.data.shops.map((shop) => {
      const of = (date) => paid(report.data.rows("shop_daily", shop).find((row) => row.date === date));
      return { shop, amount: of(last) - of(before) };
    });
    const { all, named, isCancelled } = movers(changes);
    const said = report.say(isCancelled ? "among_them" : "mostly");
    return named.length ? make("span", { class: "mover" }, `${against} `, money(all), said, apart(named, choose)) : null;
  }

  /* Which shops made the change of the month: those that made most of it, and all others together, whole yuan that add up to it. */
  function shopsOf(row, choose) {
    const { named } = movers(row.shops);
    if (!named.length || !plain(row.change).match(/[1-9]/)) return null;
    const rest = row.shops.length - named.length;
    const others = row.change - sum(named.map((each) => each.amount));
    const whole = allotted([...named.map((each) => each.amount), others], row.change);
    const parts = apart(named.map((each, at) => ({ ...each, amount: whole[at] })), choose);
    if (rest) parts.push(" · ", make("span", { class: "pair" }, `${report.say(rest === 1 ? "other_shop" : "other_shops", { count: rest })} `, money(whole.at(-1))));
    return make("p", { class: "remark movers" }, make("span", { class: "mover" }, report.say("by_shop"), parts));
  }

  /* Why the month changed, and in which shops. */
  function why(choose) {
    const row = drivers();
    const said = morning.why(row);
    const shops = row && row.shops.length > 1 ? shopsOf(row, choose) : null;
    if (said && shops) said.append(shops);
    return said;
  }

  /* How the last day of all shops was, and which shops made most of its changes. */
  function yesterday(days, choose) {
    const found = morning.yesterday(days, FIGURES);
    const weekday = report.weekday(report.data.as_of);
    const lines = [moved(days, 1, report.say("day_before"), choose), moved(days, 7, report.say("week_before", { weekday }), choose)].filter(Boolean);
    if (found && lines.length) found.append(make("p", { class: "remark movers" }, lines));
    return found;
  }

  /* The alarms and watches of all shops, each with its shop. */
  const alerts = (choose) => morning.alertsOf(report.data.shops, choose);

  /* The first screen of several shops. */
  function panels(choose) {
    const days = daysOfAll() || new Map();
    const planned = plan();
    return [yesterday(days, choose), morning.month(days, FIGURES, planned, report.data.shops), why(choose), todo(choose)].filter(Boolean);
  }

  /* What all shops were paid in the month to date and on the last day, each with its change. */
  const soFar = () => {
    const days = daysOfAll();
    return days ? morning.soFar(days) : null;
  };

  /*
   * What all shops were paid in a whole month, as `total_periods` has it where the job asks for it: `rows(shop)` gives the months of a shop. Money adds
   * up; people who buy in several shops do not, so nothing is said of them.
   */
  function paidIn(month, rows) {
    if (!isWhole()) return null;
    const of = (start) => {
      const found = report.data.shops.map((shop) => rows(shop).find((row) => row.period_start === start)).filter(Boolean);
      return found.some((row) => row.is_complete) ? toFen(sum(found.map((row) => row.paid_amount))) : null;
    };
    const paid = of(month);
    const against = (count) => {
      const quotient = ratio(paid, of(report.data.monthStart(month, count)));
      return quotient === null ? null : quotient - 1;
    };
    return paid === null ? null : { paid_amount: paid, paid_amount_vs_previous: against(1), paid_amount_vs_year_ago: against(12) };
  }

  return { panels, alerts, soFar, plan, paidIn };
})();
