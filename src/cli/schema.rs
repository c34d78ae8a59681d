//! `huitou schema`: what can stand in the files that people write, from the declared keys themselves.

use super::arguments::{SchemaFormat, SchemaOptions};
use super::print;
use crate::error::{Error, Result};
use crate::job::json_schema::{json_schema, reference};
use crate::nightly::Plan;

/// Prints the schema of a kind of file.
pub fn schema(options: &SchemaOptions) -> Result<()> {
    let catalogue = Plan::catalogue();
    match options.format {
        SchemaFormat::Json => {
            let schema = json_schema(options.kind, &catalogue, options.lang);
            print(&format!("{}\n", serde_json::to_string_pretty(&schema).map_err(Error::defect)?))
        }
        SchemaFormat::Markdown => print(&reference(options.kind, &catalogue, options.lang)),
    }
}
