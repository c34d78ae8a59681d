"use strict";
/* Coming back: cohorts as a heat map and as curves, and the time to the next purchase. */

report.retention = (() => {
  const { make, label, select, panel, missing } = report.elements;
  const { plain, percent, short } = report.numbers;
  const { ratio, sum } = report.derived;
  const { chart, tip, axis } = report.charts;

  const state = { measure: "retention_rate", nth: 1 };

  /* The colour of a value of 0 to 1 on the scale, and that of a text on it. */
  function shade(palette, part) {
    const at = Math.max(0, Math.min(1, part)) * (palette.scale.length - 1);
    const [low, high] = [palette.scale[Math.floor(at)], palette.scale[Math.ceil(at)]].map((hex) => [1, 3, 5].map((place) => parseInt(hex.slice(place, place + 2), 16)));
    const mixed = low.map((value, channel) => Math.round(value + (high[channel] - value) * (at - Math.floor(at))));
    const linear = mixed.map((value) => ((value / 255) <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
    const luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
    return { ground: `rgb(${mixed.join(",")})`, text: luminance > 0.18 ? "#10161d" : "#ffffff" };
  }

  function heatOption(rows, measure) {
    return (palette, narrow) => {
      const cohorts = [...new Set(rows.map((row) => row.cohort))].sort();
      const sizes = new Map(rows.map((row) => [row.cohort, row.cohort_size]));
      const truncated = new Set(rows.filter((row) => row.is_left_truncated).map((row) => row.cohort));
      const shown = measure === "retention_rate" ? rows.filter((row) => row.period > 0) : rows;
      const periods = [...new Set(shown.map((row) => row.period))].sort((one, other) => one - other);
      const values = shown.map((row) => row[measure]).filter((value) => value !== null).sort((one, other) => one - other);
      // The greatest value of a tiny cohort would leave no colours for the others.
      const top = values.length ? values[Math.floor((values.length - 1) * 0.97)] || values.at(-1) : 1;
      const inCell = (value) => (measure === "retention_rate" ? plain(value * 100, value < 0.0995 ? 1 : 0) : short(value));
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
        xAxis: axis(palette, { type: "category", data: periods.map(String), position: "top", name: report.say("months_since"), nameLocation: "middle", nameGap: 22, axisLine: { show: false } }),
        yAxis: axis(palette, {
          type: "category", data: cohorts, inverse: true, axisLine: { show: false },
          axisLabel: { interval: 0, fontSize: narrow ? 9.5 : 12, formatter: (cohort) => (narrow ? `${cohort.slice(2, 7)}${truncated.has(cohort) ? "*" : ""}` : `${cohort.slice(0, 7)}${truncated.has(cohort) ? "*" : ""}  (${plain(sizes.get(cohort))})`) },
        }),
        series: [{
          type: "heatmap", progressive: 0, emphasis: { itemStyle: { borderColor: palette.text, borderWidth: 1.5 } },
          data: shown.map((row, at) => {
            const colour = shade(palette, (row[measure] || 0) / (top || 1));
            return {
              row: at, value: [periods.indexOf(row.period), cohorts.indexOf(row.cohort), row[measure]],
              itemStyle: { color: colour.ground, borderColor: row.is_complete ? palette.panel : palette.mark, borderWidth: row.is_complete ? 1 : 1.2, borderType: row.is_complete ? "solid" : "dotted" },
              label: { show: !narrow && periods.length <= 26, color: colour.text, fontSize: 10.5, formatter: () => (row[measure] === null ? "" : inCell(row[measure])) },
            };
          }),
        }],
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
        const value = measure === "retention_rate" ? sum(own.map((row) => row.active_customers)) : sum(own.map((row) => row.cumulative_revenue_per_customer * row.cohort_size));
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
          formatter: (points) => tip(report.say("after_months", { count: points[0].axisValue }), points.filter((point) => point.value !== null && point.value !== undefined).map((point) => [point.color, point.seriesName, shown(point.value)])),
        },
        xAxis: axis(palette, { type: "category", boundaryGap: false, data: Array.from({ length: most + 1 - from }, (_, at) => String(at + from)), name: report.say("months_since"), nameLocation: "middle", nameGap: 26 }),
        grid: { bottom: 26, top: 72 },
        yAxis: axis(palette, { type: "value", axisLabel: { formatter: (value) => (measure === "retention_rate" ? percent(value, 0) : short(value)) } }),
        series: [
          line(report.say("all_cohorts"), together, { lineStyle: { width: 3.4 }, color: palette.text, z: 5 }),
          ...chosen.map((cohort, at) => {
            const own = new Map(complete.filter((row) => row.cohort === cohort).map((row) => [row.period, row[measure]]));
            const data = Array.from({ length: most + 1 }, (_, period) => (own.has(period) ? own.get(period) : null));
            return line(cohort.slice(0, 7), data, { color: palette.series[at], lineStyle: { width: 1.6, type: ["solid", "dashed", "dotted", "solid", "dashed"][at] } });
          }),
        ],
      };
    };
  }

  function cohorts(shop) {
    if (!report.data.tables.cohort_retention) return [panel("cohorts", report.say("cohorts"), "", missing("cohort_retention"))];
    const rows = report.data.rows("cohort_retention", shop);
    if (!rows.length) return [panel("cohorts", report.say("cohorts"), "", make("p", { class: "missing" }, report.say("no_monthly_cohorts")))];
    const measures = ["retention_rate", "cumulative_revenue_per_customer"].filter((column) => rows[0][column] !== undefined);
    const choices = measures.map((column) => [column, label("cohort_retention", column)]);
    const tools = make("div", { class: "tools" }, select(report.say("figure"), choices, state.measure, (value) => {
      state.measure = value;
      const [heat, curves] = cohorts(shop);
      report.sales.refresh("curves", curves);
      report.sales.refresh("cohorts", heat);
    }));
    const columns = ["cohort", "period", "cohort_size", "active_customers", ...measures, "is_complete", "is_left_truncated"]
      .map((column) => ({ table: "cohort_retention", column, show: column === "cohort" ? (value) => value.slice(0, 7) : undefined }));
    return [
      panel("cohorts", report.say("cohorts"), report.say("cohorts_remark"), tools,
        chart("cohorts", report.say("cohorts_label", { shop }), 500, heatOption(rows, state.measure)),
        report.tables.folded(report.say("figures_of", { count: rows.length }), () => report.tables.table({ caption: report.say("cohorts"), columns, rows, tall: true }))),
      panel("curves", report.say("curves"), report.say("curves_remark"),
        chart("curves", report.say("curves_label", { shop }), 380, curvesOption(rows, state.measure))),
    ];
  }

  /* The band is drawn as one area between the two limits, in steps like the curve. */
  function band(rows, palette) {
    return {
      type: "custom", silent: true, z: 1, data: [[0, 1]], tooltip: { show: false }, clip: true,
      renderItem: (_, api) => {
        const there = rows.filter((row) => row.ci_low !== null && row.ci_high !== null);
        if (!there.length) return null;
        const edge = (column) => there.flatMap((row, at) => (at === 0 ? [[0, 1], [row.days, 1], [row.days, row[column]]] : [[row.days, there[at - 1][column]], [row.days, row[column]]]));
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
        trigger: "axis", axisPointer: { type: "line" },
        formatter: (points) => {
          const days = points[0].axisValue;
          const row = rows.filter((candidate) => candidate.days <= days).at(-1);
          if (!row) return tip(report.say("days", { count: Math.round(days) }), []);
          return tip(report.say("days", { count: row.days }), [
            [palette.series[0], label("repurchase_survival", "survival"), percent(row.survival)],
            [null, report.say("band"), `${percent(row.ci_low)} – ${percent(row.ci_high)}`],
            [null, label("repurchase_survival", "at_risk"), plain(row.at_risk)]]);
        },
      },
      xAxis: axis(palette, { type: "value", min: 0, max: rows.at(-1).days, name: report.say("days_since"), nameLocation: "middle", nameGap: 26, splitLine: { show: false } }),
      yAxis: axis(palette, { type: "value", min: 0, max: 1, axisLabel: { formatter: (value) => percent(value, 0) } }),
      series: [
        band(rows, palette),
        {
          type: "line", step: "end", showSymbol: false, z: 3, color: palette.series[0], lineStyle: { width: 2.4 }, data: [[0, 1], ...rows.map((row) => [row.days, row.survival])],
          markLine: {
            silent: true, symbol: "none", lineStyle: { color: palette.mark, type: "dashed" }, label: { color: palette.mark, position: "insideEndTop" },
            data: interval && interval.km_median_days !== null ? [{ xAxis: interval.km_median_days, label: { formatter: report.say("median", { days: interval.km_median_days }), position: "insideEndTop", rotate: 0, align: "left", offset: [6, 14] } }] : [],
          },
        },
      ],
    });
  }

  function histogramOption(rows) {
    return (palette) => {
      const WIDTH = 7;
      const most = Math.min(366, Math.max(...rows.map((row) => row.days)));
      const bins = Array.from({ length: Math.ceil(most / WIDTH) }, (_, at) => ({ from: at * WIDTH + 1, to: (at + 1) * WIDTH, intervals: 0 }));
      let beyond = 0;
      for (const row of rows) {
        const bin = bins[Math.ceil(row.days / WIDTH) - 1];
        if (bin) bin.intervals += row.intervals; else beyond += row.intervals;
      }
      return {
        legend: false,
        grid: { bottom: 26, top: 20 },
        tooltip: { trigger: "axis", formatter: (points) => { const bin = bins[points[0].dataIndex]; return tip(report.say("day_range", bin), [[palette.series[0], label("interval_histogram", "intervals"), plain(bin.intervals)]]); } },
        title: beyond ? { text: report.say("beyond", { count: plain(beyond), days: bins.length * WIDTH }), right: 8, top: 0, textStyle: { color: palette.faint, fontSize: 12, fontWeight: "normal" } } : undefined,
        xAxis: axis(palette, { type: "category", data: bins.map((bin) => String(bin.to)), name: report.say("days_since"), nameLocation: "middle", nameGap: 26 }),
        yAxis: axis(palette, { type: "value", minInterval: 1, axisLabel: { formatter: short } }),
        series: [{ type: "bar", data: bins.map((bin) => bin.intervals), barCategoryGap: "12%" }],
      };
    };
  }

  const ordinal = (nth) => (nth === 0 ? report.say("all_intervals") : report.say("nth_interval", { from: nth, to: nth + 1 }));

  /* The time to the next purchase: curve, histogram, and the figures of every further purchase. */
  function intervals(shop) {
    const curve = report.data.rows("repurchase_survival", shop);
    const all = report.data.rows("repurchase_intervals", shop);
    const nths = [...new Set(curve.map((row) => row.nth))].sort((one, other) => one - other);
    if (nths.length && !nths.includes(state.nth)) state.nth = nths.includes(1) ? 1 : nths[0];
    const own = curve.filter((row) => row.nth === state.nth);
    const histogram = report.data.rows("interval_histogram", shop).filter((row) => row.nth === state.nth);
    const tools = nths.length < 2 ? null : make("div", { class: "tools" }, select(report.say("interval"), nths.map((nth) => [nth, ordinal(nth)]), state.nth, (value) => {
      state.nth = Number(value);
      const [survival, bars] = intervals(shop);
      report.sales.refresh("histogram", bars);
      report.sales.refresh("survival", survival);
    }));
    const absent = (table) => (report.data.tables[table] ? make("p", { class: "missing" }, report.say("no_rows")) : missing(table));
    const columns = ["nth", "customers", "repurchased", "repurchase_rate", "p25", "p50", "p75", "km_median_days", "km_within_30", "km_within_90", "km_within_180", "km_within_365"]
      .map((column) => ({ table: "repurchase_intervals", column, show: column === "nth" ? ordinal : undefined, numeric: column === "nth" ? false : undefined }));
    const curveColumns = ["days", "at_risk", "survival", "ci_low", "ci_high"].map((column) => ({ table: "repurchase_survival", column }));
    const median = all.find((row) => row.nth === state.nth);
    return [
      panel("survival", report.say("survival"), report.say("survival_remark"), tools,
        own.length ? chart("survival", report.say("survival_label", { shop }), 320, survivalOption(own, median)) : absent("repurchase_survival"),
        own.length ? report.tables.folded(report.say("figures_of", { count: own.length }), () => report.tables.table({ caption: report.say("survival"), columns: curveColumns, rows: own, tall: true })) : null),
      panel("histogram", report.say("histogram", { interval: ordinal(state.nth) }), report.say("histogram_remark"),
        histogram.length ? chart("histogram", report.say("histogram_label", { shop }), 320, histogramOption(histogram)) : absent("interval_histogram"),
        histogram.length ? report.tables.folded(report.say("figures_of", { count: histogram.length }), () => report.tables.table({ caption: report.say("histogram", { interval: ordinal(state.nth) }), columns: ["days", "intervals"].map((column) => ({ table: "interval_histogram", column })), rows: histogram, tall: true })) : null),
      panel("intervals", report.say("intervals"), report.say("intervals_remark"),
        all.length ? report.tables.table({ caption: report.say("intervals"), columns, rows: all, filter: false }) : absent("repurchase_intervals")),
    ];
  }

  return { cohorts, intervals };
})();
