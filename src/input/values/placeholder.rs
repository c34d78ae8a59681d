//! Placeholders: what programs write where they know nobody. As an id it is one customer who seems to buy without end.

/// The words, in lower case and without brackets and quotes around them.
const WORDS: [&str; 30] = [
    "null",
    "none",
    "nil",
    "nan",
    "nat",
    "na",
    "n/a",
    "#n/a",
    "undefined",
    "unknown",
    "anonymous",
    "guest",
    "empty",
    "blank",
    "\\n",
    "-",
    "--",
    "—",
    "——",
    "?",
    "/",
    "-1",
    "匿名",
    "匿名用户",
    "匿名买家",
    "游客",
    "散客",
    "未知",
    "未登录",
    "无",
];

/// The longest of them in bytes, with brackets, and the nil UUID.
const LONGEST: usize = 36;

/// Whether a text stands for an unknown customer: a word such as `NULL`, or nothing but zeros, as in a UUID of zeros.
pub fn is_placeholder(text: &str) -> bool {
    if text.len() > LONGEST {
        return false;
    }
    let around = |letter: char| letter.is_whitespace() || matches!(letter, '(' | ')' | '<' | '>' | '[' | ']' | '"' | '\'' | '{' | '}');
    let bare = text.trim_matches(around);
    let is_zero = bare.contains('0') && bare.bytes().all(|byte| matches!(byte, b'0' | b'-' | b'.'));
    is_zero || WORDS.contains(&bare.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::is_placeholder;

    #[test]
    fn words_for_nobody() {
        let nil = "00000000-0000-0000-0000-000000000000";
        assert!(
            ["NULL", "null", "None", "nan", "NaN", "(null)", "<NA>", "\\N", "-", "0", "0.0", "000", "-1", "匿名", nil]
                .into_iter()
                .all(is_placeholder)
        );
        assert!(!["", "1", "10", "Nuno", "none1", "null@example.com", "tb_0", "a-b", "王无"].into_iter().any(is_placeholder));
    }
}
