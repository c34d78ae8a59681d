//! What unit tests of folds and tables share, compiled for tests only: customers with orders, contexts, tables made of them, readers.

mod any;
mod contexts;
mod customers;
mod days;
mod made;
mod orders;
mod people;
mod read;
mod worked;

pub use any::{any_customers, any_week_start};
pub use contexts::{facts, integer_shops, signed_shops, text_shops};
pub use customers::{Customer, bought_on, buyer, customer, folded, folded_in_parts, give, histories};
pub use days::{HOUR, day};
pub use made::{batches, made, made_of, made_with, night_of, of_night};
pub use orders::{paid, paid_later, placed};
pub use people::{common, in_one_shop, overlapping};
pub use read::{assert_close, assert_row, column, integers, known, numbers, of_periods, of_their_months, shown, texts, value};
pub use worked::{customer_fold, worked};
