//! The format of what a command tells.

use clap::ValueEnum;

/// How what a command tells is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// Lines for people.
    Text,
    /// One JSON document.
    Json,
}

/// How rows are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RowFormat {
    /// A table for people.
    Table,
    /// Comma-separated values, RFC 4180.
    Csv,
    /// An array of objects.
    Json,
    /// A table in Markdown.
    Markdown,
}
