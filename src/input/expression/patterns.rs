//! Patterns of texts (regular expressions): `a{1000}{1000}` is a million states, which take memory and time before any row is read.

use regex_automata::nfa::thompson::{Compiler, Config};
use sqlparser::ast::{BinaryOperator, Expr, Spanned, Value, ValueWithSpan};

use super::growth::argument;
use super::refused::{Refused, Text};

/// The most bytes that all patterns of an expression take: what Polars allows one.
const MOST: usize = 10 << 20;
/// Bytes that a letter of a pattern of LIKE takes.
const LIKE: usize = 256;

/// The bytes that the patterns of an expression may still take.
#[derive(Debug)]
pub(super) struct Patterns(usize);

impl Default for Patterns {
    fn default() -> Self {
        Patterns(MOST)
    }
}

impl Patterns {
    /// Checks the pattern of an expression, apart from those of its parts.
    ///
    /// # Errors
    /// A pattern that is too large, is none, or not written in the expression.
    pub fn check(&mut self, node: &Expr, text: Text<'_>) -> Result<(), Refused> {
        use BinaryOperator::{PGILikeMatch, PGLikeMatch, PGNotILikeMatch, PGNotLikeMatch};
        use BinaryOperator::{PGRegexIMatch, PGRegexMatch, PGRegexNotIMatch, PGRegexNotMatch};
        match node {
            Expr::RLike { pattern, .. } => self.pattern(literal(pattern), "", pattern, text),
            Expr::BinaryOp { op: PGRegexMatch | PGRegexNotMatch, right, .. } => self.pattern(literal(right), "", right, text),
            Expr::BinaryOp { op: PGRegexIMatch | PGRegexNotIMatch, right, .. } => self.pattern(literal(right), "i", right, text),
            Expr::Function(function) if function.name.to_string().eq_ignore_ascii_case("REGEXP_LIKE") => {
                self.pattern(argument(function, 1), argument(function, 2).unwrap_or(""), node, text)
            }
            Expr::Like { pattern, .. }
            | Expr::ILike { pattern, .. }
            | Expr::BinaryOp { op: PGLikeMatch | PGNotLikeMatch | PGILikeMatch | PGNotILikeMatch, right: pattern, .. } => {
                self.take(literal(pattern).map_or(0, |pattern| pattern.len().saturating_mul(LIKE)), pattern, text)
            }
            _ => Ok(()),
        }
    }

    /// Takes the bytes of a pattern; `place` is what is named for it.
    fn pattern(&mut self, pattern: Option<&str>, flags: &str, place: &Expr, text: Text<'_>) -> Result<(), Refused> {
        let at = || text.at(place.span().start);
        let Some(pattern) = pattern else {
            return Err(Refused::new(format!("the pattern{} is not written in the expression", at())).help(
                "write it as a text in single quotes, such as REGEXP_LIKE(a, '^tb-'); parts of texts are found by STRPOS(a, b) > 0",
            ));
        };
        let pattern = if flags.is_empty() { pattern.to_owned() } else { format!("(?{flags}){pattern}") };
        let config = Config::new().nfa_size_limit(Some(MOST));
        match Compiler::new().configure(config).build(&pattern) {
            Ok(found) => self.take(found.memory_usage(), place, text),
            Err(cause) if cause.size_limit().is_some() => self.take(usize::MAX, place, text),
            Err(cause) => {
                // The cause follows those before it, and draws the pattern.
                let cause = std::error::Error::source(&cause).map_or_else(|| cause.to_string(), ToString::to_string);
                let last = cause.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
                Err(Refused::new(format!("the pattern{} is none: {last}", at()))
                    .help("a sign that stands for itself is written behind a backslash, such as '\\[a\\]'"))
            }
        }
    }

    fn take(&mut self, bytes: usize, place: &Expr, text: Text<'_>) -> Result<(), Refused> {
        self.0 = self.0.checked_sub(bytes).ok_or_else(|| {
            Refused::too_large(format!("the patterns up to that{} are too large", text.at(place.span().start)))
                .help("repeat a part by * or +, and not by large numbers: {1,1000}")
        })?;
        Ok(())
    }
}

fn literal(pattern: &Expr) -> Option<&str> {
    match pattern {
        Expr::Value(ValueWithSpan { value: Value::SingleQuotedString(text), .. }) => Some(text),
        Expr::Nested(pattern) => literal(pattern),
        _ => None,
    }
}
