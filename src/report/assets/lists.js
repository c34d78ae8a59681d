"use strict";
/* Lists: whom the shop can contact, what is at stake, and what to do with each list. */

report.lists = (() => {
  const { make, panel } = report.elements;
  const { NOTHING, plain } = report.numbers;

  /* A list by the title of its strategy: in Chinese without the English one that may follow in brackets. */
  function nameOf({ name, title }) {
    if (report.language !== "zh") return report.readable(name);
    const chinese = title.replace(/ \([\x20-\x7e]*\)$/, "");
    return /[^\x00-\x7f]/.test(chinese) ? chinese : title || name;
  }

  /* The lists of some shops together: what each has of each of them, added up. */
  function rowsOf(shops) {
    const { names, shops: known } = report.data.lists;
    const there = shops.filter((shop) => known[shop]);
    if (!there.length) return [];
    const row = (list, at) => {
      const cells = there.map((shop) => known[shop][at]);
      const [treated, control, waiting, unpaid, brought] = [0, 1, 2, 3, 4].map((place) => report.derived.sum(cells.map((cell) => cell[place])));
      // A list is about unpaid orders where all whom it contacts have one.
      const isUnpaid = treated > 0 && waiting === treated;
      return { list, treated, control, stake: (isUnpaid ? unpaid : brought) / 100, isUnpaid, shops: cells.filter((cell) => cell[0] > 0).length };
    };
    // Unpaid orders cannot wait; nobody is waited for in an empty list.
    const place = (one) => (one.treated ? (one.isUnpaid ? 0 : 1) : 2);
    return names.map(row).sort((one, other) => place(one) - place(other) || other.stake - one.stake);
  }

  /* An id that a shell would not take as one word is put in quotes. */
  const quoted = (id) => (/^[\w.-]+$/.test(id) ? id : `'${id.replace(/'/g, "'\\''")}'`);

  /* The lists of a shop, or of all shops (`null`). */
  function lists(shop) {
    const rows = rowsOf(shop === null ? report.data.shops : [shop]);
    if (!rows.length) return null;
    const of = shop === null ? "" : ` --shop ${quoted(shop)}`;
    const command = ({ list }) => `huitou list export ${list.name}${of} --to ${list.name}.xlsx`;
    const number = (name) => ({ text: report.say(`list_${name}`), value: (row) => row[name], show: (value) => plain(value), numeric: true });
    const stake = {
      text: report.say("list_stake", { currency: report.currency() }),
      value: (row) => row.stake,
      show: (value, row) => (row.treated ? plain(value) : NOTHING),
      below: (row) => (row.treated ? make("span", { class: "limits" }, report.say(row.isUnpaid ? "stake_unpaid" : "stake_brought")) : null),
      numeric: true,
    };
    const next = {
      text: report.say("list_next"),
      value: (row) => row.list.name,
      show: (_, row) => (row.treated ? make("code", { class: "command" }, command(row)) : report.say("list_empty")),
      numeric: false,
    };
    const name = { text: report.say("list_name"), value: (row) => nameOf(row.list), show: (value) => value, numeric: false };
    const columns = [name, { ...number("treated"), answer: true }, number("control"), ...(shop === null ? [number("shops")] : []), stake, next];
    return panel(
      "lists-ready",
      report.say("lists"),
      report.say("lists_remark", { of }),
      report.tables.table({ caption: report.say("lists"), columns, rows, filter: false, tall: rows.length > 6 }),
    );
  }

  return { lists };
})();
