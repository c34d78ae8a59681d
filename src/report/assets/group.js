"use strict";
/* Several shops together: how their day and their month stand, why the month changed, and what is the most urgent in any of them. */

report.group = (() => {
  const { make } = report.elements;
  const { plain } = report.numbers;
  const { ratio, sum } = report.derived;
  const { morning } = report;

  /* What shops have in common; their customers do not add up to people. */
  const FIGURES = ["paid_amount", "paid_orders", "uv", "conversion", "refund_amount"];
  const SEVERITIES = ["alarm", "watch", "info"];
  /* Lines of what to do, at most, and those of one shop: a shop in trouble must not hide the others. */
  const MOST_LINES = 10;
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
    return { projected_by: by, plan: planned, actual, expected_by_now: due, projected, share_done: ratio(actual, planned), status };
  }

  /* Why the month of all shops changed: the effects in each of them add up to the change of their sum. */
  function drivers() {
    const rows = report.data.shops.map((shop) => report.data.rows("sales_drivers", shop).at(-1)).filter(Boolean);
    const [first] = rows;
    const isSame = (row) => row.period_start === first.period_start && row.compared_days === first.compared_days && row.change !== null;
    if (rows.length < report.data.shops.length || !isWhole() || !rows.every(isSame)) return null;
    const summed = ["change", ...report.drivers].map((name) => [name, Math.round(sum(rows.map((row) => row[name])) * 100) / 100]);
    return { ...first, ...Object.fromEntries(summed) };
  }

  /* The lines of all shops, the most severe first, then those with the most weight, then those with the most money at stake. */
  function lines() {
    const place = (line) => SEVERITIES.indexOf(line.severity);
    const order = (one, other) => place(one) - place(other) || (one.weight === other.weight ? 0 : other.weight - one.weight) || other.stake - one.stake;
    return report.data.shops.flatMap(morning.linesOf).sort(order);
  }

  function todo(choose) {
    const all = lines();
    const counts = new Map();
    const isShown = ({ shop }) => {
      counts.set(shop, (counts.get(shop) || 0) + 1);
      return counts.get(shop) <= MOST_OF_SHOP;
    };
    const shown = all.filter(isShown).slice(0, MOST_LINES);
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
    const money = (amount) => make("span", { class: amount > 0 ? "up" : "down" }, `${amount > 0 ? "+" : ""}${plain(amount)}`);
    const open = (shop) => make("button", { type: "button", class: "link whose", onclick: () => choose(shop) }, report.data.nameOf(shop) || shop);
    const ofShop = ({ shop, amount }) => [" ", make("span", { class: "pair" }, open(shop), " ", money(amount))];
    return named.length ? make("span", { class: "mover" }, `${against} `, money(all), report.say(isCancelled ? "among_them" : "mostly"), named.flatMap(ofShop)) : null;
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
    return [yesterday(days, choose), morning.month(days, FIGURES, planned), morning.why(drivers()), todo(choose)].filter(Boolean);
  }

  /* What all shops were paid in the month to date and on the last day, each with its change. */
  const soFar = () => {
    const days = daysOfAll();
    return days ? morning.soFar(days) : null;
  };

  return { panels, alerts, soFar, plan };
})();
