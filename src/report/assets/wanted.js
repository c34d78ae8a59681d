"use strict";
/* What is not on the page, and what would bring it: exports to make, inputs with the columns that they need, columns to map, keys of the job. */

report.wanted = (() => {
  const { make } = report.elements;

  /* The exports that `huitou import` knows, by the input or the column that they bring; the lists that were sent make campaigns. */
  const EXPORTS = {
    "orders.customer_id": ["export_buyers", "huitou import tmall-orders"],
    "orders.item_id": ["export_lines", "huitou import tmall-items"],
    "orders.item_title": ["export_lines", "huitou import tmall-items"],
    traffic: ["export_traffic", "huitou import sycm-traffic"],
    item_traffic: ["export_items", "huitou import sycm-items"],
    affiliate_orders: ["export_affiliates", "huitou import tbk-orders"],
    campaigns: ["sent_lists", "huitou list sent"],
    audiences: ["sent_lists", "huitou list sent"],
  };

  /* What a reason says is missing: an input, a column of an input, or a key of the job. Other reasons are wishes of the job. */
  const REASONS = [
    [/^the job has no input `(\w+)`$/, (input) => ({ kind: "inputs", name: input })],
    [/^input `(\w+)` has no `(\w+)`$/, (input, column) => ({ kind: "columns", name: `${input}.${column}` })],
    [/^the job names no (?:rule|strategy) files \(`(\w+)`\)$/, (key) => ({ kind: "keys", name: key })],
  ];

  function lackOf(reason) {
    for (const [pattern, lack] of REASONS) {
      const found = pattern.exec(reason);
      if (found) return lack(...found.slice(1));
    }
    return null;
  }

  const tableName = (table) => (report.language === "zh" ? report.data.missing_names[table] : null) || report.readable(table);

  /* The tables that something would bring, the first of them by name. */
  const MOST = 4;
  function brings(tables) {
    const names = tables.slice(0, MOST).map(tableName);
    const rest = tables.length - names.length;
    return names.join(report.say("and_then")) + (rest > 0 ? report.say("and_more", { count: rest }) : "");
  }

  const command = (text) => make("code", { class: "command" }, text);

  /* Lines, each with the tables that it would bring: of what has an export, one for each export; of the rest one for each kind. */
  function lines() {
    const exports = new Map();
    const others = { inputs: new Map(), columns: new Map(), keys: new Map() };
    const add = (map, key, table) => map.set(key, [...(map.get(key) || []), table]);
    for (const [table, reason] of Object.entries(report.data.missing)) {
      const lack = reason && lackOf(reason);
      if (!lack) continue;
      if (EXPORTS[lack.name]) add(exports, EXPORTS[lack.name].join("\n"), table);
      else add(others[lack.kind], lack.name, table);
    }
    const known = [...new Set(Object.values(EXPORTS).map((each) => each.join("\n")))].filter((key) => exports.has(key));
    const ofExports = known.map((key) => {
      const [text, program] = key.split("\n");
      return make("li", {}, report.say(text), " → ", command(program), ` · ${report.say("brings", { tables: brings(exports.get(key)) })}`);
    });
    const withColumns = (name) => {
      const columns = report.data.needed_columns[name];
      return columns ? `${name} (${columns})` : name;
    };
    const one = { inputs: withColumns, columns: (name) => name, keys: (name) => name };
    const ofOthers = Object.entries(others)
      .filter(([, map]) => map.size)
      .map(([kind, map]) => {
        const parts = [...map].map(([name, tables]) => report.say("part_brings", { part: one[kind](name), tables: brings(tables) }));
        return make("li", {}, `${report.say(`wanted_${kind}`)} ${parts.join(report.say("part_then"))}`);
      });
    return [...ofExports, ...ofOthers];
  }

  /* One banner instead of empty panels; nothing where nothing is missing. */
  function banner() {
    const said = lines();
    if (!said.length) return null;
    return make(
      "aside",
      { class: "wanted", id: "not-here", "aria-labelledby": "not-here-title" },
      make("h3", { id: "not-here-title" }, report.say("not_here")),
      make("ul", { class: "plain" }, said),
    );
  }

  return { banner };
})();
