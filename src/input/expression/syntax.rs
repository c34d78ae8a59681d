//! The text of an expression: one expression in SQL that uses nothing but the row for which it is evaluated.

use sqlparser::ast::{BinaryOperator, Expr, SelectItem, Spanned};
use sqlparser::dialect::GenericDialect;
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError, ParserOptions};
use sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer, Whitespace};

use super::allowed;
use super::functions::find;
use super::growth::{self, Growth};
use super::patterns::Patterns;
use super::refused::{Refused, Text};
use super::truth;

/// The deepest nesting of operations, and the most branches of a CASE: Polars evaluates each level by a call.
pub(super) const MOST_LEVELS: usize = 250;

/// The deepest nesting of CASEs, and of forms with words of their own such as `CAST(`: the parser tries each of them twice where something
/// in it is wrong, so each level doubles its time.
const MOST_FORMS: usize = 12;

/// The most words and signs of a text, those of lists not counted: dropping a tree of so many levels must not overflow the stack.
const MOST_TOKENS: usize = 20_000;

/// The most comparisons within each other, such as `(a = b) = c`: what lies below each of them is read twice, by Polars or to check it.
const MOST_TWICE: usize = 8;

/// What is known of an expression.
#[derive(Debug)]
pub(super) struct Checked {
    /// How long the texts become that it makes.
    pub growth: Growth,
    /// Its text for Polars, where that reads the written one otherwise than the standard of SQL.
    pub rewritten: Option<String>,
}

/// Checks that the text is one expression over the columns of a row.
///
/// # Errors
/// What the text has instead, where, and what to write.
pub(super) fn check(written: &str) -> Result<Checked, Refused> {
    let text = Text(written);
    let tokens = tokens(text)?;
    let mut parser = Parser::new(&GenericDialect)
        // As Polars does.
        .with_options(ParserOptions::new().with_trailing_commas(true))
        .with_tokens_with_locations(tokens);
    let item = parser.parse_select_item().map_err(|error| unparsed(text, error, parser.peek_token_ref().span.start))?;
    let next = parser.peek_token();
    if next.token != Token::EOF {
        return Err(Refused::new(format!("`{}`{} follows a whole expression", next.token, text.at(next.span.start)))
            .help("an operator may be missing, or the quotes of a text ('test') or of a column's name (\"unit price\")"));
    }
    match item {
        SelectItem::UnnamedExpr(expression) => {
            walk(&expression, text, Depth { level: 1, twice: 0 }, &mut Patterns::default())?;
            let growth = growth::all(&expression, text)?;
            Ok(Checked { growth, rewritten: truth::of_null(expression) })
        }
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
    let (meant, places): (Vec<&Token>, Vec<Location>) =
        tokens.iter().filter(|token| !matches!(token.token, Token::Whitespace(_))).map(|token| (&token.token, token.span.start)).unzip();
    if meant.is_empty() {
        return Err(Refused::new("it is empty").help("write an expression over the columns, or leave the key out"));
    }
    let is_element = |three: &&[&Token]| matches!(three, [Token::Comma | Token::LParen, _, Token::Comma | Token::RParen]);
    if meant.len() - 2 * meant.windows(3).filter(is_element).count().min(meant.len() / 2) > MOST_TOKENS {
        let at = text.at(places.get(MOST_TOKENS).copied().unwrap_or(NOWHERE));
        return Err(Refused::too_large(format!("it has more than {MOST_TOKENS} words and signs, and goes on{at}")).help(SHORTER));
    }
    // A column may have that name as well.
    let is_open = |pair: &&[&Token]| matches!(pair, [Token::Word(word), next] if word.keyword == Keyword::INTERVAL && !matches!(next, Token::SingleQuotedString(_)));
    // Types within types: STRUCT<a ARRAY<INT>>. The parser goes down a level for each.
    let is_type = |pair: &&[&Token]| matches!(pair, [Token::Word(word), Token::Lt] if word.keyword != Keyword::NoKeyword);
    let (forms, deepest) = nested_forms(&meant);
    // INT[][] is a type within a type as well, and Polars reads each of them again.
    let is_array = |pair: &&[&Token]| matches!(pair, [Token::LBracket, Token::RBracket]);
    let types = meant.windows(2).filter(|pair| is_type(pair) || is_array(pair)).count();
    if forms + meant.windows(2).filter(is_open).count() > MOST_FORMS || types > MOST_FORMS {
        return Err(too_deep(text, places.get(deepest).copied().unwrap_or(NOWHERE)));
    }
    Ok(tokens)
}

/// The nesting of lists, of CASEs, and of keywords with parentheses that are not functions, and the token where it is deepest.
fn nested_forms(tokens: &[&Token]) -> (usize, usize) {
    let is_form = |token: &Token| matches!(token, Token::Word(word) if word.keyword != Keyword::NoKeyword && find(&word.value).is_none());
    let (mut open, mut forms, mut most) = (Vec::new(), 0, (0, 0));
    for (place, token) in tokens.iter().enumerate() {
        match token {
            Token::LParen | Token::LBracket | Token::LBrace => {
                let is_list = !matches!(token, Token::LParen);
                let opens = is_list || place.checked_sub(1).is_some_and(|before| is_form(tokens[before]));
                open.push(opens);
                forms += usize::from(opens);
                most = if forms > most.0 { (forms, place) } else { most };
            }
            Token::Word(word) if word.keyword == Keyword::CASE => {
                open.push(true);
                forms += 1;
                most = if forms > most.0 { (forms, place) } else { most };
            }
            Token::Word(word) if word.keyword == Keyword::END => forms -= usize::from(open.pop().unwrap_or(false)),
            Token::RParen | Token::RBracket | Token::RBrace => forms -= usize::from(open.pop().unwrap_or(false)),
            _ => {}
        }
    }
    most
}

/// A position that is not known.
const NOWHERE: Location = Location { line: 0, column: 0 };

fn too_deep(text: Text<'_>, place: Location) -> Refused {
    Refused::too_large(format!("its parentheses, functions and CASEs lie too deep within each other{}", text.at(place))).help(SHORTER)
}

const SHORTER: &str = "write lists as `column IN ('a', 'b')`, and larger mappings into a column of the files";

/// Rewords a message of the parser.
fn unparsed(text: Text<'_>, error: ParserError, reached: Location) -> Refused {
    let said = match error {
        ParserError::RecursionLimitExceeded => {
            return too_deep(text, reached);
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
    parsed().unwrap_or((said, NOWHERE))
}

/// Where in an expression a part of it lies: within so many others, and within so many comparisons.
#[derive(Debug, Clone, Copy)]
struct Depth {
    level: usize,
    twice: usize,
}

/// Refuses what an expression may not contain, from the outside inwards.
fn walk(node: &Expr, text: Text<'_>, depth: Depth, patterns: &mut Patterns) -> Result<(), Refused> {
    let Depth { level, mut twice } = depth;
    if level > MOST_LEVELS {
        let what = format!("more than {MOST_LEVELS} operations lie within each other{}", text.at(node.span().start));
        return Err(Refused::too_large(what).help(SHORTER));
    }
    if beside(node) == 1 && !matches!(node, Expr::Cast { .. }) {
        twice += 1;
        if twice > MOST_TWICE {
            return Err(too_deep(text, node.span().start));
        }
    }
    // Polars nests each branch of a CASE in the one before.
    let branches = if let Expr::Case { .. } = node { 2 } else { usize::MAX };
    let level = level + beside(node);
    let parts = allowed::parts(node, text)?;
    patterns.check(node, text)?;
    let mut parts = parts.into_iter().enumerate();
    parts.try_for_each(|(place, part)| walk(part, text, Depth { level: level + 1 + place / branches, twice }, patterns))
}

/// The levels that Polars has for an operation beyond one: `a || b` casts both, and texts and times are checked before they are compared or
/// cast.
fn beside(node: &Expr) -> usize {
    use BinaryOperator::{And, BitwiseAnd, BitwiseOr, Divide, Minus, Modulo, Multiply, Or, Plus, StringConcat, Xor};
    match node {
        Expr::BinaryOp { op: And | BitwiseAnd | BitwiseOr | Divide | Minus | Modulo | Multiply | Or | Plus | Xor, .. } => 0,
        Expr::BinaryOp { op: StringConcat, .. } => 2,
        Expr::BinaryOp { .. } | Expr::Cast { .. } | Expr::Like { .. } | Expr::ILike { .. } | Expr::RLike { .. } | Expr::Between { .. } => 1,
        Expr::InList { .. } | Expr::IsDistinctFrom(..) | Expr::IsNotDistinctFrom(..) => 1,
        _ => 0,
    }
}
