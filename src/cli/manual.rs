//! `huitou completions` and `huitou man`: print shell completions and manual pages, from the declarations of the arguments.

use super::arguments::{CompletionsOptions, ManOptions};
use super::declared::command;
use super::language::lang;
use super::stdout::{print, refuse_in_snapshots};
use crate::error::{Error, Result};
use crate::spec::Lang;

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
        return print(&in_language(&String::from_utf8(page).map_err(Error::bug)?, lang()));
    };
    refuse_in_snapshots(folder)?;
    let failed = |cause: std::io::Error| Error::system(folder, &cause);
    std::fs::create_dir_all(folder).map_err(failed)?;
    // Written beside and renamed: a page that is a link to a file of others is replaced, and not followed.
    let beside = folder.join(format!(".huitou-man-{}", std::process::id()));
    std::fs::create_dir(&beside).map_err(failed)?;
    let written = clap_mangen::generate_to(command(lang()), &beside).and_then(|()| {
        std::fs::read_dir(&beside)?.try_for_each(|page| {
            let page = page?;
            let text = std::fs::read_to_string(page.path())?;
            std::fs::write(page.path(), in_language(&text, lang()))?;
            std::fs::rename(page.path(), folder.join(page.file_name()))
        })
    });
    let removed = std::fs::remove_dir_all(&beside);
    written.and(removed).map_err(failed)
}

/// What stands before each value that an option may have.
const BULLET: &str = ".IP \\(bu 2";

/// A page with the words of the library that makes it in a language: those before defaults and possible values, and what each value means.
fn in_language(page: &str, lang: Lang) -> String {
    if lang == Lang::En {
        return page.to_owned();
    }
    let mut is_value = false;
    let lines = page.lines().map(|line| {
        let is_after_bullet = std::mem::replace(&mut is_value, line == BULLET);
        let line = match line.split_once(": ").filter(|_| is_after_bullet) {
            Some((value, meaning)) => format!("{value}：{}", escaped(&lang.message(&plain(meaning)))),
            None if line.starts_with("Print ") => escaped(&lang.message(&plain(line))),
            None => line.to_owned(),
        };
        line.replace("Possible values:", "可选：").replace(" [default: ", " [默认：") + "\n"
    });
    lines.collect()
}

/// A text without the marks by which a page writes hyphens and apostrophes.
fn plain(line: &str) -> String {
    line.replace("\\-", "-").replace("\\*(Aq", "'")
}

fn escaped(text: &str) -> String {
    text.replace('-', "\\-").replace('\'', "\\*(Aq")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_in_chinese_have_no_english_words_of_the_library() {
        let mut commands = vec![command(Lang::Zh)];
        commands.extend(command(Lang::Zh).get_subcommands().cloned());
        let mut values = 0;
        for own in commands {
            let mut page = Vec::new();
            clap_mangen::Man::new(own).render(&mut page).unwrap();
            let english = String::from_utf8(page).unwrap();
            let page = in_language(&english, Lang::Zh);
            for words in ["ossible values", "default:", "Print help", "Print version"] {
                assert!(!page.contains(words), "{words} in {page}");
            }
            assert_eq!(page.lines().count(), english.lines().count());
            let lines: Vec<&str> = page.lines().collect();
            for pair in lines.windows(2).filter(|pair| pair[0] == BULLET && pair[1].contains('：')) {
                assert!(!pair[1].is_ascii(), "{}", pair[1]);
                values += 1;
            }
        }
        assert!(values > 10, "{values}");
        assert_eq!(in_language("Possible values:\n", Lang::En), "Possible values:\n");
    }
}
