"use strict";
/* Several shops together: how their day and their month stand, why the month changed, and what is the most urgent in any of them. */

report.group = (() => {
  const { make } = report.elements;
  const { ratio, sum } = report.derived;
  const { morning } = report;

  /* What shops have in common; their customers do not add up to people. */
  const FIGURES = ["paid_amount", "paid_orders", "uv", "conversion", "refund_amount"];
  const SEVERITIES = ["alarm", "watch", "info"];
  /* Lines of what to do, at most, and those of one shop: a shop in trouble must not hide the others. */
  const MOST_LINES = 10;
  const MOST_OF_SHOP = 2;

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
    return { plan: planned, actual, expected_by_now: due, projected, share_done: ratio(actual, planned), status };
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

  /* The first screen of several shops. */
  function panels(choose) {
    const days = daysOfAll() || new Map();
    const planned = plan();
    return [morning.yesterday(days, FIGURES), morning.month(days, FIGURES, planned), morning.why(drivers()), todo(choose)].filter(Boolean);
  }

  /* What all shops were paid in the month to date and on the last day, each with its change. */
  const soFar = () => {
    const days = daysOfAll();
    return days ? morning.soFar(days) : null;
  };

  return { panels, soFar, plan };
})();
