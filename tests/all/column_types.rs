//! Types that files have and that are not those of the manual's table: read rightly, or refused with the column's name and type.

use std::fs::File;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, BinaryArray, BinaryViewArray, Decimal256Array, DictionaryArray, FixedSizeBinaryArray, Float16Array, Float64Array,
    Int32Array, Int64Array, IntervalYearMonthArray, LargeBinaryArray, ListArray, StringArray, StructArray, Time64MicrosecondArray,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Int32Type, Schema, i256};
use arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::SchemaDescriptor;

use super::scene::{Columns, JOB, Scene, dates, figures, orders, rows, texts};

const AS_OF: &str = "2026-03-31";

/// The customers that the small job finds, by id.
fn customers(scene: &Scene) -> Vec<String> {
    let published = scene.publish(AS_OF, "out", 1).unwrap();
    rows(&published, "customers").iter().map(|row| row.split('|').nth(1).unwrap().to_owned()).collect()
}

fn uuids() -> FixedSizeBinaryArray {
    let id = |byte: u8| vec![byte; 16];
    FixedSizeBinaryArray::try_from_iter([id(0x11), id(0x22), id(0x11), id(0x33)].into_iter()).unwrap()
}

#[test]
fn uuids_are_ids_and_texts() {
    let scene = Scene::new();
    let batch = orders().with("customer_id", uuids()).batch();
    // Arrow alone does not say that sixteen bytes are a UUID: the schema of Parquet does.
    let message = "message orders {
        optional int64 shop_id; optional int64 order_id; optional fixed_len_byte_array(16) customer_id (UUID);
        optional int64 created_at (TIMESTAMP(MICROS,false)); optional int64 paid_at (TIMESTAMP(MICROS,false));
        optional fixed_len_byte_array(8) paid_amount (DECIMAL(18,2)); }";
    let schema = SchemaDescriptor::new(Arc::new(parse_message_type(message).unwrap()));
    for skips_arrow_schema in [false, true] {
        let options = ArrowWriterOptions::new().with_parquet_schema(schema.clone()).with_skip_arrow_metadata(skips_arrow_schema);
        let file = File::create(scene.path("orders.parquet")).unwrap();
        let mut writer = ArrowWriter::try_new_with_options(file, batch.schema(), options).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        let two = ["11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222"];
        for mapped in ["", ", columns: { customer_id: CAST(customer_id AS VARCHAR) }", ", columns: { customer_id: LOWER(customer_id) }"] {
            scene.job(&JOB.replace("orders.parquet", &format!("orders.parquet{mapped}")));
            assert_eq!(customers(&scene), two, "{mapped}");
        }
        scene.job(&JOB.replace("orders.parquet", "orders.parquet, filter: \"customer_id = '22222222-2222-2222-2222-222222222222'\""));
        assert_eq!(customers(&scene), two[1..]);
    }
}

#[test]
fn bytes_without_a_meaning_keep_customers_apart() {
    let scene = Scene::with(&orders().with("customer_id", uuids()));
    assert_eq!(customers(&scene), ["1".repeat(32), "2".repeat(32)]);
    // Text of writers that do not say so, and bytes that are none.
    let text: [&[u8]; 4] = [b"c1", b"c2", b"c1", b"c3"];
    let bytes: [&[u8]; 4] = [&[0xff, 0x01], b"c2", &[0xff, 0x01], b"c3"];
    for (values, expected) in [(text, ["c1", "c2"]), (bytes, [r"\xff01", "c2"])] {
        let arrays: [ArrayRef; 4] = [
            Arc::new(BinaryArray::from_iter_values(values)),
            Arc::new(LargeBinaryArray::from_iter_values(values)),
            Arc::new(BinaryViewArray::from_iter_values(values)),
            Arc::new(DictionaryArray::new(
                Int32Array::from(vec![0, 1, 0, 2]),
                Arc::new(BinaryArray::from_iter_values([values[0], values[1], values[3]])),
            )),
        ];
        for array in arrays {
            let scene = Scene::with(&orders().without("customer_id"));
            let columns = Columns(
                orders().0.into_iter().filter(|(name, _)| name != "customer_id").chain([("customer_id".to_owned(), array)]).collect(),
            );
            scene.parquet("orders.parquet", &columns);
            assert_eq!(customers(&scene), expected);
            scene.job(&JOB.replace("orders.parquet", "orders.parquet, filter: \"customer_id <> 'c2'\""));
            assert_eq!(customers(&scene), expected[..1]);
        }
    }
}

#[test]
fn expressions_see_the_values_of_dictionaries() {
    let words: DictionaryArray<Int32Type> = vec![Some("app"), Some("test"), Some("app"), None].into_iter().collect();
    let numbers = DictionaryArray::new(Int32Array::from(vec![0, 1, 0, 1]), Arc::new(Int64Array::from(vec![7, 8])));
    let scene = Scene::with(&orders().with("channel", words).with("code", numbers));
    for (filter, kept) in
        [("channel <> 'test'", 2), ("CAST(channel AS VARCHAR) = 'test'", 1), ("channel IS NULL", 1), ("code = 7", 2), ("code + 1 = 9", 2)]
    {
        scene.job(&JOB.replace("orders.parquet", &format!("orders.parquet, filter: \"{filter}\"")));
        for command in ["check", "run"] {
            let ran = scene.run(&[command, "job.yaml", "--only", "shop_daily"]);
            assert_eq!(ran.code, Some(0), "{filter}: {}", ran.stderr);
        }
        assert_eq!(scene.publish(AS_OF, "other", 1).unwrap().manifest.inputs[0].equation.used, kept, "{filter}");
    }
}

#[test]
fn decimals_of_256_bits_are_money() {
    let plain = figures(&Scene::with(&orders()).publish(AS_OF, "out", 1).unwrap());
    let wide = |minor: [i64; 4]| Decimal256Array::from_iter_values(minor.map(i256::from)).with_precision_and_scale(50, 2).unwrap();
    let scene = Scene::with(&orders().with("paid_amount", wide([10_000, 5_000, 7_500, 0])));
    for mapped in ["", ", columns: { paid_amount: \"CAST(paid_amount AS DECIMAL(18, 2))\" }", ", columns: { paid_amount: paid_amount * 1 }"]
    {
        scene.job(&JOB.replace("orders.parquet", &format!("orders.parquet{mapped}")));
        assert_eq!(figures(&scene.publish(AS_OF, "out", 1).unwrap()), plain, "{mapped}");
    }
    // A value beyond 128 bits is wrong in its row, and reported where an expression reads it.
    let large = i256::from_i128(i128::MAX).wrapping_mul(i256::from(1_000));
    let values = [large, i256::from(5_000), i256::from(7_500), i256::from(0)];
    let scene =
        Scene::with(&orders().with("paid_amount", Decimal256Array::from_iter_values(values).with_precision_and_scale(50, 2).unwrap()));
    let ran = scene.run(&["run", "job.yaml"]);
    assert!(
        ran.code == Some(3) && ran.stderr.contains("1 of 4 rows are wrong") && ran.stderr.contains("do not fit Decimal(18,2)"),
        "{}",
        ran.stderr
    );
    scene.job(&JOB.replace("orders.parquet", "orders.parquet, filter: paid_amount > 1"));
    let ran = scene.run(&["run", "job.yaml"]);
    assert!(ran.code == Some(3) && ran.stderr.contains("column `paid_amount` of the type Decimal256(50, 2)"), "{}", ran.stderr);
}

#[test]
fn a_time_of_day_is_text_beside_its_day() {
    let noons = Time64MicrosecondArray::from(vec![43_200_000_000; 4]);
    let columns =
        orders().with("day", dates(&["2026-01-05", "2026-01-20", "2026-02-14", "2026-03-01"])).with("clock", noons).without("created_at");
    let scene = Scene::with(&columns);
    let mapped = "columns: { created_at: \"CAST(day AS VARCHAR) || ' ' || clock\" }";
    scene.job(&JOB.replace("orders.parquet", &format!("orders.parquet, {mapped}")));
    assert_eq!(figures(&scene.publish(AS_OF, "out", 1).unwrap()), figures(&Scene::with(&orders()).publish(AS_OF, "out", 1).unwrap()));
}

/// A column of a type that no expression can work with, called `odd`.
fn odd_columns() -> Vec<(ArrayRef, usize)> {
    let numbers: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 3, 4]));
    let pair = StructArray::from(vec![(Arc::new(Field::new("a", DataType::Int64, true)), Arc::clone(&numbers))]);
    let list = |value: &ArrayRef| {
        let field = Arc::new(Field::new("element", value.data_type().clone(), true));
        ListArray::new(field, arrow::buffer::OffsetBuffer::from_lengths([1; 4]), Arc::clone(value), None)
    };
    let structs: ArrayRef = Arc::new(pair.clone());
    vec![
        (Arc::new(pair), 0),
        (Arc::new(list(&structs)), 0),
        (Arc::new(IntervalYearMonthArray::from(vec![1; 4])), 0),
        // These are read.
        (Arc::new(list(&numbers)), 4),
        (cast(&Float16Array::from_iter_values([1.0, 2.0, 3.0, 4.0].map(half)), &DataType::Float16).unwrap(), 4),
        (Arc::new(StringArray::from(vec!["a"; 4])), 4),
    ]
}

/// A half-precision float of a small whole number, by way of a cast: no crate of the tests names the type.
fn half(value: f32) -> <arrow::datatypes::Float16Type as arrow::datatypes::ArrowPrimitiveType>::Native {
    <arrow::datatypes::Float16Type as arrow::datatypes::ArrowPrimitiveType>::Native::from_f32(value)
}

#[test]
fn no_type_ends_a_run_as_a_defect() {
    for (array, kept) in odd_columns() {
        let found = array.data_type().clone();
        let mut columns = orders();
        columns.0.push(("odd".to_owned(), array));
        let scene = Scene::with(&columns);
        // Nothing reads it.
        assert_eq!(scene.run(&["run", "job.yaml"]).code, Some(0), "{found}");
        scene.job(&JOB.replace("orders.parquet", "orders.parquet, filter: odd IS NOT NULL"));
        for command in ["check", "run"] {
            let ran = scene.run(&[command, "job.yaml"]);
            let expected = if kept > 0 { Some(0) } else { Some(3) };
            assert_eq!(ran.code, expected, "{found}: {}", ran.stderr);
            let named = format!("column `odd` has the type {found}, which expressions cannot read");
            assert!(kept > 0 || ran.stderr.contains(&named), "{found}: {}", ran.stderr);
        }
        // As a column of the input it is not money, and reported as such.
        scene.job(&JOB.replace("orders.parquet", "orders.parquet, columns: { quantity: odd }"));
        let ran = scene.run(&["check", "job.yaml"]);
        assert!(ran.code == Some(3) && ran.stderr.contains("column `quantity`: expected an integer"), "{found}: {}", ran.stderr);
    }
}

#[test]
fn every_codec_that_the_message_names_is_read() {
    let plain = figures(&Scene::with(&orders()).publish(AS_OF, "out", 1).unwrap());
    let codecs = [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(Default::default()),
        Compression::LZ4,
        Compression::LZ4_RAW,
        Compression::ZSTD(Default::default()),
    ];
    for codec in codecs {
        let scene = Scene::with(&orders());
        let properties = WriterProperties::builder().set_compression(codec).build();
        let batch = orders().batch();
        let file = File::create(scene.path("orders.parquet")).unwrap();
        let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        assert_eq!(figures(&scene.publish(AS_OF, "out", 1).unwrap()), plain, "{codec}");
    }
}

#[test]
fn columns_in_capitals_are_told() {
    for name in ["REFUND_AMOUNT", "RefundAmount", "refund-amount", "refund_amuont"] {
        let columns = orders().with("refund_amount", super::scene::money(&[10_000, 0, 0, 0]));
        assert_eq!(customers(&Scene::with(&columns)), ["11", "12"]);
        let scene = Scene::with(&columns.renamed("refund_amount", name));
        let warning = format!(
            "warning: input `orders`: orders.parquet has `{name}`, which is not mapped: is it `refund_amount`? Then write \
             `refund_amount: {name}` under `columns:`"
        );
        assert!(scene.run(&["check", "job.yaml"]).stdout.contains(&warning), "{name}");
        assert!(scene.run(&["run", "job.yaml"]).stderr.contains(&warning), "{name}");
        // Mapped, or read by an expression, it is not overlooked.
        for mapped in [format!("columns: {{ refund_amount: \"{name}\" }}"), format!("columns: {{ order_amount: {name} }}")] {
            scene.job(&JOB.replace("orders.parquet", &format!("orders.parquet, {mapped}")));
            let ran = scene.run(&["check", "job.yaml"]);
            assert!(ran.code == Some(0) && !ran.stdout.contains("which is not mapped"), "{mapped}: {}{}", ran.stdout, ran.stderr);
        }
    }
}

#[test]
fn two_columns_of_one_name_are_refused_where_one_is_read() {
    let two = |name: &str| {
        let batch = orders().batch();
        let fields: Vec<Field> = batch.schema().fields().iter().map(|field| field.as_ref().clone()).collect();
        let fields = fields.into_iter().chain([Field::new(name, DataType::Utf8, true)]).chain([Field::new(name, DataType::Utf8, true)]);
        let more: ArrayRef = Arc::new(texts(&["a"; 4]));
        let columns = batch.columns().iter().cloned().chain([Arc::clone(&more), more]).collect();
        RecordBatch::try_new(Arc::new(Schema::new(fields.collect::<Vec<_>>())), columns).unwrap()
    };
    let scene = Scene::new();
    for (name, input, is_read) in [
        ("note", "orders.parquet", false),
        ("channel", "orders.parquet", true),
        ("note", "orders.parquet, columns: { channel: note }", true),
        ("note", "orders.parquet, filter: note = 'a'", true),
    ] {
        scene.job(&JOB.replace("orders.parquet", input));
        scene.parquet_of("orders.parquet", &two(name), None);
        for command in ["check", "run"] {
            let ran = scene.run(&[command, "job.yaml"]);
            assert_eq!(ran.code, Some(if is_read { 3 } else { 0 }), "{name}, {input}: {}", ran.stderr);
            let told =
                format!("error: orders.parquet: input `orders`: 2 columns are called `{name}`, and it is not clear which of them is meant");
            assert_eq!(ran.stderr.contains(&told), is_read, "{}", ran.stderr);
        }
    }
}

#[test]
fn ids_that_have_lost_their_digits_as_floats_are_refused() {
    // 2^53 and its neighbour above are one float; below 2^53 each whole number is one.
    for (ids, is_exact) in [
        ([9_007_199_254_740_992.0, 9_007_199_254_740_993.0, 3.0, 4.0], false),
        ([9_007_199_254_740_991.0, 2.0, 3.0, 4.0], true),
        ([1_763_999_999_999_999_999.0, 2.0, 3.0, 4.0], false),
    ] {
        let scene = Scene::with(&orders().with("order_id", Float64Array::from(ids.to_vec())));
        for to in ["VARCHAR", "BIGINT"] {
            scene.job(&JOB.replace("orders.parquet", &format!("orders.parquet, columns: {{ order_id: CAST(order_id AS {to}) }}")));
            let ran = scene.run(&["run", "job.yaml"]);
            assert_eq!(ran.code, Some(if is_exact { 0 } else { 3 }), "{to}: {}", ran.stderr);
            let told = "have lost their last digits, so that different ids are the same: write the file anew with ids as text or integers";
            assert_eq!(ran.stderr.contains(told), !is_exact, "{}", ran.stderr);
        }
    }
}
