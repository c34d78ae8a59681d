//! Forms of times that an expression must read: counts since 1970, dates in digits, and texts as spreadsheets and databases write them.
//! Recognised by the values that are there.

use jiff::fmt::strtime::BrokenDownTime;

use super::time_text::{parse, split};

/// How a form is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::input) struct Form {
    /// What the values are, in words.
    pub what: String,
    /// The expression, over the column's name.
    pub expression: String,
    /// Whose clock its times show, where the job has to say it.
    pub times: Option<&'static str>,
    /// Whether the values are months, of which the expression gives the first day.
    pub is_month: bool,
}

impl Form {
    /// Whether its values can be the times of a column of that name: a month can be where only the month counts.
    pub fn suits(&self, column: &str) -> bool {
        !self.is_month || matches!(column, "month" | "period_start")
    }

    /// The words behind the expression, for a column of that name.
    pub fn also(&self, column: &str) -> String {
        self.times.map_or(String::new(), |clock| format!(" and say `times: {{ {column}: {clock} }}` for the input"))
    }
}

/// 1990-01-01 and 2100-01-01 in seconds since 1970: orders lie between them.
const SECONDS: [f64; 2] = [631_152_000.0, 4_102_444_800.0];

/// The form of numbers, of which `name` is the column and `whole` an expression that gives them as BIGINT. `None` for numbers that are not
/// all of one form. Zeros stand for "none".
pub(in crate::input) fn of_numbers(values: &[f64], name: &str, whole: &str, is_float: bool) -> Option<Form> {
    let has_zero = values.contains(&0.0);
    let values: Vec<f64> = values.iter().copied().filter(|value| *value != 0.0).collect();
    let lie_in = |from: f64, to: f64| !values.is_empty() && values.iter().all(|value| (from..to).contains(value));
    let optional = |name: &str| if has_zero { format!("NULLIF({name}, 0)") } else { name.to_owned() };
    let (number, whole) = (optional(name), optional(whole));
    let form = |what: &str, expression: String, times: Option<&'static str>| {
        Some(Form { what: what.to_owned(), expression, times, is_month: false })
    };
    for (unit, per_second, factor) in
        [("seconds", 1.0, 1_000_000), ("milliseconds", 1e3, 1_000), ("microseconds", 1e6, 1), ("nanoseconds", 1e9, 0)]
    {
        if lie_in(SECONDS[0] * per_second, SECONDS[1] * per_second) {
            let micros = match factor {
                0 => format!("DIV({whole}, 1000)"),
                1 => whole,
                _ if is_float => format!("CAST({number} * {factor} AS BIGINT)"),
                _ => format!("{whole} * {factor}"),
            };
            return form(&format!("{unit} since 1970 in UTC"), format!("CAST({micros} AS TIMESTAMP)"), Some("utc"));
        }
    }
    let digits: Vec<String> = values.iter().map(|value| format!("{value:.0}")).collect();
    let texts: Vec<&str> = digits.iter().map(String::as_str).collect();
    let is_whole = values.iter().all(|value| value.fract() == 0.0);
    for (what, format) in DIGITS {
        if is_of_all(format, &texts) && is_whole {
            return form(what, read_by(&format!("CAST({whole} AS VARCHAR)"), format), None);
        }
    }
    let firsts: Vec<String> = digits.iter().filter(|text| text.len() == 6).map(|text| format!("{text}01")).collect();
    let firsts: Vec<&str> = firsts.iter().map(String::as_str).collect();
    if is_whole && firsts.len() == digits.len() && is_of_all("%Y%m%d", &firsts) {
        let expression = read_by(&format!("CAST({whole} AS VARCHAR) || '01'"), "%Y%m%d");
        return form("months as YYYYMM", expression, None).map(|form| Form { is_month: true, ..form });
    }
    if is_whole && is_of_all("%y%m%d", &texts) {
        return form("days as YYMMDD", read_by(&format!("CAST({whole} AS VARCHAR)"), "%y%m%d"), None);
    }
    // The days of 1990 to 2059 since 1970, and those of 1990 to 2099 as spreadsheets count them, from the end of 1899 on.
    if lie_in(7_305.0, 32_874.0) {
        return form("days since 1970", format!("CAST(CAST({whole} AS INTEGER) AS DATE)"), None);
    }
    if lie_in(32_874.0, 73_051.0) {
        let expression = if is_float {
            format!("CAST(CAST(ROUND(({number} - 25569) * 86400, 0) AS BIGINT) * 1000000 AS TIMESTAMP)")
        } else {
            format!("CAST(CAST({whole} - 25569 AS INTEGER) AS DATE)")
        };
        return form("days as spreadsheets count them", expression, is_float.then_some("local"));
    }
    None
}

/// The form of texts that huitou does not read by itself, of which `name` is the column; two where they differ in whether the month or the
/// day comes first, which the texts do not show.
pub(in crate::input) fn of_texts(texts: &[&str], name: &str) -> Vec<Form> {
    let texts: Vec<&str> = texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty()).collect();
    if texts.is_empty() || texts.iter().all(|text| parse(text).is_some()) {
        return Vec::new();
    }
    let formats = TEXTS.iter().filter(|format| is_of_all(format, &texts));
    let forms: Vec<Form> = formats
        .map(|format| Form { what: format!("texts `{format}`"), expression: read_by(name, format), times: None, is_month: false })
        .collect();
    if !forms.is_empty() {
        return forms;
    }
    if let Some(form) = with_zones(&texts, name).or_else(|| with_commas(&texts, name)) {
        return vec![form];
    }
    let numbers: Option<Vec<f64>> =
        texts.iter().map(|text| text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))).collect();
    let is_float = texts.iter().any(|text| text.contains('.'));
    let (number, whole) = if is_float {
        (format!("CAST({name} AS DOUBLE)"), format!("CAST(CAST({name} AS DOUBLE) AS BIGINT)"))
    } else {
        (format!("CAST({name} AS BIGINT)"), format!("CAST({name} AS BIGINT)"))
    };
    numbers.and_then(|numbers| of_numbers(&numbers, &number, &whole, is_float)).into_iter().collect()
}

/// The form of texts that name their zones.
fn with_zones(texts: &[&str], name: &str) -> Option<Form> {
    let bare: Vec<&str> = texts.iter().map(|text| split(text).map(|(bare, _)| bare)).collect::<Option<_>>()?;
    let format = TEXTS.iter().find(|format| format.contains("%M") && is_of_all(format, &bare))?;
    let what = format!("texts `{format}` with a zone");
    Some(Form { what, expression: read_by(name, &format!("{format}%z")), times: None, is_month: false })
}

/// The form of texts with a comma before the parts of a second.
fn with_commas(texts: &[&str], name: &str) -> Option<Form> {
    let is_read = |text: &&str| text.contains(',') && parse(&text.replace(',', ".")).is_some();
    let expression = format!("CAST(REPLACE({name}, ',', '.') AS TIMESTAMP)");
    let what = "texts with a comma before the parts of a second".to_owned();
    texts.iter().all(is_read).then_some(Form { what, expression, times: None, is_month: false })
}

/// The days and times that numbers write in digits.
const DIGITS: [(&str, &str); 3] =
    [("days as YYYYMMDD", "%Y%m%d"), ("times as YYYYMMDDHHMM", "%Y%m%d%H%M"), ("times as YYYYMMDDHHMMSS", "%Y%m%d%H%M%S")];

/// The forms of texts that exports have.
const TEXTS: [&str; 35] = [
    "%Y/%m/%d",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%Y.%m.%d",
    "%Y.%m.%d %H:%M",
    "%Y.%m.%d %H:%M:%S",
    "%Y年%m月%d日",
    "%Y年%m月%d日 %H:%M",
    "%Y年%m月%d日 %H:%M:%S",
    "%Y%m%d",
    "%Y%m%d %H:%M",
    "%Y%m%d %H:%M:%S",
    "%Y%m%d%H%M",
    "%Y%m%d%H%M%S",
    "%Y%m%dT%H%M%S",
    "%m/%d/%Y",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %I:%M %p",
    "%m/%d/%Y %I:%M:%S %p",
    "%d/%m/%Y",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %I:%M %p",
    "%d/%m/%Y %I:%M:%S %p",
    "%d.%m.%Y",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%d-%m-%Y",
    "%d-%m-%Y %H:%M",
    "%d-%m-%Y %H:%M:%S",
    "%d-%b-%Y",
    "%d-%b-%Y %H:%M:%S",
    "%b %d, %Y",
    "%Y-%m-%d %I:%M:%S %p",
];

/// Whether all texts are days or times in the format.
fn is_of_all(format: &str, texts: &[&str]) -> bool {
    let digits_before_year = format.starts_with("%Y");
    // A year has four digits: 26/01/05 is not a year 26.
    let has_year = |text: &str| !digits_before_year || text.bytes().take(4).filter(u8::is_ascii_digit).count() == 4;
    let is_length = |text: &str| {
        !(format.starts_with("%Y%m%d") || format.starts_with("%y%m%d"))
            || !format.ends_with(['d', 'M', 'S'])
            || text.len() == length(format)
    };
    !texts.is_empty()
        && texts.iter().all(|text| {
            has_year(text)
                && is_length(text)
                && BrokenDownTime::parse(format, text)
                    .is_ok_and(|time| time.to_date().is_ok_and(|date| (1990..2100).contains(&date.year())))
        })
}

/// The length of a text of digits in a format.
fn length(format: &str) -> usize {
    let of_letter = |letter: char| match letter {
        '%' => 0,
        'Y' => 4,
        'y' | 'm' | 'd' | 'H' | 'M' | 'S' => 2,
        _ => 1,
    };
    format.chars().map(of_letter).sum()
}

/// The expression that reads a text in a format.
fn read_by(text: &str, format: &str) -> String {
    let function = if format.contains("%H") || format.contains("%I") { "STRPTIME" } else { "DATE" };
    format!("{function}({text}, '{format}')")
}
