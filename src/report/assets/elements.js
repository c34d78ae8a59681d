"use strict";
/* Elements of the page, and the note that says what a figure means. All texts of the data become text nodes, never HTML. */

report.elements = (() => {
  /* An element with attributes, listeners (`onclick`) and children; `null` children are left out. */
  function make(name, attributes = {}, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (value === null || value === undefined || value === false) continue;
      if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
      else if (key === "class") element.className = value;
      else element.setAttribute(key, value === true ? "" : value);
    }
    element.append(...children.flat().filter((child) => child !== null && child !== undefined));
    return element;
  }

  /* In the language of the page, where a text has it. */
  const translated = (text) => (text ? (report.language === "zh" && text.zh) || text.en || "" : "");

  /* The name of a column: `returning_share` is "Returning share", or what operators call it in Chinese. */
  function label(table, column) {
    const meaning = report.data.meaning(table, column);
    if (report.language === "zh") return (meaning && meaning.zh) || column;
    return report.labels[column] || report.readable(column);
  }

  const note = make("div", { id: "note", role: "tooltip", hidden: true });
  let noted = null;

  /* What a column means, where it comes from, and when it is null. */
  function describe(table, column) {
    const meaning = report.data.meaning(table, column);
    const lines = [make("strong", {}, label(table, column))];
    if (meaning) {
      lines.push(make("p", {}, translated(meaning.definition)));
      if (meaning.formula) lines.push(make("p", { class: "formula" }, translated(meaning.formula)));
      if (meaning.null_when) lines.push(make("p", { class: "faint" }, `– ${report.say("when")} ${translated(meaning.null_when)}`));
    }
    lines.push(make("code", {}, meaning && meaning.made_of ? meaning.made_of : `${table}.${column}`));
    return lines;
  }

  function show(element, table, column) {
    note.replaceChildren(...describe(table, column));
    note.hidden = false;
    noted = element;
    element.setAttribute("aria-describedby", "note");
    const box = element.getBoundingClientRect();
    const left = Math.max(8, Math.min(box.left, document.documentElement.clientWidth - note.offsetWidth - 8));
    const below = box.bottom + 6;
    const top = below + note.offsetHeight > window.innerHeight ? Math.max(8, box.top - note.offsetHeight - 6) : below;
    note.style.left = `${left}px`;
    note.style.top = `${top}px`;
  }

  function hide() {
    note.hidden = true;
    if (noted) noted.removeAttribute("aria-describedby");
    noted = null;
  }

  /* Makes an element say what a column means, on hover, on focus and on a touch. */
  function explained(element, table, column) {
    element.classList.add("explained");
    element.addEventListener("mouseenter", () => show(element, table, column));
    element.addEventListener("mouseleave", hide);
    element.addEventListener("focus", () => show(element, table, column));
    element.addEventListener("blur", hide);
    return element;
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
  });
  document.addEventListener("scroll", hide, { capture: true, passive: true });

  /* The name of a column that can be focused and says what it means. */
  const term = (table, column, text) =>
    explained(make("button", { type: "button", class: "term" }, text || label(table, column)), table, column);

  /* A choice among values: [value, text]. */
  function select(name, choices, chosen, onchange) {
    const options = choices.map(([value, text]) => make("option", { value, selected: String(value) === String(chosen) }, text));
    return make(
      "label",
      { class: "choice" },
      make("span", {}, name),
      make("select", { onchange: (event) => onchange(event.target.value) }, options),
    );
  }

  /* Where a table is not in the snapshot: that it is not, and why. */
  function missing(table) {
    const reason = report.data.missing[table];
    const text = reason ? report.say("missing_because", { table, reason: report.note(reason) }) : report.say("missing", { table });
    return make("p", { class: "missing" }, text);
  }

  /* A panel with a heading, what it says, and its content. */
  function panel(id, title, remark, ...content) {
    return make(
      "section",
      { class: "panel", id, "aria-labelledby": `${id}-title` },
      make("h3", { id: `${id}-title` }, title),
      remark ? make("p", { class: "remark" }, remark) : null,
      ...content,
    );
  }

  return { make, translated, label, note, hide, explained, term, select, missing, panel };
})();
