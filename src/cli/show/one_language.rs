//! Sentences that a table has in both languages: a sheet for people shows those of one.

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use super::selection::{Selected, Told};
use crate::error::Result;
use crate::spec::Lang;

/// The same rows without the sentences of the other language; tables that have none are left as they are.
pub fn in_one_language(selected: Selected, lang: Lang) -> Result<Selected> {
    let (own, other) = match lang {
        Lang::En => ("_en", "_zh"),
        Lang::Zh => ("_zh", "_en"),
    };
    let has = |name: &str| selected.schema.index_of(name).is_ok();
    let names = selected.schema.fields().iter().map(|field| field.name());
    let mut twins = names.filter_map(|name| Some((name.clone(), format!("{}{other}", name.strip_suffix(own)?))));
    let Some((shown, hidden)) = twins.find(|(_, hidden)| has(hidden)) else { return Ok(selected) };
    let places: Vec<usize> =
        selected.schema.fields().iter().enumerate().filter(|(_, field)| *field.name() != hidden).map(|(at, _)| at).collect();
    let selected = in_order(&selected, &places)?;
    Ok(Selected { told: Some(Told { shown, hidden }), ..selected })
}

/// The columns of these places, in this order.
pub fn in_order(selected: &Selected, places: &[usize]) -> Result<Selected> {
    let batches = selected.batches.iter().map(|batch| batch.project(places)).collect::<Result<Vec<RecordBatch>, _>>()?;
    let schema = SchemaRef::new(selected.schema.project(places)?);
    Ok(Selected { schema, batches, matching: selected.matching, told: None })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, StringArray};

    use super::*;

    #[test]
    fn of_two_languages_one_is_shown_and_names_that_only_end_so_are_kept() {
        let column = |name: &'static str| (name, Arc::new(StringArray::from(vec!["x"])) as ArrayRef);
        let batch = |names: &[&'static str]| RecordBatch::try_from_iter(names.iter().map(|name| column(name))).unwrap();
        let shown = |names: &[&'static str], lang| {
            let batch = batch(names);
            let selected = Selected { schema: batch.schema(), batches: vec![batch], matching: 1, told: None };
            let found = in_one_language(selected, lang).unwrap();
            assert_eq!(found.batches[0].schema(), found.schema);
            let names: Vec<String> = found.schema.fields().iter().map(|field| field.name().clone()).collect();
            (names.join(" "), found.told.map(|told| format!("{} {}", told.shown, told.hidden)))
        };
        let names = ["rank", "text_en", "text_zh", "unit"];
        assert_eq!(shown(&names, Lang::En), ("rank text_en unit".to_owned(), Some("text_en text_zh".to_owned())));
        assert_eq!(shown(&names, Lang::Zh), ("rank text_zh unit".to_owned(), Some("text_zh text_en".to_owned())));
        assert_eq!(shown(&["rank", "code_en"], Lang::Zh), ("rank code_en".to_owned(), None));
    }
}
