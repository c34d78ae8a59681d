//! What people call the codes of assessments: the assessments that come with the program, their metrics, their phases and how a shop stands;
//! and the causes of restatements.

use super::quote::literal;
use crate::metric::assessed::ASSESSED;
use crate::table::morning::wording::readable;

/// Columns of codes in the tables of assessments.
pub(super) const CODED: [&str; 6] = ["assessment", "metric", "worst_metric", "phase", "status", "projected_status"];

/// Codes with their names in English and Chinese. What a job calls otherwise keeps its own name.
const NAMED: [(&str, &str, &str); 14] = [
    ("exempt", "Exempt", "豁免"),
    ("fail", "Fail", "未达标"),
    ("formal", "Formal", "正式考核"),
    ("not_applicable", "Not applicable", "不适用"),
    ("pass", "Pass", "达标"),
    ("running_fail", "Fail so far", "暂未达标"),
    ("running_pass", "Pass so far", "暂达标"),
    ("tmall_annual", "Tmall, annual", "天猫年度考核"),
    ("tmall_quarterly", "Tmall, quarterly", "天猫季度考核"),
    ("tmall_trial", "Tmall, trial year", "天猫试运营考核"),
    ("tmall_violations", "Tmall, violations", "天猫违规扣分"),
    ("trial", "Trial", "试运营"),
    ("unknown", "Unknown", "未知"),
    ("window_30_days", "30 days", "近30天考核"),
];

/// The causes of restatements, as the page calls them.
const CAUSES: [(&str, &str, &str); 9] = [
    ("changed_job", "Job changed", "作业配置改动"),
    ("changed_program", "Program changed", "程序版本变化"),
    ("late_order", "Came late", "补录订单"),
    ("late_payment", "Paid late", "延迟付款"),
    ("late_refund", "Refunded later", "期后退款"),
    ("moved", "Other customer or day", "归属变更"),
    ("new_version", "Newer versions", "订单更新"),
    ("other", "Other inputs, or not known", "其他或未知"),
    ("vanished", "Gone", "订单消失"),
];

/// A language of the names.
#[derive(Debug, Clone, Copy)]
pub(super) enum Language {
    English,
    Chinese,
}

/// The name of the code in a column, as an expression over it; a code that nobody knows is its own name.
pub(super) fn expression(column: &str, code: &str, language: Language) -> String {
    let is_metric = column.ends_with("metric");
    let metrics = ASSESSED.iter().map(|metric| (metric.name, readable(metric.name), metric.chinese)).filter(|_| is_metric);
    let codes = if column == "cause" { &CAUSES[..] } else { &NAMED[..] };
    let named = codes.iter().map(|(code, english, chinese)| (*code, (*english).to_owned(), *chinese)).filter(|_| !is_metric);
    let of = |(code, english, chinese): (&str, String, &str)| {
        let name = match language {
            Language::English => english,
            Language::Chinese => chinese.to_owned(),
        };
        format!(" WHEN {} THEN {}", literal(code), literal(&name))
    };
    format!("CASE {code}{} ELSE {code} END", metrics.chain(named).map(of).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::cause::Cause;

    #[test]
    fn a_code_has_its_name_and_an_unknown_one_is_its_own() {
        let status = expression("status", "t.status", Language::Chinese);
        assert!(status.starts_with("CASE t.status WHEN 'exempt' THEN '豁免' ") && status.ends_with(" ELSE t.status END"), "{status}");
        let metric = expression("worst_metric", "t.worst_metric", Language::English);
        assert!(metric.contains(" WHEN 'uv_conversion' THEN 'UV conversion' ") && !metric.contains("'exempt'"), "{metric}");
        assert!(expression("metric", "m", Language::Chinese).contains(" WHEN 'uv_conversion' THEN '"));
    }

    #[test]
    fn every_cause_has_its_name_and_it_is_that_of_the_page() {
        let page = include_str!("../report/assets/texts.js");
        let all = || Cause::COUNTED.into_iter().chain([Cause::ChangedJob, Cause::ChangedProgram]);
        assert_eq!(all().count(), CAUSES.len());
        for cause in all() {
            let (_, english, chinese) = CAUSES.iter().find(|(code, ..)| *code == cause.name()).unwrap();
            let line = format!("  cause_{}: [\"{}\", \"{chinese}\"],", cause.name(), english.to_lowercase());
            assert!(cause.place().is_none() || page.contains(&line), "{line}");
        }
        let expression = expression("cause", "t.cause", Language::Chinese);
        assert!(expression.contains(" WHEN 'vanished' THEN '订单消失'") && !expression.contains("'exempt'"), "{expression}");
    }

    #[test]
    fn names_are_those_of_the_page() {
        let page = include_str!("../report/assets/names.js");
        for (code, english, chinese) in &NAMED {
            let line = format!("  {code}: [\"{english}\", \"{chinese}\"],");
            assert!(page.contains(&line), "{line}");
        }
    }
}
