//! `huitou completions` and `huitou man`: print shell completions and manual pages, from the declarations of the arguments.

use super::arguments::{CompletionsOptions, ManOptions};
use super::declared::command;
use super::language::lang;
use super::stdout::{print, refuse_in_snapshots};
use crate::error::{Error, Result};

/// Prints the completions of a shell.
pub fn completions(options: &CompletionsOptions) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut command(lang()), "huitou", &mut script);
    print(&String::from_utf8(script).map_err(Error::bug)?)
}

/// Prints the manual page of huitou, or writes one page for each command to a folder.
pub fn man(options: &ManOptions) -> Result<()> {
    let Some(folder) = &options.to else {
        let mut page = Vec::new();
        clap_mangen::Man::new(command(lang())).render(&mut page).map_err(Error::bug)?;
        return print(&String::from_utf8(page).map_err(Error::bug)?);
    };
    refuse_in_snapshots(folder)?;
    let failed = |cause: std::io::Error| Error::system(folder, &cause);
    std::fs::create_dir_all(folder).map_err(failed)?;
    // Written beside and renamed: a page that is a link to a file of others is replaced, and not followed.
    let beside = folder.join(format!(".huitou-man-{}", std::process::id()));
    std::fs::create_dir(&beside).map_err(failed)?;
    let written = clap_mangen::generate_to(command(lang()), &beside).and_then(|()| {
        std::fs::read_dir(&beside)?.try_for_each(|page| page.and_then(|page| std::fs::rename(page.path(), folder.join(page.file_name()))))
    });
    let removed = std::fs::remove_dir_all(&beside);
    written.and(removed).map_err(failed)
}
