//! What was sent: a list that went out becomes a campaign with its audience, both arms, in the inputs of the job, so that `campaign_effect`
//! can compare them. Nothing is recorded twice.

mod earlier;
mod ids;
mod inputs;
mod readable;
mod rows;
mod sending;

use std::path::PathBuf;

pub use ids::{InFile, ids_in_file};
pub use sending::{Recorded, Sending};

use self::earlier::Earlier;
use self::inputs::{Inputs, Place};
use self::rows::{Members, audience_bytes, campaign_bytes};
use super::{JobFile, job_file};
use crate::disk::replace::replace;
use crate::error::{Error, Problem, Result};
use crate::input::declared::columns::{AUDIENCES, CAMPAIGNS};

/// Records a list that was sent: a campaign for each shop, and who is in which arm of it. Customers of an earlier record of the same list stay
/// as they are.
///
/// # Errors
/// [`Error::Usage`] where the job has no place for it, or would not read it, or nobody of the list is meant; [`Error::Input`] where earlier
/// records are damaged; [`Error::Output`] where a file cannot be written; [`Error::Busy`] where another command writes there.
pub fn record(sending: &Sending<'_>) -> Result<Recorded> {
    let inputs = Inputs::of(sending.job)?;
    let recorded = record_in(sending, &inputs).map_err(with_folders);
    if recorded.is_err() {
        inputs.remove_empty();
    }
    recorded
}

/// The same error with the inputs of the job, where the records lie, in place of `--out`.
fn with_folders(error: Error) -> Error {
    match error {
        Error::Output(problem) if problem.help.contains("--out") => {
            Error::Output(problem.help("let this command write there, or name other folders for `campaigns` and `audiences` in the job"))
        }
        other => other,
    }
}

fn record_in(sending: &Sending<'_>, inputs: &Inputs) -> Result<Recorded> {
    let _locks = inputs.lock()?;
    let earlier = Earlier::read(sending.job, inputs)?;
    let mut recorded = Recorded::default();
    let members = Members::of(sending, &earlier, &mut recorded)?;
    if let (Some(_), Some(campaign)) = (sending.cost, members.known_campaigns.first()) {
        let what = format!("the campaign `{campaign}` is recorded already, and its cost with it");
        let help = format!(
            "leave out --cost; to change the cost, move the files {} away from {} and {}, and record the list anew, the whole cost with the first \
             of its messages",
            file_name(sending, "*", "*"),
            inputs.campaigns.folder.display(),
            inputs.audiences.folder.display()
        );
        return Err(Error::Usage(vec![Problem::new("--cost", what).help(help)]));
    }
    if !members.kept.is_empty() {
        write(sending, inputs, &members, &earlier, &mut recorded)?;
    }
    // A job that was not written when its records were gets them with the next attempt.
    let has_records = !members.kept.is_empty() || !earlier.campaigns.is_empty();
    if has_records && !inputs.are_named {
        match job_file::write(&sending.job.folder, None, None, sending.today)? {
            JobFile::Written(_) => recorded.is_named_now = true,
            JobFile::Kept(path, _) => {
                let what = format!("was edited meanwhile: it does not name the inputs `{}` and `{}`", CAMPAIGNS.name, AUDIENCES.name);
                return Err(Error::Usage(vec![Problem::new(path.display().to_string(), what).help(inputs::ADVICE)]));
            }
            JobFile::NoOrders => return Err(Error::bug("a job of imported data without orders")),
        }
    }
    Ok(recorded)
}

/// Writes the campaigns and the members, a file of their own each, if the job reads them.
fn write(sending: &Sending<'_>, inputs: &Inputs, members: &Members, earlier: &Earlier, recorded: &mut Recorded) -> Result<()> {
    let mut added: Vec<(&Place, PathBuf, Vec<u8>)> = Vec::new();
    // The campaigns first: a crash in between leaves a campaign without members, which the next attempt gives it.
    if !members.new_campaigns.is_empty() {
        added.push((
            &inputs.campaigns,
            free_name(sending, &inputs.campaigns)?,
            campaign_bytes(sending, members, &inputs.campaigns, earlier)?,
        ));
    }
    added.push((&inputs.audiences, free_name(sending, &inputs.audiences)?, audience_bytes(sending, members, &inputs.audiences, earlier)?));
    let staged: Vec<readable::Added<'_>> = added.iter().map(|(place, name, bytes)| (*place, name.as_path(), bytes.as_slice())).collect();
    readable::refuse_unreadable(sending, inputs, &staged)?;
    for (place, name, bytes) in &added {
        let path = place.folder.join(name);
        replace(&path, bytes)?;
        recorded.files.push(path);
    }
    Ok(())
}

/// A name that no file of the folder has. It sorts by the time of sending.
fn free_name(sending: &Sending<'_>, place: &Place) -> Result<PathBuf> {
    let at = digits(&crate::spec::iso_time(sending.at));
    let name = |number: usize| PathBuf::from(file_name(sending, &at, &if number > 1 { format!("-{number}") } else { String::new() }));
    (1..).map(name).find(|name| !place.folder.join(name).exists()).ok_or_else(|| Error::bug("no free name of a file"))
}

fn file_name(sending: &Sending<'_>, at: &str, further: &str) -> String {
    format!("sent-{at}-{}-{}{further}.parquet", sending.strategy, digits(sending.list))
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}
