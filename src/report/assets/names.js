"use strict";
/* Names of what stands in the tables: labels of columns that are abbreviations, and values of columns with a fixed list. */

/* English labels where the name of the column alone would not do; the Chinese ones are those of the cards. */
report.labels = {
  shop_id: "Shop",
  period: "Month",
  depth: "Pages per visit",
  dwell_per_visit: "Time per visit",
  viewing_customer_days: "Recognised visitors",
  viewed_paid_customer_days: "Of them, paid the same day",
  viewed_paid_rate: "Paid the same day",
  returning_share_365: "Returning share (365 days)",
  net_by_payment: "Net by payment",
  net_by_refund: "Net by refund",
  net_revenue: "Net by payment",
  placed_paid_rate: "Paid of the orders placed",
  refunds_of_payments: "Refunds of these payments",
  refunds_in_period: "Refunds in the month",
  refund_share_expected: "Refund share expected",
  refund_maturity: "Refunds seen so far",
  hours_to_pay_km_median: "Median time to payment",
  hours_to_ship_km_median: "Median time to shipment",
  cash_days_km_median: "Median days to completion",
  paid_not_completed_amount: "Paid, not yet completed",
  cost_per_new_customer: "Cost per new customer",
  paid_back_share: "Paid back",
  payback_days: "Days to pay back",
  expected_by_now: "Due by now",
  gap_by_now: "Behind by now",
  projected: "Expected at the end",
  projected_gap: "Gap to plan",
  share_done: "Done",
  trend: "Change in 30 days",
  gateway_share: "Bought it first",
  shop_repurchase_rate_90: "Repurchase rate 90 of the shop",
  days_per_unit: "Days per item",
  orders_both: "Orders with both",
  orders_a: "Orders with A",
  orders_b: "Orders with B",
  q_value: "q-value",
  then_customers: "Bought B later",
  then_share: "Share who bought B later",
  then_median_days: "Median days until B",
  ipv_uv: "Item visitors",
  reason_share: "Share of sales refunded for it",
  shop_reason_share: "The same over the shop",
  refunded_of_paid: "Refunded amount",
  refunded_30: "Refunded, last 30 days",
  refunded_30_before: "Refunded, 30 days before",
  threshold_amount: "Threshold",
  percent: "Of value per customer (%)",
  orders_at_or_above: "Orders that reach it",
  share: "Share",
  amount_missing_mean: "Missing on average",
  band_from: "From",
  band_to: "To",
  uv_sum: "Visitors (days added up)",
  orders_with_cost: "Orders of paid clicks",
  amount_with_cost: "Amount of paid clicks",
  inquirers: "Inquirers (days added up)",
  inquiry_same_day: "Bought the same day",
  inquiry_next_day: "Bought by the next day",
  inquiry_net: "Bought the items asked about",
  response_seconds: "Response time (s)",
  strict: "By id",
  linked: "By person",
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
  purchase_chance_90: "Chance to buy within 90 days",
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
  gap: "Gap to plan",
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

/* The factors of sales, as sales_drivers calls their effects. */
report.drivers = ["traffic", "conversion", "mix", "frequency", "basket", "price", "untracked"].map((factor) => `${factor}_effect`);

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
  "(none)": ["Not stated", "未标明"],
  lifecycle: ["Lifecycle stages", "生命周期阶段"],
  rfm_segment: ["RFM segments", "RFM 客户类型"],
  value_tier: ["Value tiers", "价值等级"],
  first_channel: ["First channels", "首购渠道"],
  first_category: ["First categories", "首购类目"],
  first_order_value_band: ["First order values", "首单金额段"],
  first_item: ["First items", "首购商品"],
  first_promotion: ["First promotions", "首购促销"],
  province: ["Provinces", "省份"],
  "(other)": ["Others", "其他"],
  customers: ["Customers", "客户"],
  repeat_rate: ["Repeat rate", "复购率"],
  returning_share: ["Returning share", "老客占比"],
  net_revenue_per_customer: ["Net revenue per customer", "客均净支付金额"],
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
  sales: ["Sales", "支付金额"],
  net_sales: ["Net by payment", "净支付金额（按支付日）"],
  ad_cost: ["Advertising", "广告费"],
  new_items: ["New items", "上新数"],
  sales_year_to_date: ["Sales, year to date", "年累计支付金额"],
  ahead: ["Ahead", "超前"],
  on_track: ["On track", "正常"],
  behind: ["Behind", "落后"],
  ahead_but_short: ["Ahead so far, forecast short", "目前超前，预计月底不足"],
  on_track_but_short: ["On track so far, forecast short", "目前正常，预计月底不足"],
  behind_but_enough: ["Behind so far, forecast reached", "目前落后，预计月底达成"],
  done: ["Done", "已完成"],
  missed: ["Missed", "未完成"],
  budget_ahead: ["Spent fast", "花得快"],
  budget_on_track: ["On track", "正常"],
  budget_behind: ["Spent slowly", "花得慢"],
  budget_done: ["All spent", "预算已用完"],
  budget_missed: ["Not all spent", "预算有余"],
  budget_exceeded: ["Over budget", "超支"],
  alarm: ["Alarm", "预警"],
  watch: ["Watch", "关注"],
  incubation: ["incubation", "酝酿期"],
  growth: ["growth", "成长期"],
  maturity: ["maturity", "成熟期"],
  maintenance: ["maintenance", "维持期"],
  bottleneck: ["bottleneck", "瓶颈期"],
  better: ["better", "更好"],
  worse: ["worse", "更差"],
  equal: ["equal", "持平"],
  disputes: ["Disputes", "纠纷数"],
  unpaid_share: ["Unpaid share", "未付款占比"],
  late_shipments: ["Late shipments", "超时未发货订单数"],
  refund_share: ["Refund share", "退款金额占比"],
  events: ["events", "大促与事件"],
  info: ["Info", "提示"],
  orders: ["orders", "订单"],
  traffic: ["traffic", "流量"],
  refunds: ["refunds", "退款"],
  ratings: ["ratings", "评价"],
  complaints: ["complaints", "投诉"],
  service_scores: ["service scores", "服务分"],
  listings: ["listings", "上新"],
  violations: ["violations", "违规"],
  inquiries: ["inquiries", "咨询"],
  page_views: ["page views", "浏览明细"],
  item_traffic: ["item traffic", "商品流量"],
  keyword_traffic: ["keywords", "关键词"],
  affiliate_orders: ["affiliate orders", "淘客订单"],
  coupon: ["Coupon", "优惠券"],
  spend_and_save: ["Spend and save", "满减"],
  flash_sale: ["Flash sale", "限时折扣"],
  bundle: ["Bundle", "搭配套餐"],
  none: ["No promotion", "无促销"],
  ad_plans: ["advertising plans", "广告计划"],
  audiences: ["audiences", "营销名单"],
  benchmarks: ["benchmarks", "行业基准"],
  campaigns: ["campaigns", "活动"],
  customer_links: ["customer links", "客户编号关联"],
  do_not_contact: ["do not contact", "勿扰名单"],
  plans: ["plans", "目标"],
  shop_metrics: ["shop metrics", "店铺指标"],
  shops: ["shops", "店铺"],
  treated: ["Treated group", "发送组"],
  control: ["Control group", "对照组"],
};

/* What stays in capitals where a name of the tables is made a text. */
const CAPITALS = { dsr: "DSR", uv: "UV", rfm: "RFM", id: "ID", ltv: "LTV", vip: "VIP" };

/* A name of the tables as a text: `refund_rate` is "Refund rate", `dsr_mean` "DSR mean". */
report.readable = (name) => {
  const text = name
    .split("_")
    .map((word) => CAPITALS[word] || word)
    .join(" ");
  return text.charAt(0).toUpperCase() + text.slice(1);
};

/* What stands in the tables for all, for none and for the others of something. */
const MARKS = ["(all)", "(none)", "(other)"];
report.marked = (value) => (MARKS.includes(value) ? report.name(value) : String(value));

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

/* The name of a metric of a day: as the column of shop_daily that it is, the visitors of a channel, or a name of its own. */
report.metricName = (metric) => {
  if (metric.startsWith("uv:")) return report.say("visitors_by", { channel: report.name(metric.slice(3)) });
  return report.data.meaning("shop_daily", metric) ? report.elements.label("shop_daily", metric) : report.name(report.values[metric] ? metric : report.readable(metric));
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
