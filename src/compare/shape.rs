//! What two tables of one name have in common, by the schemas of their files.

use arrow::datatypes::{DataType, Field, Schema};

use crate::spec::IdType;
use crate::table::catalogue::card;

/// The key and the columns of two tables. A is the first snapshot, B the second.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shape {
    /// The columns of the key, in its order.
    pub key: Vec<String>,
    /// The types in which the values of the key are compared.
    pub key_types: Vec<DataType>,
    /// The columns beyond the key that both have with the same type, in the order of B.
    pub columns: Vec<String>,
    /// Of each of these, whether the difference of two values says something: amounts, counts and days, and no ids.
    pub(super) are_quantities: Vec<bool>,
    /// Columns that A alone has.
    pub only_a: Vec<String>,
    /// Columns that B alone has.
    pub only_b: Vec<String>,
    /// Columns that both have with different types.
    pub types: Vec<TypeChange>,
    /// Why no row of one can be found in the other; `None` where rows can be compared.
    pub obstacle: Option<String>,
}

/// A column whose type is another in B.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeChange {
    /// The column.
    pub column: String,
    /// Its type in A, as Arrow names it.
    pub a: String,
    /// Its type in B.
    pub b: String,
}

impl Shape {
    /// What the tables of these schemas have in common. The key is that of the files, or of the card where files say none.
    pub fn of(table: &str, a: &Schema, b: &Schema) -> Shape {
        let mut shape = Shape::default();
        let names = |schema: &Schema, other: &Schema| -> Vec<String> {
            schema.fields().iter().map(|field| field.name()).filter(|name| other.index_of(name).is_err()).cloned().collect()
        };
        (shape.only_a, shape.only_b) = (names(a, b), names(b, a));
        let (key_a, key_b) = (key(table, a), key(table, b));
        if key_a.is_empty() || key_b.is_empty() {
            shape.obstacle =
                Some("its files do not say by which columns it is sorted, and this program has no table of that name".to_owned());
        } else if key_a != key_b {
            shape.obstacle = Some(format!("its key is ({}) in A and ({}) in B", key_a.join(", "), key_b.join(", ")));
        }
        shape.key = key_b;
        for name in &shape.key {
            let types = a.field_with_name(name).ok().zip(b.field_with_name(name).ok()).map(|(a, b)| (a.data_type(), b.data_type()));
            match types {
                Some((a, b)) => match together(a, b) {
                    Some(data_type) => shape.key_types.push(data_type),
                    None => {
                        let why = format!("`{name}`, a column of its key, is {a} in A and {b} in B, so that no row can be found again");
                        shape.obstacle.get_or_insert(why);
                    }
                },
                None => {
                    shape.obstacle.get_or_insert(format!("`{name}`, a column of its key, is not in both snapshots"));
                }
            }
        }
        for field in b.fields() {
            let Ok(before) = a.field_with_name(field.name()) else { continue };
            let (old, new) = (before.data_type(), field.data_type());
            if old != new {
                shape.types.push(TypeChange { column: field.name().clone(), a: old.to_string(), b: new.to_string() });
            } else if !shape.key.contains(field.name()) {
                shape.columns.push(field.name().clone());
                shape.are_quantities.push(is_quantity(field));
            }
        }
        shape
    }

    /// Whether both tables have the same columns with the same types and the same key.
    pub fn is_same(&self) -> bool {
        self.only_a.is_empty() && self.only_b.is_empty() && self.types.is_empty() && self.obstacle.is_none()
    }
}

/// The columns of the key by the metadata of a file, or by the card of the table.
fn key(table: &str, schema: &Schema) -> Vec<String> {
    let of_card = || card(table).map(|card| card.key.iter().map(|name| (*name).to_owned()).collect());
    let of_file = schema.metadata().get("key").map(|key| key.split(',').map(str::to_owned).collect());
    of_file.or_else(of_card).unwrap_or_default()
}

/// The type in which values of both types have the order that each table has; `None` if there is none.
fn together(a: &DataType, b: &DataType) -> Option<DataType> {
    if a == b {
        return Some(a.clone());
    }
    let (first, second) = (IdType::of(a)?, IdType::of(b)?);
    first.agrees_with(&second).then(|| match a {
        a if a.is_unsigned_integer() => DataType::UInt64,
        a if a.is_integer() => DataType::Int64,
        _ => DataType::LargeUtf8,
    })
}

/// Whether differences of a column's values mean something. Ids and flags have a definition and no unit; a file of others has neither.
fn is_quantity(field: &Field) -> bool {
    let texts = field.metadata();
    *field.data_type() == DataType::Date32 || texts.contains_key("unit") || !texts.contains_key("description")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(key: &str, columns: &[(&str, DataType)]) -> Schema {
        let fields: Vec<Field> = columns.iter().map(|(name, data_type)| Field::new(*name, data_type.clone(), true)).collect();
        Schema::new(fields).with_metadata(std::collections::BTreeMap::from([("key".to_owned(), key.to_owned())]))
    }

    const INT: DataType = DataType::Int64;

    #[test]
    fn columns_and_types_of_one_side_are_told() {
        let a = schema("shop_id", &[("shop_id", DataType::Int32), ("gone", INT), ("kept", INT), ("turned", INT)]);
        let b = schema("shop_id", &[("shop_id", INT), ("kept", INT), ("turned", DataType::Utf8), ("new", INT)]);
        let shape = Shape::of("mine", &a, &b);
        assert_eq!((&shape.only_a, &shape.only_b, &shape.columns), (&vec!["gone".into()], &vec!["new".into()], &vec!["kept".into()]));
        let change = |column: &str, a: &str, b: &str| TypeChange { column: column.into(), a: a.into(), b: b.into() };
        // A wider integer keeps the order of its ids: rows are found again.
        assert_eq!(shape.types, [change("shop_id", "Int32", "Int64"), change("turned", "Int64", "Utf8")]);
        assert_eq!((shape.obstacle, shape.key_types), (None, vec![INT]));
    }

    #[test]
    fn rows_are_not_compared_where_the_keys_do_not_agree() {
        let obstacle = |a: &Schema, b: &Schema| Shape::of("mine", a, b).obstacle.unwrap_or_default();
        let one = schema("shop_id", &[("shop_id", INT), ("day", INT)]);
        assert_eq!(
            obstacle(&one, &schema("shop_id,day", &[("shop_id", INT), ("day", INT)])),
            "its key is (shop_id) in A and (shop_id, day) in B"
        );
        let text = obstacle(&one, &schema("shop_id", &[("shop_id", DataType::Utf8)]));
        assert!(text.starts_with("`shop_id`, a column of its key, is Int64 in A and Utf8 in B"), "{text}");
        let without = Schema::new(vec![Field::new("shop_id", INT, true)]);
        assert!(obstacle(&without, &one).starts_with("its files do not say"));
        // An older file of a table that this program knows.
        assert_eq!(Shape::of("shops", &without, &without).key, ["shop_id"]);
    }
}
