//! Reasons of refunds: the texts of a column that only some tables read, as small codes.

use crate::error::{Error, Problem, Result};
use crate::input::mapping::dataset::Dataset;
use crate::input::rows::batch::Batch;
use crate::input::values::codes::{Codes, Local, OwnedId};
use crate::input::values::fault::{Fault, Faults};
use crate::input::values::ids::is_blank;
use crate::spec::{Id, NO_VALUE};

/// The most different reasons that refunds may have: codes have 16 bits, and 0 is no reason.
const MOST_REASONS: usize = u16::MAX as usize - 1;

/// The reasons of the rows of a batch, by provisional code.
pub(super) struct ReasonCells {
    /// Empty where no reasons are read.
    codes: Vec<u32>,
    /// Reasons that are too long, by row: they count as none.
    faults: Vec<Fault>,
}

impl ReasonCells {
    /// Those of a batch, where the column is read. Blanks around a reason do not count, and a reason of blanks is none.
    pub fn of(batch: &Batch<'_>, known: &mut Local<'_>, faults: &mut Faults) -> Self {
        if !batch.has("reason") {
            return ReasonCells { codes: Vec::new(), faults: Vec::new() };
        }
        batch.note_long(&["reason"], faults);
        let faults = faults.of_columns(&["reason"]);
        let texts = batch.texts("reason");
        let is_long = |row: usize| faults.binary_search_by_key(&row, |fault| fault.row).is_ok();
        let code = |row: usize| match texts.get(row).filter(|text| !is_blank(text) && !is_long(row)) {
            Some(text) => known.code(Id::Text(text.trim())).saturating_add(1),
            None => NO_VALUE,
        };
        ReasonCells { codes: (0..batch.rows).map(code).collect(), faults }
    }

    /// The provisional code of a row's reason, from 1; 0 without one. Codes that no 16 bits hold are refused by [`Reasons::of`].
    pub fn code(&self, row: usize) -> u16 {
        self.codes.get(row).map_or(0, |code| u16::try_from(*code).unwrap_or(u16::MAX))
    }

    /// Why the reason of a row counts as none, where it has one.
    pub fn fault(&self, row: usize) -> Option<&str> {
        let at = self.faults.binary_search_by_key(&row, |fault| fault.row).ok()?;
        self.faults.get(at).map(|fault| fault.detail.as_str())
    }
}

/// All reasons in order.
pub(super) struct Reasons {
    /// The texts, ascending; code 1 is the first.
    pub texts: Vec<String>,
    /// By provisional code the code.
    pub codes: Vec<u16>,
}

impl Reasons {
    /// Those that were met.
    ///
    /// # Errors
    /// [`Error::Input`] where there are more than codes can have.
    pub fn of(known: &Codes, dataset: &Dataset) -> Result<Self> {
        let (values, ranks) = known.sorted();
        if values.len() > MOST_REASONS {
            let what = format!("input `refunds`, column `reason`: {} distinct values, {MOST_REASONS} at most", values.len());
            let help = "map the reason that customers choose from a list, not what they write, or an expression that groups its values";
            return Err(Error::Input(vec![Problem::new(dataset.spec.place_of("reason"), what).help(help)]));
        }
        let texts = values.into_iter().filter_map(|value| if let OwnedId::Text(text) = value { Some(text.into_string()) } else { None });
        let codes = std::iter::once(0).chain(ranks.into_iter().map(|rank| u16::try_from(rank + 1).unwrap_or(0)));
        Ok(Reasons { texts: texts.collect(), codes: codes.collect() })
    }
}
