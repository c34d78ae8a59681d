"use strict";
/* Retention: the time to the next purchase, as a curve with its band, as a histogram, and for every further purchase. */

report.intervals = (() => {
  const { make, label, select, panel, missing } = report.elements;
  const { plain, percent, short } = report.numbers;
  const { chart, tip, axis, replace } = report.charts;

  const state = { nth: 1 };

  /* The band is drawn as one area between the two limits, in steps like the curve. */
  function band(rows, palette) {
    return {
      type: "custom",
      silent: true,
      z: 1,
      data: [[0, 1]],
      tooltip: { show: false },
      clip: true,
      renderItem: (_, api) => {
        const there = rows.filter((row) => row.ci_low !== null && row.ci_high !== null);
        if (!there.length) return null;
        const edge = (column) =>
          there.flatMap((row, at) =>
            at === 0
              ? [
                  [0, 1],
                  [row.days, 1],
                  [row.days, row[column]],
                ]
              : [
                  [row.days, there[at - 1][column]],
                  [row.days, row[column]],
                ],
          );
        const points = [...edge("ci_high"), ...edge("ci_low").reverse()].map((point) => api.coord(point));
        return { type: "polygon", shape: { points }, style: { fill: palette.series[0], opacity: 0.18 } };
      },
    };
  }

  function survivalOption(rows, interval) {
    return (palette) => ({
      legend: false,
      grid: { bottom: 26, top: 20 },
      tooltip: {
        trigger: "axis",
        axisPointer: { type: "line" },
        formatter: (points) => {
          const days = points[0].axisValue;
          const row = rows.filter((candidate) => candidate.days <= days).at(-1);
          if (!row) return tip(report.say("days", { count: Math.round(days) }), []);
          return tip(report.say("days", { count: row.days }), [
            [palette.series[0], label("repurchase_survival", "survival"), percent(row.survival)],
            [null, report.say("band"), `${percent(row.ci_low)} – ${percent(row.ci_high)}`],
            [null, label("repurchase_survival", "at_risk"), plain(row.at_risk)],
          ]);
        },
      },
      xAxis: axis(palette, {
        type: "value",
        min: 0,
        max: rows.at(-1).days,
        name: report.say("days_since"),
        nameLocation: "middle",
        nameGap: 26,
        splitLine: { show: false },
      }),
      yAxis: axis(palette, { type: "value", min: 0, max: 1, axisLabel: { formatter: (value) => percent(value, 0) } }),
      series: [
        band(rows, palette),
        {
          type: "line",
          step: "end",
          showSymbol: false,
          z: 3,
          color: palette.series[0],
          lineStyle: { width: 2.4 },
          data: [[0, 1], ...rows.map((row) => [row.days, row.survival])],
          markLine: {
            silent: true,
            symbol: "none",
            lineStyle: { color: palette.mark, type: "dashed" },
            label: { color: palette.mark, position: "insideEndTop" },
            data:
              interval && interval.km_median_days !== null
                ? [
                    {
                      xAxis: interval.km_median_days,
                      label: {
                        formatter: report.say("median", { days: interval.km_median_days }),
                        position: "insideEndTop",
                        rotate: 0,
                        align: "left",
                        offset: [6, 14],
                      },
                    },
                  ]
                : [],
          },
        },
      ],
    });
  }

  function histogramOption(rows) {
    return (palette) => {
      const WIDTH = 7;
      const most = Math.min(366, Math.max(...rows.map((row) => row.days)));
      const bins = Array.from({ length: Math.ceil(most / WIDTH) }, (_, at) => ({
        from: at * WIDTH + 1,
        to: (at + 1) * WIDTH,
        intervals: 0,
      }));
      let beyond = 0;
      for (const row of rows) {
        const bin = bins[Math.ceil(row.days / WIDTH) - 1];
        if (bin) bin.intervals += row.intervals;
        else beyond += row.intervals;
      }
      return {
        legend: false,
        grid: { bottom: 26, top: 20 },
        tooltip: {
          trigger: "axis",
          formatter: (points) => {
            const bin = bins[points[0].dataIndex];
            return tip(report.say("day_range", bin), [[palette.series[0], label("interval_histogram", "intervals"), plain(bin.intervals)]]);
          },
        },
        title: beyond
          ? {
              text: report.say("beyond", { count: plain(beyond), days: bins.length * WIDTH }),
              right: 8,
              top: 0,
              textStyle: { color: palette.faint, fontSize: 12, fontWeight: "normal" },
            }
          : undefined,
        xAxis: axis(palette, {
          type: "category",
          data: bins.map((bin) => String(bin.to)),
          name: report.say("days_since"),
          nameLocation: "middle",
          nameGap: 26,
        }),
        yAxis: axis(palette, { type: "value", minInterval: 1, axisLabel: { formatter: short } }),
        series: [{ type: "bar", data: bins.map((bin) => bin.intervals), barCategoryGap: "12%" }],
      };
    };
  }

  const ordinal = (nth) => (nth === 0 ? report.say("all_intervals") : report.say("nth_interval", { from: nth, to: nth + 1 }));

  /* The time to the next purchase: curve, histogram, and the figures of every further purchase. */
  function panels(shop) {
    const curve = report.data.rows("repurchase_survival", shop);
    const all = report.data.rows("repurchase_intervals", shop);
    const nths = [...new Set(curve.map((row) => row.nth))].sort((one, other) => one - other);
    if (nths.length && !nths.includes(state.nth)) state.nth = nths.includes(1) ? 1 : nths[0];
    const own = curve.filter((row) => row.nth === state.nth);
    const histogram = report.data.rows("interval_histogram", shop).filter((row) => row.nth === state.nth);
    const tools =
      nths.length < 2
        ? null
        : make(
            "div",
            { class: "tools" },
            select(
              report.say("interval"),
              nths.map((nth) => [nth, ordinal(nth)]),
              state.nth,
              (value) => {
                state.nth = Number(value);
                const [survival, bars] = panels(shop);
                replace(survival, bars);
              },
            ),
          );
    const absent = (table) => (report.data.tables[table] ? make("p", { class: "missing" }, report.say("no_rows")) : missing(table));
    const columns = [
      "nth",
      "customers",
      "repurchased",
      "repurchase_rate",
      "p25",
      "p50",
      "p75",
      "km_median_days",
      "km_within_30",
      "km_within_90",
      "km_within_180",
      "km_within_365",
    ].map((column) => ({
      table: "repurchase_intervals",
      column,
      show: column === "nth" ? ordinal : undefined,
      numeric: column === "nth" ? false : undefined,
    }));
    const curveColumns = ["days", "at_risk", "survival", "ci_low", "ci_high"].map((column) => ({ table: "repurchase_survival", column }));
    const median = all.find((row) => row.nth === state.nth);
    // Curves take the most room, so a page that is too full has those of the first purchases only.
    const without = report.data.left_out ? all.map((row) => row.nth).filter((nth) => !nths.includes(nth)) : [];
    const leftOut = without.length
      ? make("p", { class: "remark", id: "curves-left-out" }, report.say("curves_left_out", { intervals: without.map(ordinal).join(", ") }))
      : null;
    return [
      panel(
        "survival",
        report.say("survival"),
        report.say("survival_remark"),
        tools,
        own.length
          ? chart("survival", report.say("survival_label", { shop }), 320, survivalOption(own, median))
          : absent("repurchase_survival"),
        own.length
          ? report.tables.folded(report.say("figures_of", { count: own.length }), () =>
              report.tables.table({ caption: report.say("survival"), columns: curveColumns, rows: own, tall: true }),
            )
          : null,
        leftOut,
      ),
      panel(
        "histogram",
        report.say("histogram", { interval: ordinal(state.nth) }),
        report.say("histogram_remark"),
        histogram.length
          ? chart("histogram", report.say("histogram_label", { shop }), 320, histogramOption(histogram))
          : absent("interval_histogram"),
        histogram.length
          ? report.tables.folded(report.say("figures_of", { count: histogram.length }), () =>
              report.tables.table({
                caption: report.say("histogram", { interval: ordinal(state.nth) }),
                columns: ["days", "intervals"].map((column) => ({ table: "interval_histogram", column })),
                rows: histogram,
                tall: true,
              }),
            )
          : null,
      ),
      panel(
        "intervals",
        report.say("intervals"),
        report.say("intervals_remark"),
        all.length
          ? report.tables.table({ caption: report.say("intervals"), columns, rows: all, filter: false })
          : absent("repurchase_intervals"),
      ),
    ];
  }

  return { panels };
})();
