"use strict";
/* Tables that can be sorted and filtered; the form of every chart that can be read aloud. */

report.tables = (() => {
  const { make, explained, label } = report.elements;

  /* Nulls come last whichever way a column is sorted. */
  function compare(one, other, descending) {
    if (one === null || one === undefined) return other === null || other === undefined ? 0 : 1;
    if (other === null || other === undefined) return -1;
    const order =
      typeof one === "number" && typeof other === "number"
        ? one - other
        : String(one).localeCompare(String(other), undefined, { numeric: true });
    return descending ? -order : order;
  }

  /*
   * A table: `caption`; `columns` of { table, column, text, value, show, numeric, offPaper }, where `value(row)` gives what is sorted by,
   * `show(value, row)` the text or element, and `offPaper` keeps a column from what is printed; `rows`; and optionally `sort` [column number,
   * descending], `choose(row)` for rows that can be chosen, and `filter: false` for tables of a few rows. What the reader sorts and filters
   * by is kept in `memory`, for a table that is made anew.
   */
  function table({ caption, columns, rows, sort = null, choose = null, chosen = null, filter = rows.length > 8, tall = false, memory = {} }) {
    const prepared = columns.map((column) => {
      const meaning = report.data.meaning(column.table, column.column);
      const value = column.value || ((row) => row[column.column]);
      const show = column.show || ((cell) => report.numbers.cell(meaning, cell));
      const numeric = column.numeric === undefined ? Boolean(meaning && ["number", "money"].includes(meaning.kind)) : column.numeric;
      const isDate = Boolean(meaning && meaning.kind === "date");
      const classes = [numeric && "number", isDate && "date", column.offPaper && "off-paper"].filter(Boolean).join(" ") || null;
      return { ...column, value, show, numeric, classes };
    });
    let [sorted, descending] = memory.sort || sort || [null, false];
    let wanted = memory.filter || "";
    const body = make("tbody");
    const count = make("span", { class: "count", role: "status" });
    const heads = prepared.map((column, at) => {
      const button = make("button", { type: "button", onclick: () => order(at) }, column.text || label(column.table, column.column));
      if (column.table) explained(button, column.table, column.column);
      return make("th", { scope: "col", class: column.classes }, button);
    });

    function order(at) {
      descending = sorted === at ? !descending : prepared[at].numeric;
      sorted = at;
      memory.sort = [sorted, descending];
      fill();
    }

    function line(row) {
      const cells = prepared.map((column, at) => {
        const shown = column.show(column.value(row), row);
        const content = at === 0 && choose ? make("button", { type: "button", class: "link", onclick: () => choose(row) }, shown) : shown;
        return make(at === 0 ? "th" : "td", { class: column.classes, scope: at === 0 ? "row" : null }, content);
      });
      const element = make("tr", { "aria-current": chosen && chosen(row) ? "true" : null }, cells);
      return { element, text: element.textContent.toLowerCase() };
    }

    const lines = new Map();
    function fill() {
      heads.forEach((head, at) => {
        if (at === sorted) head.setAttribute("aria-sort", descending ? "descending" : "ascending");
        else head.removeAttribute("aria-sort");
      });
      const inOrder =
        sorted === null
          ? rows
          : [...rows].sort((one, other) => compare(prepared[sorted].value(one), prepared[sorted].value(other), descending));
      const shown = [];
      for (const row of inOrder) {
        if (!lines.has(row)) lines.set(row, line(row));
        if (lines.get(row).text.includes(wanted.trim().toLowerCase())) shown.push(lines.get(row).element);
      }
      body.replaceChildren(...shown);
      count.textContent = report.say("rows_of", { shown: shown.length, all: rows.length });
    }

    fill();
    const box = filter
      ? make(
          "div",
          { class: "filter" },
          make(
            "label",
            {},
            make("span", {}, report.say("filter")),
            make("input", {
              type: "search",
              value: wanted,
              oninput: (event) => {
                wanted = event.target.value;
                memory.filter = wanted;
                fill();
              },
            }),
          ),
          count,
        )
      : null;
    return make(
      "div",
      { class: "data" },
      box,
      make(
        "div",
        { class: tall ? "scroll tall" : "scroll", tabindex: "0", role: "region", "aria-label": caption },
        make("table", {}, make("caption", {}, caption), make("thead", {}, make("tr", {}, heads)), body),
      ),
    );
  }

  /* The same, folded in until somebody wants it; long tables are made only then. */
  function folded(summary, build) {
    const details = make("details", { class: "figures" }, make("summary", {}, summary));
    details.addEventListener("toggle", () => {
      if (details.open && !details.dataset.filled) {
        details.dataset.filled = "yes";
        details.append(build());
      }
    });
    return details;
  }

  return { table, folded };
})();
