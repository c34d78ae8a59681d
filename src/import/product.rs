//! Amounts that a table does not have and that are products of its columns, as `price*quantity`.

use super::header::{Header, Name};
use super::row::{Cell, plain};
use crate::input::values::decimal::Decimal;

/// A factor of an amount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Factor {
    /// The column at this position of a row, and its name in the file.
    Column(usize, String),
    /// The same number for all rows.
    Number(Decimal),
}

/// The terms of a product; `None` for a text that is none.
pub fn terms(text: &str) -> Option<Vec<&str>> {
    let terms: Vec<&str> = text.split(['*', '×']).map(str::trim).collect();
    (terms.len() > 1 && terms.iter().all(|term| !term.is_empty())).then_some(terms)
}

/// The columns to find in a header for the product that stands for one of our columns.
pub fn names(ours: &str, text: &str) -> Vec<Name> {
    let columns = terms(text).unwrap_or_default().into_iter().filter(|term| Decimal::parse(term).is_none());
    columns.enumerate().map(|(nth, term)| Name { ours: name(ours, nth), theirs: vec![term.to_owned()] }).collect()
}

/// The factors of the product that stands for one of our columns, as far as the header has them.
pub fn factors(ours: &str, text: &str, header: &Header) -> Vec<Factor> {
    let mut nth = 0;
    let factor = |term: &str| match Decimal::parse(term) {
        Some(number) => Some(Factor::Number(number)),
        None => {
            nth += 1;
            header.position(&name(ours, nth - 1)).map(|position| Factor::Column(position, term.to_owned()))
        }
    };
    terms(text).unwrap_or_default().into_iter().filter_map(factor).collect()
}

/// The name under which a header finds a factor.
fn name(ours: &str, nth: usize) -> String {
    format!("_factor_{nth}_{ours}")
}

/// The product of a row's cells in fen, rounded half to even; `None` where one of them is empty.
///
/// # Errors
/// The name of the column that is not a number, and its cell; the names of all where the product is too large.
pub fn amount<'a>(factors: &'a [Factor], cell: impl Fn(usize) -> &'a Cell) -> Result<Option<i64>, (String, String)> {
    let mut product = Decimal::ONE;
    for factor in factors {
        let number = match factor {
            Factor::Number(number) => *number,
            Factor::Column(position, name) => {
                let text = cell(*position).shown();
                let bare = plain(&text).trim_start_matches(['￥', '¥']).trim_end_matches('元').trim();
                if matches!(bare, "" | "-" | "--" | "null" | "NULL") {
                    return Ok(None);
                }
                Decimal::parse(bare).ok_or_else(|| (name.clone(), text.clone()))?
            }
        };
        product = product.times(number).ok_or_else(|| (String::new(), "the product is too large for an amount".to_owned()))?;
    }
    product.fen().map(Some).ok_or_else(|| (String::new(), "the product is too large for an amount".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_exact() {
        let cells = [Cell::Text("￥2.55".to_owned()), Cell::Number(6.0), Cell::Empty, Cell::Text("six".to_owned())];
        let column = |at: usize| Factor::Column(at, format!("c{at}"));
        let of = |factors: &[Factor]| amount(factors, |at| cells.get(at).unwrap_or(&Cell::Empty));
        assert_eq!(of(&[column(0), column(1)]), Ok(Some(1_530)));
        // 2.55 * 0.5 = 1.275 lies between 1.27 and 1.28: even is 1.28. 2.55 * 0.1 = 0.255: even is 0.26.
        assert_eq!(of(&[column(0), Factor::Number(Decimal::parse("0.5").unwrap())]), Ok(Some(128)));
        assert_eq!(of(&[column(0), Factor::Number(Decimal::parse("0.1").unwrap())]), Ok(Some(26)));
        assert_eq!(of(&[column(0), column(2)]), Ok(None));
        assert_eq!(of(&[column(0), column(3)]), Err(("c3".to_owned(), "six".to_owned())));
    }

    #[test]
    fn a_product_has_at_least_two_terms() {
        assert_eq!(terms("单价 * 数量"), Some(vec!["单价", "数量"]));
        assert_eq!((terms("单价"), terms("*数量"), terms("单价*")), (None, None, None));
    }
}
