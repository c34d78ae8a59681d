"use strict";
/* Sales: daily and monthly figures of a shop, with its campaigns and the great promotions of the year. */

report.sales = (() => {
  const { make, label, select, panel, missing } = report.elements;
  const { percent, short, cell } = report.numbers;
  const { chart, tip, axis, replace } = report.charts;

  /* The days on which all of the platform sells: month, day, name. */
  const PROMOTIONS = [
    ["03-08", "3.8"],
    ["06-18", "618"],
    ["09-09", "9.9"],
    ["11-11", "11.11"],
    ["12-12", "12.12"],
  ];

  const state = { column: null, span: document.documentElement.clientWidth < 640 ? 92 : 184 };

  /* The mean of a day and the six before it, where all seven have a value. */
  function weekly(values) {
    return values.map((_, at) => {
      const seven = values.slice(at - 6, at + 1);
      return at < 6 || seven.some((value) => value === null) ? null : seven.reduce((total, value) => total + value, 0) / 7;
    });
  }

  function campaigns(shop) {
    const rows = report.data.rows("campaign_effect", shop).filter((row) => row.part === "during");
    return rows.map((row) => ({ name: row.campaign_name || row.campaign_id, from: row.from_date, to: row.to_date }));
  }

  function axisNumber(meaning) {
    return (value) => (meaning.unit === "1" ? percent(value, 1) : short(value));
  }

  /* The days of campaigns as shaded bands from the start of the first day to the end of the last. */
  function bands(running, dates, palette) {
    const place = (date) => Math.max(0, Math.min(dates.length - 1, report.data.between(dates[0], date)));
    return {
      name: report.say("campaign"),
      type: "custom",
      silent: true,
      clip: true,
      z: 0,
      itemStyle: { color: palette.mark, opacity: 0.13 },
      tooltip: { show: false },
      data: running.map((campaign) => [place(campaign.from), place(campaign.to)]),
      encode: { x: [0, 1] },
      renderItem: (parameters, api) => {
        const day = api.size([1, 0])[0];
        const from = api.coord([api.value(0), 0])[0] - day / 2;
        const { y, height } = parameters.coordSys;
        const width = api.coord([api.value(1), 0])[0] + day / 2 - from;
        return { type: "rect", shape: { x: from, y, width, height }, style: { fill: palette.mark, opacity: 0.13 } };
      },
    };
  }

  function dailyOption(shop, rows, column) {
    return (palette, narrow) => {
      const meaning = report.data.meaning("shop_daily", column);
      const shown = rows.slice(-state.span);
      const offset = rows.length - shown.length;
      const dates = shown.map((row) => row.date);
      const mean = weekly(rows.map((row) => row[column])).slice(offset);
      const running = campaigns(shop).filter((campaign) => dates.length && campaign.to >= dates[0] && campaign.from <= dates.at(-1));
      const lines = dates.flatMap((date) =>
        PROMOTIONS.filter(([day]) => date.endsWith(day)).map(([, name]) => ({ xAxis: date, label: { formatter: name } })),
      );
      return {
        grid: { top: 58 },
        tooltip: {
          trigger: "axis",
          formatter: (points) => {
            const at = dates.indexOf(points[0].axisValue);
            const on = running
              .filter((campaign) => campaign.from <= dates[at] && dates[at] <= campaign.to)
              .map((campaign) => [palette.mark, report.say("campaign"), campaign.name]);
            return tip(`${dates[at]} ${report.weekday(dates[at])}`, [
              [palette.series[0], label("shop_daily", column), cell(meaning, shown[at][column])],
              [palette.series[1], report.say("seven_days"), cell(meaning, mean[at])],
              ...on,
            ]);
          },
        },
        xAxis: axis(palette, { type: "category", data: dates, axisLabel: { formatter: (date) => date.slice(narrow ? 5 : 2) } }),
        yAxis: axis(palette, { type: "value", axisLabel: { formatter: axisNumber(meaning) } }),
        series: [
          ...(running.length ? [bands(running, dates, palette)] : []),
          {
            name: label("shop_daily", column),
            type: "bar",
            data: shown.map((row) => row[column]),
            itemStyle: { opacity: 0.55 },
            barCategoryGap: "15%",
            markLine: {
              silent: true,
              symbol: "none",
              lineStyle: { color: palette.mark, type: "solid", width: 1 },
              label: { color: palette.mark, fontSize: 11, position: "end", distance: 4 },
              data: lines,
            },
          },
          { name: report.say("seven_days"), type: "line", data: mean, showSymbol: false, lineStyle: { width: 2.2 }, connectNulls: false },
        ],
      };
    };
  }

  const DAILY = ["net_by_refund", "paid_amount", "refund_amount", "paid_orders", "paying_customers", "new_customers", "uv", "conversion"];

  function daily(shop) {
    if (!report.data.tables.shop_daily) return panel("daily", report.say("daily"), "", missing("shop_daily"));
    const rows = report.data.rows("shop_daily", shop);
    if (!rows.length) return panel("daily", report.say("daily"), "", make("p", { class: "missing" }, report.say("no_rows")));
    const there = DAILY.filter((column) => rows.some((row) => row[column] !== null));
    if (!there.includes(state.column)) state.column = there[0];
    const spans = [31, 92, 184, 366, 731].filter((span, at, all) => at === 0 || all[at - 1] < rows.length);
    const tools = make(
      "div",
      { class: "tools" },
      select(
        report.say("figure"),
        there.map((column) => [column, label("shop_daily", column)]),
        state.column,
        (value) => {
          state.column = value;
          replace(daily(shop));
        },
      ),
      select(
        report.say("span"),
        spans.map((span) => [span, report.say("days", { count: Math.min(span, rows.length) })]),
        state.span,
        (value) => {
          state.span = Number(value);
          replace(daily(shop));
        },
      ),
    );
    const columns = ["date", ...there].map((column) => ({ table: "shop_daily", column }));
    return panel(
      "daily",
      report.say("daily"),
      report.sayAll(["daily_remark", true], ["daily_campaigns", campaigns(shop).length]),
      tools,
      chart(
        "daily",
        report.say("daily_label", { figure: label("shop_daily", state.column), shop }),
        250,
        dailyOption(shop, rows, state.column),
      ),
      report.tables.folded(report.say("figures_of", { count: rows.length }), () =>
        report.tables.table({ caption: report.say("daily"), columns, rows, sort: [0, true], tall: true }),
      ),
    );
  }

  function monthlyOption(rows, sales) {
    return (palette, narrow) => {
      const months = rows.map((row) => row.period_start.slice(0, 7));
      const meaning = (column) => report.data.meaning("shop_periods", column);
      const hasTraffic = rows.some((row) => row.uv_conversion !== null);
      return {
        tooltip: {
          trigger: "axis",
          formatter: (points) => {
            const row = rows[points[0].dataIndex];
            const title = row.is_complete
              ? row.period_start.slice(0, 7)
              : report.say("so_far", { month: row.period_start.slice(0, 7), days: row.days });
            const lines = [[palette.series[0], label("shop_periods", sales), cell(meaning(sales), row[sales])]];
            if (hasTraffic) lines.push([palette.series[1], label("shop_periods", "uv_conversion"), percent(row.uv_conversion)]);
            for (const column of ["paid_orders", "paying_customers", "uv_daily_mean"])
              lines.push([null, label("shop_periods", column), cell(meaning(column), row[column])]);
            return tip(title, lines);
          },
        },
        legend: {},
        xAxis: axis(palette, { type: "category", data: months, axisLabel: { formatter: (month) => (narrow ? month.slice(2) : month) } }),
        yAxis: [
          axis(palette, { type: "value", axisLabel: { formatter: short } }),
          axis(palette, { type: "value", splitLine: { show: false }, axisLabel: { formatter: (value) => percent(value, 1) } }),
        ],
        series: [
          {
            name: label("shop_periods", sales),
            type: "bar",
            data: rows.map((row) => ({
              value: row[sales],
              itemStyle: row.is_complete ? {} : { opacity: 0.45, borderColor: palette.series[0], borderType: "dashed" },
            })),
            barMaxWidth: 34,
          },
          ...(hasTraffic
            ? [
                {
                  name: label("shop_periods", "uv_conversion"),
                  type: "line",
                  yAxisIndex: 1,
                  data: rows.map((row) => row.uv_conversion),
                  symbolSize: 5,
                  lineStyle: { width: 2 },
                },
              ]
            : []),
        ],
      };
    };
  }

  function monthly(shop) {
    if (!report.data.tables.shop_periods) return panel("monthly", report.say("monthly"), "", missing("shop_periods"));
    const rows = report.data.rows("shop_periods", shop);
    const sales = report.overview.salesColumn(rows);
    const hasConversion = rows.some((row) => row.uv_conversion !== null);
    const figures = [
      "net_by_refund",
      "paid_amount",
      "refund_amount",
      "paid_amount_vs_previous",
      "paid_amount_vs_year_ago",
      "paid_orders",
      "paying_customers",
      "new_customers",
      "returning_customers",
      "returning_share",
      "value_per_customer",
      "uv_daily_mean",
      "uv_conversion",
      "placed_paid_rate",
    ];
    // What follows from the columns beside it is not printed: the others would have no room in a size that can be read.
    const OFF_PAPER = ["refund_amount", "returning_customers", "placed_paid_rate"];
    const columns = [
      {
        table: "shop_periods",
        column: "period_start",
        show: (value, row) => (row.is_complete ? value.slice(0, 7) : `${value.slice(0, 7)} *`),
      },
      ...figures
        .filter((column) => rows.some((row) => row[column] !== null))
        .map((column) => ({
          table: "shop_periods",
          column,
          offPaper: OFF_PAPER.includes(column),
          text: column.includes("_vs_") ? report.say(column.endsWith("previous") ? "paid_versus_month" : "paid_versus_year") : undefined,
          show: column.includes("_vs_") ? (value) => report.numbers.change(value, 1) : undefined,
        })),
    ];
    // New, returning and refunded in full make up the buyers of a month.
    const returning = columns.findIndex((column) => column.column === "returning_customers");
    if (returning >= 0) {
      columns.splice(returning + 1, 0, {
        table: "shop_periods",
        column: "paying_customers",
        text: report.say("refunded_in_full"),
        offPaper: true,
        value: report.overview.refundedInFull,
        show: (value) => report.numbers.plain(value),
      });
    }
    return panel(
      "monthly",
      report.say("monthly"),
      report.sayAll(["monthly_remark", true, { figure: label("shop_periods", sales) }], ["monthly_conversion", hasConversion]),
      chart("monthly", report.say(hasConversion ? "monthly_conversion_label" : "monthly_label", { shop }), 300, monthlyOption(rows, sales)),
      report.tables.table({ caption: report.say("monthly"), columns, rows, sort: [0, true], filter: false, tall: true }),
      returning >= 0 ? make("p", { class: "remark" }, report.say("refunded_in_full_remark")) : null,
      rows.some((row) => !row.is_complete) ? make("p", { class: "remark" }, report.say("not_whole")) : null,
    );
  }

  return { daily, monthly };
})();
