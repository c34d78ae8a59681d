//! Brief: the morning of a snapshot as a small page of tables, for mail and for paper.
//!
//! ```text
//! Snapshot ──► source ──► Morning ──► page ──► HTML
//!              tables     figures     words    markup
//! ```
//!
//! A mail program runs no scripts, loads nothing and knows few styles. So the page has tables only, with their styles in the elements, and
//! its figures are those of the first screen of the report: yesterday, the month to date, the plan, why the month changed, and what to do. Where there are several
//! shops their sum comes first, then a line for each.

mod figures;
mod group;
mod head;
mod markup;
mod morning;
mod page;
mod source;
mod tables;
#[cfg(test)]
mod tests;
mod to_do;
mod why;
mod words;

pub use page::{FILE, MOST_BYTES, brief};
