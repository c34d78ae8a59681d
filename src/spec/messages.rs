//! Messages in Chinese: the English text that the program wrote is found among the templates of `messages.tsv`, and what stood in their
//! holes is put into the Chinese ones. The code writes a message once, in English, where it knows what happened; this file alone knows
//! that there is another language, as catalogues of messages do (GNU gettext), and needs no identifiers for that.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use super::Lang;
use super::message_template::{ENDS, Piece, holes, merge_neighbours, pieces, texts};

/// English templates and their Chinese forms, one pair on each line with a tab between them, sorted by the English text. `{}` is a hole,
/// `{1}` the first hole of the English text, where the order differs; `{{` is a brace, `\n` a line break. `{!}` is a hole with the words of
/// a library: what of them no template knows is marked as [`ORIGINAL`]. `=` says that the text is the same in both languages.
const LIST: &str = include_str!("messages.tsv");

/// The same of what libraries say: the parsers of YAML, SQL, Parquet and the command line.
const LIBRARIES: &str = include_str!("library_messages.tsv");

/// What stands before words of a library that stay English.
const ORIGINAL: &str = "原文：";

/// How deep the texts in holes of short templates are looked up.
const FITTING: usize = 3;

/// A template of so many bytes beside its holes says little, and one of so many not much.
const SHORT: usize = 8;
const BRIEF: usize = 14;

/// A text of more words is a sentence of the catalogue and no unit.
const SENTENCE: usize = 2;

/// What stands between the parts of a list, and what stands there in Chinese.
const SEPARATORS: [(&str, &str); 5] = [(". ", "。"), ("; ", "；"), (", ", "、"), (" and ", "和"), (" or ", "或")];

/// How deep sentences lie within each other: a part of a part of a message.
const DEEPEST: usize = 6;

static CHINESE: LazyLock<Messages> = LazyLock::new(|| Messages::new(&[LIST, LIBRARIES]));

impl Lang {
    /// A message in this language; what the list does not have stays English.
    pub fn message(self, english: &str) -> Cow<'_, str> {
        match self {
            Lang::En => Cow::Borrowed(english),
            Lang::Zh => CHINESE.translate(english, 0).map_or(Cow::Borrowed(english), Cow::Owned),
        }
    }

    /// All templates of messages, English and Chinese, in the order of the list.
    pub fn messages() -> impl Iterator<Item = (&'static str, &'static str)> {
        pairs(LIST)
    }
}

fn pairs(list: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    list.lines().map(|line| line.split_once('\t').unwrap_or((line, "")))
}

/// The template of `messages.tsv` that a text was made of, as it is written there; `None` for a text that is no message of the list.
pub(super) fn template(english: &str) -> Option<&'static str> {
    let line = english.strip_suffix('\n').unwrap_or(english);
    let whole = CHINESE.written.get(line).copied();
    whole.or_else(|| CHINESE.template(line, 0).map(|(template, _)| template.written))
}

struct Template {
    /// As it is written in the list.
    written: &'static str,
    /// What stands before, between and after the holes.
    texts: Vec<String>,
    /// How many bytes that is: of two templates that match, the one that says more is meant.
    length: usize,
    chinese: Vec<Piece>,
}

impl Template {
    /// Whether a hole stands between backticks: what is there is a name or what somebody wrote.
    fn quotes(&self, hole: usize) -> bool {
        let around = self.texts.get(hole).zip(self.texts.get(hole + 1));
        around.is_some_and(|(before, after)| before.ends_with('`') && after.starts_with('`'))
    }
}

struct Messages {
    /// Texts without holes.
    whole: HashMap<String, String>,
    /// The same as they are written in the list.
    written: HashMap<String, &'static str>,
    /// Those with holes, the longest first.
    templates: Vec<Template>,
}

impl Messages {
    fn new(lists: &[&'static str]) -> Messages {
        let (mut whole, mut all_written, mut templates) = (HashMap::new(), HashMap::new(), Vec::new());
        for (written, chinese) in lists.iter().flat_map(|list| list.lines()).filter_map(|line| line.split_once('\t')) {
            let chinese = if chinese == "=" { written } else { chinese };
            // Whether a line ends with the message is a matter of who prints it.
            let [english, chinese] = [written, chinese].map(|text| text.strip_suffix("\\n").unwrap_or(text));
            let (mut texts, mut chinese) = (texts(english), pieces(chinese));
            merge_neighbours(&mut texts, &mut chinese);
            match texts.as_slice() {
                [only] => {
                    let text = |piece: &Piece| if let Piece::Text(text) = piece { text.clone() } else { String::new() };
                    all_written.insert(only.clone(), written);
                    whole.insert(only.clone(), chinese.iter().map(text).collect());
                }
                _ => {
                    let length = texts.iter().map(String::len).sum();
                    templates.push(Template { written, texts, length, chinese });
                }
            }
        }
        templates.sort_by_key(|template| std::cmp::Reverse(template.length));
        Messages { whole, written: all_written, templates }
    }

    /// The Chinese form of a text, or of the parts of it that are known; `None` where nothing is.
    fn translate(&self, english: &str, depth: usize) -> Option<String> {
        if !english.contains(|letter: char| letter.is_ascii_alphabetic()) || depth > DEEPEST {
            return None;
        }
        if let Some(line) = english.strip_suffix('\n') {
            return self.translate(line, depth).map(|chinese| chinese + "\n");
        }
        self.known(english, depth).or_else(|| self.list(english, depth)).or_else(|| self.tail(english, depth))
    }

    /// The Chinese form of a text that is in the list as a whole.
    fn known(&self, english: &str, depth: usize) -> Option<String> {
        // What a key or a table means is in the list of the catalogue.
        // Its single words are units; here they would be names of tables and inputs.
        let is_sentence = english.split(' ').count() > SENTENCE;
        let of_catalogue = || Some(Lang::Zh.text(english)).filter(|chinese| is_sentence && *chinese != english);
        if let Some(chinese) = self.whole.get(english).map(String::as_str).or_else(of_catalogue) {
            return Some(chinese.to_owned());
        }
        // A name is no sentence.
        let (template, holes) = if english.contains(' ') { self.template(english, depth)? } else { return None };
        let mut chinese = String::new();
        for piece in &template.chinese {
            match piece {
                Piece::Text(text) => chinese.push_str(text),
                Piece::Hole { place, is_foreign } => {
                    let text = holes.get(*place).copied().unwrap_or_default();
                    let said = if template.quotes(*place) { Cow::Borrowed(text) } else { self.part(text, depth) };
                    chinese.push_str(if *is_foreign && said == text && !is_names(text) { ORIGINAL } else { "" });
                    chinese.push_str(&said);
                }
            }
        }
        Some(chinese)
    }

    /// Several parts in one hole: known ones and names, of which at least one is known.
    fn list(&self, english: &str, depth: usize) -> Option<String> {
        SEPARATORS.iter().filter(|(separator, _)| english.contains(separator)).find_map(|(separator, chinese)| {
            let parts: Vec<&str> = english.split(separator).collect();
            let said: Vec<Option<String>> = parts.iter().map(|part| self.known(part, depth + 1)).collect();
            let is_known = |(part, said): (&&str, &Option<String>)| said.is_some() || is_names(part);
            let is_list = said.iter().any(Option::is_some) && parts.iter().zip(&said).all(is_known);
            let parts = parts.iter().zip(said).map(|(part, said)| said.unwrap_or_else(|| (*part).to_owned()));
            is_list.then(|| parts.collect::<Vec<_>>().join(chinese))
        })
    }

    /// The template of a text, and what stands in its holes: of those that match, the one that says most.
    fn template<'a>(&self, english: &'a str, depth: usize) -> Option<(&Template, Vec<&'a str>)> {
        let mut found = self.templates.iter().filter_map(|template| Some((template, holes(&template.texts, english)?)));
        let is_meant = |(template, holes): &(&Template, Vec<&str>)| {
            template.length > BRIEF || holes.iter().all(|hole| self.fits(template, hole, depth))
        };
        found.find(is_meant)
    }

    /// Whether a hole of a template that says little, such as `{} to {}`, holds a word, a number, names, or a text that is known.
    fn fits(&self, template: &Template, hole: &str, depth: usize) -> bool {
        let hole = and_more(hole).map_or(hole, |(listed, _)| listed);
        let is_word = || hole.trim().split(", ").all(|word| !word.contains(' ')) || !hole.contains(|letter: char| letter.is_alphabetic());
        let is_short = if template.length > SHORT { is_names(hole) } else { is_word() };
        is_short || depth < FITTING && self.known(hole, depth + 1).is_some()
    }

    /// What stood in a hole; blanks around it are those of a column.
    fn part<'a>(&self, english: &'a str, depth: usize) -> Cow<'a, str> {
        if let Some((listed, more)) = and_more(english)
            && let Some(more) = self.known(more, depth + 1)
        {
            return Cow::Owned(format!("{}{more}", self.part(listed, depth)));
        }
        // Several sentences of one kind: the template of the first would take all.
        let each: Vec<Option<String>> = english.split(", ").map(|part| self.known(part, depth + 2)).collect();
        if each.len() > 1 && each.iter().all(Option::is_some) {
            return Cow::Owned(each.into_iter().flatten().collect::<Vec<_>>().join("，"));
        }
        if let Some(chinese) = self.translate(english, depth + 1) {
            return Cow::Owned(chinese);
        }
        let (trimmed, blanks) = (english.trim_end(), english.len() - english.trim_end().len());
        match self.translate(trimmed, depth + 1).filter(|_| blanks > 0) {
            Some(chinese) => Cow::Owned(format!("{chinese}{}", " ".repeat(blanks))),
            None => Cow::Borrowed(english),
        }
    }

    /// Two parts that follow each other in one hole: a name and what is said of it, such as ` and 3 more`.
    fn tail(&self, english: &str, depth: usize) -> Option<String> {
        let starts = english.char_indices().filter(|(at, letter)| *at > 0 && ENDS.contains(letter));
        starts.map(|(at, _)| english.split_at(at)).find_map(|(head, tail)| {
            if let Some(what) = tail.strip_prefix(": ").filter(|_| !self.whole.contains_key(tail)) {
                let head = if is_names(head) { head.to_owned() } else { self.known(head, depth + 1)? };
                let what = self.translate(what, depth + 2)?;
                return Some(format!("{head}：{what}"));
            }
            let said = |tail: &str| {
                let is_known =
                    self.whole.contains_key(tail) || self.template(tail, depth).is_some_and(|(template, _)| template.length > SHORT);
                is_known.then(|| self.known(tail, depth + 1)).flatten()
            };
            let tail = said(tail).or_else(|| said(tail.strip_prefix(' ')?))?;
            match self.known(head, depth + 1).or_else(|| self.list(head, depth + 1)) {
                Some(head) => Some(head + &tail),
                None => is_names(head).then(|| format!("{head}{tail}")),
            }
        })
    }
}

/// The texts that a list shows, and what follows where there are more of them: `a, b` and ` and 13 more`.
fn and_more(text: &str) -> Option<(&str, &str)> {
    let (listed, count) = text.strip_suffix(" more")?.rsplit_once(" and ")?;
    let is_number = !count.is_empty() && count.bytes().all(|digit| digit.is_ascii_digit());
    if is_number { text.split_at_checked(listed.len()) } else { None }
}

/// Whether a text is names and numbers: no two English words follow each other.
fn is_names(text: &str) -> bool {
    let is_word = |token: &str| token.len() > 1 && token.bytes().all(|letter| letter.is_ascii_lowercase());
    let tokens: Vec<&str> = text.split(' ').collect();
    !tokens.windows(2).any(|pair| pair.iter().all(|token| is_word(token)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list() -> Messages {
        Messages::new(&[
            "input `{}`: {}\t输入 `{}`：{}\n{} has no rows\t{} 没有行\nno rows\t没有行\n and {} more\t等另外 {} 个\nsay {{ {}: 1 }}\t写 {{ {}: 1 }}\n\
             {} of {} rows\t{2} 行中的 {1} 行\nday{} {}\t{2} 日\nOK {}\t=",
        ])
    }

    #[test]
    fn holes_are_translated_too_and_may_stand_in_another_order() {
        let chinese = |english: &str| list().translate(english, 0);
        assert_eq!(chinese("no rows").as_deref(), Some("没有行"));
        assert_eq!(chinese("input `a: b`: `c` has no rows").as_deref(), Some("输入 `a: b`：`c` 没有行"));
        assert_eq!(chinese("3 of 12 rows").as_deref(), Some("12 行中的 3 行"));
        assert_eq!(chinese("days 4").as_deref(), Some("4 日"));
        assert_eq!(chinese("say { a: 1 }").as_deref(), Some("写 { a: 1 }"));
        assert_eq!(chinese("input `x`: a, b and 3 more").as_deref(), Some("输入 `x`：a, b等另外 3 个"));
        // What could be taken for a list of its own words is one with more behind it.
        let with_lists = Messages::new(&["it has {}\t其中有 {}\n{} and {}\t{}和{}\n and {} more\t 及另外 {} 个"]);
        for (english, expected) in [
            ("it has 58501001, 58501038 and 13 more", "其中有 58501001, 58501038 及另外 13 个"),
            ("it has shop-a, shop-b and 1 more", "其中有 shop-a, shop-b 及另外 1 个"),
            ("it has a, b", "其中有 a, b"),
        ] {
            assert_eq!(with_lists.translate(english, 0).as_deref(), Some(expected));
        }
        assert_eq!(chinese("OK 7").as_deref(), Some("OK 7"));
        assert_eq!(chinese("unknown"), None);
        assert_eq!(chinese(""), None);
    }

    #[test]
    fn words_of_a_library_are_translated_or_marked() {
        let list = Messages::new(&["cannot be read: {}\t无法读取：{!}\nfound a tab\t有制表符"]);
        let chinese = |english: &str| list.translate(english, 0).unwrap();
        assert_eq!(chinese("cannot be read: found a tab"), "无法读取：有制表符");
        assert_eq!(chinese("cannot be read: the frobnicator is out of sync"), "无法读取：原文：the frobnicator is out of sync");
        // A name or a number is in no language.
        assert_eq!(chinese("cannot be read: `x` 3"), "无法读取：`x` 3");
    }

    #[test]
    fn an_error_within_a_warning_is_chinese_too() {
        let cause = "out/tmp/1.lines: No space left on device (os error 28); what to do about it: make room on that disk (`df -h`; `df -i` \
                     for the number of files) and run again; snapshots published before are unchanged";
        let english = format!("no state is left for the next night, which will read all rows: {cause}");
        let chinese = Lang::Zh.message(&english);
        let advice = "；处理办法：请腾出该磁盘的空间（`df -h`；文件个数用 `df -i` 查看）再重新运行；此前发布的快照没有改变";
        assert!(chinese.ends_with(advice) && chinese.contains("：out/tmp/1.lines：磁盘空间不足"), "{chinese}");
    }

    #[test]
    fn several_reasons_in_a_short_sentence_are_chinese_too() {
        let english = "winback: empty, left out of it are 3 for want of new orders or refunds (stale_input), 1 who unsubscribed";
        assert_eq!(Lang::Zh.message(english), "winback：为空，被排除的有 3 位因订单或退款数据过旧（stale_input）、1 位已退订");
    }

    #[test]
    fn what_libraries_say_often_is_chinese() {
        let chinese = |english: &str| Lang::Zh.message(english).into_owned();
        for (english, expected) in [
            (
                "is not valid YAML: while parsing a flow mapping, did not find expected ',' or '}'",
                "不是有效的 YAML：花括号中缺少 `,` 或 `}`",
            ),
            ("is not valid YAML: unclosed bracket '['", "不是有效的 YAML：括号 `[` 没有闭合"),
            ("is not valid YAML: unexpected character: `%'", "不是有效的 YAML：此处不能有字符 `%`，含有它的文本请加引号"),
            ("is not valid YAML: an anchor of no kind is here", "不是有效的 YAML：原文：an anchor of no kind is here"),
            (
                "cannot be read as Parquet: EOF: Parquet file too small. Size is 3 but need 8",
                "无法作为 Parquet 读取：文件太小，只有 3 字节，至少应有 8 字节",
            ),
            (
                "cannot be read as Parquet: Parquet error: Invalid Parquet file. Corrupt footer",
                "无法作为 Parquet 读取：不是 Parquet 文件，或文件不完整（缺少文件尾）",
            ),
            ("cannot be read: Permission denied (os error 13)", "无法读取：权限不够（os error 13）"),
        ] {
            assert_eq!(chinese(english), expected);
        }
        for text in [
            "it ends where an expression is expected",
            "`)` at character 10 stands where a data type name is expected",
            "unterminated string literal at character 1",
            "expected close delimiter '\"' before EOF at character 1",
        ] {
            let chinese = chinese(text);
            let words: Vec<&str> = chinese.split(|letter: char| !letter.is_ascii_alphabetic()).filter(|word| word.len() > 3).collect();
            assert!(words.is_empty(), "{text}: {chinese}");
        }
    }

    #[test]
    fn the_list_is_sorted_and_every_hole_is_there() {
        for list in [LIST, LIBRARIES] {
            let english: Vec<&str> = pairs(list).map(|(english, _)| english).collect();
            assert!(english.is_sorted_by(|one, other| one < other), "sort the list by its English texts, each once");
        }
        assert!(pairs(LIBRARIES).all(|(english, _)| pairs(LIST).all(|(other, _)| other != english)), "a text is in both lists");
        for (english, chinese) in [LIST, LIBRARIES].into_iter().flat_map(pairs) {
            assert!(!english.is_empty() && !chinese.is_empty() && !chinese.contains('\t'), "{english}");
            let (count, pieces) = (texts(english).len() - 1, pieces(chinese));
            let mut found: Vec<usize> =
                pieces.iter().filter_map(|piece| if let Piece::Hole { place, .. } = piece { Some(*place) } else { None }).collect();
            found.sort_unstable();
            assert!(chinese == "=" || found.iter().all(|hole| *hole < count), "{english}: a hole too many");
            let is_numbered = (1..=count).any(|number| chinese.contains(&format!("{{{number}}}")));
            // A numbered form may leave out what is grammar alone, such as the s of a plural.
            assert!(chinese == "=" || is_numbered || found.len() == count, "{english}: a hole is missing");
            assert!(!(is_numbered && chinese.contains("{}")), "{english}: holes with and without numbers");
        }
    }

    #[test]
    fn every_template_finds_itself() {
        for (english, chinese) in [LIST, LIBRARIES].into_iter().flat_map(pairs).filter(|(_, chinese)| *chinese != "=") {
            let texts = texts(english);
            // Of two holes beside each other the second begins with a sign.
            let start = |at: usize| if at > 0 && texts[at].is_empty() && at + 1 < texts.len() { ";" } else { "" };
            let names: Vec<String> = (0..texts.len() - 1).map(|hole| format!("{}〔{hole}〕", start(hole))).collect();
            let mut written = String::new();
            for (at, text) in texts.iter().enumerate() {
                written += text;
                written += names.get(at).map_or("", String::as_str);
            }
            let expected: String = pieces(chinese)
                .into_iter()
                .map(|piece| match piece {
                    Piece::Text(text) => text,
                    Piece::Hole { place, .. } => names[place].clone(),
                })
                .collect();
            assert_eq!(Lang::Zh.message(&written), expected, "{english}");
        }
    }
}
