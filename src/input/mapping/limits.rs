//! Expressions of a job that ask for too much, told before any file is opened: the job is wrong, whatever the files are.

use crate::error::Problem;
use crate::input::expression::Expressions;
use crate::job::InputSpec;

/// The expressions of an input that are too long, too deep, or make texts that are too long.
pub fn too_large(spec: &InputSpec) -> Vec<Problem> {
    let columns = spec.columns.iter().map(|(column, text)| (format!("`{column}`"), text, spec.place_of(column).to_owned()));
    let filter = spec.filter.iter().map(|text| ("the filter".to_owned(), text, spec.filter_place.clone()));
    let refused = |(what, text, place): (String, &String, String)| {
        let refused = Expressions::parse(text).err().filter(|refused| refused.is_too_large)?;
        let begins: String = text.chars().take(SHOWN).collect();
        let problem = Problem::new(place, format!("the expression of {what}, which begins with `{begins}`: {}", refused.cause));
        Some(problem.help(refused.help.unwrap_or_default()))
    };
    columns.chain(filter).filter_map(refused).collect()
}

/// The characters of an expression that a message shows.
const SHOWN: usize = 60;
