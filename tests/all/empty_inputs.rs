//! An input whose files have a header and no rows yet: a shop without a publisher, a promotion or a refund exports just that. The run
//! goes on and tells it; without orders there is nothing to publish.

use arrow::array::{ArrayRef, new_empty_array};
use arrow::datatypes::{DataType, TimeUnit};
use huitou::input::declared::columns::{INPUTS, Input, InputKind};

use super::scene::{Columns, rows};
use super::small_inputs::scene;

/// All columns of an input, without rows.
fn header(input: &Input) -> Columns {
    let array = |kind| -> ArrayRef {
        new_empty_array(&match kind {
            InputKind::Id | InputKind::Count => DataType::Int64,
            InputKind::Money => DataType::Decimal128(18, 2),
            InputKind::Time => DataType::Timestamp(TimeUnit::Microsecond, None),
            InputKind::Text => DataType::Utf8,
            InputKind::Flag => DataType::Boolean,
            InputKind::Score => DataType::Float64,
        })
    };
    Columns(input.columns.iter().map(|column| (column.name.to_owned(), array(column.kind))).collect())
}

#[test]
fn inputs_without_rows_are_told_and_take_nothing_from_the_others() {
    let others: Vec<&str> = INPUTS.iter().map(|input| input.name).filter(|name| *name != "orders").collect();
    let each = others.iter().map(|name| vec![*name]);
    for names in each.chain([others.clone()]) {
        let of = |name: &str| INPUTS.iter().find(|input| input.name == name).unwrap();
        let inputs: Vec<(&str, Columns)> = names.iter().map(|name| (*name, header(of(name)))).collect();
        let scene = scene(&inputs);
        let published = scene.publish("2026-03-31", "out", 1).unwrap_or_else(|error| panic!("{names:?}: {error}"));
        for name in &names {
            let expected =
                format!("input `{name}`: `{name}.parquet` has no rows: if the shop should have some, check whether the export has run");
            assert!(published.manifest.warnings.contains(&expected), "{name}: {:?}", published.manifest.warnings);
        }
        assert_eq!(rows(&published, "customers").len(), 2, "{names:?}");
    }
}

#[test]
fn orders_without_rows_stop_the_run() {
    let scene = scene(&[]);
    scene.parquet("orders.parquet", &header(INPUTS[0]));
    let error = scene.publish("2026-03-31", "out", 1).unwrap_err();
    assert_eq!(error.exit_code(), 3);
    assert!(
        error.to_string().contains("input `orders`: `orders.parquet` has no rows\n  help: check whether the export has run"),
        "{error}"
    );
}
