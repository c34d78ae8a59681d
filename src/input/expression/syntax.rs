//! The text of an expression: one expression in SQL that uses nothing but the row for which it is evaluated.

use sqlparser::ast::{Expr, SelectItem, Spanned};
use sqlparser::dialect::GenericDialect;
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError, ParserOptions};
use sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer, Whitespace};

use super::allowed;
use super::functions::find;
use super::refused::{Refused, Text};

/// The deepest nesting of operations, and the most branches of a CASE: Polars evaluates each level by a call.
pub(super) const MOST_LEVELS: usize = 500;

/// The deepest nesting of forms with words of their own, such as `CAST(`: the parser tries each of them twice, so each level doubles its
/// time.
const MOST_FORMS: usize = 10;

/// The most words and signs of a text, those of lists not counted: dropping a tree of so many levels must not overflow the stack.
const MOST_TOKENS: usize = 20_000;

/// Checks that the text is one expression over the columns of a row.
///
/// # Errors
/// What the text has instead, where, and what to write.
pub(super) fn check(written: &str) -> Result<(), Refused> {
    let text = Text(written);
    let tokens = tokens(text)?;
    let mut parser = Parser::new(&GenericDialect)
        // As Polars does.
        .with_options(ParserOptions::new().with_trailing_commas(true))
        .with_tokens_with_locations(tokens);
    let item = parser.parse_select_item().map_err(|error| unparsed(text, error))?;
    let next = parser.peek_token();
    if next.token != Token::EOF {
        return Err(Refused::new(format!("`{}`{} follows a whole expression", next.token, text.at(next.span.start)))
            .help("an operator may be missing, or the quotes of a text ('test') or of a column's name (\"unit price\")"));
    }
    match item {
        SelectItem::UnnamedExpr(expression) => walk(&expression, text, 1),
        SelectItem::ExprWithAlias { alias, .. } => {
            Err(Refused::new(format!("`{}`{} is a second name", alias.value, text.at(alias.span.start)))
                .help("an operator may be missing, or the quotes of a column's name (\"unit price\"); a result needs no AS"))
        }
        other => Err(Refused::new(format!("`*`{} stands for all columns", text.at(other.span().start)))
            .help("name the column; quote a name of other characters: \"unit price\"")),
    }
}

/// The words and signs of the text.
fn tokens(text: Text<'_>) -> Result<Vec<TokenWithSpan>, Refused> {
    let tokens = Tokenizer::new(&GenericDialect, text.0).tokenize_with_location().map_err(|error| {
        let (first, rest) = error.message.split_at(error.message.chars().next().map_or(0, char::len_utf8));
        let what = format!("{}{}", first.to_lowercase(), rest.trim_end_matches('.'));
        Refused::new(format!("{what}{}", text.at(error.location)))
            .help("quotes come in pairs: 'text', \"column\"; within a text a quote is written twice: 'it''s'")
    })?;
    for TokenWithSpan { token, span } in &tokens {
        match token {
            Token::SemiColon => {
                return Err(Refused::new(format!("`;`{} ends a statement", text.at(span.start))).help("write one expression, without `;`"));
            }
            Token::Whitespace(Whitespace::SingleLineComment { .. } | Whitespace::MultiLineComment(_)) => {
                return Err(Refused::new(format!("a comment begins{}", text.at(span.start)))
                    .help("in YAML a comment stands behind #, outside of the expression; minus a negative number is 1 - -1"));
            }
            _ => {}
        }
    }
    let meant: Vec<&Token> = tokens.iter().map(|token| &token.token).filter(|token| !matches!(token, Token::Whitespace(_))).collect();
    if meant.is_empty() {
        return Err(Refused::new("it is empty").help("write an expression over the columns, or leave the key out"));
    }
    let is_element = |three: &&[&Token]| matches!(three, [Token::Comma | Token::LParen, _, Token::Comma | Token::RParen]);
    if meant.len() - 2 * meant.windows(3).filter(is_element).count().min(meant.len() / 2) > MOST_TOKENS {
        return Err(Refused::new(format!("it has more than {MOST_TOKENS} words and signs")).help(SHORTER));
    }
    // A column may have that name as well.
    let is_open = |pair: &&[&Token]| matches!(pair, [Token::Word(word), next] if word.keyword == Keyword::INTERVAL && !matches!(next, Token::SingleQuotedString(_)));
    if nested_forms(&meant) + meant.windows(2).filter(is_open).count() > MOST_FORMS {
        return Err(Refused::new(TOO_DEEP).help(SHORTER));
    }
    Ok(tokens)
}

/// The nesting of lists, and of keywords with parentheses that are not functions.
fn nested_forms(tokens: &[&Token]) -> usize {
    let is_form = |token: &Token| matches!(token, Token::Word(word) if word.keyword != Keyword::NoKeyword && find(&word.value).is_none());
    let (mut open, mut forms, mut most) = (Vec::new(), 0, 0);
    for (place, token) in tokens.iter().enumerate() {
        match token {
            Token::LParen | Token::LBracket | Token::LBrace => {
                let is_list = !matches!(token, Token::LParen);
                let opens = is_list || place.checked_sub(1).is_some_and(|before| is_form(tokens[before]));
                open.push(opens);
                forms += usize::from(opens);
                most = most.max(forms);
            }
            Token::RParen | Token::RBracket | Token::RBrace => forms -= usize::from(open.pop().unwrap_or(false)),
            _ => {}
        }
    }
    most
}

const TOO_DEEP: &str = "its parentheses, functions and CASEs lie too deep within each other";

const SHORTER: &str = "write lists as `column IN ('a', 'b')`, and larger mappings into a column of the files";

/// Rewords a message of the parser.
fn unparsed(text: Text<'_>, error: ParserError) -> Refused {
    let said = match error {
        ParserError::RecursionLimitExceeded => {
            return Refused::new(TOO_DEEP).help(SHORTER);
        }
        ParserError::TokenizerError(said) | ParserError::ParserError(said) => said,
    };
    let (said, place) = located(&said);
    match said.strip_prefix("Expected: ").and_then(|said| said.split_once(", found: ")) {
        Some((wanted, "EOF")) => Refused::new(format!("it ends where {wanted} is expected")),
        Some((wanted, found)) => Refused::new(format!("`{found}`{} stands where {wanted} is expected", text.at(place))),
        None => Refused::new(format!("{said}{}", text.at(place))),
    }
}

/// Splits a message of the parser into text and position.
fn located(said: &str) -> (&str, Location) {
    let parsed = || {
        let (before, place) = said.rsplit_once(" at Line: ")?;
        let (line, column) = place.split_once(", Column: ")?;
        Some((before, Location { line: line.parse().ok()?, column: column.parse().ok()? }))
    };
    parsed().unwrap_or((said, Location { line: 0, column: 0 }))
}

/// Refuses what an expression may not contain, from the outside inwards.
fn walk(node: &Expr, text: Text<'_>, level: usize) -> Result<(), Refused> {
    if level > MOST_LEVELS {
        return Err(Refused::new(format!("more than {MOST_LEVELS} operations lie within each other")).help(SHORTER));
    }
    // Polars nests each branch of a CASE in the one before.
    let branches = if let Expr::Case { .. } = node { 2 } else { usize::MAX };
    allowed::parts(node, text)?.into_iter().enumerate().try_for_each(|(place, part)| walk(part, text, level + 1 + place / branches))
}
