"use strict";
/* Campaigns: the effect of a message against its control group, and the sales while a campaign ran. */

report.campaigns = (() => {
  const { make, label, panel, missing } = report.elements;
  const { NOTHING, plain, percent, points, pointsAlone } = report.numbers;
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
              row.conversion_low === null ? NOTHING : `${pointsAlone(row.conversion_low)} … ${points(row.conversion_high)}`,
            ],
            [null, label("campaign_pooled", "treated_conversion"), arm("treated")],
            [null, label("campaign_pooled", "control_conversion"), arm("control")],
          ]);
        },
      },
      xAxis: axis(palette, {
        type: "value",
        name: `${label("campaign_pooled", "conversion_difference")} (${report.say("points")})`,
        nameLocation: "middle",
        nameGap: 28,
        axisLabel: { formatter: (value) => pointsAlone(value, 0) },
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
            // Where too few bought for limits the dot is hollow, and says so: it could as well lie anywhere.
            const isKnown = !Number.isNaN(api.value(2));
            const style = { fill: isKnown ? palette.series[0] : palette.panel, stroke: palette.series[0], lineWidth: 1.5 };
            children.push({ type: "circle", shape: { cx: middle[0], cy: middle[1], r: 5.5 }, style });
            if (!isKnown) {
              const left = middle[0] > api.getWidth() * 0.75;
              children.push({
                type: "text",
                style: {
                  text: report.say("no_limits"),
                  x: middle[0] + (left ? -10 : 10),
                  y: middle[1],
                  textAlign: left ? "right" : "left",
                  textVerticalAlign: "middle",
                  fill: palette.faint,
                  fontSize: 12,
                },
              });
            }
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

  const signed = (value, decimals = 0) => (value > 0 ? "+" : "") + plain(value, decimals);

  const isKnown = (value) => value !== null && value !== undefined;

  /* Whether the limits leave 0 out: only then it is known on which side of it the difference lies. */
  const isSettled = (low, high) => isKnown(low) && (low > 0 || high < 0);

  /* A difference with its limits below it; where they hold 0, or too few bought for any, it says that nothing is settled. */
  function withLimits(shown, low, high, show) {
    const limits = isKnown(low) ? [make("span", { class: "limits" }, `${show(low)} … ${show(high)}`)] : [];
    if (isSettled(low, high)) return [shown, ...limits];
    return [make("span", { class: "pale" }, shown), ...limits, make("span", { class: "unsettled" }, report.say("not_settled"))];
  }

  /* What messages brought beyond what their members would have bought anyway: the difference to the control arm, for all who got them. */
  function brought(row, members, cost) {
    const of = (value) => (value === null || value === undefined ? null : value * members);
    const [amount, low, high] = [row.revenue_difference, row.revenue_low, row.revenue_high].map(of);
    return { amount, low, high, back: cost && isSettled(low, high) ? [amount, low, high].map((each) => each / cost) : null };
  }

  /* Without a control arm nobody knows what the cost brought: the season is in the figure. Where the limits hold 0 it may as well be a loss. */
  const broughtColumns = (source) => [
    {
      table: source,
      column: "revenue_difference",
      text: report.say("incremental"),
      value: (row) => row.brought.amount,
      show: (value, row) => (value === null ? NOTHING : withLimits(signed(value), row.brought.low, row.brought.high, (limit) => signed(limit))),
    },
    {
      table: source,
      column: "revenue_difference",
      text: report.say("return_on_cost"),
      value: (row) => (row.brought.back ? row.brought.back[0] : null),
      show: (value, row) => (value === null ? NOTHING : withLimits(plain(value, 2), row.brought.back[1], row.brought.back[2], (limit) => plain(limit, 2))),
    },
  ];

  /* The parts of the campaigns of a shop, by campaign. */
  function partsOf(shop) {
    const byCampaign = new Map();
    for (const row of report.data.rows("campaign_effect", shop)) {
      if (!byCampaign.has(row.campaign_id)) byCampaign.set(row.campaign_id, {});
      byCampaign.get(row.campaign_id)[row.part] = row;
    }
    return [...byCampaign.values()].filter((parts) => parts.during);
  }

  /* Whether there are both arms, and no window of theirs still runs. */
  const isOver = (treated, control) => Boolean(treated && control && treated.is_complete && control.is_complete);

  /* What the repeats cost that count: those with two arms whose windows are over. Nothing where the page does not have each of them, or its cost. */
  function costOf(shop, row) {
    const counts = ({ during, treated, control }) => during.campaign_name === row.campaign_name && isOver(treated, control);
    const found = partsOf(shop).filter(counts).map((parts) => parts.during.cost);
    return found.length === row.campaigns && found.every((cost) => cost !== null) ? found.reduce((sum, cost) => sum + cost, 0) : null;
  }

  /* Names with which the table is shown as a whole: a line of it has three lines of text. */
  const MOST_SHOWN = 5;

  function pooled(shop) {
    if (!report.data.tables.campaign_pooled) return panel("pooled", report.say("pooled"), "", missing("campaign_pooled"));
    const own = report.data.rows("campaign_pooled", shop).map((row) => ({ ...row, brought: brought(row, row.treated_members, costOf(shop, row)) }));
    const pair = (side) => ({
      table: "campaign_pooled",
      column: `${side}_conversion`,
      show: (value, row) =>
        value === null ? NOTHING : `${percent(value)} (${plain(row[`${side}_buyers`])} / ${plain(row[`${side}_members`])})`,
    });
    const source = "campaign_pooled";
    const [incremental, returned] = broughtColumns(source);
    const columns = [
      { table: source, column: "campaign_name" },
      { table: source, column: "campaigns" },
      pair("treated"),
      pair("control"),
      {
        table: source,
        column: "conversion_difference",
        show: (value, row) => (value === null ? NOTHING : withLimits(points(value), row.conversion_low, row.conversion_high, pointsAlone)),
      },
      {
        table: source,
        column: "revenue_difference",
        show: (value, row) => (value === null ? NOTHING : withLimits(signed(value, 2), row.revenue_low, row.revenue_high, (limit) => signed(limit, 2))),
      },
      { ...incremental, answer: true },
      returned,
      { table: source, column: "note", show: wrapped },
    ];
    return panel(
      "pooled",
      report.say("pooled"),
      report.say("pooled_remark"),
      own.some((row) => row.conversion_difference !== null) ? null : make("p", { class: "missing" }, report.say("no_comparison")),
      own.length ? report.tables.table({ caption: report.say("pooled"), columns, rows: own, filter: false, tall: own.length > MOST_SHOWN }) : null,
    );
  }

  /* The differences in conversion drawn, a line for each name; nothing where none can be told. */
  function forest(shop) {
    const rows = report.data.rows("campaign_pooled", shop).filter((row) => row.conversion_difference !== null);
    if (!rows.length) return null;
    const drawn = chart("pooled", report.say("pooled_label", { shop }), 260, forestOption(rows));
    return panel("forest", report.say("forest"), report.say("forest_remark"), drawn);
  }

  const YEAR = 365;
  /* Festivals that follow the moon move by less than this. */
  const MOVES = 31;

  /* The campaign of the same name a year before, the nearest one where there are several. */
  function yearBefore(row, all) {
    const away = (other) => Math.abs(report.data.between(other.from_date, row.from_date) - YEAR);
    const same = all.filter((other) => other.campaign_name && other.campaign_name === row.campaign_name && away(other) <= MOVES);
    return same.sort((one, other) => away(one) - away(other))[0] || null;
  }

  /* The campaigns of a shop, the last one first: what was sold while it ran, and what its message did. */
  function effects(shop) {
    if (!report.data.tables.campaign_effect) return panel("effects", report.say("effects"), "", missing("campaign_effect"));
    const there = partsOf(shop);
    const during = there.map((parts) => parts.during);
    const rows = there
      .map(({ during: row, treated, control }) => {
        const before = yearBefore(row, during);
        return {
          ...row,
          treated: treated || {},
          control: control || {},
          conversion_difference: treated ? treated.conversion_difference : null,
          brought: treated ? brought(treated, treated.members, isOver(treated, control) ? row.cost : null) : brought({}, 0, null),
          year_before: before ? before.net_revenue : null,
          note: treated ? treated.note : null,
        };
      })
      .sort((one, other) => (one.from_date < other.from_date ? 1 : -1));
    if (!rows.length) return panel("effects", report.say("effects"), "", make("p", { class: "missing" }, report.say("no_rows")));
    const source = "campaign_effect";
    const arm = (side) => ({
      table: source,
      column: "conversion",
      text: report.name(side),
      value: (row) => row[side].conversion,
      show: (_, row) => (row[side].members ? `${percent(row[side].conversion)} (${plain(row[side].buyers)} / ${plain(row[side].members)})` : NOTHING),
    });
    const growth = (row) => (row.year_before ? row.net_revenue / row.year_before - 1 : null);
    const columns = [
      {
        table: source,
        column: "campaign_name",
        show: (value) => (value === null ? NOTHING : value),
        below: (row) => make("span", { class: "below" }, `${row.from_date} – ${row.to_date}`),
      },
      { table: source, column: "net_revenue", show: (value) => plain(value) },
      ...(rows.some((row) => row.year_before !== null)
        ? [
            {
              table: source,
              column: "net_revenue",
              text: report.say("year_before_same"),
              value: growth,
              show: (value) => report.numbers.change(value, 1),
            },
            { table: source, column: "net_revenue", text: report.say("last_year"), value: (row) => row.year_before, show: (value) => plain(value) },
          ]
        : []),
      { table: source, column: "cost", show: (value) => plain(value) },
      arm("treated"),
      arm("control"),
      {
        table: source,
        column: "conversion_difference",
        show: (value, row) =>
          value === null ? NOTHING : withLimits(points(value), row.treated.conversion_low, row.treated.conversion_high, pointsAlone),
      },
      ...broughtColumns(source),
      { table: source, column: "note", show: wrapped },
    ];
    return panel(
      "effects",
      report.say("effects"),
      report.say("effects_remark"),
      report.tables.table({ caption: report.say("effects"), columns, rows, tall: true }),
    );
  }

  return { pooled, forest, effects };
})();
