"use strict";
/* The data of the page: columns of integers back to numbers, dates and texts, and the rows of a shop. */

report.data = (() => {
  const raw = JSON.parse(document.getElementById("data").textContent);
  const DAY = 86400000;

  /* Runs of equal cells, [cell, count, cell, count, …], cell by cell. */
  function unrolled(runs) {
    const cells = [];
    for (let at = 0; at < runs.length; at += 2) {
      for (let count = 0; count < runs[at + 1]; count += 1) cells.push(runs[at]);
    }
    return cells;
  }

  /* A column is stored as its cells, or as the steps from cell to cell; each as they are, or as runs. */
  function expand(column) {
    if (column.cells) return column.cells;
    if (column.runs) return unrolled(column.runs);
    let cell = 0;
    return (column.steps || unrolled(column.step_runs)).map((step) => {
      cell += step;
      return cell;
    });
  }

  const FORMS = ["cells", "runs", "steps", "step_runs"];

  /* What an integer of a column stands for. */
  function decoder(column) {
    const divisor = 10 ** column.decimals;
    switch (column.kind) {
      case "shop":
        return (cell) => raw.shops[cell];
      case "text":
        return (cell) => raw.texts[cell];
      case "date":
        return (cell) => new Date(cell * DAY).toISOString().slice(0, 10);
      case "flag":
        return (cell) => cell === 1;
      default:
        return (cell) => cell / divisor;
    }
  }

  class Table {
    constructor(name, table) {
      this.name = name;
      this.about = table;
      this.rows = table.rows;
      this.cells = {};
      this.decode = {};
      this.stored = Object.keys(table.columns).filter((column) => FORMS.some((form) => table.columns[column][form]));
      for (const column of this.stored) {
        this.cells[column] = expand(table.columns[column]);
        this.decode[column] = decoder(table.columns[column]);
      }
      this.made = new Map();
      this.byOwner = new Map();
      // The first column says whose the rows are.
      const [owner] = this.stored;
      for (let row = 0; row < this.rows; row += 1) {
        const cell = this.cells[owner][row];
        const key = cell === null ? null : this.decode[owner](cell);
        if (!this.byOwner.has(key)) this.byOwner.set(key, []);
        this.byOwner.get(key).push(row);
      }
    }

    /* A row as an object; null stays null. */
    row(at) {
      const row = {};
      for (const column of this.stored) {
        const cell = this.cells[column][at];
        row[column] = cell === null ? null : this.decode[column](cell);
      }
      return row;
    }

    /* The rows of a shop, of a group of shops or of a scope, in the order of the table; made once, since the list of shops asks for those of all. */
    of(owner) {
      if (!this.made.has(owner)) {
        const rows = (this.byOwner.get(owner) || []).map((at) => this.row(at));
        const derive = report.derived[this.name];
        this.made.set(owner, derive ? rows.map((row) => ({ ...row, ...derive(row, rows) })) : rows);
      }
      return this.made.get(owner);
    }
  }

  const tables = {};
  for (const [name, table] of Object.entries(raw.tables)) tables[name] = new Table(name, table);

  return {
    ...raw,
    tables,
    /* The rows of a table and shop; none where the snapshot does not have the table. */
    rows: (table, shop) => (tables[table] ? tables[table].of(shop) : []),
    /* The group of a shop; nothing where it is in none. */
    groupOf: (shop) => (tables.shops && tables.shops.of(shop)[0] ? tables.shops.of(shop)[0].shop_group : null),
    /* What a shop is called; nothing where the inputs do not say. */
    nameOf: (shop) => (tables.shops && tables.shops.of(shop)[0] ? tables.shops.of(shop)[0].name : null),
    /* What a column means; nothing for an unknown one. */
    meaning: (table, column) => (tables[table] ? tables[table].about.columns[column] : undefined),
    /* The date so many days later. */
    shift: (date, days) => new Date(Date.parse(date) + days * DAY).toISOString().slice(0, 10),
    /* The first day of the month that lies so many months before that of a date. */
    monthStart: (date, count) => {
      const months = Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7)) - 1 - count;
      return `${String(Math.floor(months / 12)).padStart(4, "0")}-${String((months % 12) + 1).padStart(2, "0")}-01`;
    },
    /* Days from one date to another. */
    between: (from, to) => Math.round((Date.parse(to) - Date.parse(from)) / DAY),
  };
})();
