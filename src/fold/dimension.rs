//! Dimensions: what customers are divided by, and the value that each customer has.

use super::codes::CodeOf;
use super::layout::Key;
use crate::history::{Context, Dictionary, Order};
use crate::spec::NONE;

/// The dimensions in the order of their names, which is the order of the rows; `all` comes first.
const DIMENSIONS: [&str; 4] = ["all", "first_category", "first_channel", "province"];

/// A dimension: its values in the order of their texts.
#[derive(Debug)]
pub struct Dimension {
    /// Index in [`DIMENSIONS`].
    number: usize,
    /// By code: the index of its text in `names`.
    place_of_code: Vec<i32>,
    /// Texts, ascending.
    names: Vec<String>,
}

impl Dimension {
    /// `all` and the dimensions that the job lists, in the order of the rows. Leaves out those whose column the orders input does not have.
    pub fn of_job(context: &Context) -> Vec<Dimension> {
        let listed = |name: &str| context.params.cohort.dimensions.iter().any(|dimension| dimension == name);
        let features = &context.features;
        let sources = [
            None,
            Some((features.category, &context.categories)),
            Some((features.channel, &context.channels)),
            Some((features.province, &context.provinces)),
        ];
        let dimensions = DIMENSIONS.iter().zip(sources).enumerate().filter_map(|(number, (name, source))| match source {
            None => Some(Dimension { number, place_of_code: Vec::new(), names: vec![DIMENSIONS[0].to_owned()] }),
            Some((mapped, values)) => (mapped && listed(name)).then(|| Dimension::new(number, values)),
        });
        dimensions.collect()
    }

    fn new(number: usize, dictionary: &Dictionary) -> Self {
        let codes = dictionary.codes().max(1);
        let text = |code: usize| dictionary.value(code as u32).unwrap_or(NONE);
        // Codes of numbers ascend as numbers, texts of numbers do not: 10 comes before 2.
        let mut by_text: Vec<usize> = (0..codes).collect();
        by_text.sort_by_key(|code| text(*code));
        let (mut names, mut place_of_code) = (Vec::<String>::new(), vec![0; codes]);
        for code in by_text {
            // The data may have the text "(none)": it is the same value as none, not a second row with the same key.
            if names.last().is_none_or(|last| last != text(code)) {
                names.push(text(code).to_owned());
            }
            place_of_code[code] = names.len() as i32 - 1;
        }
        Dimension { number, place_of_code, names }
    }

    /// The place of the dimension among all that there are.
    pub fn number(&self) -> i32 {
        self.number as i32
    }

    /// The name, as the job lists it.
    pub fn name(&self) -> &'static str {
        DIMENSIONS[self.number]
    }

    /// The value at a place; `None` beyond the last one.
    pub fn value(&self, place: i32) -> Option<&str> {
        self.names.get(usize::try_from(place).ok()?).map(String::as_str)
    }

    /// The place of a customer's value, from the customer's first and last purchase.
    pub fn place(&self, first: &Order, last: &Order) -> i32 {
        let code = match self.number {
            1 => first.category,
            2 => first.channel,
            3 => last.province,
            _ => return 0,
        };
        self.place_of_code.get(code as usize).copied().unwrap_or(0)
    }

    /// The key of the values in a state, which has them as codes.
    pub fn key(&self) -> Key {
        match self.number {
            1 => Key::Code(CodeOf::Category),
            2 => Key::Code(CodeOf::Channel),
            3 => Key::Code(CodeOf::Province),
            _ => Key::Number(DIMENSIONS[0]),
        }
    }

    /// By place: the first code with that value.
    pub fn codes(&self) -> Vec<i32> {
        let mut codes = vec![0; self.names.len()];
        for (code, place) in self.place_of_code.iter().enumerate().rev() {
            codes[*place as usize] = code as i32;
        }
        codes
    }

    /// The place of the value with that code; `None` for a number that is no code.
    pub fn place_of(&self, code: i32) -> Option<i32> {
        Some(*self.place_of_code.get(usize::try_from(code).ok()?).unwrap_or(&0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::testing::*;

    #[test]
    fn values_stand_in_the_order_of_their_texts_and_none_is_one_of_them() {
        let mut context = integer_shops(0, 0);
        context.params.cohort.dimensions = vec!["province".to_owned(), "first_channel".to_owned()];
        context.channels = Dictionary::new(["10", "2", "(none)"].map(str::to_owned).to_vec());
        let dimensions = Dimension::of_job(&context);
        assert_eq!(dimensions.iter().map(Dimension::name).collect::<Vec<_>>(), ["all", "first_channel", "province"]);
        let [all, channel] = [&dimensions[0], &dimensions[1]];
        assert_eq!((all.value(0), all.codes(), all.place_of(0)), (Some("all"), vec![0], Some(0)));
        // Code 0 is none, and so is the text of code 3.
        assert_eq!([0, 1, 2, 3].map(|place| channel.value(place)), [Some("(none)"), Some("10"), Some("2"), None]);
        assert_eq!([0, 1, 2, 3].map(|code| channel.place_of(code)), [Some(0), Some(1), Some(2), Some(0)]);
        assert_eq!((channel.codes(), channel.place_of(-1)), (vec![0, 1, 2], None));
        let order = |code| paid(0, 100).coded(code, 0);
        assert_eq!([0, 1, 2, 3].map(|code| channel.place(&order(code), &order(1))), [0, 1, 2, 0]);
    }
}
