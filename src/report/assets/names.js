"use strict";
/* Names of what stands in the tables: labels of columns that are abbreviations, and values of columns with a fixed list. */

/* English labels where the name of the column alone would not do; the Chinese ones are those of the cards. */
report.labels = {
  shop_id: "Shop",
  uv: "Visitors (UV)",
  uv_daily_mean: "Daily visitors (UV)",
  uv_conversion: "UV conversion",
  uv_to_close: "Visitors to close the gap",
  new_customers_to_close: "New customers to close the gap",
  value_per_customer: "Value per customer",
  paid_amount_vs_previous: "Paid amount vs previous month",
  paid_amount_vs_year_ago: "Paid amount vs a year ago",
  cumulative_revenue_per_customer: "Cumulative revenue per customer (LTV)",
  is_complete: "Complete",
  is_left_truncated: "May include existing customers",
  nth: "Interval",
  p25: "25th percentile (days)",
  p50: "Median (days)",
  p75: "75th percentile (days)",
  km_median_days: "Median (days, KM)",
  km_within_30: "Repurchase within 30 days (KM)",
  km_within_90: "Repurchase within 90 days (KM)",
  km_within_180: "Repurchase within 180 days (KM)",
  km_within_365: "Repurchase within 365 days (KM)",
  survival: "Without a repurchase",
  ci_low: "Lower limit",
  ci_high: "Upper limit",
  at_risk: "At risk",
  mean_p_alive: "Probability alive",
  expected_value: "Expected revenue",
  in_force: "Current threshold",
  suggested: "Suggested threshold",
  top_share: "Top share",
  top_entities: "Number in the top",
  top_net_revenue: "Net revenue of the top",
  entities: "Number of all",
  entity: "Kind",
  gini: "Gini coefficient",
  lower: "Lower limit (80 %)",
  upper: "Upper limit (80 %)",
  sales_to_date: "Sales to date",
  known_revenue: "Known customers",
  new_first_revenue: "New: first purchases",
  new_repeat_revenue: "New: repurchases",
  expected_sales: "Expected sales",
  sales_target: "Target",
  gap: "Gap to target",
  conversion_difference: "Conversion difference",
  conversion_low: "95 % interval",
  revenue_difference: "Revenue difference per member",
  from_segment: "From",
  to_segment: "To",
  share_of_from: "Share of origin segment",
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
  "(none)": ["None", "无"],
  lifecycle: ["Lifecycle stages", "生命周期阶段"],
  rfm_segment: ["RFM segments", "RFM 客户类型"],
  value_tier: ["Value tiers", "价值等级"],
  first_channel: ["First channels", "首购渠道"],
  customers: ["Customers", "客户"],
  items: ["Items", "商品"],
  natural: ["Organic", "自然流量"],
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
  not_bottom: ["not in the bottom group, from", "不在末位，标准"],
  at_least_peer_mean: ["at least the peer mean,", "不低于同行均值"],
  at_most_peer_mean: ["at most the peer mean,", "不高于同行均值"],
  tmall_quarterly: ["Tmall, quarterly", "天猫季度考核"],
  tmall_annual: ["Tmall, annual", "天猫年度考核"],
  tmall_trial: ["Tmall, trial year", "天猫试运营考核"],
  tmall_violations: ["Tmall, violations", "天猫违规扣分"],
  window_30_days: ["30 days", "近30天考核"],
  "(all)": ["All", "全部"],
  sales: ["Sales", "成交额"],
  net_sales: ["Net sales", "净成交额"],
  ad_cost: ["Advertising", "广告费"],
  new_items: ["New items", "上新数"],
  sales_year_to_date: ["Sales, year to date", "年累计成交额"],
  ahead: ["Ahead", "超前"],
  on_track: ["On track", "正常"],
  behind: ["Behind", "落后"],
  done: ["Done", "已完成"],
  missed: ["Missed", "未完成"],
  budget_ahead: ["Spent fast", "花得快"],
  budget_on_track: ["On track", "正常"],
  budget_behind: ["Spent slowly", "花得慢"],
  budget_done: ["All spent", "预算已用完"],
  budget_missed: ["Not all spent", "预算有余"],
  budget_exceeded: ["Over budget", "超支"],
  treated: ["Treated group", "发送组"],
  control: ["Control group", "对照组"],
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
  "affili-ate assess-ments cam-paign cam-paigns cate-gory coeffi-cient conver-sion cumu-lative custom-er custom-ers differ-ence expect-ed " +
  "inter-val inter-vals percent-ile proba-bility pre-vious pur-chase pur-chases repur-chase repur-chased require-ment reten-tion return-ing " +
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
  not_bottom: ["not in the bottom group", "不在末位"],
  at_least_peer_mean: ["at least the peer mean", "不低于同行均值"],
  at_most_peer_mean: ["at most the peer mean", "不高于同行均值"],
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
