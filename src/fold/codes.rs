//! The columns of states that are codes, with their dictionaries: processes that read the values in another order have other codes.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int32Array, UInt32Array};
use arrow::datatypes::{DataType, Field, FieldRef, Int32Type, Schema, UInt32Type};
use arrow::record_batch::RecordBatch;

use crate::error::{Error, Result};
use crate::history::Context;
use crate::input::values::codes::OwnedId;

/// The dictionary that a code belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CodeOf {
    /// Shops, from 0.
    Shop,
    /// Channels, from 1; 0 is the missing value, as in the others that follow but scopes.
    Channel,
    /// Provinces.
    Province,
    /// Categories.
    Category,
    /// Items.
    Item,
    /// Promotions.
    Promotion,
    /// Reasons of refunds.
    RefundReason,
    /// Plans of affiliate orders.
    AffiliatePlan,
    /// Publishers of affiliate orders; 0 stands for all of them.
    Publisher,
    /// Agents whom customers asked; 0 stands for all of them.
    Agent,
    /// Scopes, from 0: to folds over scopes they are shops.
    Scope,
    /// Shops, from 0, in states of folds over scopes.
    Member,
}

/// The metadata key of a field that names the dictionary of its codes.
const CODE: &str = "code";

impl CodeOf {
    /// All dictionaries.
    pub const ALL: [CodeOf; 12] = [
        CodeOf::Shop,
        CodeOf::Channel,
        CodeOf::Province,
        CodeOf::Category,
        CodeOf::Item,
        CodeOf::Promotion,
        CodeOf::RefundReason,
        CodeOf::AffiliatePlan,
        CodeOf::Publisher,
        CodeOf::Agent,
        CodeOf::Scope,
        CodeOf::Member,
    ];

    /// The name in states.
    pub fn name(self) -> &'static str {
        match self {
            CodeOf::Shop => "shop",
            CodeOf::Channel => "channel",
            CodeOf::Province => "province",
            CodeOf::Category => "category",
            CodeOf::Item => "item",
            CodeOf::Promotion => "promotion",
            CodeOf::RefundReason => "refund_reason",
            CodeOf::AffiliatePlan => "affiliate_plan",
            CodeOf::Publisher => "publisher",
            CodeOf::Agent => "agent",
            CodeOf::Scope => "scope",
            CodeOf::Member => "member",
        }
    }

    /// The dictionary of that name.
    pub fn named(name: &str) -> Option<CodeOf> {
        CodeOf::ALL.into_iter().find(|code| code.name() == name)
    }

    /// The first code that has a value.
    fn first(self) -> u32 {
        u32::from(!matches!(self, CodeOf::Shop | CodeOf::Scope | CodeOf::Member))
    }

    /// The values of a run in the order of their codes, from the first code that has one.
    pub fn values(self, context: &Context) -> Vec<OwnedId> {
        let texts = |dictionary: &crate::history::Dictionary| -> Vec<OwnedId> {
            (1..dictionary.codes() as u32).filter_map(|code| dictionary.value(code)).map(|text| OwnedId::Text(text.into())).collect()
        };
        match self {
            CodeOf::Shop | CodeOf::Member => {
                (0..context.shops.len() as u32).filter_map(|shop| context.shops.id(shop)).map(OwnedId::from).collect()
            }
            CodeOf::Channel => texts(&context.channels),
            CodeOf::Province => texts(&context.provinces),
            CodeOf::Category => context.category_ids.clone(),
            CodeOf::Item => context.item_ids.clone(),
            CodeOf::Promotion => texts(&context.promotions),
            CodeOf::RefundReason => texts(&context.refund_reasons),
            CodeOf::AffiliatePlan => texts(&context.affiliate_plans),
            CodeOf::Publisher => texts(&context.publishers),
            CodeOf::Agent => texts(&context.agents),
            CodeOf::Scope => context.scopes.names().into_iter().map(|name| OwnedId::Text(name.into())).collect(),
        }
    }
}

/// A field of codes.
pub fn coded(field: Field, of: CodeOf) -> Field {
    field.with_metadata(BTreeMap::from([(CODE.to_owned(), of.name().to_owned())]))
}

/// The dictionary of a field's codes; `None` where its values are not codes.
pub fn code_of(field: &Field) -> Option<CodeOf> {
    CodeOf::named(field.metadata().get(CODE).map(|name| name.as_str())?)
}

/// The same batch, its codes of one dictionary said to be of another.
///
/// # Errors
/// [`Error::Bug`] where Arrow refuses the batch.
pub fn recoded(batch: &RecordBatch, from: CodeOf, to: CodeOf) -> Result<RecordBatch> {
    let schema = batch.schema();
    let field = |field: &FieldRef| match code_of(field) {
        Some(of) if of == from => Arc::new(coded(field.as_ref().clone(), to)),
        _ => Arc::clone(field),
    };
    let fields: Vec<FieldRef> = schema.fields().iter().map(field).collect();
    let schema = Schema::new(fields).with_metadata(schema.metadata().clone());
    Ok(RecordBatch::try_new(Arc::new(schema), batch.columns().to_vec())?)
}

/// By dictionary: for each code of another process the code of this one.
#[derive(Debug, Default)]
pub struct Translation(Vec<(CodeOf, Vec<u32>)>);

impl Translation {
    /// Adds a dictionary: `values` are those of the other process in the order of its codes.
    ///
    /// # Errors
    /// [`Error::Bug`] if this process does not have a value.
    pub fn add(&mut self, of: CodeOf, values: &[OwnedId], context: &Context) -> Result<()> {
        let own: HashMap<OwnedId, u32> = (of.first()..).zip(of.values(context)).map(|(code, value)| (value, code)).collect();
        let translated = values.iter().map(|value| {
            own.get(value)
                .copied()
                .ok_or_else(|| Error::bug(format!("a state has the {} {value:?}, which this run does not know", of.name())))
        });
        let codes = (0..of.first()).map(Ok).chain(translated).collect::<Result<Vec<u32>>>()?;
        self.0.push((of, codes));
        Ok(())
    }

    /// Translates a batch to the codes of this process.
    ///
    /// # Errors
    /// [`Error::Bug`] where a code has no value, or a column of codes is of another type.
    pub fn translate(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let schema = batch.schema();
        let columns = schema.fields().iter().zip(batch.columns()).map(|(field, column)| match code_of(field) {
            None => Ok(Arc::clone(column)),
            Some(of) => self.column(of, column),
        });
        Ok(RecordBatch::try_new(Arc::clone(&schema), columns.collect::<Result<Vec<ArrayRef>>>()?)?)
    }

    fn column(&self, of: CodeOf, column: &ArrayRef) -> Result<ArrayRef> {
        let codes = self.0.iter().find(|(other, _)| *other == of).map_or(&[][..], |(_, codes)| codes);
        let unknown = || Error::bug(format!("a state has a code of {} that its header does not name", of.name()));
        let own = |code: u32| codes.get(code as usize).copied().ok_or_else(unknown);
        match column.data_type() {
            DataType::UInt32 => {
                let translated = column.as_primitive::<UInt32Type>().values().iter().map(|code| own(*code));
                Ok(Arc::new(UInt32Array::from(translated.collect::<Result<Vec<u32>>>()?)))
            }
            DataType::Int32 => {
                let translated = column
                    .as_primitive::<Int32Type>()
                    .values()
                    .iter()
                    .map(|code| own(u32::try_from(*code).map_err(|_| unknown())?).map(|code| code as i32));
                Ok(Arc::new(Int32Array::from(translated.collect::<Result<Vec<i32>>>()?)))
            }
            other => Err(Error::bug(format!("codes of {} are {other}", of.name()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::testing::integer_shops;

    #[test]
    fn a_code_becomes_the_code_of_the_same_value() {
        // Here the channels are activity (1) and natural (2); there natural is 1, and activity 2.
        let context = integer_shops(0, 10);
        let mut translation = Translation::default();
        let there = ["natural", "activity"].map(|text| OwnedId::Text(text.into()));
        translation.add(CodeOf::Channel, &there, &context).unwrap();
        let field = coded(Field::new("first_channel", DataType::UInt32, false), CodeOf::Channel);
        let schema = Arc::new(Schema::new(vec![field]));
        let batch = |codes: &[u32]| RecordBatch::try_new(Arc::clone(&schema), vec![Arc::new(UInt32Array::from(codes.to_vec()))]).unwrap();
        assert_eq!(translation.translate(&batch(&[0, 1, 2, 1])).unwrap(), batch(&[0, 2, 1, 2]));
        assert!(translation.translate(&batch(&[3])).is_err(), "its header does not name it");
        let unknown = [OwnedId::Text("brand".into())];
        assert!(Translation::default().add(CodeOf::Channel, &unknown, &context).is_err(), "this run does not know it");
    }
}
