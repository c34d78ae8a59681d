"use strict";
/* Forecast: the expected sales of the next months, their components, their band of 80 %, and the target. */

report.forecast = (() => {
  const { make, label, panel, missing } = report.elements;
  const { NOTHING, plain, percent, short, cell } = report.numbers;
  const { chart, tip, axis } = report.charts;

  const PARTS = ["sales_to_date", "known_revenue", "new_first_revenue", "new_repeat_revenue"];

  function option(rows) {
    return (palette) => {
      const meaning = (column) => report.data.meaning("forecast_months", column);
      const colours = [palette.faint, palette.series[0], palette.series[2], palette.series[5]];
      const whisker = {
        type: "custom",
        name: report.say("band80"),
        z: 6,
        itemStyle: { color: palette.text },
        tooltip: { show: false },
        data: rows.map((row, at) => [at, row.lower, row.upper]).filter(([, lower]) => lower !== null),
        encode: { x: 0, y: [1, 2] },
        renderItem: (_, api) => {
          const [low, high] = [api.coord([api.value(0), api.value(1)]), api.coord([api.value(0), api.value(2)])];
          const line = (x1, y1, x2, y2) => ({ type: "line", shape: { x1, y1, x2, y2 }, style: { stroke: palette.text, lineWidth: 1.8 } });
          return {
            type: "group",
            children: [
              line(low[0], low[1], high[0], high[1]),
              line(low[0] - 7, low[1], low[0] + 7, low[1]),
              line(high[0] - 7, high[1], high[0] + 7, high[1]),
            ],
          };
        },
      };
      return {
        grid: { top: 66 },
        tooltip: {
          trigger: "axis",
          axisPointer: { type: "shadow" },
          formatter: (points) => {
            const row = rows[points[0].dataIndex];
            const line = (column, colour) => [colour, label("forecast_months", column), cell(meaning(column), row[column])];
            return tip(row.month.slice(0, 7), [
              ...PARTS.map((column, at) => line(column, colours[at])),
              line("expected_sales", null),
              [null, report.say("band80"), row.lower === null ? NOTHING : `${plain(row.lower, 2)} – ${plain(row.upper, 2)}`],
              ...(row.sales_target === null
                ? []
                : [line("sales_target", palette.mark), [null, report.say("missing_to_target"), cell(meaning("gap"), row.gap)]]),
            ]);
          },
        },
        legend: { type: "plain" },
        xAxis: axis(palette, { type: "category", data: rows.map((row) => row.month.slice(0, 7)) }),
        yAxis: axis(palette, { type: "value", axisLabel: { formatter: short } }),
        series: [
          ...PARTS.map((column, at) => ({
            name: label("forecast_months", column),
            type: "bar",
            stack: "sales",
            color: colours[at],
            barMaxWidth: 54,
            data: rows.map((row) => row[column]),
          })),
          whisker,
          ...(rows.some((row) => row.sales_target !== null)
            ? [
                {
                  name: label("forecast_months", "sales_target"),
                  type: "scatter",
                  symbol: "diamond",
                  symbolSize: 14,
                  itemStyle: { color: palette.mark, borderColor: palette.panel, borderWidth: 1.5 },
                  z: 7,
                  data: rows.map((row) => row.sales_target),
                },
              ]
            : []),
        ],
      };
    };
  }

  function months(shop) {
    if (!report.data.tables.forecast_months) return panel("months", report.say("months"), "", missing("forecast_months"));
    const rows = report.data.rows("forecast_months", shop);
    const reason = rows.find((row) => row.reason !== null);
    if (!rows.length || rows.every((row) => row.expected_sales === null)) {
      return panel(
        "months",
        report.say("months"),
        "",
        make("p", { class: "missing" }, reason ? report.say("no_forecast", { reason: report.note(reason.reason) }) : report.say("no_rows")),
      );
    }
    const figures = ["expected_sales", "lower", "upper", "sales_target", "gap", "new_customers", "new_customers_to_close", "uv_to_close"];
    const columns = [
      { table: "forecast_months", column: "month", show: (value) => value.slice(0, 7) },
      ...figures
        .filter((column) => rows.some((row) => row[column] !== null))
        .map((column) => ({
          table: "forecast_months",
          column,
          text: column === "gap" ? report.say("missing_to_target") : undefined,
          show: shown(column),
        })),
    ];
    const partColumns = [columns[0], ...PARTS.map((column) => ({ table: "forecast_months", column, show: (value) => plain(value, 2) }))];
    const models = report.data.rows("forecast_models", shop).filter((row) => row.hold_out_days !== null);
    const trial = models.length
      ? make(
          "p",
          { class: "remark" },
          report.say("trial", {
            model: models[0].model,
            days: models[0].hold_out_days,
            predicted: plain(models[0].predicted_purchases),
            actual: plain(models[0].hold_out_purchases),
            share: percent(models[0].predicted_per_actual, 0),
          }),
        )
      : null;
    /* Against "as often as before": which is used where models rank customers worse. */
    const doubts = { misses_more: "misses_more", no_better: "no_better" };
    const doubt = models.length ? (models[0].chosen_by === "worse_than_naive" ? "worse_than_naive" : doubts[models[0].verdict]) : undefined;
    return panel(
      "months",
      report.say("months"),
      report.sayAll(
        ["months_remark", true],
        ["months_band", rows.some((row) => row.lower !== null)],
        ["months_plan", rows.some((row) => row.sales_target !== null)],
      ),
      chart("months", report.say("months_label", { shop }), 360, option(rows)),
      report.tables.table({ caption: report.say("months"), columns, rows, filter: false }),
      report.tables.folded(report.say("parts"), () =>
        report.tables.table({ caption: report.say("parts"), columns: partColumns, rows, filter: false }),
      ),
      trial,
      doubt ? make("p", { class: "remark doubt" }, report.say(doubt)) : null,
    );
  }

  /* People are whole: of those that are needed a part of one is one more. */
  const PEOPLE = {
    new_customers: (value) => plain(value),
    new_customers_to_close: (value) => plain(value === null ? null : Math.ceil(value)),
    uv_to_close: (value) => plain(value === null ? null : Math.ceil(value)),
  };

  /* How a figure is shown, where not as its card says. */
  function shown(column) {
    const meaning = report.data.meaning("forecast_months", column);
    if (column === "gap") return (value) => (value === null ? NOTHING : report.listings.gap(value, plain(Math.abs(value), 2)));
    const isMoney = Boolean(meaning) && (meaning.kind === "money" || meaning.unit === "CNY");
    return isMoney ? (value) => plain(value, 2) : PEOPLE[column];
  }

  return { months };
})();
