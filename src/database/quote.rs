//! Quoting of names and texts in SQL statements.

/// A name as a quoted identifier.
pub(super) fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A table with its schema.
pub(super) fn qualified(schema: &str, table: &str) -> String {
    format!("{}.{}", identifier(schema), identifier(table))
}

/// Quoted identifiers, separated by commas.
pub(super) fn identifiers<'a>(names: impl IntoIterator<Item = &'a String>) -> String {
    names.into_iter().map(|name| identifier(name)).collect::<Vec<_>>().join(", ")
}

/// A text as a literal, for sessions with `standard_conforming_strings`, in which `\` has no special meaning.
pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_name_or_a_text() {
        assert_eq!(qualified("huitou", "a\"; DROP TABLE b"), "\"huitou\".\"a\"\"; DROP TABLE b\"");
        assert_eq!(literal("the customer's \\ id"), "'the customer''s \\ id'");
        assert_eq!(identifiers(&["a".to_owned(), "B".to_owned()]), "\"a\", \"B\"");
    }
}
