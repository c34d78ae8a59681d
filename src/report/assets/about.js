"use strict";
/* About the data: what went in, and what the run had to say about it, in panels. */

report.about = (() => {
  const { make } = report.elements;
  const { NOTHING, plain } = report.numbers;
  const { data } = report;

  const half = (element) => {
    element.classList.add("half");
    return element;
  };

  return () => {
    const inputs = ["name", "path", "files", "rows", "used", "superseded", "rejected", "after_as_of", "filtered", "newest_event"].map((column) => ({
      column,
      text: report.say(`input_${column}`),
      numeric: !["name", "path", "newest_event"].includes(column),
      show: (value) => (typeof value === "number" ? plain(value) : value === null ? NOTHING : column === "name" ? report.name(value) : value),
    }));
    const missing = Object.entries(data.missing);
    const list = (title, lines) =>
      make(
        "section",
        { class: "panel" },
        make("h3", {}, title),
        lines.length
          ? make(
              "ul",
              { class: "plain" },
              lines.map((line) => make("li", {}, line)),
            )
          : make("p", { class: "remark" }, report.say("none")),
      );
    return [
      make(
        "section",
        { class: "panel" },
        make("h3", {}, report.say("inputs")),
        make("p", { class: "remark" }, report.say("inputs_remark")),
        report.tables.table({ caption: report.say("inputs"), columns: inputs, rows: data.inputs, filter: false }),
      ),
      half(list(report.say("warnings"), data.warnings.map(report.note))),
      half(
        list(
          report.say("missing_tables"),
          missing.map(([table, reason]) =>
            reason ? report.say("missing_because", { table, reason: report.note(reason) }) : report.say("missing", { table }),
          ),
        ),
      ),
    ];
  };
})();
