//! `huitou check`: prints what a run would do, from the job and the footers of its inputs.

use std::fmt::Write;
use std::path::Path;

use super::arguments::CheckOptions;
use super::as_of::as_of;
use super::language::{add_line, lang, padded, say};
use super::output_format::OutputFormat;
use super::plan_document;
use super::stdout::{print, print_json};
use crate::error::Result;
use crate::input::declared::columns::{AUDIENCES, InputKind};
use crate::input::parquet_files::open_file::ColumnSource;
use crate::input::times::time::has_zone;
use crate::job::{CoolDown, Job};
use crate::nightly::freshness::{Newest, ShopFreshness, refuse};
use crate::nightly::{Plan, StateUse, overlap, state};
use crate::spec::period::iso;

/// Checks a job.
pub fn check(options: &CheckOptions) -> Result<()> {
    let job = Job::load(&options.job, &options.set, &Plan::catalogue())?;
    let as_of = as_of(&job, None)?;
    let out = job.output.path.clone();
    overlap::refuse_paths(&job, as_of, &out)?;
    let mut plan = Plan::new(job, as_of, &options.only)?;
    plan.state = StateUse::of(plan.job.output.state, options.set.is_empty() && !plan.is_partial);
    plan_with_newest(&plan, &out, options.format)
}

/// Prints the plan with the newest events of the inputs, then says whether a run would refuse them.
///
/// # Errors
/// [`crate::error::Error::Input`] where an input is past its `freshness.error`, or damaged.
pub fn plan_with_newest(plan: &Plan, out: &Path, format: OutputFormat) -> Result<()> {
    overlap::refuse(plan, out)?;
    let newest = Newest::read(plan)?;
    match format {
        OutputFormat::Text => print(&format!("{}{}", describe(plan, out)?, newest_events(&newest)))?,
        OutputFormat::Json => print_json(&plan_document::document(plan, &newest, out)?)?,
    }
    refuse(plan, &newest.inputs)
}

/// The most shops of an input whose newest events are printed, the oldest first.
const MOST_SHOPS: usize = 20;

/// The newest event of each input and of its shops, and the warnings that a run would give.
fn newest_events(newest: &Newest) -> String {
    let mut text = String::new();
    add_line(&mut text, "\nnewest event:");
    for input in &newest.inputs {
        let days = input.newest_in_words().unwrap_or_else(|| "none up to the as-of date".to_owned());
        let _ = writeln!(text, "  {:<22} {}", input.input, say(&days));
        let (mut behind, with): (Vec<&ShopFreshness>, Vec<_>) = input.shops.iter().partition(|of| of.newest < input.newest);
        behind.sort_by_key(|of| (of.newest, of.shop));
        for of in behind.iter().take(MOST_SHOPS) {
            let _ = writeln!(text, "    {:<20} {}", newest.shop(of.shop), iso(of.newest));
        }
        if behind.len() > MOST_SHOPS {
            let others = padded(&say(&format!("{} shops", behind.len() - MOST_SHOPS)), 20);
            let _ = writeln!(text, "    {others} {}", say("later than that"));
        }
        if !behind.is_empty() {
            let _ = writeln!(text, "    {} {}", padded(&say(&format!("{} shops", with.len())), 20), iso(input.newest));
        }
    }
    for warning in newest.inputs.iter().flat_map(|input| input.warnings(&|shop| newest.shop(shop).to_owned())) {
        add_line(&mut text, &format!("\nwarning: {warning}"));
    }
    text
}

/// The plan as text; `out` is the folder of the snapshots.
///
/// # Errors
/// [`crate::error::Error::Input`] where an earlier snapshot with lists is damaged.
pub fn describe(plan: &Plan, out: &Path) -> Result<String> {
    let mut text = String::new();
    add_line(&mut text, &format!("job {} as of {} ({})", plan.job.name, iso(plan.as_of), plan.job.timezone));
    for (name, dataset) in &plan.datasets {
        let bytes: u64 = dataset.files.iter().map(|file| file.bytes).sum();
        add_line(
            &mut text,
            &format!(
                "\ninput {name}: {} rows in {} files, {} bytes ({})",
                dataset.rows(),
                dataset.files.len(),
                bytes,
                dataset.spec.written_path
            ),
        );
        for (position, column) in dataset.input.columns.iter().enumerate() {
            let Some(data_type) = dataset.types.get(position).and_then(Option::as_ref) else { continue };
            let is_expression = dataset.files.iter().any(|file| file.sources.get(position) == Some(&ColumnSource::Expression));
            let source = match dataset.spec.columns.get(column.name) {
                Some(written) if is_expression => format!(" = {written}"),
                Some(written) if written != column.name => format!(" from {written}"),
                _ => String::new(),
            };
            let clock = match dataset.spec.times.of(column.name, has_zone(data_type)) {
                clock if column.kind == InputKind::Time && dataset.spec.times.declares(column.name) => format!(", times {}", clock.name()),
                _ => String::new(),
            };
            let _ = writeln!(text, "  {}{}: {data_type}{}", column.name, say(&source), say(&clock));
        }
        for left in &dataset.left_out {
            add_line(&mut text, &format!("  not read: {} ({})", left.label, left.why.name()));
        }
        if let Some(filter) = &dataset.spec.filter {
            add_line(&mut text, &format!("  filter: {filter}"));
        }
    }
    text.push('\n');
    let reading = state::outlook(plan, out)?;
    add_line(&mut text, &reading.in_words);
    if let Some(others) = reading.others {
        add_line(&mut text, &others.in_words());
    }
    add_line(&mut text, "\ntables that will be built:");
    for card in &plan.tables {
        let _ = writeln!(text, "  {:<22} {}", card.name, say(lang().text(&card.question)));
    }
    if !plan.skipped.is_empty() {
        add_line(&mut text, "\ntables that cannot be built:");
        for skipped in &plan.skipped {
            let _ = writeln!(text, "  {:<22} {}", skipped.table, say(&skipped.reason));
        }
    }
    for warning in &plan.warnings {
        add_line(&mut text, &format!("\nwarning: {warning}"));
    }
    let earlier = plan.earlier_lists(out)?;
    if let Some(days) = plan.cool_down_days() {
        let counted = match plan.job.params.cool_down {
            CoolDown::Sent => format!("\ncool-down over {days} days: the lists that were sent"),
            CoolDown::Auto | CoolDown::Listed => {
                format!("\ncool-down over {days} days: {} earlier lists in {}", earlier.len(), out.display())
            }
        };
        add_line(&mut text, &counted);
        if plan.job.params.cool_down == CoolDown::Auto && plan.datasets.contains_key(AUDIENCES.name) {
            add_line(&mut text, "  in shops that record what they send, only lists that were sent");
        }
    }
    add_line(&mut text, &format!("\nsnapshot: {}", plan.work(&earlier).name()));
    if let Some(target) = &plan.job.output.postgres {
        add_line(&mut text, &format!("\nPostgreSQL: {}, schema {}", target.connection, target.schema));
        if !target.history.is_empty() {
            add_line(&mut text, &format!("  keeps the rows of every night of {}", target.history.join(", ")));
        }
    }
    Ok(text)
}
