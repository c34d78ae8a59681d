//! The morning: what whoever opens the tables at nine should look at first.
//!
//! `briefing` hears every row of the tables that a night writes and keeps what is worth a line: one module for each family of tables that it
//! listens to. `brief` is the table of these lines.

mod alarms;
mod assessments;
pub mod brief;
pub mod briefing;
mod falling_items;
mod growing_refunds;
pub mod note;
mod plans_behind;
mod ready_lists;
mod recent_days;
mod restated_figures;
mod shop_codes;
mod stage_changes;
pub mod wording;
