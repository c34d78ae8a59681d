"use strict";
/* All texts of the page that are not of a table: [English, Chinese]. `{name}` is filled in. */

const report = {};

report.texts = {
  title: ["Shop report", "店铺经营报告"],
  as_of: ["as of {date} · snapshot {snapshot}", "截止 {date} · 快照 {snapshot}"],
  shop: ["Shop", "店铺"],
  shops_match: ["{count} shops match", "{count} 家店铺匹配"],
  dark: ["Dark", "深色"],
  light: ["Light", "浅色"],
  print: ["Print", "打印"],
  skip: ["Skip to the content", "跳到正文"],
  parts_of_page: ["Parts of the page", "页面导航"],
  of_shop: ["shop {shop}", "店铺 {shop}"],
  unknown_shop: [
    "Shop {unknown} is not in this report; shop {shop} is shown.",
    "本报告中没有店铺 {unknown}；当前显示店铺 {shop}。",
  ],
  no_shops: ["The snapshot has no table with shops.", "该快照中没有包含店铺的表。"],
  yes: ["yes", "是"],
  no: ["no", "否"],
  none: ["None.", "无。"],
  when: ["where", "出现于："],
  yuan: ["yuan", "元"],
  of: ["{part} of {all}", "{part} / {all}"],
  points: ["pp", "pp"],
  figure: ["Figure", "指标"],
  span: ["Span", "时间范围"],
  days: ["{count} days", "{count} 天"],
  filter: ["Filter", "筛选"],
  rows_of: ["{shown} of {all} rows", "显示 {shown} / {all} 行"],
  figures_of: ["The figures as a table ({count} rows)", "以表格查看数据（{count} 行）"],
  missing: [
    "The snapshot has no table {table}: the job does not ask for it, or names nothing to make it of.",
    "快照中没有表 {table}：作业未要求生成，或未给出所需的输入或规则。",
  ],
  missing_because: ["The snapshot has no table {table}: {reason}.", "快照中没有表 {table}：{reason}。"],
  no_rows: ["Nothing of this shop yet.", "该店铺暂无数据。"],

  section_overview: ["Overview", "总览"],
  section_sales: ["Sales", "销售"],
  section_retention: ["Coming back", "回购与留存"],
  section_customers: ["Customers", "客户分群"],
  section_assessments: ["Assessments", "平台考核"],
  section_plan: ["Forecast and plan", "预测与目标"],
  section_campaigns: ["Campaigns", "营销活动"],
  section_about: ["About the data", "数据说明"],

  month_of_shop: ["{month}, the last whole month of shop {shop}", "店铺 {shop} 最近完整月份：{month}"],
  month_before: ["month before: {value}", "上月：{value}"],
  so_far: ["{month} so far ({days} days)", "{month} 截至目前（{days} 天）"],
  no_whole_month: ["No month of the data is whole yet.", "数据中尚无完整月份。"],
  all_shops: ["All shops", "全部店铺"],
  all_shops_title: ["All shops ({count})", "全部店铺（{count} 家）"],
  all_shops_remark: [
    "{month}, the last whole month, unless a column names another time. A column is sorted by its name; a shop is chosen by its number.",
    "最近完整月份 {month}（列名另注时间的除外）。点击列名排序，点击店铺编号切换店铺。",
  ],
  assessments_missed: ["Assessments missed (as of {date})", "未达标考核（截至 {date}）"],
  missing_to_target: ["Missing to the target", "距目标尚缺"],
  missing_to_target_in: ["Missing to the target ({month})", "距目标尚缺（{month}）"],

  daily: ["Day by day", "每日走势"],
  daily_remark: [
    "Bars are days, the line is the mean of seven days. Thin lines are the great promotions of the year.",
    "柱为每日数值，线为 7 日均值。细线为平台大促日。",
  ],
  daily_campaigns: ["Shaded days are those of a campaign of the shop.", "阴影为店铺活动期。"],
  daily_label: ["{figure} of shop {shop}, day by day", "店铺 {shop} 每日{figure}"],
  seven_days: ["Mean of 7 days", "7 日均值"],
  campaign: ["Campaign", "活动"],
  monthly: ["Month by month", "每月走势"],
  monthly_remark: [
    "Bars are what came in. The month that runs is pale.",
    "柱为成交额；未结束的月份以浅色显示。",
  ],
  monthly_conversion: ["The line is the conversion of the days with traffic data.", "线为日均转化率。"],
  monthly_label: ["Sales of shop {shop}, month by month", "店铺 {shop} 每月成交"],
  monthly_conversion_label: ["Sales and conversion of shop {shop}, month by month", "店铺 {shop} 每月成交与转化率"],
  not_whole: ["* The month is not whole: counts and money are those of some of its days.", "* 该月不完整：数量与金额仅为其中部分天数。"],

  cohorts: ["Retention by month of the first purchase", "按首购月份的留存"],
  cohorts_remark: [
    "Each row is the customers who first bought in that month (in brackets: how many), each column a month since. Dotted cells still run; cohorts with * began so soon after the first data that they may hold old customers.",
    "每行为当月首次购买的客户（括号内为人数），每列为其后第几个月。虚线格为未结束的月份；带 * 的群组距数据起点过近，可能混有老客。",
  ],
  cohorts_label: [
    "Heat map of the retention of shop {shop}: first purchase month by months since",
    "店铺 {shop} 留存热力图：首购月份 × 之后月数",
  ],
  cohort_period: ["{cohort}, {period} months later", "{cohort} 首购，{period} 个月后"],
  months_since: ["months since the first purchase", "首购后月数"],
  still_runs: ["the month still runs", "该月尚未结束"],
  truncated: ["may hold old customers", "可能混有老客"],
  no_monthly_cohorts: [
    "There are no monthly cohorts of this shop: `params.cohort.grain` of the job leaves them out, or nobody has bought yet.",
    "该店铺没有按月的同期群：作业的 `params.cohort.grain` 未包含 month，或尚无购买。",
  ],
  curves: ["Retention curves", "留存曲线"],
  curves_remark: [
    "The strong line is all cohorts together, weighed by their customers, where at least three are old enough; whole months only.",
    "粗线为全部群组按人数加权合计（至少三个群组）；仅含完整月份。",
  ],
  curves_label: ["Retention curves of shop {shop}", "店铺 {shop} 留存曲线"],
  all_cohorts: ["All cohorts", "全部群组"],
  after_months: ["{count} months after the first purchase", "首购后 {count} 个月"],

  interval: ["Interval", "回购间隔"],
  all_intervals: ["all together", "全部合计"],
  nth_interval: ["purchase {from} to {to}", "第 {from} 次 → 第 {to} 次"],
  survival: ["Who has not come back yet", "尚未回购的比例"],
  survival_remark: [
    "The share of customers without another purchase after so many days, by Kaplan and Meier: those who may still come are counted rightly. The band holds the truth with 95 % confidence at each day.",
    "距上次购买若干天后仍未回购的客户比例（Kaplan–Meier 估计，正确计入仍可能回购的客户）。阴影为每一天的 95 % 置信带。",
  ],
  curves_left_out: [
    "There was no room on this page for the curves of: {intervals}. They are in the tables repurchase_survival and interval_histogram.",
    "本页放不下以下间隔的曲线：{intervals}；见表 repurchase_survival 与 interval_histogram。",
  ],
  survival_label: [
    "Survival curve of the repurchase interval of shop {shop} with its confidence band",
    "店铺 {shop} 回购间隔生存曲线及置信带",
  ],
  band: ["95 % band", "95 % 置信带"],
  days_since: ["days since the purchase", "距该次购买天数"],
  median: ["half are back after {days} days", "{days} 天时半数已回购"],
  histogram: ["Days between purchases: {interval}", "购买间隔天数：{interval}"],
  histogram_remark: [
    "Intervals that have ended, added up by seven days. Long ones had less time to end: for chances read the curve.",
    "已结束的间隔，按 7 天合并。较长的间隔更少有机会结束：判断概率请看生存曲线。",
  ],
  histogram_label: ["Histogram of the repurchase intervals of shop {shop}", "店铺 {shop} 回购间隔直方图"],
  day_range: ["{from} to {to} days", "{from}–{to} 天"],
  beyond: ["{count} intervals of more than {days} days", "另有 {count} 个超过 {days} 天"],
  intervals: ["From purchase to purchase", "逐次回购"],
  intervals_remark: [
    "Chances by Kaplan and Meier (KM) compare fairly; quantiles are of the intervals that have ended, and short.",
    "KM 概率可公平比较；分位数仅含已结束的间隔，因而偏短。",
  ],

  lifecycle: ["Life stages", "生命周期阶段"],
  lifecycle_remark: [
    "Customers by the days since their last purchase: their part of the customers, and of what all of them brought.",
    "按距上次购买的天数划分：客户占比与成交占比。",
  ],
  rfm: ["RFM segments", "RFM 客户类型"],
  rfm_remark: [
    "By recency, frequency and money, each high or low against the mean of the shop.",
    "按最近购买、购买频率、金额三项相对店铺均值的高低划分。",
  ],
  tiers_remark: [
    "A: the customers who bring the first 80 % of what came in; B: the next 15 %; C: the rest.",
    "A：贡献前 80 % 成交额的客户；B：其后 15 %；C：其余。",
  ],
  channels_remark: ["Customers by the source of their first purchase.", "按首次购买的渠道划分。"],
  segments_label: ["{title} of shop {shop}: part of customers and of revenue", "店铺 {shop} {title}：客户占比与成交占比"],
  not_yet: ["No purchase yet", "尚未购买"],
  divided_by: ["Divided by", "划分方式"],
  thresholds: ["Where the stages should end", "阶段阈值的依据"],
  thresholds_remark: [
    "The chance of customers to come back after so many days without a purchase, and the limits that it suggests.",
    "沉默若干天后的回流概率，以及据此建议的阈值。",
  ],
  migration: ["Where customers went", "客群迁移"],
  migration_remark: [
    "On the left where customers stood on {from}, on the right where they stand on {to}.",
    "左侧为 {from} 所在客群，右侧为 {to} 所在客群。",
  ],
  migration_label: ["Flow of the customers of shop {shop} between segments", "店铺 {shop} 客群迁移图"],
  concentration: ["How much hangs on the best", "成交集中度（二八）"],
  concentration_remark: ["The part of net revenue that the best customers and items brought.", "头部客户与头部商品贡献的净成交额占比。"],
  concentration_label: ["Revenue share of the best customers and items of shop {shop}", "店铺 {shop} 头部客户与商品的成交占比"],
  best: ["best {share}", "前 {share}"],

  part_of: ["{part} today, {all} in the end", "当前 {part}，期末 {all}"],
  yuan_a_day: ["yuan a day", "元/天"],
  items_a_day: ["items a day", "件/天"],
  ratings_to_come: ["in the ratings to come", "（后续评价均值）"],
  days_to_come: ["in the days to come", "（后续各天）"],
  needs_at_least: ["needs at least {value} {unit}", "至少需 {value} {unit}"],
  needs_at_most: ["at most {value} {unit}", "不得超过 {value} {unit}"],
  out_of_reach: ["out of reach", "已无法达标"],
  risk_from: ["at risk from {date}", "{date} 起有风险"],
  what_it_takes: ["What it takes", "达标所需"],
  cycle_before: ["The cycle before:", "上一周期："],
  weakest: ["weakest: {metric}", "最弱：{metric}"],

  months: ["The months to come", "未来各月"],
  months_remark: [
    "What each month is expected to end with, and of what it is made.",
    "各月预期净成交额及其构成。",
  ],
  months_band: ["The whisker holds the month with a chance of 80 %.", "须线为 80 % 预测区间。"],
  months_plan: ["The diamond is the plan.", "菱形为计划目标。"],
  months_label: ["Expected sales of shop {shop} by month, and of what they are made", "店铺 {shop} 各月预期成交及其构成"],
  band80: ["80 % band", "80 % 区间"],
  parts: ["Of what it is made", "构成明细"],
  no_forecast: ["There is no forecast: {reason}.", "没有预测：{reason}。"],
  trial: [
    "Tried on the last {days} days, which the model ({model}) had not seen: {predicted} purchase days of known customers expected, {actual} came: {share} of what came.",
    "以模型（{model}）未见过的最近 {days} 天检验：预期老客购买天数 {predicted}，实际 {actual}，预期/实际 {share}。",
  ],

  pooled: ["What messages did", "触达的真实效果"],
  pooled_remark: [
    "Over all repeats of a campaign: how many more of those it was sent to bought than of those it was held back from, in percentage points with the 95 % interval. An interval across the dashed line proves nothing yet.",
    "同名活动的全部重复：发送组相对对照组的购买比例之差（百分点，95 % 置信区间）。区间跨越虚线则尚无定论。",
  ],
  pooled_label: ["Effect of the campaigns of shop {shop} with confidence intervals", "店铺 {shop} 各活动效果及置信区间"],
  interval95: ["95 % interval", "95 % 置信区间"],
  no_comparison: ["No campaign of this shop has both arms yet.", "该店铺尚无同时具备发送组与对照组的活动。"],
  effects: ["Campaign by campaign", "逐个活动"],
  effects_remark: [
    "Revenue while the campaign ran and as many days before it, which the season is in; and what those it was sent to did against those it was held back from.",
    "活动期间与之前同等天数的净销售额（含季节因素），以及发送组与对照组的对比。",
  ],

  inputs: ["What went in", "输入数据"],
  inputs_remark: [
    "Every row of every input is accounted for: rows = used + superseded + rejected + after the as-of date + filtered (table inputs).",
    "每个输入的每一行都有去处：行数 = 采用 + 被替代 + 拒收 + 截止日后 + 过滤（表 inputs）。",
  ],
  input_name: ["Input", "输入"],
  input_path: ["Path", "路径"],
  input_files: ["Files", "文件数"],
  input_rows: ["Rows", "行数"],
  input_used: ["Used", "采用"],
  input_superseded: ["Superseded", "被替代"],
  input_rejected: ["Rejected", "拒收"],
  input_after_as_of: ["After the as-of date", "截止日后"],
  input_filtered: ["Filtered", "过滤"],
  warnings: ["Warnings of the run", "运行警告"],
  missing_tables: ["Tables that are not there", "未生成的表"],
  left_out: ["Not all figures fit on this page", "部分数据未放入本页"],
  left_days: ["Daily figures: the last {days} days.", "每日数据：最近 {days} 天。"],
  left_months: ["Monthly figures and cohorts: the last {months} months.", "每月数据与同期群：最近 {months} 个月。"],
  left_curves: [
    "Survival curves: a point every {survival_step} days, up to the interval after purchase {nth}.",
    "生存曲线：每 {survival_step} 天一个点，至第 {nth} 次购买之后的间隔。",
  ],
  left_campaigns: ["Campaigns: the last {campaigns} of each shop.", "活动：每店最近 {campaigns} 个。"],
  left_optional: [
    "Where customers went: between life stages only. Cohorts: by customers only, not by what they brought.",
    "客群迁移：仅生命周期阶段；同期群：仅人数，不含累计成交。",
  ],
  left_shops: [
    "Details of the {shops} shops that sold most in twelve months; the other shops have a line in the list.",
    "仅近十二个月成交最高的 {shops} 家店铺有明细，其余店铺仅在列表中。",
  ],
  not_detailed: [
    "This shop has no details on this page: its figures are in the tables of the snapshot.",
    "本页没有该店铺的明细：其数据在快照的表中。",
  ],
  foot: [
    "huitou {version}. Every figure stands in the Parquet tables of snapshot {snapshot}; the name of a column tells its table and what it means.",
    "huitou {version}。每个数字都来自快照 {snapshot} 的 Parquet 表；将指针移到列名上可见其表名与定义。",
  ],
  licence: [
    "Charts: Apache ECharts {version}, Copyright 2017-2026 The Apache Software Foundation, Apache License 2.0; parts of it from d3.js, Copyright 2010-2016 Mike Bostock, BSD 3-Clause Licence.",
    "图表：Apache ECharts {version}，版权所有 2017-2026 The Apache Software Foundation，Apache 许可证 2.0；部分来自 d3.js，版权所有 2010-2016 Mike Bostock，BSD 3-Clause 许可证。",
  ],
};

/* A text in the language of the page. */
report.say = (key, values = {}) => {
  const text = report.texts[key];
  if (!text) throw new Error(`no text ${key}`);
  return text[report.language === "zh" ? 1 : 0].replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
};

/* Several texts as one, without those whose condition does not hold: what a chart does not draw, its text does not explain. */
report.sayAll = (...texts) =>
  texts
    .filter(([, holds]) => holds)
    .map(([key]) => report.say(key))
    .join(report.language === "zh" ? "" : " ");

/* The day of the week of a date. */
report.weekday = (date) =>
  new Date(`${date}T00:00:00Z`).toLocaleDateString(report.language === "zh" ? "zh-CN" : "en-GB", { weekday: "short", timeZone: "UTC" });
