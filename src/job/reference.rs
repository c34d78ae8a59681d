//! Writes the reference of the keys of job, rule, strategy and stage files in Markdown, for the manual.

use super::Catalogue;
use super::json_schema::FileKind;
use super::keys::{self, Items, Key, Numbers, Presence, Shape};
use super::rule_keys::{ANNUAL_TARGET, SHOP_METRICS_PREFIX};
use super::section::expected;
use crate::spec::Lang;

/// The keys of a kind of file as a table; keys of mappings have their full path.
pub fn reference(kind: FileKind, catalogue: &Catalogue, lang: Lang) -> String {
    let (title, head) = match (lang, kind) {
        (Lang::En, FileKind::Job) => ("The job file", ["key", "value", "default", "meaning"]),
        (Lang::En, FileKind::Rules) => ("Rule files", ["key", "value", "default", "meaning"]),
        (Lang::En, FileKind::Strategy) => ("Strategy files", ["key", "value", "default", "meaning"]),
        (Lang::En, FileKind::Stages) => ("Stage files", ["key", "value", "default", "meaning"]),
        (Lang::Zh, FileKind::Job) => ("作业文件", ["键", "取值", "默认值", "含义"]),
        (Lang::Zh, FileKind::Rules) => ("规则文件", ["键", "取值", "默认值", "含义"]),
        (Lang::Zh, FileKind::Strategy) => ("策略文件", ["键", "取值", "默认值", "含义"]),
        (Lang::Zh, FileKind::Stages) => ("阶段文件", ["键", "取值", "默认值", "含义"]),
    };
    let mut lines = ReferenceTable { catalogue, lang, text: format!("## {title}\n\n") };
    lines.line(head.map(str::to_owned));
    lines.line(["---"; 4].map(str::to_owned));
    lines.keys("", kind.keys());
    lines.text
}

struct ReferenceTable<'a> {
    catalogue: &'a Catalogue,
    lang: Lang,
    text: String,
}

impl ReferenceTable<'_> {
    fn line(&mut self, cells: [String; 4]) {
        self.text += &format!("| {} |\n", cells.map(|cell| cell.replace('|', "\\|")).join(" | "));
    }

    fn keys(&mut self, path: &str, keys: &[Key]) {
        for key in keys {
            let name = format!("{path}{}", key.name);
            let default = match (key.presence, self.lang) {
                (Presence::Required, Lang::En) => "required".to_owned(),
                (Presence::Required, Lang::Zh) => "必填".to_owned(),
                (Presence::Optional, _) => String::new(),
                (Presence::Default(written), _) => format!("`{written}`"),
            };
            let value = match self.lang {
                Lang::En => expected(&key.shape),
                Lang::Zh => expected_in_chinese(&key.shape),
            };
            self.line([format!("`{name}`"), value, default, self.lang.text(key.doc).to_owned()]);
            match &key.shape {
                Shape::Section(below) | Shape::SectionOr(below, _) => self.keys(&format!("{name}."), below),
                Shape::List(below) => self.keys(&format!("{name}[]."), below),
                Shape::ByMetric(below) => self.keys(&format!("{name}.METRIC."), below),
                Shape::Inputs => self.inputs(&name),
                _ => {}
            }
        }
    }

    /// Lists the keys of orders and refunds; all other inputs have a part of these keys.
    fn inputs(&mut self, name: &str) {
        let with_statuses = [keys::REQUIRED_INPUT, "refunds"];
        for input in with_statuses {
            self.keys(&format!("{name}.{input}."), keys::input_keys(input));
        }
        for input in self.catalogue.input_names().filter(|input| !with_statuses.contains(input)) {
            let keys: Vec<String> = keys::input_keys(input).iter().map(|key| format!("`{}`", key.name)).collect();
            let (value, meaning) = match self.lang {
                Lang::En => ("a path or a mapping".to_owned(), format!("{}, as above", keys.join(", "))),
                Lang::Zh => ("路径，或映射".to_owned(), format!("{}，含义同上", keys.join("、"))),
            };
            self.line([format!("`{name}.{input}`"), value, String::new(), meaning]);
        }
    }
}

/// The words for a shape in Chinese, after 取值.
fn expected_in_chinese(shape: &Shape) -> String {
    let quoted = |words: &[&str]| words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join("、");
    let numbers = |numbers: &Numbers| match numbers {
        Numbers::Any => "数字",
        Numbers::Part => "大于 0 且小于 1 的数字",
        Numbers::PartOrAll => "大于 0 且不超过 1 的数字",
        Numbers::PartOrNone => "不小于 0 且小于 1 的数字",
    };
    match shape {
        Shape::Text => "文本".to_owned(),
        Shape::Name => "名称：小写字母、数字和 `_`，最多 100 个字符".to_owned(),
        Shape::Path => "路径".to_owned(),
        Shape::Currency => "货币的三个大写字母，如 CNY".to_owned(),
        Shape::Timezone => "时区，如 Asia/Shanghai".to_owned(),
        Shape::AsOf => "`yesterday` 或日期 YYYY-MM-DD".to_owned(),
        Shape::Date => "日期 YYYY-MM-DD".to_owned(),
        Shape::Condition => "SQL 条件".to_owned(),
        Shape::Integer { from, to } => format!("{from} 到 {to} 的整数"),
        Shape::Days { from, to } => format!("天数，如 2d，{from}d 到 {to}d"),
        Shape::Number { from, to } => format!("{from} 到 {to} 的数字"),
        Shape::Measure(measure) => numbers(measure).to_owned(),
        Shape::ByCategory(measure) => format!("{}；或从类目到这种数字的映射，`default` 代表其余类目", numbers(measure)),
        Shape::Choice(words) => format!("{} 之一", quoted(words)),
        Shape::Choices(words) => format!("{} 之一，或其列表", quoted(words)),
        Shape::AnyChoices(words) => format!("{} 之一，或其列表，可为空", quoted(words)),
        Shape::Integers { from, to, items: Items::Any } => format!("互不相同的整数列表，每个 {from} 到 {to}"),
        Shape::Integers { from, to, items: Items::FourAscending } => format!("四个递增的整数，每个 {from} 到 {to}"),
        Shape::Integers { from, to, items: Items::Ascending } => format!("递增的整数列表，每个 {from} 到 {to}"),
        Shape::Amount => "不小于 0 的金额，最多两位小数".to_owned(),
        Shape::Amounts(Items::FourAscending) => "四个递增的金额，最多两位小数".to_owned(),
        Shape::Amounts(Items::Ascending) => "递增的金额列表，最多两位小数".to_owned(),
        Shape::Amounts(Items::Any) => "互不相同的金额列表，最多两位小数".to_owned(),
        Shape::Dimensions => "维度列表".to_owned(),
        Shape::Tables => "`all` 或表名列表".to_owned(),
        Shape::TableNames => "表名列表".to_owned(),
        Shape::Files(_) => "文件路径列表".to_owned(),
        Shape::File(_) => "文件路径".to_owned(),
        Shape::StageMetrics => "指标列表".to_owned(),
        Shape::Ordering => "`列名` 或 `列名 desc`，或其列表".to_owned(),
        Shape::Metric => "指标名".to_owned(),
        Shape::ThresholdColumn => format!("`{ANNUAL_TARGET}` 或 `{SHOP_METRICS_PREFIX}指标名`"),
        Shape::ByMetric(_) => "从指标到上下限的映射，如 { orders: { at_least: 10 } }".to_owned(),
        Shape::Levels => "从递增的分值到其后果的映射".to_owned(),
        Shape::List(_) => "映射的列表".to_owned(),
        Shape::Inputs | Shape::Section(_) => "映射".to_owned(),
        Shape::SectionOr(_, word) => format!("映射，或 `{word}`"),
        Shape::Times => "`local`、`utc` 或时区如 America/New_York；或从列到这些值的映射".to_owned(),
        Shape::Columns => "从我方列名到文件中列名的映射".to_owned(),
        Shape::Statuses(meanings) => {
            format!("从文件中的状态到 {} 的映射", quoted(&meanings.iter().map(|meaning| meaning.name()).collect::<Vec<_>>()))
        }
    }
}
