"use strict";
/* Retention: cohorts of customers as a heat map and as curves. */

report.retention = (() => {
  const { make, label, select, panel, missing } = report.elements;
  const { plain, percent, short } = report.numbers;
  const { ratio, sum } = report.derived;
  const { chart, tip, axis, replace } = report.charts;

  const state = { measure: "retention_rate" };

  /* The colour of a value of 0 to 1 on the scale, and that of a text on it. */
  function shade(palette, part) {
    const at = Math.max(0, Math.min(1, part)) * (palette.scale.length - 1);
    const [low, high] = [palette.scale[Math.floor(at)], palette.scale[Math.ceil(at)]].map((hex) =>
      [1, 3, 5].map((place) => parseInt(hex.slice(place, place + 2), 16)),
    );
    const mixed = low.map((value, channel) => Math.round(value + (high[channel] - value) * (at - Math.floor(at))));
    const linear = mixed.map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
    const luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
    return { ground: `rgb(${mixed.join(",")})`, text: luminance > 0.18 ? "#10161d" : "#ffffff" };
  }

  /* What the figure of a cell takes, in pixels: a rate, and an amount. */
  const widthOf = (measure) => (measure === "retention_rate" ? 21 : 25);

  function heatOption(rows, measure) {
    return (palette, narrow, phone, width) => {
      const cohorts = [...new Set(rows.map((row) => row.cohort))].sort();
      const sizes = new Map(rows.map((row) => [row.cohort, row.cohort_size]));
      const truncated = new Set(rows.filter((row) => row.is_left_truncated).map((row) => row.cohort));
      const shown = measure === "retention_rate" ? rows.filter((row) => row.period > 0) : rows;
      const periods = [...new Set(shown.map((row) => row.period))].sort((one, other) => one - other);
      const values = shown
        .map((row) => row[measure])
        .filter((value) => value !== null)
        .sort((one, other) => one - other);
      // The greatest value of a tiny cohort would leave no colours for the others.
      const top = values.length ? values[Math.floor((values.length - 1) * 0.97)] || values.at(-1) : 1;
      // Of a thousand and more with one decimal: neighbours must not touch.
      const thousands = (value) => (value >= 999.5 ? report.say("thousands", { count: plain(value / 1000, 1) }) : plain(value));
      const inCell = (value) => (measure === "retention_rate" ? plain(value * 100, value < 0.0995 ? 1 : 0) : thousands(value));
      const left = narrow ? 58 : 112;
      return {
        height: 60 + cohorts.length * (narrow ? 15 : 23),
        legend: false,
        grid: { left, right: 8, top: 40, bottom: 4, containLabel: false },
        tooltip: {
          trigger: "item",
          formatter: ({ data }) => {
            const row = shown[data.row];
            const lines = [
              [null, label("cohort_retention", "retention_rate"), percent(row.retention_rate)],
              [null, label("cohort_retention", "active_customers"), `${plain(row.active_customers)} / ${plain(row.cohort_size)}`],
              [null, label("cohort_retention", "cumulative_revenue_per_customer"), plain(row.cumulative_revenue_per_customer, 2)],
            ];
            if (!row.is_complete) lines.push([palette.mark, report.say("still_runs"), ""]);
            if (row.is_left_truncated) lines.push([palette.mark, report.say("truncated"), ""]);
            return tip(report.say("cohort_period", { cohort: row.cohort.slice(0, 7), period: row.period }), lines);
          },
        },
        xAxis: axis(palette, {
          type: "category",
          data: periods.map(String),
          position: "top",
          name: report.say("months_since"),
          nameLocation: "middle",
          nameGap: 22,
          axisLine: { show: false },
        }),
        yAxis: axis(palette, {
          type: "category",
          data: cohorts,
          inverse: true,
          axisLine: { show: false },
          axisLabel: {
            interval: 0,
            fontSize: narrow ? 9.5 : 12,
            formatter: (cohort) =>
              narrow
                ? `${cohort.slice(2, 7)}${truncated.has(cohort) ? "*" : ""}`
                : `${cohort.slice(0, 7)}${truncated.has(cohort) ? "*" : ""}  (${plain(sizes.get(cohort))})`,
          },
        }),
        series: [
          {
            type: "heatmap",
            progressive: 0,
            emphasis: { itemStyle: { borderColor: palette.text, borderWidth: 1.5 } },
            data: shown.map((row, at) => {
              const colour = shade(palette, (row[measure] || 0) / (top || 1));
              return {
                row: at,
                value: [periods.indexOf(row.period), cohorts.indexOf(row.cohort), row[measure]],
                itemStyle: {
                  color: colour.ground,
                  borderColor: row.is_complete ? palette.panel : palette.mark,
                  borderWidth: row.is_complete ? 1 : 1.2,
                  borderType: row.is_complete ? "solid" : "dotted",
                },
                label: {
                  show: !narrow && (width - left - 8) / periods.length >= widthOf(measure),
                  color: colour.text,
                  fontSize: 10.5,
                  formatter: () => (row[measure] === null ? "" : inCell(row[measure])),
                },
              };
            }),
          },
        ],
        // Each cell has its colour already; without a map the library draws no heat map.
        visualMap: { show: false, min: 0, max: 1, dimension: 2, inRange: { opacity: 1 }, seriesIndex: [] },
      };
    };
  }

  /* The last whole cohorts, and all of them together: customers who came in the period, of all customers who could have. */
  function curvesOption(rows, measure) {
    return (palette, narrow, phone) => {
      const complete = rows.filter((row) => row.is_complete);
      const cohorts = [...new Set(complete.filter((row) => row.period >= 3).map((row) => row.cohort))].sort();
      const chosen = cohorts.length > 5 ? [0, 1, 2, 3, 4].map((step) => cohorts[Math.round((step * (cohorts.length - 1)) / 4)]) : cohorts;
      const most = Math.max(0, ...complete.map((row) => row.period));
      const together = Array.from({ length: most + 1 }, (_, period) => {
        const own = complete.filter((row) => row.period === period && !row.is_left_truncated);
        const value =
          measure === "retention_rate"
            ? sum(own.map((row) => row.active_customers))
            : sum(own.map((row) => row.cumulative_revenue_per_customer * row.cohort_size));
        return own.length < 3 ? null : ratio(value, sum(own.map((row) => row.cohort_size)));
      });
      const from = measure === "retention_rate" ? 1 : 0;
      const line = (name, data, options) => ({ name, type: "line", showSymbol: false, data: data.slice(from), ...options });
      const shown = (value) => (measure === "retention_rate" ? percent(value) : plain(value, 2));
      return {
        height: phone ? 340 : Math.max(340, 90 + 23 * new Set(rows.map((row) => row.cohort)).size),
        legend: { type: "plain" },
        tooltip: {
          trigger: "axis",
          formatter: (points) =>
            tip(
              report.say("after_months", { count: points[0].axisValue }),
              points
                .filter((point) => point.value !== null && point.value !== undefined)
                .map((point) => [point.color, point.seriesName, shown(point.value)]),
            ),
        },
        xAxis: axis(palette, {
          type: "category",
          boundaryGap: false,
          data: Array.from({ length: most + 1 - from }, (_, at) => String(at + from)),
          name: report.say("months_since"),
          nameLocation: "middle",
          nameGap: 26,
        }),
        grid: { bottom: 26, top: 72 },
        yAxis: axis(palette, {
          type: "value",
          axisLabel: { formatter: (value) => (measure === "retention_rate" ? percent(value, 0) : short(value)) },
        }),
        series: [
          line(report.say("all_cohorts"), together, { lineStyle: { width: 3.4 }, color: palette.text, z: 5 }),
          ...chosen.map((cohort, at) => {
            const own = new Map(complete.filter((row) => row.cohort === cohort).map((row) => [row.period, row[measure]]));
            const data = Array.from({ length: most + 1 }, (_, period) => (own.has(period) ? own.get(period) : null));
            return line(cohort.slice(0, 7), data, {
              color: palette.series[at],
              lineStyle: { width: 1.6, type: ["solid", "dashed", "dotted", "solid", "dashed"][at] },
            });
          }),
        ],
      };
    };
  }

  function cohorts(shop) {
    if (!report.data.tables.cohort_retention) return [panel("cohorts", report.say("cohorts"), "", missing("cohort_retention"))];
    const rows = report.data.rows("cohort_retention", shop);
    if (!rows.length)
      return [panel("cohorts", report.say("cohorts"), "", make("p", { class: "missing" }, report.say("no_monthly_cohorts")))];
    const measures = ["retention_rate", "cumulative_revenue_per_customer"].filter((column) => rows[0][column] !== undefined);
    const choices = measures.map((column) => [column, label("cohort_retention", column)]);
    const tools = make(
      "div",
      { class: "tools" },
      select(report.say("figure"), choices, state.measure, (value) => {
        state.measure = value;
        const [heat, curves] = cohorts(shop);
        replace(heat, curves);
      }),
    );
    const columns = ["cohort", "period", "cohort_size", "active_customers", ...measures, "is_complete", "is_left_truncated"].map(
      (column) => ({ table: "cohort_retention", column, show: column === "cohort" ? (value) => value.slice(0, 7) : undefined }),
    );
    return [
      panel(
        "cohorts",
        report.say("cohorts"),
        report.say("cohorts_remark"),
        tools,
        chart("cohorts", report.say("cohorts_label", { shop }), 500, heatOption(rows, state.measure)),
        report.tables.folded(report.say("figures_of", { count: rows.length }), () =>
          report.tables.table({ caption: report.say("cohorts"), columns, rows, tall: true }),
        ),
      ),
      panel(
        "curves",
        report.say("curves"),
        report.say("curves_remark"),
        chart("curves", report.say("curves_label", { shop }), 380, curvesOption(rows, state.measure)),
      ),
    ];
  }

  return { cohorts };
})();
