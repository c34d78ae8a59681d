"use strict";
/* Notes, reasons and warnings of a run in the language of the page; the tables have them in English. Warnings of the run, and the sentences of
   campaigns and stages, are translated by the program, whose list of messages has them. */

/* Those that are always the same. */
report.notes = {
  // What follows by the rules that come with the program.
  "shop blocked for 12 days": "屏蔽店铺12天",
  "second level of general violations": "一般违规第二档处理",
  "third level of general violations": "一般违规第三档处理",
  "fourth level of general violations": "一般违规第四档处理",
  "shop blocked for 7 days": "屏蔽店铺7天",
  "shop blocked for 14 days": "屏蔽店铺14天",
  "shop blocked for 21 days and closed to visitors": "屏蔽店铺21天并限制访问",
  "shop closed for good": "清退店铺",
  "shop closed at once": "立即清退店铺",
  "a month has no service score": "有月份缺少基础服务考核分",
  "no month that counts has ended in the period": "周期内尚无计入的完整月份",
  "there was no refund application": "没有退款申请",
  "no refund application succeeded": "没有成功的退款申请",
  "the shop is in its exempt months": "店铺处于豁免月份",
  "no month has begun in the period": "周期内尚无月份开始",
  "no order was placed": "没有下单",
  "no order was paid": "没有支付订单",
  "no order was shipped": "没有发货订单",
  "there is nothing to measure": "没有可衡量的数据",
  "there are no peers": "没有同行店铺",
  "there is no day with visitors": "没有有访客的日期",
  "a month has no items_new": "有月份缺少上新数",
  "nobody rated the shop, or there is no snapshot of the period": "无人评价，或没有该周期的评分",
  "the shop's category is unknown": "店铺类目未知",
  "the shop has neither orders nor visitors": "店铺既无订单也无访客",
  "the rule has no value for shops of unknown category": "规则未给出类目未知店铺的标准",
  "a refund application does not tell whether the platform intervened": "有退款申请未说明平台是否介入",
  "no model of the shop's customers, or of what they spend, can be used: forecast_models says why":
    "没有可用的客户或消费模型，原因见 forecast_models",
  "the job names no rule files (`assessments`)": "作业未指定规则文件（`assessments`）",
  "the job names no strategy files (`strategies`)": "作业未指定策略文件（`strategies`）",
  "the job wants no forecast (`params.forecast.model: none`)": "作业未要求预测（`params.forecast.model: none`）",
};

/* Those with numbers and names in them, which stay as they are: [the English text, the Chinese one made of its parts]. */
report.patterns = [
  [/^huitou (\S+) before, (\S+) now$/, (before, now) => `此前为 huitou ${before}，现为 ${now}`],
  [/^the snapshot before was made by an earlier build, which does not say its job$/, () => "此前的快照由更早的版本生成，未记录其作业配置"],
  [/^(\w+) is (\S+); the rule asks from (\S+) on$/, (metric, value, least) => `${report.name(metric)}为 ${value}；规则自 ${least} 起才要求`],
  [/^(\w+) is (\S+); the rule asks up to (\S+)$/, (metric, value, most) => `${report.name(metric)}为 ${value}；规则仅在不超过 ${most} 时要求`],
  [/^(\d+) eligible peers have a value; (\d+) are needed$/, (there, needed) => `仅 ${there} 家合格同行有数值；需要 ${needed} 家`],
  [/^the shop was not open for (\d+) months when the period began$/, (months) => `周期开始时开店未满 ${months} 个月`],
  [/^the rule has no value for the category `(.*)`$/, (category) => `规则未给出类目“${category}”的标准`],
  [
    /^the shop's orders and visitors are known from (\S+) on, the period begins before that$/,
    (from) => `店铺的订单与访客自 ${from} 起才有，周期开始早于此`,
  ],
  [/^shop_metrics has no `(.*)` of the period$/, (metric) => `shop_metrics 中没有该周期的 ${metric}`],
  [/^fewer than (\d+) whole months of new customers are known$/, (months) => `新客数据不足 ${months} 个完整月份`],
  [/^the job has no input `(\w+)`$/, (input) => `作业没有输入 \`${input}\``],
  [/^the job has no (\w+)$/, (what) => `作业没有 \`${what}\``],
  [/^input `(\w+)` has no `(\w+)`$/, (input, column) => `输入 \`${input}\` 没有 \`${column}\``],
  [
    /^cohorts have no dimension `(\w+)`: (.*)$/,
    (dimension, reason) => `同期群没有维度 \`${dimension}\`：${report.note(reason)}`,
  ],
  // A metric on which a condition hangs, and why it is not known.
  [/^(\w+): (.*)$/, (metric, reason) => `${report.name(metric)}：${report.note(reason)}`],
];

/* A note, reason or warning in the language of the page; what nobody has translated stays English. */
report.note = (text) => {
  if (report.language !== "zh") return text;
  if (report.data.messages[text]) return report.data.messages[text];
  if (report.notes[text]) return report.notes[text];
  for (const [english, chinese] of report.patterns) {
    const found = english.exec(text);
    if (found) return chinese(...found.slice(1));
  }
  return text;
};
