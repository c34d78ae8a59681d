"use strict";
/* All texts of the page that are not of a table: [English, Chinese]. `{name}` is filled in. */

const report = {};

report.texts = {
  title: ["Shop report", "店铺经营报告"],
  as_of: ["as of {date} · snapshot {snapshot}", "截至 {date} · 快照 {snapshot}"],
  shop: ["Shop", "店铺"],
  shops_match: ["{count} shops match", "{count} 家店铺匹配"],
  dark: ["Dark", "深色"],
  light: ["Light", "浅色"],
  print: ["Print", "打印"],
  skip: ["Skip to content", "跳到正文"],
  parts_of_page: ["Sections of the page", "页面导航"],
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
  figures_of: ["Figures as a table ({count} rows)", "以表格查看数据（{count} 行）"],
  missing: [
    "The snapshot has no table {table}: the job does not ask for it, or has no input or rule for it.",
    "快照中没有表 {table}：作业未要求生成，或缺少所需的输入或规则。",
  ],
  missing_because: ["The snapshot has no table {table}: {reason}.", "快照中没有表 {table}：{reason}。"],
  no_rows: ["This shop has no such data yet.", "该店铺暂无数据。"],

  section_overview: ["Overview", "总览"],
  section_sales: ["Sales", "销售"],
  section_retention: ["Retention", "回购与留存"],
  section_customers: ["Customers", "客户分群"],
  section_assessments: ["Assessments", "平台考核"],
  section_plan: ["Forecast and plan", "预测与目标"],
  section_campaigns: ["Campaigns", "营销活动"],
  section_about: ["About the data", "数据说明"],

  month_of_shop: ["Shop {shop} in {month}, the last complete month", "店铺 {shop} 最近完整月份：{month}"],
  month_before: ["prior month: {value}", "上月：{value}"],
  year_before: ["a year ago: {value}", "去年同月：{value}"],
  buyers_are: ["{fresh} new, {returning} returning, {refunded} refunded in full", "新客 {fresh}，回头客 {returning}，全额退款 {refunded}"],
  refunded_in_full: ["Refunded in full", "全额退款买家"],
  refunded_in_full_remark: [
    "New, returning and refunded in full make up the customers who paid: somebody whose payments of the month were all refunded is neither new nor returning.",
    "成交用户 = 新客 + 回头客 + 全额退款买家：当月付款已全部退款者既非新客也非回头客。",
  ],
  newest_event: ["newest {input}: {date}", "{input} 最新数据：{date}"],
  stale_input: [
    "The newest data of {input} is {days} days old on the as-of date: the days since then look like days without sales.",
    "{input} 的最新数据距截止日已 {days} 天：此后各天看似没有成交。",
  ],
  no_event: ["There is no data of {input} up to the as-of date.", "截止日前没有 {input} 的数据。"],
  silent_shops: [
    "No data of {input} for longer than usual from {count} shops: {shops}.",
    "{count} 家店铺的 {input} 数据中断时间超过往常：{shops}。",
  ],
  missing_days: ["Days without orders that look like a missing export: {found}", "疑似漏导出的无订单日：{found}"],
  so_far: ["{month} to date ({days} days)", "{month} 至今（{days} 天）"],
  no_whole_month: ["The data has no complete month yet.", "数据中尚无完整月份。"],
  all_shops: ["All shops", "全部店铺"],
  all_shops_title: ["All shops ({count})", "全部店铺（{count} 家）"],
  all_shops_remark: [
    "The figures are those of {month}, the last complete month, unless a column names another period. Click a column name to sort by it; click a shop to show it.",
    "数据为最近完整月份 {month}（列名另注时间的除外）。点击列名排序，点击店铺编号切换店铺。",
  ],
  assessments_missed: ["Assessments failed (as of {date})", "未达标考核（截至 {date}）"],
  missing_to_target: ["Gap to target", "目标缺口"],
  missing_to_target_in: ["Gap to target ({month})", "目标缺口（{month}）"],

  daily: ["Daily sales", "每日走势"],
  daily_remark: [
    "Bars show days; the line shows the mean of 7 days. Thin vertical lines mark the sales festivals of the platform.",
    "柱为每日数值，线为 7 日均值，细竖线为平台大促日。",
  ],
  daily_campaigns: ["Shaded days belong to a campaign of the shop.", "阴影为店铺活动期。"],
  daily_label: ["{figure} of shop {shop}, day by day", "店铺 {shop} 每日{figure}"],
  seven_days: ["7-day mean", "7 日均值"],
  campaign: ["Campaign", "活动"],
  monthly: ["Monthly sales", "每月走势"],
  monthly_remark: ["Bars show the sales of each month; a month that is not complete is pale.", "柱为每月成交额；未结束的月份以浅色显示。"],
  monthly_conversion: ["The line shows the conversion on the days with traffic data.", "线为有流量数据各日的平均转化率。"],
  monthly_label: ["Sales of shop {shop}, month by month", "店铺 {shop} 每月成交"],
  monthly_conversion_label: ["Sales and conversion of shop {shop}, month by month", "店铺 {shop} 每月成交与转化率"],
  not_whole: [
    "* The month is not complete: its counts and money cover only some of its days.",
    "* 该月不完整：数量与金额仅为其中部分天数。",
  ],

  drivers: ["Why sales changed", "成交额为什么变化"],
  drivers_remark: [
    "Each row compares a month with the one before; a month that runs, with as many days of it. The effects add up to the change: visitors, conversion, the mix of new and returning customers, orders per customer, items per order, price per item, and the days without traffic data.",
    "每行把一个月与上月相比；未结束的月份与上月同样天数相比。各项影响相加等于总变化：流量、转化、新老客结构、人均单数、单均件数、件单价，以及没有流量数据的日子。",
  ],
  bridge: ["What revenue means", "收入的几种口径"],
  bridge_remark: [
    "Net by payment deducts a refund in the month of the payment, net by refund in the month in which it was paid out. The expected share is where the refunds of a month's payments will settle.",
    "按付款日净额把退款扣在付款那个月，按退款日净额扣在退款完成那个月。预期退款率是该月付款最终会退掉的比例。",
  ],
  funnel: ["Where orders wait", "订单卡在哪里"],
  funnel_remark: [
    "Orders by the month in which they were placed. The medians include those that still wait.",
    "订单归入下单的月份。中位数计入仍在等待的订单。",
  ],
  buyers: ["New and returning customers", "新客与老客"],
  buyers_remark: [
    "What both brought, refunds deducted. Whoever first bought in the month counts as new with all that month's purchases. The last column counts as the platform does: a purchase within the 365 days before.",
    "两者的净成交额，已扣退款。首购在该月的客户，当月全部购买都算新客。最后一列按平台的老买家口径：此前365天内有购买。",
  ],
  timing: ["When orders are paid", "付款时段分布"],
  timing_remark: [
    "The share of the shop's paid orders by hour of the day and day of the week, over the last days that the job asks for (90 by default).",
    "最近若干天（默认90天）店铺成交笔数按小时和星期的占比。",
  ],
  windows: ["Who bought again within N days", "首购后N天内回购"],
  windows_remark: [
    "Each row is the customers of a month of first purchase. Only those count whose N days are over; the days run from each customer's own first purchase.",
    "每行为某月首购的客户。只计已满N天的客户，天数自各人首购日起算。",
  ],
  within_days: ["{column}, {days} days", "{column}（{days}天）"],
  sources: ["Where visitors come from", "流量来源"],
  sources_remark: ["The channels of the last complete month.", "最近完整月份的各渠道。"],
  channels: ["What new customers of a channel cost", "各渠道新客成本与回本"],
  channels_remark: [
    "Months with a cost. A month is paid back on the first day, counted from each customer's first purchase, by which their net revenue reaches the cost.",
    "有花费的月份。回本天数自每位客户首购日起算，为其净成交额累计达到花费的第一天。",
  ],
  progress: ["Plan and progress", "目标进度"],
  progress_remark: [
    "What should be there by now follows the weekdays and promotions of the year before. For advertising the status says how the budget is spent.",
    "到今天应完成的部分按去年的星期与大促分布。广告费的状态说明预算花得快慢。",
  ],

  cohorts: ["Retention by month of first purchase", "首购月份留存"],
  cohorts_remark: [
    "Each row is a cohort: the customers who first bought in that month (their number in brackets). Each column is a month after it. Dotted cells have not ended yet. A cohort with * starts so close to the first data that it may include existing customers.",
    "每行为当月首次购买的客户（括号内为人数），每列为首购后第几个月。虚线格表示该月尚未结束；带 * 的同期群距数据起点过近，可能混有老客。",
  ],
  cohorts_label: [
    "Heat map of the retention of shop {shop}: first purchase month by months since",
    "店铺 {shop} 留存热力图：首购月份 × 之后月数",
  ],
  cohort_period: ["{cohort}, {period} months after the first purchase", "{cohort} 首购，{period} 个月后"],
  months_since: ["months since the first purchase", "首购后月数"],
  still_runs: ["the month has not ended", "该月尚未结束"],
  truncated: ["may include existing customers", "可能混有老客"],
  no_monthly_cohorts: [
    "This shop has no monthly cohorts: `params.cohort.grain` of the job leaves them out, or the shop has no purchase yet.",
    "该店铺没有按月的同期群：作业的 `params.cohort.grain` 未包含 month，或尚无购买。",
  ],
  curves: ["Retention curves", "留存曲线"],
  curves_remark: [
    "The thick line shows all cohorts together, weighted by their customers, where at least three of them are old enough. Only complete months count.",
    "粗线为全部同期群按人数加权合计（至少三个同期群）；仅含完整月份。",
  ],
  curves_label: ["Retention curves of shop {shop}", "店铺 {shop} 留存曲线"],
  all_cohorts: ["All cohorts", "全部同期群"],
  after_months: ["{count} months after the first purchase", "首购后 {count} 个月"],

  interval: ["Interval", "回购间隔"],
  all_intervals: ["all intervals", "全部合计"],
  nth_interval: ["purchase {from} to {to}", "第 {from} 次 → 第 {to} 次"],
  survival: ["Customers without a repurchase", "尚未回购的客户比例"],
  survival_remark: [
    "The curve shows the share of customers who have not bought again after so many days. The Kaplan–Meier estimate accounts for the customers who may still return. On each day the band holds the true share with 95 % confidence.",
    "距上次购买若干天后仍未回购的客户比例（Kaplan–Meier 估计，正确计入仍可能回购的客户）。阴影为每一天的 95 % 置信带。",
  ],
  curves_left_out: [
    "This page has no room for the curves of: {intervals}. The tables repurchase_survival and interval_histogram have them.",
    "本页放不下以下间隔的曲线：{intervals}；见表 repurchase_survival 与 interval_histogram。",
  ],
  survival_label: [
    "Survival curve of the repurchase interval of shop {shop} with its confidence band",
    "店铺 {shop} 回购间隔生存曲线及置信带",
  ],
  band: ["95 % band", "95 % 置信带"],
  days_since: ["days since the purchase", "距该次购买天数"],
  median: ["median: {days} days", "中位数：{days} 天"],
  histogram: ["Days between purchases: {interval}", "购买间隔天数：{interval}"],
  histogram_remark: [
    "Bars count the intervals that have ended, by seven days. Long intervals had less time to end: read probabilities from the curve.",
    "柱为已结束的间隔数，按 7 天合并。较长的间隔更少有机会结束：判断概率请看生存曲线。",
  ],
  histogram_label: ["Histogram of the repurchase intervals of shop {shop}", "店铺 {shop} 回购间隔直方图"],
  day_range: ["{from} to {to} days", "{from}–{to} 天"],
  beyond: ["{count} intervals of more than {days} days", "另有 {count} 个超过 {days} 天"],
  intervals: ["Repurchase intervals", "逐次回购周期"],
  intervals_remark: [
    "Kaplan–Meier (KM) probabilities compare fairly. Quantiles cover only the intervals that have ended, so they come out short.",
    "KM 概率可公平比较；分位数仅含已结束的间隔，因而偏短。",
  ],

  lifecycle: ["Lifecycle stages", "生命周期阶段"],
  lifecycle_remark: [
    "The days since the last purchase decide the stage. Bars show its share of the customers and of the revenue.",
    "按距上次购买的天数划分；条形为客户占比与成交占比。",
  ],
  rfm: ["RFM segments", "RFM 客户类型"],
  rfm_remark: [
    "Recency, frequency and money decide the segment: each is high or low against the mean of the shop.",
    "按最近购买时间（R）、购买频率（F）、消费金额（M）相对店铺均值的高低划分。",
  ],
  tiers_remark: [
    "A: the customers who bring the first 80 % of the revenue; B: the next 15 %; C: the rest.",
    "A：贡献前 80 % 成交额的客户；B：其后 15 %；C：其余。",
  ],
  channels_remark: ["The source of the first purchase decides the channel.", "按首次购买的渠道划分。"],
  segments_label: ["{title} of shop {shop}: share of customers and of revenue", "店铺 {shop} {title}：客户占比与成交占比"],
  not_yet: ["No purchase yet", "尚未购买"],
  divided_by: ["Group by", "分群方式"],
  thresholds: ["Suggested lifecycle thresholds", "生命周期阈值建议"],
  thresholds_remark: [
    "The table shows how likely customers are to return after so many days without a purchase, and the thresholds that follow.",
    "沉默若干天后的回流概率，以及据此建议的阈值。",
  ],
  migration: ["Segment migration", "客群迁移"],
  migration_remark: [
    "The left side shows the segments of the customers on {from}, the right side those on {to}.",
    "左侧为 {from} 所在客群，右侧为 {to} 所在客群。",
  ],
  migration_label: ["Flow of the customers of shop {shop} between segments", "店铺 {shop} 客群迁移图"],
  concentration: ["Revenue concentration", "成交集中度（二八）"],
  concentration_remark: [
    "Bars show the share of the net revenue that the top customers and items bring.",
    "头部客户与头部商品贡献的净成交额占比。",
  ],
  concentration_label: ["Revenue share of the top customers and items of shop {shop}", "店铺 {shop} 头部客户与商品的成交占比"],
  best: ["top {share}", "前 {share}"],

  part_of: ["{part} to date, {all} at the end", "当前 {part}，期末 {all}"],
  money_a_day: ["{currency} a day", "{currency}/天"],
  items_a_day: ["items a day", "件/天"],
  hours: ["{count} h", "{count} 小时"],
  minutes: ["{count} min", "{count} 分钟"],
  seconds: ["{count} s", "{count} 秒"],
  ratings_to_come: ["in the remaining ratings", "（后续评价均值）"],
  days_to_come: ["on the remaining days", "（后续各天）"],
  needs_at_least: ["needs at least {value} {unit}", "至少需 {value} {unit}"],
  needs_at_most: ["allows at most {value} {unit}", "不得超过 {value} {unit}"],
  out_of_reach: ["can no longer pass", "已无法达标"],
  risk_from: ["at risk from {date}", "{date} 起有风险"],
  what_it_takes: ["Needed to pass", "达标所需"],
  cycle_before: ["Previous cycle:", "上一周期："],
  weakest: ["weakest: {metric}", "最弱：{metric}"],

  months: ["Monthly forecast", "月度预测"],
  months_remark: ["Bars show the expected sales of each month and their components.", "各月预期净成交额及其构成。"],
  months_band: ["The whisker shows the range that holds the sales of the month with a probability of 80 %.", "须线为 80 % 预测区间。"],
  months_plan: ["The diamond shows the target.", "菱形为销售目标。"],
  months_label: ["Expected sales of shop {shop} by month, with their components", "店铺 {shop} 各月预期成交及其构成"],
  band80: ["80 % band", "80 % 区间"],
  parts: ["Components", "构成明细"],
  no_forecast: ["There is no forecast: {reason}.", "没有预测：{reason}。"],
  trial: [
    "Test on the last {days} days, which the model ({model}) did not see: it predicted {predicted} purchase days of known customers, and {actual} took place (predicted / actual: {share}).",
    "以模型（{model}）未见过的最近 {days} 天检验：预测老客购买天数 {predicted}，实际 {actual}，预测/实际 {share}。",
  ],

  worse_than_naive: [
    "The models rank the customers of this shop worse than “as often as before” does. The forecast is therefore “as often as before”: do not pick customers by it.",
    "各模型对本店客户的排序都不如“按原频率”，因此预测改用“按原频率”：请勿据此挑选客户。",
  ],
  misses_more: [
    "In the same test the model ranked customers no worse than “as often as before”, but missed their purchases by more: use the order of customers, not the sums.",
    "同一检验中，模型对客户的排序不差于“按原频率”，但购买次数的误差更大：可用其排序，勿用其合计。",
  ],
  no_better: [
    "In the same test the model was no better than “as often as before”, beyond chance.",
    "同一检验中，模型并不明显优于“按原频率”。",
  ],

  pooled: ["Campaign effect over all repeats", "活动效果汇总"],
  pooled_remark: [
    "The chart compares the conversion of the treated group and of the control group over all repeats of a campaign: the difference in percentage points, with the 95 % interval. An interval across the dashed line proves no effect.",
    "汇总同名活动的全部重复：发送组与对照组的转化率之差（百分点，95 % 置信区间）。区间跨越虚线则尚无定论。",
  ],
  pooled_label: ["Effect of the campaigns of shop {shop} with confidence intervals", "店铺 {shop} 各活动效果及置信区间"],
  interval95: ["95 % interval", "95 % 置信区间"],
  no_comparison: ["No campaign of this shop has both a treated and a control group yet.", "该店铺尚无同时具备发送组与对照组的活动。"],
  effects: ["Single campaigns", "各活动效果"],
  effects_remark: [
    "The table shows the net revenue during the campaign and on as many days before it (the season affects both), and the conversion of the treated and the control group. The return on cost stands only where there is a control group.",
    "活动期间与之前同等天数的净销售额（含季节因素），以及发送组与对照组的转化率。仅有对照组的活动列出费用回报。",
  ],

  inputs: ["Inputs", "输入数据"],
  inputs_remark: [
    "Every row of an input counts once: rows = used + superseded + rejected + after the as-of date + filtered (table inputs).",
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
  input_newest_event: ["Newest event", "最新事件"],
  warnings: ["Warnings of the run", "运行警告"],
  missing_tables: ["Missing tables", "未生成的表"],
  left_out: ["Not all figures fit on this page", "部分数据未放入本页"],
  left_days: ["Daily figures: the last {days} days.", "每日数据：最近 {days} 天。"],
  left_months: ["Monthly figures and cohorts: the last {months} months.", "每月数据与同期群：最近 {months} 个月。"],
  left_curves: [
    "Survival curves: a point every {survival_step} days, up to the interval after purchase {nth}.",
    "生存曲线：每 {survival_step} 天一个点，至第 {nth} 次购买之后的间隔。",
  ],
  left_campaigns: ["Campaigns: the last {campaigns} of each shop.", "活动：每店最近 {campaigns} 个。"],
  left_optional: [
    "Segment migration: lifecycle stages only. Cohorts: customers only, without their revenue.",
    "客群迁移：仅生命周期阶段；同期群：仅人数，不含累计成交。",
  ],
  left_shops: [
    "Only the {shops} shops that sold most in twelve months have details; the other shops have a line in the list.",
    "仅近十二个月成交最高的 {shops} 家店铺有明细，其余店铺仅在列表中。",
  ],
  not_detailed: [
    "This page has no details of this shop; the tables of the snapshot have its figures.",
    "本页没有该店铺的明细：其数据在快照的表中。",
  ],
  foot: [
    "huitou {version}. Every figure comes from the Parquet tables of snapshot {snapshot}. Point at the name of a column to see its table and its definition.",
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

/* The currency of the snapshot as people call it. */
report.currency = () => (report.data.currency === "CNY" ? report.say("yuan") : report.data.currency);

/* The day of the week of a date. */
report.weekday = (date) =>
  new Date(`${date}T00:00:00Z`).toLocaleDateString(report.language === "zh" ? "zh-CN" : "en-GB", { weekday: "short", timeZone: "UTC" });
