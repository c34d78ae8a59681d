"use strict";
/* Tables that can be sorted and filtered, and fit the paper; the form of every chart that can be read aloud. */

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

  /* Rows and columns that cards show at first; the style sheet counts the same. */
  const MOST_CARDS = 6;
  const MOST_LINES = 6;

  /* Whether a text has so many letters without a space that it must be allowed to break: ids and names may be of any length. */
  const LONGEST_WORD = 12;
  const isLong = (shown) => typeof shown === "string" && shown.split(/\s/).some((word) => word.length > LONGEST_WORD);

  /*
   * A table: `caption`; `columns` of { table, column, text, value, show, numeric, offPaper }, where `value(row)` gives what is sorted by,
   * `show(value, row)` the text or element, and `offPaper` keeps a column from what is printed; `rows`; and optionally `sort` [column number,
   * descending], `choose(row)` for rows that can be chosen, and `filter: false` for tables of a few rows. What the reader sorts and filters
   * by is kept in `memory`, for a table that is made anew. On a telephone each row is a card, whose first line is the row's name and its answer:
   * the column that says so (`answer`), or the first one of numbers. With `cards: false` it stays a table there. The row `first`, a sum of the
   * others, stays above them whatever they are sorted and filtered by.
   */
  function table({ caption, columns, rows, sort = null, choose = null, chosen = null, filter = rows.length > 8, tall = false, memory = {}, cards = true, first = null }) {
    const prepared = columns.map((column) => {
      const meaning = report.data.meaning(column.table, column.column);
      const value = column.value || ((row) => row[column.column]);
      const show = column.show || ((cell) => report.numbers.cell(meaning, cell));
      const numeric = column.numeric === undefined ? Boolean(meaning && ["number", "money"].includes(meaning.kind)) : column.numeric;
      const isDate = Boolean(meaning && meaning.kind === "date");
      const classes = [numeric && "number", isDate && "date", column.offPaper && "off-paper"].filter(Boolean).join(" ") || null;
      return { ...column, value, show, numeric, classes };
    });
    const stated = prepared.findIndex((column) => column.answer);
    const answer = stated > 0 ? stated : Math.max(1, prepared.findIndex((column, at) => at > 0 && column.numeric));
    const heading = (column) => column.text || label(column.table, column.column);
    let [sorted, descending] = memory.sort || sort || [null, false];
    let wanted = memory.filter || "";
    const body = make("tbody");
    const count = make("span", { class: "count", role: "status" });
    const heads = prepared.map((column, at) => {
      const text = report.hyphenated(heading(column));
      const button = make("button", { type: "button", onclick: () => order(at) }, text);
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
        const main = at === 0 && choose && row !== first ? make("button", { type: "button", class: "link", onclick: () => choose(row) }, shown) : shown;
        const content = column.below ? [main, column.below(row)] : main;
        const classes = [column.classes, !column.numeric && isLong(shown) && "long", at === answer && "answer"].filter(Boolean).join(" ") || null;
        return make(at === 0 ? "th" : "td", { class: classes, scope: at === 0 ? "row" : null, "data-label": heading(column) }, content);
      });
      const element = make("tr", { class: row === first ? "first" : null, "aria-current": chosen && chosen(row) ? "true" : null }, cells);
      return { element, text: element.textContent.toLowerCase() };
    }

    const lines = new Map();
    const above = first ? [line(first).element] : [];
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
      body.replaceChildren(...above, ...shown);
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
    const scroll = make(
      "div",
      { class: ["scroll", tall && "tall", cards && "cards"].filter(Boolean).join(" "), tabindex: "0", role: "region", "aria-label": caption },
      make("table", {}, make("caption", {}, caption), make("thead", {}, make("tr", {}, heads)), body),
    );
    // What cards show at first is what a thumb's length of screen has room for.
    const isLongCard = cards && (rows.length > MOST_CARDS || columns.length > MOST_LINES);
    const unfold = (event) => {
      scroll.classList.add("whole");
      event.target.remove();
      scroll.focus({ preventScroll: true });
    };
    const whole = isLongCard
      ? make("button", { type: "button", class: "unfold", onclick: unfold }, report.say("whole_table", { rows: rows.length, columns: columns.length }))
      : null;
    return make("div", { class: "data" }, box, scroll, whole);
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

  /*
   * Divides columns of these widths into parts that are `room` wide at most: each has the first column, which names the rows, and some of
   * the others in their order. There are as few parts as can be, of widths as even as can be.
   */
  function parts([first, ...others], room) {
    const fill = (most) => {
      const filled = [];
      let width = Infinity;
      others.forEach((other, at) => {
        if (width + other > most) {
          filled.push([]);
          width = first;
        }
        filled.at(-1).push(at + 1);
        width += other;
      });
      return filled;
    };
    let even = fill(room);
    for (let most = room; most > first; most -= 4) {
      const narrower = fill(most);
      if (narrower.length > even.length) break;
      even = narrower;
    }
    return even;
  }

  /* A copy of a table with the first column and some others. */
  function part(box, kept) {
    const copy = box.cloneNode(true);
    copy.classList.add("part");
    for (const row of copy.querySelectorAll("tr")) {
      [...row.children].forEach((cell, at) => {
        if (at > 0 && !kept.includes(at)) cell.remove();
      });
    }
    return copy;
  }

  /*
   * Makes tables that are wider than the paper fit, whatever the font and however many digits: first with hyphens in their heads and less
   * room between columns, then as several tables below each other. The letters never get smaller, and nothing is left out.
   */
  /* A panel that is taller than this part of a page may go on on the next one: what is kept together would leave pages half empty. */
  const TALL = 260;

  function fitPaper() {
    const isWide = (box) => box.firstChild.offsetWidth > box.clientWidth;
    for (const box of document.querySelectorAll(".data > .scroll")) {
      if (!isWide(box)) continue;
      box.classList.add("tight");
      if (!isWide(box)) continue;
      const widths = [...box.querySelectorAll("thead th")].map((head) => head.getBoundingClientRect().width);
      box.after(...parts(widths, box.clientWidth).map((kept) => part(box, kept)));
      box.classList.add("parted");
    }
    for (const panel of document.querySelectorAll(".panel")) panel.classList.toggle("breaks", panel.offsetHeight > TALL);
  }

  /* Tables as they were on the screen. */
  function leavePaper() {
    for (const panel of document.querySelectorAll(".panel.breaks")) panel.classList.remove("breaks");
    for (const copy of document.querySelectorAll(".scroll.part")) copy.remove();
    for (const box of document.querySelectorAll(".scroll")) box.classList.remove("tight", "parted");
  }

  return { table, folded, fitPaper, leavePaper };
})();
