"use strict";
/* Campaigns: the effect of a message against its control group, and the sales while a campaign ran. */

report.campaigns = (() => {
  const { make, label, panel, missing } = report.elements;
  const { NOTHING, plain, percent, points } = report.numbers;
  const { chart, tip, axis } = report.charts;

  const wrapped = (text) => (text ? make("span", { class: "wrap" }, report.note(text)) : NOTHING);

  /* Differences with their limits, a line for each name; the line of no difference is what they are held against. */
  function forestOption(rows) {
    return (palette, narrow) => ({
      height: 70 + rows.length * 36,
      legend: false,
      grid: { top: 12, bottom: 28, right: 36 },
      tooltip: {
        trigger: "item",
        formatter: ({ dataIndex }) => {
          const row = rows[dataIndex];
          const arm = (side) =>
            `${percent(row[`${side}_conversion`])} (${plain(row[`${side}_buyers`])} / ${plain(row[`${side}_members`])})`;
          return tip(row.campaign_name, [
            [null, label("campaign_pooled", "conversion_difference"), points(row.conversion_difference)],
            [
              null,
              report.say("interval95"),
              row.conversion_low === null ? NOTHING : `${points(row.conversion_low)} … ${points(row.conversion_high)}`,
            ],
            [null, label("campaign_pooled", "treated_conversion"), arm("treated")],
            [null, label("campaign_pooled", "control_conversion"), arm("control")],
          ]);
        },
      },
      xAxis: axis(palette, {
        type: "value",
        name: label("campaign_pooled", "conversion_difference"),
        nameLocation: "middle",
        nameGap: 28,
        axisLabel: { formatter: (value) => points(value, 0) },
      }),
      yAxis: axis(palette, {
        type: "category",
        inverse: true,
        data: rows.map((row) => row.campaign_name),
        axisLabel: { color: palette.text, width: narrow ? 90 : 170, overflow: "truncate" },
      }),
      series: [
        {
          type: "custom",
          data: rows.map((row, at) => [row.conversion_difference, at, row.conversion_low, row.conversion_high]),
          encode: { x: [0, 2, 3], y: 1 },
          renderItem: (_, api) => {
            if (Number.isNaN(api.value(0))) return null;
            const middle = api.coord([api.value(0), api.value(1)]);
            const children = [];
            if (!Number.isNaN(api.value(2))) {
              const [low, high] = [api.coord([api.value(2), api.value(1)]), api.coord([api.value(3), api.value(1)])];
              children.push({
                type: "line",
                shape: { x1: low[0], y1: low[1], x2: high[0], y2: high[1] },
                style: { stroke: palette.series[0], lineWidth: 3, opacity: 0.6 },
              });
            }
            children.push({ type: "circle", shape: { cx: middle[0], cy: middle[1], r: 5.5 }, style: { fill: palette.series[0] } });
            return { type: "group", children };
          },
          markLine: {
            silent: true,
            symbol: "none",
            label: { show: false },
            lineStyle: { color: palette.mark, type: "dashed", width: 1.4 },
            data: [{ xAxis: 0 }],
          },
        },
      ],
    });
  }

  function pooled(shop) {
    if (!report.data.tables.campaign_pooled) return panel("pooled", report.say("pooled"), "", missing("campaign_pooled"));
    const own = report.data.rows("campaign_pooled", shop);
    const rows = own.filter((row) => row.conversion_difference !== null);
    const pair = (side) => ({
      table: "campaign_pooled",
      column: `${side}_conversion`,
      show: (value, row) =>
        value === null ? NOTHING : `${percent(value)} (${plain(row[`${side}_buyers`])} / ${plain(row[`${side}_members`])})`,
    });
    const limits = (name, show) => ({
      table: "campaign_pooled",
      column: `${name}_low`,
      text: report.say("interval95"),
      value: (row) => row[`${name}_low`],
      show: (_, row) => (row[`${name}_low`] === null ? NOTHING : `${show(row[`${name}_low`])} … ${show(row[`${name}_high`])}`),
    });
    const signed = (value) => (value > 0 ? "+" : "") + plain(value, 2);
    const columns = [
      { table: "campaign_pooled", column: "campaign_name" },
      { table: "campaign_pooled", column: "campaigns" },
      pair("treated"),
      pair("control"),
      { table: "campaign_pooled", column: "conversion_difference", show: (value) => points(value) },
      limits("conversion", points),
      { table: "campaign_pooled", column: "revenue_difference", show: signed },
      limits("revenue", signed),
      { table: "campaign_pooled", column: "note", show: wrapped },
    ];
    return panel(
      "pooled",
      report.say("pooled"),
      report.say("pooled_remark"),
      rows.length
        ? chart("pooled", report.say("pooled_label", { shop }), 260, forestOption(rows))
        : make("p", { class: "missing" }, report.say("no_comparison")),
      own.length ? report.tables.table({ caption: report.say("pooled"), columns, rows: own, filter: false }) : null,
    );
  }

  /* The campaigns of a shop, the last one first: what was sold while it ran, and what its message did. */
  function effects(shop) {
    if (!report.data.tables.campaign_effect) return panel("effects", report.say("effects"), "", missing("campaign_effect"));
    const byCampaign = new Map();
    for (const row of report.data.rows("campaign_effect", shop)) {
      if (!byCampaign.has(row.campaign_id)) byCampaign.set(row.campaign_id, {});
      byCampaign.get(row.campaign_id)[row.part] = row;
    }
    const rows = [...byCampaign.values()]
      .filter((parts) => parts.during)
      .map(({ during, treated, control }) => ({
        ...during,
        treated: treated || {},
        control: control || {},
        conversion_difference: treated ? treated.conversion_difference : null,
        note: treated ? treated.note : null,
      }))
      .sort((one, other) => (one.from_date < other.from_date ? 1 : -1));
    if (!rows.length) return panel("effects", report.say("effects"), "", make("p", { class: "missing" }, report.say("no_rows")));
    const arm = (row) => (row.members ? `${percent(row.conversion)} (${plain(row.buyers)} / ${plain(row.members)})` : NOTHING);
    const columns = [
      { table: "campaign_effect", column: "campaign_name" },
      { table: "campaign_effect", column: "from_date" },
      { table: "campaign_effect", column: "to_date" },
      { table: "campaign_effect", column: "net_revenue" },
      { table: "campaign_effect", column: "net_revenue_before" },
      { table: "campaign_effect", column: "cost" },
      // Without a control group nobody knows what the cost brought: the season is in the figure.
      {
        table: "campaign_effect",
        column: "return_on_cost",
        value: (row) => (row.control.members ? row.return_on_cost : null),
        show: (value) => plain(value, 2),
      },
      {
        table: "campaign_effect",
        column: "conversion",
        text: report.name("treated"),
        value: (row) => row.treated.conversion,
        show: (_, row) => arm(row.treated),
      },
      {
        table: "campaign_effect",
        column: "conversion",
        text: report.name("control"),
        value: (row) => row.control.conversion,
        show: (_, row) => arm(row.control),
      },
      { table: "campaign_effect", column: "conversion_difference", show: (value) => points(value) },
      {
        table: "campaign_effect",
        column: "conversion_low",
        text: report.say("interval95"),
        value: (row) => row.treated.conversion_low,
        show: (_, row) =>
          row.treated.conversion_low === null || row.treated.conversion_low === undefined
            ? NOTHING
            : `${points(row.treated.conversion_low)} … ${points(row.treated.conversion_high)}`,
      },
      { table: "campaign_effect", column: "note", show: wrapped },
    ];
    return panel(
      "effects",
      report.say("effects"),
      report.say("effects_remark"),
      report.tables.table({ caption: report.say("effects"), columns, rows, tall: true }),
    );
  }

  return { pooled, effects };
})();
