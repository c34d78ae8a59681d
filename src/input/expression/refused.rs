//! Why an expression is refused, and what to write instead.

use sqlparser::tokenizer::Location;

/// Why an expression is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// What is wrong, and where in the text.
    pub cause: String,
    /// What to write instead, if there is something.
    pub help: Option<String>,
    /// Whether it asks for too much, whatever the files are.
    pub is_too_large: bool,
}

impl Refused {
    pub(super) fn new(cause: impl Into<String>) -> Self {
        Refused { cause: cause.into(), help: None, is_too_large: false }
    }

    /// The refusal of an expression that asks for too much.
    pub(super) fn too_large(cause: impl Into<String>) -> Self {
        Refused { is_too_large: true, ..Refused::new(cause) }
    }

    pub(super) fn help(self, help: impl Into<String>) -> Self {
        Refused { help: Some(help.into()), ..self }
    }
}

/// The text of an expression, to name positions in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text<'a>(pub &'a str);

impl Text<'_> {
    /// The position in words, to append to what was found there; empty for a position that the parser does not know.
    pub fn at(self, place: Location) -> String {
        let Location { line, column } = place;
        match self.0.trim_end().lines().count() {
            _ if line == 0 => String::new(),
            0 | 1 => format!(" at character {column}"),
            _ => format!(" at line {line}, character {column}"),
        }
    }

    /// The text at a position, up to the next blank or parenthesis.
    pub fn word(self, place: Location) -> String {
        let line = self.0.lines().nth(usize::try_from(place.line.saturating_sub(1)).unwrap_or(usize::MAX)).unwrap_or_default();
        let from = line.chars().skip(usize::try_from(place.column.saturating_sub(1)).unwrap_or(usize::MAX));
        let mut length = 0;
        let is_end = |letter: char| letter.is_whitespace() || ['(', ')', ',', '[', ']'].contains(&letter);
        from.take_while(|letter| {
            length += 1;
            length == 1 || (!is_end(*letter) && length <= MOST_CITED)
        })
        .collect()
    }
}

/// The most characters that a message quotes.
const MOST_CITED: usize = 30;
