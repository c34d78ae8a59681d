"use strict";
/* Charts: one look for all of them, drawn anew when the theme, the width or the medium changes. */

report.charts = (() => {
  const { make } = report.elements;
  const drawn = new Set();

  /* The colours of the page; those of the series keep apart for colour-blind eyes (Okabe and Ito, "Color Universal Design"). */
  function colours() {
    const style = getComputedStyle(document.documentElement);
    const get = (name) => style.getPropertyValue(name).trim();
    return {
      text: get("--text"),
      faint: get("--faint"),
      line: get("--line"),
      panel: get("--panel"),
      accent: get("--accent"),
      mark: get("--mark"),
      series: ["--series-1", "--series-2", "--series-3", "--series-4", "--series-5", "--series-6", "--series-7", "--series-8"].map(get),
      scale: ["--scale-1", "--scale-2", "--scale-3", "--scale-4", "--scale-5"].map(get),
    };
  }

  /* Lines of a tooltip as elements, so that no text of the data is taken for HTML. `rows` are [colour, name, value]. */
  function tip(title, rows) {
    const line = ([colour, name, value]) =>
      make(
        "tr",
        {},
        make("td", {}, colour ? Object.assign(make("span", { class: "dot" }), { style: `background:${colour}` }) : ""),
        make("td", {}, name),
        make("td", { class: "number" }, value),
      );
    return make("div", { class: "tip" }, make("strong", {}, title), make("table", {}, make("tbody", {}, rows.map(line))));
  }

  /* Whether there is room for long labels; whether charts stand below each other, as on a telephone and on paper. */
  const isNarrow = (element) => element.clientWidth < 560;
  const isPhone = () => document.documentElement.clientWidth < 640 || document.documentElement.classList.contains("paper");

  function base(element, palette) {
    return {
      animation: false,
      color: palette.series,
      textStyle: { color: palette.text, fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 12 },
      grid: { left: 8, right: 16, top: 40, bottom: 8, containLabel: true },
      legend: {
        top: 0,
        left: 0,
        type: "scroll",
        itemWidth: 14,
        itemHeight: 9,
        itemGap: 14,
        textStyle: { color: palette.text },
        pageTextStyle: { color: palette.text },
        pageIconColor: palette.accent,
        pageIconInactiveColor: palette.line,
        inactiveColor: palette.faint,
      },
      tooltip: {
        confine: true,
        backgroundColor: palette.panel,
        borderColor: palette.line,
        borderWidth: 1,
        padding: 8,
        textStyle: { color: palette.text, fontSize: 12 },
        extraCssText: "box-shadow:0 4px 16px rgba(0,0,0,.18)",
      },
    };
  }

  /* An axis in the colours of the page. */
  function axis(palette, options) {
    const { axisLabel, ...others } = options;
    return {
      axisLine: { show: options.type === "category", lineStyle: { color: palette.line } },
      axisTick: { show: false },
      splitLine: { show: options.type === "value", lineStyle: { color: palette.line, type: [3, 3] } },
      nameTextStyle: { color: palette.faint },
      ...others,
      axisLabel: { color: palette.faint, hideOverlap: true, ...axisLabel },
    };
  }

  /*
   * A chart that `option(palette, narrow, phone, width)` describes. `label` says what it shows to those who do not see it; a table with the same figures
   * stands beside every chart.
   */
  function chart(id, label, height, option) {
    const canvas = make("div", { class: "canvas", id: `chart-${id}` });
    canvas.style.height = `${height}px`;
    const figure = make("figure", { class: "chart", role: "img", "aria-label": label }, canvas);
    drawn.add({ canvas, option, height });
    return figure;
  }

  /* A chart whose height is that of its lines gets no lower than this part of it: their labels would lie over each other. */
  const LEAST_OF_LINES = 0.72;

  function draw(entry, scale) {
    const { canvas, option } = entry;
    const palette = colours();
    const narrow = isNarrow(canvas);
    const own = option(palette, narrow, isPhone(), canvas.clientWidth);
    canvas.style.height = `${Math.round(own.height ? own.height * Math.max(scale, LEAST_OF_LINES) : entry.height * scale)}px`;
    const { height, ...options } = own;
    if (!entry.instance) entry.instance = echarts.init(canvas, null, { renderer: "svg", locale: report.language === "zh" ? "ZH" : "EN" });
    const common = base(canvas, palette);
    const merged = { ...common, ...options };
    for (const part of ["grid", "legend", "tooltip"]) {
      if (options[part] === false) delete merged[part];
      else merged[part] = { ...common[part], ...options[part] };
    }
    entry.instance.resize();
    entry.instance.setOption(merged, { notMerge: true });
  }

  /* Draws all charts that are on the page, `scale` times as high, and forgets those that are not any more. */
  function drawAll(scale = 1) {
    for (const entry of drawn) {
      if (!entry.canvas.isConnected) {
        if (entry.instance) entry.instance.dispose();
        drawn.delete(entry);
      } else if (entry.canvas.clientWidth) {
        // What is folded in has no width: it is drawn when it is opened.
        draw(entry, scale);
      }
    }
  }

  /* Draws the charts in an element that was opened, but for those that stand there as they should. */
  function drawIn(element) {
    for (const entry of drawn) {
      const { canvas, instance } = entry;
      if (!element.contains(canvas) || !canvas.clientWidth) continue;
      if (!instance || instance.getWidth() !== canvas.clientWidth) draw(entry, 1);
    }
  }

  /* Puts panels in the places of those with their names, and the focus back on the choice that was made. */
  function replace(...panels) {
    const chosen = document.activeElement ? document.activeElement.closest(".choice") : null;
    const owner = chosen ? chosen.closest(".panel").id : null;
    for (const panel of panels) {
      const before = document.getElementById(panel.id);
      const place = panel.id === owner ? [...before.querySelectorAll(".choice")].indexOf(chosen) : -1;
      panel.className = before.className;
      before.replaceWith(panel);
      if (place >= 0) panel.querySelectorAll(".choice select")[place].focus();
    }
    drawAll();
  }

  let width = 0;
  let waiting = 0;
  window.addEventListener("resize", () => {
    if (window.innerWidth === width) return;
    width = window.innerWidth;
    clearTimeout(waiting);
    waiting = setTimeout(() => drawAll(), 120);
  });

  return { chart, drawAll, drawIn, replace, tip, axis };
})();
