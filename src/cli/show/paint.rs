//! Colours for the terminal; none where the output goes elsewhere.

use std::io::IsTerminal;

use crate::metric::ratio::ratio_of;

/// Whether colours are used.
#[derive(Debug, Clone, Copy)]
pub struct Paint {
    is_coloured: bool,
}

/// The colour of letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    /// A good value.
    Green,
    /// A bad value.
    Red,
    /// An unknown value.
    Yellow,
}

/// The colour behind letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    /// That of the terminal.
    None,
    /// A step of the scale, from light to dark.
    Step(usize),
}

/// Blues of the 256-colour palette, from light to dark, so that lightness alone distinguishes them.
const STEPS: [u8; 7] = [195, 159, 117, 75, 33, 26, 19];
/// From this step on letters are white.
const DARK: usize = 4;

impl Ground {
    /// The step of a value between 0 and the greatest.
    pub fn of(value: f64, greatest: f64) -> Ground {
        let part = ratio_of(value, greatest).filter(|_| greatest > 0.0);
        part.map_or(Ground::None, |part| Ground::Step(((part * STEPS.len() as f64) as usize).min(STEPS.len() - 1)))
    }
}

impl Paint {
    /// Uses colours if standard output is a terminal with colours and `NO_COLOR` (no-color.org) is not set.
    pub fn for_output() -> Paint {
        let is_dumb = std::env::var_os("TERM").is_some_and(|name| name == "dumb");
        let is_unwanted = is_dumb || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Paint { is_coloured: std::io::stdout().is_terminal() && !is_unwanted }
    }

    /// The text with coloured letters.
    pub fn ink(self, text: &str, ink: Option<Ink>) -> String {
        let code = match ink.filter(|_| self.is_coloured) {
            None => return text.to_owned(),
            Some(Ink::Green) => 32,
            Some(Ink::Red) => 31,
            Some(Ink::Yellow) => 33,
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }

    /// The text on a coloured ground.
    pub fn ground(self, text: &str, ground: Ground) -> String {
        match ground {
            Ground::Step(step) if self.is_coloured => {
                let letters = if step >= DARK { 231 } else { 16 };
                let colour = STEPS.get(step).copied().unwrap_or_default();
                format!("\u{1b}[38;5;{letters};48;5;{colour}m{text}\u{1b}[0m")
            }
            _ => text.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_only_where_they_are_wanted() {
        let (plain, coloured) = (Paint { is_coloured: false }, Paint { is_coloured: true });
        assert_eq!(plain.ink("a", Some(Ink::Red)) + &plain.ground("b", Ground::Step(6)), "ab");
        assert_eq!(coloured.ink("a", Some(Ink::Red)), "\u{1b}[31ma\u{1b}[0m");
        assert_eq!(coloured.ink("a", None), "a");
        assert_eq!(coloured.ground("b", Ground::of(1.0, 1.0)), "\u{1b}[38;5;231;48;5;19mb\u{1b}[0m");
    }

    #[test]
    fn the_scale_goes_from_nothing_to_the_greatest() {
        assert_eq!(
            [Ground::of(0.0, 0.5), Ground::of(0.25, 0.5), Ground::of(0.5, 0.5)],
            [Ground::Step(0), Ground::Step(3), Ground::Step(6)]
        );
        assert_eq!(Ground::of(0.0, 0.0), Ground::None);
    }
}
