//! `huitou schema`: prints the keys of the files that people write, from the declarations of the keys.

use super::arguments::{SchemaFormat, SchemaOptions};
use super::language::lang;
use super::stdout::print_or_write;
use crate::error::{Error, Result};
use crate::job::json_schema::{FileKind, json_schema};
use crate::job::reference::reference;
use crate::nightly::Plan;
use crate::spec::Lang;

/// Prints the schema of a kind of file.
pub fn schema(options: &SchemaOptions) -> Result<()> {
    let (catalogue, lang) = (Plan::catalogue(), lang());
    match options.format {
        SchemaFormat::Json => {
            let schema = json_schema(options.kind.unwrap_or(FileKind::Job), &catalogue, lang);
            print_or_write(&format!("{}\n", serde_json::to_string_pretty(&schema).map_err(Error::bug)?), options.to.as_deref())
        }
        SchemaFormat::Markdown => {
            let references =
                |kinds: &[FileKind]| kinds.iter().map(|kind| reference(*kind, &catalogue, lang)).collect::<Vec<_>>().join("\n");
            let text = match (options.kind, lang) {
                (Some(kind), _) => references(&[kind]),
                (None, Lang::En) => format!("# Keys of files\n\n{}", references(&FileKind::ALL)),
                (None, Lang::Zh) => format!("# 各类文件的键\n\n{}", references(&FileKind::ALL)),
            };
            print_or_write(&text, options.to.as_deref())
        }
    }
}
