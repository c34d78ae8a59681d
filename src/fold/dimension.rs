//! Dimensions: what customers are divided by, and the value that each customer has.

use std::borrow::Cow;

use super::codes::CodeOf;
use super::layout::Key;
use crate::history::{Context, Dictionary, Order};
use crate::metric::amount_band::AmountBands;
use crate::spec::NONE;

/// The dimensions in the order of their names, which is the order of the rows; `all` comes first.
const DIMENSIONS: [&str; 7] =
    ["all", "first_category", "first_channel", "first_item", "first_order_value_band", "first_promotion", "province"];

/// A dimension: its values in the order of their texts, items in that of their ids.
#[derive(Debug)]
pub struct Dimension {
    /// Index in [`DIMENSIONS`].
    number: usize,
    source: Source,
    /// By code: the index of its text in `names`. Empty for items, of which there may be millions: their codes are their places.
    place_of_code: Vec<i32>,
    /// Texts, ascending; empty for items.
    names: Vec<String>,
}

/// What the code of a customer's value is.
#[derive(Debug)]
enum Source {
    /// Nothing: all customers have the same value.
    All,
    /// The category of the first purchase.
    Category,
    /// Its channel.
    Channel,
    /// The item of its first line.
    Item,
    /// The band in which its paid amount lies.
    FirstAmount(AmountBands),
    /// Its promotion.
    Promotion,
    /// The province of the last purchase.
    Province,
}

impl Dimension {
    /// `all` and the dimensions that the job lists, in the order of the rows. Leaves out those whose column the orders input does not have.
    pub fn of_job(context: &Context) -> Vec<Dimension> {
        let listed = |name: &str| context.params.cohort.dimensions.iter().any(|dimension| dimension == name);
        let features = &context.features;
        let bands = AmountBands::new(&[]);
        let amounts = bands.names().to_vec();
        let dimensions = [
            (true, Source::All, vec![DIMENSIONS[0].to_owned()]),
            (features.category, Source::Category, texts(&context.categories)),
            (features.channel, Source::Channel, texts(&context.channels)),
            (features.item, Source::Item, Vec::new()),
            (true, Source::FirstAmount(bands), amounts),
            (features.promotion, Source::Promotion, texts(&context.promotions)),
            (features.province, Source::Province, texts(&context.provinces)),
        ];
        let dimensions = DIMENSIONS.iter().zip(dimensions).enumerate().filter_map(|(number, (name, (is_mapped, source, texts)))| {
            let is_there = matches!(source, Source::All) || (is_mapped && listed(name));
            is_there.then(|| Dimension::new(number, source, &texts))
        });
        dimensions.collect()
    }

    /// A dimension whose values have these texts, by code.
    fn new(number: usize, source: Source, texts: &[String]) -> Self {
        // Codes of numbers ascend as numbers, texts of numbers do not: 10 comes before 2.
        let mut by_text: Vec<(usize, &String)> = texts.iter().enumerate().collect();
        by_text.sort_by_key(|(_, text)| *text);
        let (mut names, mut place_of_code) = (Vec::<String>::new(), vec![0; texts.len()]);
        for (code, text) in by_text {
            // The data may have the text "(none)": it is the same value as none, not a second row with the same key.
            if names.last().is_none_or(|last| last != text) {
                names.push(text.clone());
            }
            place_of_code[code] = names.len() as i32 - 1;
        }
        Dimension { number, source, place_of_code, names }
    }

    /// The place of the dimension among all that there are.
    pub fn number(&self) -> i32 {
        self.number as i32
    }

    /// The name, as the job lists it.
    pub fn name(&self) -> &'static str {
        DIMENSIONS[self.number]
    }

    /// The text of the value at a place; `None` beyond the last one.
    pub fn text<'a>(&'a self, place: i32, context: &'a Context) -> Option<Cow<'a, str>> {
        let place = usize::try_from(place).ok()?;
        if !self.is_of_items() {
            return self.names.get(place).map(|name| Cow::Borrowed(name.as_str()));
        }
        match place.checked_sub(1) {
            None => Some(Cow::Borrowed(NONE)),
            Some(number) => context.item_ids.get(number).map(|id| Cow::Owned(context.ids.item.show(id.id()))),
        }
    }

    /// Whether its values are items.
    pub fn is_of_items(&self) -> bool {
        matches!(self.source, Source::Item)
    }

    /// The place of a customer's value, from the customer's first and last purchase.
    pub fn place(&self, first: &Order, last: &Order) -> i32 {
        let code = match &self.source {
            Source::All => 0,
            Source::Category => first.category as usize,
            Source::Channel => first.channel as usize,
            Source::Item => return first.item as i32,
            Source::FirstAmount(bands) => bands.of(first.paid_amount),
            Source::Promotion => first.promotion as usize,
            Source::Province => last.province as usize,
        };
        self.place_of_code.get(code).copied().unwrap_or(0)
    }

    /// The key of the values in a state, which has them as codes.
    pub fn key(&self) -> Key {
        match self.source {
            Source::Category => Key::Code(CodeOf::Category),
            Source::Channel => Key::Code(CodeOf::Channel),
            Source::Item => Key::Code(CodeOf::Item),
            Source::Promotion => Key::Code(CodeOf::Promotion),
            Source::Province => Key::Code(CodeOf::Province),
            Source::All | Source::FirstAmount(_) => Key::Number(self.name()),
        }
    }

    /// The first code of the value at each place; see [`Codes::of`].
    pub fn codes(&self) -> Codes {
        if self.is_of_items() {
            return Codes(None);
        }
        let mut codes = vec![0; self.names.len()];
        for (code, place) in self.place_of_code.iter().enumerate().rev() {
            codes[*place as usize] = code as i32;
        }
        Codes(Some(codes))
    }

    /// The place of the value with that code; `None` for a number that is no code.
    pub fn place_of(&self, code: i32) -> Option<i32> {
        if self.is_of_items() {
            return (code >= 0).then_some(code);
        }
        Some(*self.place_of_code.get(usize::try_from(code).ok()?).unwrap_or(&0))
    }
}

/// The codes of the values of a dimension, by place; none where the places are the codes.
#[derive(Debug)]
pub struct Codes(Option<Vec<i32>>);

impl Codes {
    /// The first code of the value at a place.
    pub fn of(&self, place: i32) -> i32 {
        let Some(codes) = &self.0 else { return place };
        usize::try_from(place).ok().and_then(|place| codes.get(place)).copied().unwrap_or(0)
    }
}

/// The texts of a dictionary by code. Code 0 is none.
fn texts(dictionary: &Dictionary) -> Vec<String> {
    (0..dictionary.codes().max(1)).map(|code| dictionary.value(code as u32).unwrap_or(NONE).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::values::codes::OwnedId;
    use crate::spec::IdType;
    use crate::table::testing::*;

    #[test]
    fn values_stand_in_the_order_of_their_texts_and_none_is_one_of_them() {
        let mut context = integer_shops(0, 0);
        context.params.cohort.dimensions = vec!["province".to_owned(), "first_channel".to_owned()];
        context.channels = Dictionary::new(["10", "2", "(none)"].map(str::to_owned).to_vec());
        let dimensions = Dimension::of_job(&context);
        assert_eq!(dimensions.iter().map(Dimension::name).collect::<Vec<_>>(), ["all", "first_channel", "province"]);
        let [all, channel] = [&dimensions[0], &dimensions[1]];
        assert_eq!((all.text(0, &context).as_deref(), all.codes().of(0), all.place_of(0)), (Some("all"), 0, Some(0)));
        // Code 0 is none, and so is the text of code 3.
        assert_eq!(
            [0, 1, 2, 3].map(|place| channel.text(place, &context)),
            [Some("(none)".into()), Some("10".into()), Some("2".into()), None]
        );
        assert_eq!([0, 1, 2, 3].map(|code| channel.place_of(code)), [Some(0), Some(1), Some(2), Some(0)]);
        assert_eq!(([0, 1, 2].map(|place| channel.codes().of(place)), channel.place_of(-1)), ([0, 1, 2], None));
        let order = |code| paid(0, 100).coded(code, 0);
        assert_eq!([0, 1, 2, 3].map(|code| channel.place(&order(code), &order(1))), [0, 1, 2, 0]);
    }

    #[test]
    fn the_promotion_is_that_of_the_first_purchase() {
        let mut context = integer_shops(0, 0);
        context.params.cohort.dimensions = vec!["province".to_owned(), "first_promotion".to_owned()];
        // Without the column there is no such dimension.
        assert_eq!(Dimension::of_job(&context).iter().map(Dimension::name).collect::<Vec<_>>(), ["all", "province"]);
        context.features.promotion = true;
        context.promotions = Dictionary::new(["coupon", "满减"].map(str::to_owned).to_vec());
        let dimensions = Dimension::of_job(&context);
        assert_eq!(dimensions.iter().map(Dimension::name).collect::<Vec<_>>(), ["all", "first_promotion", "province"]);
        let place = |first| dimensions[1].place(&paid(0, 100).promoted(first, 0), &paid(9, 1).promoted(1, 0));
        let of = |first| dimensions[1].text(place(first), &context).unwrap();
        assert_eq!([0, 1, 2].map(of), ["(none)", "coupon", "满减"]);
    }

    #[test]
    fn the_item_is_that_of_the_first_purchase() {
        let mut context = integer_shops(0, 0);
        context.params.cohort.dimensions = vec!["first_item".to_owned()];
        // Without the column there is no such dimension.
        assert_eq!(Dimension::of_job(&context).len(), 1);
        context.features.item = true;
        context.ids.item = IdType::text();
        context.item_ids = ["cup", "tea"].map(|id| OwnedId::Text(id.into())).to_vec();
        let item = &Dimension::of_job(&context)[1];
        let bought = |day, item| Order { item, ..paid(day, 100) };
        let of = |first| item.text(item.place(&bought(0, first), &bought(9, 1)), &context);
        assert_eq!([0, 1, 2, 3].map(of), [Some("(none)".into()), Some("cup".into()), Some("tea".into()), None]);
        // Codes are places.
        assert_eq!((item.codes().of(2), item.place_of(2), item.place_of(-1)), (2, Some(2), None));
    }

    #[test]
    fn the_band_is_that_of_the_first_amount() {
        let mut context = integer_shops(0, 0);
        context.params.cohort.dimensions = vec!["first_order_value_band".to_owned()];
        let dimensions = Dimension::of_job(&context);
        let band = |amount| dimensions[1].text(dimensions[1].place(&paid(0, amount), &paid(9, 1)), &context).unwrap();
        assert_eq!([0, 99, 100, 49_99, 50_00, 100_00, 1_999_99].map(band), ["<1", "<1", "1-2", "20-50", "50-100", "100-200", "1000-2000"]);
        // The state has the number of the band: that of "50-100" is 6, after <1, 1-2, 2-5, 5-10, 10-20 and 20-50.
        let place = dimensions[1].place(&paid(0, 50_00), &paid(9, 1));
        assert_eq!((dimensions[1].codes().of(place), dimensions[1].place_of(6)), (6, Some(place)));
    }
}
