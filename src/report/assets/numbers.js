"use strict";
/* Numbers as people read them: thousands apart, shares in percent, a dash for what is not there. */

report.numbers = (() => {
  const NOTHING = "–";
  const formats = new Map();

  function format(decimals) {
    if (!formats.has(decimals)) {
      formats.set(decimals, new Intl.NumberFormat("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals }));
    }
    return formats.get(decimals);
  }

  const upTo = new Intl.NumberFormat("en-US", { maximumFractionDigits: 2 });

  const plain = (value, decimals = 0) =>
    value === null || value === undefined
      ? NOTHING
      : format(decimals)
          .format(value)
          .replace(/^-(0(\.0*)?)$/, "$1");
  const percent = (value, decimals = 2) => (value === null || value === undefined ? NOTHING : `${plain(value * 100, decimals)}%`);
  /* A chance in whole percent; what is not certain does not read as if it were. */
  function chance(value) {
    if (value !== null && value !== undefined && value > 0 && value < 1) {
      if (Math.round(value * 100) === 100) return "> 99%";
      if (Math.round(value * 100) === 0) return "< 1%";
    }
    return percent(value, 0);
  }
  const signed = (value, text) => (value > 0 ? `+${text}` : text);
  /* A change: with its sign. */
  const change = (value, decimals = 2) => (value === null || value === undefined ? NOTHING : signed(value, percent(value, decimals)));

  /* A difference of two shares: in percentage points, with its sign. */
  const points = (value, decimals = 2) =>
    value === null || value === undefined ? NOTHING : `${signed(value, plain(value * 100, decimals))} ${report.say("points")}`;

  /* The same where the unit stands beside it already. */
  const pointsAlone = (value, decimals = 2) => (value === null || value === undefined ? NOTHING : signed(value, plain(value * 100, decimals)));

  /* For axes and tiles: 12.3k and 4.5M, or 1.2万 and 4.5亿. */
  function short(value) {
    if (value === null || value === undefined) return NOTHING;
    const steps =
      report.language === "zh"
        ? [
            [1e8, "亿"],
            [1e4, "万"],
          ]
        : [
            [1e9, "B"],
            [1e6, "M"],
            [1e3, "k"],
          ];
    for (const [size, name] of steps) {
      if (Math.abs(value) >= size) return `${Number((value / size).toPrecision(3))}${name}`;
    }
    return String(Number(value.toPrecision(3)));
  }

  /* A time in hours; short ones in minutes or seconds, which two decimals of an hour would not show. */
  function hours(value) {
    if (value === null || value === undefined) return NOTHING;
    const seconds = value * 3600;
    if (seconds >= 3600 || seconds === 0) return report.say("hours", { count: plain(value, 1) });
    return seconds >= 60 ? report.say("minutes", { count: plain(seconds / 60, 1) }) : report.say("seconds", { count: plain(seconds) });
  }

  /* A cell of a column as its card says. */
  function cell(meaning, value) {
    if (value === null || value === undefined) return NOTHING;
    if (!meaning) return String(value);
    switch (meaning.kind) {
      case "money":
        return plain(value, 2);
      case "flag":
        return report.say(value ? "yes" : "no");
      case "number":
        if (meaning.unit === "%") return `${plain(value, meaning.decimals)}%`;
        return meaning.unit === "1" ? percent(value) : plain(value, meaning.decimals);
      default:
        return report.marked(value);
    }
  }

  /* A value in a unit that another column names. */
  function inUnit(value, unit) {
    if (value === null || value === undefined) return NOTHING;
    if (unit === "1") return percent(value);
    if (unit === report.data.currency || unit === `${report.data.currency} a day`) return plain(value, 2);
    return upTo.format(value).replace(/^-0$/, "0");
  }

  return { NOTHING, plain, percent, chance, change, points, pointsAlone, short, hours, cell, inUnit };
})();
