//! Redaction: which cells messages may quote. Amounts, times and spreadsheet errors are quoted as they are. Of any other text only the
//! length is shown, because in a row whose cells are shifted it may be somebody's name, phone number or address.

/// Letters that a time or an amount has at most.
const LONGEST: usize = 30;
/// Digits that an amount has at most before its decimal point; a phone number has more.
const MOST_DIGITS: usize = 7;
/// Letters that a status has at most; the longest one in exports has 17.
const LONGEST_STATUS: usize = 20;

/// The cell as messages quote it.
pub fn redacted(text: &str) -> String {
    if is_fault(text) || is_amount(text) || is_time(text) {
        format!("`{text}`")
    } else {
        format!("a text of {} characters", text.chars().count())
    }
}

/// Whether a text may be a status. Messages quote those, because the user must say what an unknown one means. Statuses have no digits;
/// addresses do.
pub fn is_status(text: &str) -> bool {
    text.chars().count() <= LONGEST_STATUS && !text.chars().any(char::is_numeric)
}

/// Whether a text has more digits in a row than names of columns have: a phone number or the number of an order.
pub fn has_number(text: &str) -> bool {
    runs(text).any(|run| run.len() > 4)
}

/// The runs of digits in a text.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_ascii_digit()).filter(|run| !run.is_empty())
}

/// Whether a text is a spreadsheet error such as `#N/A`.
fn is_fault(text: &str) -> bool {
    text.starts_with('#') && text.len() <= 8 && text.bytes().all(|byte| byte.is_ascii_uppercase() || b"#/!?0".contains(&byte))
}

/// Digits, commas and a decimal point, with a sign, a currency or a unit around them.
fn is_amount(text: &str) -> bool {
    let bare = text.trim_start_matches(['￥', '¥', '-', '+', ' ']).trim_end_matches(['元', '万', '%', ' ']);
    let (whole, part) = bare.split_once('.').unwrap_or((bare, ""));
    let is_digits = |text: &str, more: &str| text.chars().all(|letter| letter.is_ascii_digit() || more.contains(letter));
    text.len() <= LONGEST
        && is_digits(whole, ",")
        && is_digits(part, "")
        && whole.bytes().filter(u8::is_ascii_digit).count() <= MOST_DIGITS
        && part.len() <= MOST_DIGITS
        && bare.bytes().any(|byte| byte.is_ascii_digit())
}

/// A year of four digits and other parts of two, or a date of eight digits.
fn is_time(text: &str) -> bool {
    let is_year = |run: &str| run.starts_with("19") || run.starts_with("20");
    let is_part = |run: &str| run.len() <= 2 || (run.len() == 4 && is_year(run));
    let is_whole = text.len() == 8 && is_year(text) && text.bytes().all(|byte| byte.is_ascii_digit());
    let clock = text.split_once('.').filter(|(clock, _)| clock.contains(':')).map_or(text, |(clock, _)| clock);
    let is_letter = |letter: char| letter.is_ascii_digit() || "-/.:：年月日T ~".contains(letter);
    is_whole
        || (text.len() <= LONGEST && text.chars().all(is_letter) && runs(clock).all(is_part) && (2..=10).contains(&runs(clock).count()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_amounts_and_spreadsheet_errors_are_quoted_and_nothing_else() {
        for text in ["2026-02-30", "2026/1/5 25:00:00.123", "2026-01-01~2026-01-31", "20261301", "190.25万", "-5.00", "1,23.4", "#N/A"] {
            assert_eq!(redacted(text), format!("`{text}`"));
        }
        for text in
            ["13800000000", "138 0000 0000", "138-0000-0000", "0755-1234567", "张三", "深圳路1号", "a@b.c", "440301199001011234", "昨天"]
        {
            assert_eq!(redacted(text), format!("a text of {} characters", text.chars().count()));
        }
        assert!(is_status("已签收") && !is_status("张三 13800000000"));
        assert!(has_number("13800000000") && !has_number("2026年"));
    }
}
