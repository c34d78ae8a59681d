"use strict";
/* Customers: their segments, what these bring, how customers moved between them, and how concentrated the revenue is. */

report.segments = (() => {
  const { make, label, select, panel, missing } = report.elements;
  const { plain, percent, cell } = report.numbers;
  const { chart, tip, axis, replace } = report.charts;

  const state = { scheme: "value_tier", migration: "lifecycle" };

  /* Stages and segments in the order of a customer's life and worth; others as the table has them. */
  const ORDER = {
    lifecycle: ["new", "active", "reactivated", "quiet", "dormant", "churned"],
    rfm_segment: ["champion", "promising", "must_keep", "win_back", "regular", "recent", "fading", "lost"],
    value_tier: ["A", "B", "C"],
  };

  function inOrder(scheme, segments) {
    const order = ORDER[scheme] || [];
    const place = (segment) => (order.includes(segment) ? order.indexOf(segment) : order.length);
    return [...segments].sort((one, other) => place(one) - place(other));
  }

  function shareOption(rows) {
    return (palette, narrow) => ({
      height: 52 + rows.length * 40,
      grid: { right: 52, top: 34 },
      tooltip: {
        trigger: "axis",
        axisPointer: { type: "shadow" },
        formatter: (points) => {
          const row = rows[points[0].dataIndex];
          return tip(
            report.name(row.segment),
            ["customers", "customer_share", "net_revenue", "revenue_share", "revenue_per_customer"].map((column, at) => [
              at === 1 ? palette.series[5] : at === 3 ? palette.series[0] : null,
              label("segment_value", column),
              cell(report.data.meaning("segment_value", column), row[column]),
            ]),
          );
        },
      },
      xAxis: axis(palette, { type: "value", axisLabel: { formatter: (value) => percent(value, 0) } }),
      yAxis: axis(palette, {
        type: "category",
        inverse: true,
        data: rows.map((row) => report.name(row.segment)),
        axisLabel: { color: palette.text, width: narrow ? 84 : 130, overflow: "truncate" },
      }),
      series: [
        ["customer_share", palette.series[5]],
        ["revenue_share", palette.series[0]],
      ].map(([column, colour]) => ({
        name: label("segment_value", column),
        type: "bar",
        color: colour,
        barMaxWidth: 13,
        data: rows.map((row) => row[column]),
        label: { show: true, position: "right", color: palette.faint, fontSize: 10.5, formatter: ({ value }) => percent(value, 1) },
      })),
    });
  }

  const FIGURES = ["customers", "customer_share", "net_revenue", "revenue_share", "revenue_per_customer", "repurchase_rate"];
  /* A chance of fewer customers says little: it is pale. */
  const FEW = 30;

  /* What no table has: the page was given it beside them. */
  const CHANCE = "purchase_chance_90";
  if (report.data.tables.segment_value) {
    const [name, definition] = ["chance_name", "chance_definition"].map((text) => report.texts[text]);
    report.data.tables.segment_value.about.columns[CHANCE] = {
      ...{ kind: "number", decimals: 4, unit: "1", zh: name[1], definition: { en: definition[0], zh: definition[1] } },
      made_of: "customers.recency_days, repurchase_survival.survival",
    };
  }

  /* The chance of a segment to buy; nothing where it is not known. */
  function chanceOf(shop, row) {
    const found = ((report.data.chances[shop] || {})[row.scheme] || {})[row.segment];
    return found === undefined ? null : found;
  }

  function schemePanel(id, shop, scheme, title, remark, tools) {
    if (!report.data.tables.segment_value) return panel(id, title, "", missing("segment_value"));
    const all = report.data.rows("segment_value", shop).filter((row) => row.scheme === scheme);
    if (!all.length) return panel(id, title, remark, tools, make("p", { class: "missing" }, report.say("no_rows")));
    const rows = inOrder(
      scheme,
      all.map((row) => row.segment),
    ).map((segment) => all.find((row) => row.segment === segment));
    // Segments sort in their own order, not by the alphabet.
    const name = {
      table: "segment_value",
      column: "segment",
      value: (row) => rows.indexOf(row),
      show: (_, row) => report.name(row.segment),
      numeric: false,
    };
    const columns = [
      name,
      ...FIGURES.filter((column) => rows.some((row) => row[column] !== null)).map((column) => ({ table: "segment_value", column })),
    ];
    // How many bought twice so far says little of stages that rest on the last purchase: what is to be expected of them stands there.
    const isPale = rows.some((row) => row.customers < FEW && chanceOf(shop, row) !== null);
    if (rows.some((row) => chanceOf(shop, row) !== null)) {
      const at = columns.findIndex((column) => column.column === "repurchase_rate");
      columns.splice(at < 0 ? columns.length : at, at < 0 ? 0 : 1, {
        table: "segment_value",
        column: CHANCE,
        value: (row) => chanceOf(shop, row),
        show: (value, row) =>
          row.customers < FEW && value !== null ? make("span", { class: "pale", title: report.say("of_few", { count: plain(row.customers) }) }, percent(value, 1)) : percent(value, 1),
        numeric: true,
        answer: true,
      });
    }
    return panel(
      id,
      title,
      isPale ? [remark, report.say("chance_few_remark")].join(report.language === "zh" ? "" : " ") : remark,
      tools,
      make(
        "div",
        { class: "beside" },
        chart(id, report.say("segments_label", { title, shop }), 250, shareOption(rows)),
        report.tables.table({ caption: title, columns, rows, filter: false }),
      ),
    );
  }

  const lifecycle = (shop) => schemePanel("lifecycle", shop, "lifecycle", report.say("lifecycle"), report.say("lifecycle_remark"), null);
  const rfm = (shop) => schemePanel("rfm", shop, "rfm_segment", report.say("rfm"), report.say("rfm_remark"), null);

  /* Value tiers or channels: one of them at a time. */
  function others(shop) {
    const there = ["value_tier", "first_channel"].filter((scheme) =>
      report.data.rows("segment_value", shop).some((row) => row.scheme === scheme),
    );
    if (there.length && !there.includes(state.scheme)) state.scheme = there[0];
    const tools =
      there.length < 2
        ? null
        : make(
            "div",
            { class: "tools" },
            select(
              report.say("divided_by"),
              there.map((scheme) => [scheme, report.name(scheme)]),
              state.scheme,
              (value) => {
                state.scheme = value;
                replace(others(shop));
              },
            ),
          );
    return schemePanel(
      "tiers",
      shop,
      state.scheme,
      report.name(state.scheme),
      report.say(state.scheme === "value_tier" ? "tiers_remark" : "channels_remark"),
      tools,
    );
  }

  function thresholds(shop) {
    const rows = report.data.rows("lifecycle_thresholds", shop);
    const columns = [
      "idle_days",
      "idle_customers",
      "return_chance_30_days",
      "return_chance_90_days",
      "in_force",
      "suggested",
      "customers_moved",
    ].map((column) => ({
      table: "lifecycle_thresholds",
      column,
      show: ["in_force", "suggested"].includes(column)
        ? (value) => (value === null ? report.numbers.NOTHING : value.split(/,\s*/).map(report.name).join(", "))
        : undefined,
    }));
    return panel(
      "thresholds",
      report.say("thresholds"),
      report.say("thresholds_remark"),
      rows.length
        ? report.tables.table({ caption: report.say("thresholds"), columns, rows, filter: false })
        : missing("lifecycle_thresholds"),
    );
  }

  /* Who had not bought a period ago came from nowhere. */
  const stood = (segment) => (segment === "(none)" ? report.say("not_yet") : report.name(segment));

  function flowOption(rows, scheme, palette, narrow) {
    const from = inOrder(scheme, new Set(rows.map((row) => row.from_segment)));
    const to = inOrder(scheme, new Set(rows.map((row) => row.to_segment)));
    const colour = (segment) => {
      const place = (ORDER[scheme] || []).indexOf(segment);
      return place < 0 ? palette.faint : palette.series[place % palette.series.length];
    };
    const total = (column, segment) => rows.filter((row) => row[column] === segment).reduce((sum, row) => sum + row.customers, 0);
    const node = (side, column, position) => (segment) => ({
      name: `${side}${segment}`,
      itemStyle: { color: colour(segment) },
      label: { position, formatter: `${stood(segment)} ${plain(total(column, segment))}` },
    });
    return {
      legend: false,
      tooltip: {
        trigger: "item",
        formatter: ({ dataType, data }) => {
          if (dataType !== "edge")
            return tip(stood(data.name.slice(1)), [
              [
                data.itemStyle.color,
                label("segment_migration", "customers"),
                plain(total(data.name[0] === "<" ? "from_segment" : "to_segment", data.name.slice(1))),
              ],
            ]);
          return tip(
            `${stood(data.row.from_segment)} → ${report.name(data.row.to_segment)}`,
            ["customers", "share_of_from", "net_revenue"].map((column) => [
              null,
              label("segment_migration", column),
              cell(report.data.meaning("segment_migration", column), data.row[column]),
            ]),
          );
        },
      },
      series: [
        {
          type: "sankey",
          left: 4,
          right: 4,
          top: 8,
          bottom: 8,
          nodeWidth: 12,
          nodeGap: 9,
          layoutIterations: 0,
          draggable: false,
          nodeAlign: "justify",
          label: { color: palette.text, fontSize: narrow ? 10 : 12, textBorderColor: palette.panel, textBorderWidth: 2 },
          lineStyle: { color: "gradient", opacity: 0.35, curveness: 0.5 },
          emphasis: { focus: "adjacency" },
          data: [...from.map(node("<", "from_segment", "right")), ...to.map(node(">", "to_segment", "left"))],
          links: rows.map((row) => ({ source: `<${row.from_segment}`, target: `>${row.to_segment}`, value: row.customers, row })),
        },
      ],
    };
  }

  function migration(shop) {
    if (!report.data.tables.segment_migration) return panel("migration", report.say("migration"), "", missing("segment_migration"));
    const all = report.data.rows("segment_migration", shop);
    const schemes = [...new Set(all.map((row) => row.scheme))];
    if (schemes.length && !schemes.includes(state.migration)) state.migration = schemes[0];
    const rows = all.filter((row) => row.scheme === state.migration);
    if (!rows.length) return panel("migration", report.say("migration"), "", make("p", { class: "missing" }, report.say("no_rows")));
    const tools =
      schemes.length < 2
        ? null
        : make(
            "div",
            { class: "tools" },
            select(
              report.say("divided_by"),
              schemes.map((scheme) => [scheme, report.name(scheme)]),
              state.migration,
              (value) => {
                state.migration = value;
                replace(migration(shop));
              },
            ),
          );
    const columns = ["from_segment", "to_segment", "customers", "share_of_from", "net_revenue"].map((column) => ({
      table: "segment_migration",
      column,
      show: column.endsWith("segment") ? stood : undefined,
    }));
    return panel(
      "migration",
      report.say("migration"),
      report.say("migration_remark", { from: rows[0].from_date, to: report.data.as_of }),
      tools,
      make(
        "div",
        { class: "beside even" },
        chart("migration", report.say("migration_label", { shop }), 440, (palette, narrow) =>
          flowOption(rows, state.migration, palette, narrow),
        ),
        report.tables.table({ caption: report.say("migration"), columns, rows, sort: [2, true], tall: true }),
      ),
    );
  }

  function concentration(shop) {
    if (!report.data.tables.revenue_concentration)
      return panel("concentration", report.say("concentration"), "", missing("revenue_concentration"));
    const rows = report.data.rows("revenue_concentration", shop);
    const entities = [...new Set(rows.map((row) => row.entity))];
    const shares = [...new Set(rows.map((row) => row.top_share))].sort((one, other) => one - other);
    const columns = ["entity", "top_share", "entities", "top_entities", "top_net_revenue", "revenue_share", "gini"].map((column) => ({
      table: "revenue_concentration",
      column,
      show:
        column === "entity"
          ? report.name
          : column === "top_share"
            ? (value) => percent(value, 0)
            : column === "gini"
              ? (value) => plain(value, 4)
              : undefined,
    }));
    const option = (palette) => ({
      tooltip: {
        trigger: "axis",
        axisPointer: { type: "shadow" },
        formatter: (points) =>
          tip(
            report.say("best", { share: percent(shares[points[0].dataIndex], 0) }),
            points.map((point) => [point.color, point.seriesName, percent(point.value)]),
          ),
      },
      xAxis: axis(palette, { type: "category", data: shares.map((share) => report.say("best", { share: percent(share, 0) })) }),
      yAxis: axis(palette, { type: "value", min: 0, max: 1, axisLabel: { formatter: (value) => percent(value, 0) } }),
      series: entities.map((entity) => ({
        name: report.name(entity),
        type: "bar",
        barMaxWidth: 30,
        data: shares.map(
          (share) => (rows.find((row) => row.entity === entity && row.top_share === share) || { revenue_share: null }).revenue_share,
        ),
        label: { show: true, position: "top", color: palette.faint, fontSize: 10.5, formatter: ({ value }) => percent(value, 0) },
      })),
    });
    return panel(
      "concentration",
      report.say("concentration"),
      report.say("concentration_remark"),
      rows.length
        ? make(
            "div",
            { class: "beside even" },
            chart("concentration", report.say("concentration_label", { shop }), 340, option),
            report.tables.table({ caption: report.say("concentration"), columns, rows, filter: false }),
          )
        : make("p", { class: "missing" }, report.say("no_rows")),
    );
  }

  return { lifecycle, rfm, others, thresholds, migration, concentration };
})();
