//! Languages of the texts for people: English as in the code, or Chinese from the list of translations.

use std::collections::HashMap;
use std::sync::LazyLock;

/// A language of texts for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Lang {
    /// English.
    En,
    /// Chinese, in simplified characters.
    Zh,
}

/// English texts and their Chinese translations, one pair on each line with a tab between them, sorted by the English text.
const LIST: &str = include_str!("chinese.tsv");

static CHINESE: LazyLock<HashMap<&'static str, &'static str>> =
    LazyLock::new(|| LIST.lines().filter_map(|line| line.split_once('\t')).collect());

impl Lang {
    /// The name in options and job files, which is its code in ISO 639-1.
    pub fn name(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Zh => "zh",
        }
    }

    /// A text of a card or a key in this language; in English if the list does not have it.
    pub fn text(self, english: &str) -> &str {
        match self {
            Lang::En => english,
            Lang::Zh => CHINESE.get(english).copied().unwrap_or(english),
        }
    }

    /// All English texts that have a translation, in the order of the list.
    pub fn translated() -> impl Iterator<Item = &'static str> {
        LIST.lines().map(|line| line.split_once('\t').map_or(line, |(english, _)| english))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_complete() {
        let lines: Vec<&str> = LIST.lines().collect();
        for line in &lines {
            let (english, chinese) = line.split_once('\t').unwrap_or((line, ""));
            assert!(!english.is_empty() && !chinese.is_empty() && !chinese.contains('\t'), "{line}");
        }
        let english: Vec<&str> = Lang::translated().collect();
        assert!(english.is_sorted_by(|one, other| one < other), "sort the list by its English texts, each once");
    }

    #[test]
    fn a_text_without_translation_stays_english() {
        assert_eq!(Lang::Zh.text("no card says this"), "no card says this");
        assert_eq!(Lang::En.text("never"), "never");
        assert_eq!(Lang::Zh.text("never"), "从不为空");
    }
}
