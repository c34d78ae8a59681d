"use strict";
/* Names of what stands in the tables: labels of columns that are abbreviations, and values of columns with a fixed list. */

/* English labels where the name of the column alone would not do; the Chinese ones are those of the cards. */
report.labels = {
  shop_id: "Shop",
  uv: "Visitors (UV)",
  uv_daily_mean: "Visitors a day (UV)",
  uv_conversion: "Conversion of UV",
  uv_to_close: "Visitors to close the gap",
  new_customers_to_close: "New customers to close the gap",
  value_per_customer: "Value per customer",
  paid_amount_vs_previous: "Paid, against the month before",
  paid_amount_vs_year_ago: "Paid, against a year ago",
  cumulative_revenue_per_customer: "Revenue per customer so far (LTV)",
  is_complete: "Whole",
  is_left_truncated: "May hold old customers",
  nth: "Interval",
  p25: "A quarter within (days)",
  p50: "Half within (days)",
  p75: "Three quarters within (days)",
  km_median_days: "Half are back after (days, KM)",
  km_within_30: "Back within 30 days (KM)",
  km_within_90: "Back within 90 days (KM)",
  km_within_180: "Back within 180 days (KM)",
  km_within_365: "Back within 365 days (KM)",
  survival: "Not back yet",
  ci_low: "Lower limit",
  ci_high: "Upper limit",
  at_risk: "Still waited for",
  mean_p_alive: "Still there (chance)",
  expected_value: "Expected revenue",
  in_force: "Limit in force",
  top_share: "Best part",
  top_entities: "Best ones",
  top_net_revenue: "Net revenue of the best",
  entities: "All",
  entity: "Of what",
  gini: "Gini coefficient",
  lower: "Lower limit (80 %)",
  upper: "Upper limit (80 %)",
  sales_to_date: "Sold so far",
  known_revenue: "Known customers",
  new_first_revenue: "New: first purchases",
  new_repeat_revenue: "New: coming again",
  expected_sales: "Expected sales",
  sales_target: "Target",
  gap: "Missing to the target",
  conversion_difference: "Difference of conversion",
  conversion_low: "95 % interval",
  revenue_difference: "Difference of revenue per member",
  from_segment: "From",
  to_segment: "To",
  share_of_from: "Share of those",
  dsr_mean: "DSR, mean",
  dsr_description: "DSR, description",
  dsr_service: "DSR, service",
  dsr_delivery: "DSR, delivery",
  dsr_logistics: "DSR, logistics",
  from_date: "From",
  to_date: "To",
};

report.values = {
  new: ["New", "新客"],
  active: ["Active", "活跃"],
  reactivated: ["Reactivated", "回流"],
  quiet: ["Quiet", "沉默"],
  dormant: ["Dormant", "睡眠"],
  churned: ["Churned", "流失"],
  champion: ["Champions", "重要价值"],
  promising: ["Promising", "重要发展"],
  must_keep: ["Must keep", "重要保持"],
  win_back: ["Win back", "重要挽留"],
  regular: ["Regular", "一般价值"],
  recent: ["Recent", "一般发展"],
  fading: ["Fading", "一般保持"],
  lost: ["Lost", "一般挽留"],
  "(none)": ["Not there", "无"],
  lifecycle: ["Life stages", "生命周期阶段"],
  rfm_segment: ["RFM segments", "RFM 客户类型"],
  value_tier: ["Value tiers", "价值等级"],
  first_channel: ["First channels", "首购渠道"],
  customers: ["Customers", "客户"],
  items: ["Items", "商品"],
  natural: ["Natural", "自然流量"],
  paid: ["Paid", "付费流量"],
  affiliate: ["Affiliate", "淘宝客"],
  member: ["Member", "会员"],
  activity: ["Activity", "活动"],
  other: ["Other", "其他"],
  pass: ["Pass", "达标"],
  fail: ["Fail", "未达标"],
  running_pass: ["Pass so far", "暂达标"],
  running_fail: ["Fail so far", "暂未达标"],
  exempt: ["Exempt", "豁免"],
  not_applicable: ["Not applicable", "不适用"],
  unknown: ["Unknown", "未知"],
  trial: ["Trial", "试运营"],
  formal: ["Formal", "正式考核"],
  at_least: ["at least", "不低于"],
  at_most: ["at most", "不高于"],
  below: ["below", "低于"],
  not_bottom: ["not among the worst, from", "不在末位，标准"],
  at_least_peer_mean: ["at least the mean of peers,", "不低于同行均值"],
  at_most_peer_mean: ["at most the mean of peers,", "不高于同行均值"],
  tmall_quarterly: ["Tmall, quarterly", "天猫季度考核"],
  tmall_annual: ["Tmall, annual", "天猫年度考核"],
  tmall_trial: ["Tmall, trial year", "天猫试运营考核"],
  tmall_violations: ["Tmall, violations", "天猫违规扣分"],
  window_30_days: ["30 days", "近30天考核"],
  treated: ["Sent to", "发送组"],
  control: ["Held back", "对照组"],
};

/* What stays in capitals where a name of the tables is made a text. */
const CAPITALS = { dsr: "DSR", uv: "UV", rfm: "RFM", id: "ID", ltv: "LTV" };

/* A name of the tables as a text: `refund_rate` is "Refund rate", `dsr_mean` "DSR mean". */
report.readable = (name) => {
  const text = name
    .split("_")
    .map((word) => CAPITALS[word] || word)
    .join(" ");
  return text.charAt(0).toUpperCase() + text.slice(1);
};

/* Where the long words of heads may be divided: once, near the middle. */
const DIVISIONS =
  "affili-ate assess-ments cam-paign cam-paigns cate-gory coeffi-cient conver-sion cumu-lative custom-ers differ-ence expect-ed inter-val " +
  "inter-vals percent-ile proba-bility pre-vious pur-chase pur-chases repur-chase repur-chased require-ment reten-tion return-ing " +
  "reve-nue seg-ment sug-gested thresh-old visi-tors";
const DIVIDED = new Map(DIVISIONS.split(" ").map((word) => [word.replace("-", ""), word.indexOf("-")]));

/* A text with soft hyphens in its long words, for a place that may be too narrow for them. */
report.hyphenated = (text) =>
  text.replace(/[A-Za-z]{7,}/g, (word) => {
    const at = DIVIDED.get(word.toLowerCase());
    return at ? `${word.slice(0, at)}\u00ad${word.slice(at)}` : word;
  });

/* Tests whose names ask for a number after them, where there is none. */
report.testsAlone = {
  not_bottom: ["not among the worst", "不在末位"],
  at_least_peer_mean: ["at least the mean of peers", "不低于同行均值"],
  at_most_peer_mean: ["at most the mean of peers", "不高于同行均值"],
};

/* The name of a value in the language of the page; a metric's is that of its definition, an unknown name stays as it is. */
report.name = (value) => {
  if (value === null || value === undefined) return "–";
  const names = report.values[value];
  if (names) return names[report.language === "zh" ? 1 : 0];
  const metric = report.data.metrics[value];
  if (metric && report.language === "zh") return metric.zh;
  return metric ? report.labels[value] || report.readable(value) : value;
};
