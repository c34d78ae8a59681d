//! Progress: bars on a terminal, one line for each phase elsewhere. Measures the phases by the clock.

use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::arguments::When;
use super::language::say;
use super::log;
use crate::nightly::Observer;
use crate::publish::Phase;

/// Observes a run and shows its progress.
pub struct Progress {
    /// Whether a bar is drawn.
    has_bar: bool,
    /// Whether a line is printed at the end of a phase.
    has_lines: bool,
    /// What stands before the name of a phase: the date that a backfill is at, and a blank.
    label: String,
    state: Mutex<State>,
}

struct State {
    done: Vec<Phase>,
    now: Option<(&'static str, Instant)>,
    bar: ProgressBar,
}

impl Progress {
    /// An observer that draws bars or prints lines as the option says.
    pub fn new(when: When) -> Self {
        let has_bar = match when {
            When::Always => true,
            When::Never => false,
            When::Auto => std::io::stderr().is_terminal(),
        };
        let has_bar = has_bar && log::is_normal() && !log::is_json();
        let has_lines = !has_bar && when != When::Never;
        Progress {
            has_bar,
            has_lines,
            label: String::new(),
            state: Mutex::new(State { done: Vec::new(), now: None, bar: ProgressBar::hidden() }),
        }
    }

    /// The same with a date before the names of phases.
    pub fn of_date(self, date: &str) -> Self {
        Progress { label: format!("{date} "), ..self }
    }

    /// Ends the last phase.
    pub fn finish(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.bar.finish_and_clear();
        end(&mut state, self.has_lines, &self.label);
    }
}

fn end(state: &mut State, has_lines: bool, label: &str) {
    if let Some((name, start)) = state.now.take() {
        let seconds = start.elapsed().as_secs_f64();
        state.done.push(Phase { name: name.to_owned(), seconds });
        if has_lines {
            log::event("phase", &format!("{label}{}: {seconds:.2} s", say(name)), json!({ "phase": name, "seconds": seconds }));
        }
    }
}

impl Observer for Progress {
    fn phase(&self, name: &'static str, steps: u64) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.bar.finish_and_clear();
        end(&mut state, self.has_lines, &self.label);
        state.now = Some((name, Instant::now()));
        if self.has_bar {
            let bar = if steps == 0 { ProgressBar::new_spinner() } else { ProgressBar::new(steps) };
            if let Ok(style) = ProgressStyle::with_template("{prefix:8} {wide_bar} {percent:>3} % {eta:>4}") {
                bar.set_style(style);
            }
            bar.set_prefix(format!("{}{}", self.label, say(name)));
            state.bar = bar;
        }
    }

    fn step(&self, steps: u64) {
        if self.has_bar {
            self.state.lock().unwrap_or_else(PoisonError::into_inner).bar.inc(steps);
        }
    }

    fn phases(&self) -> Vec<Phase> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = state.now.map(|(name, start)| Phase { name: name.to_owned(), seconds: start.elapsed().as_secs_f64() });
        state.done.iter().cloned().chain(now).collect()
    }

    fn peak_memory_bytes(&self) -> u64 {
        // Linux shows it in /proc. Other systems have no such file: the peak is not known there.
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).map_or(0, |kibibytes| kibibytes * 1024)
    }
}
