//! Parquet files that announce more than they hold, or hold more than a cell: they are refused before any memory is taken. Large cells and
//! row groups that people have are read.

use std::fs::File;
use std::iter::repeat_n;

use arrow::array::StringArray;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding};
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};

use super::scene::{Columns, JOB, Scene, orders};

/// The orders with those texts in the column `note`, which the province is made of.
fn scene_with_notes(notes: StringArray, codec: Compression) -> Scene {
    let scene = Scene::new();
    write(&scene, &orders().with("note", notes), WriterProperties::builder().set_compression(codec).build());
    scene.job(&JOB.replace("orders.parquet }", "orders.parquet, columns: { province: 'UPPER(LEFT(note, 2))' } }"));
    scene
}

fn write(scene: &Scene, columns: &Columns, properties: WriterProperties) {
    let batch = columns.batch();
    let file = File::create(scene.path("orders.parquet")).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

#[track_caller]
fn refused(scene: &Scene, command: &str, expected: &str) {
    let ran = scene.run(&[command, "job.yaml"]);
    assert_eq!(ran.code, Some(3), "{}", ran.stderr);
    assert!(ran.stderr.contains(expected), "`{expected}` is not in {}", ran.stderr);
}

/// A file that is nothing but a footer with that schema: for each element how many are its parts.
fn footer_alone(parts: impl Iterator<Item = u8>) -> Vec<u8> {
    let parts: Vec<u8> = parts.collect();
    let count = parts.len();
    // version: i32 1; schema: a long list of structs.
    let mut footer = vec![0x15, 0x02, 0x19, 0xfc, (count & 0x7f) as u8 | 0x80, (count >> 7 & 0x7f) as u8 | 0x80, (count >> 14) as u8];
    for parts in parts {
        match parts {
            // type: INT32; repetition_type: REQUIRED; name: "n".
            0 => footer.extend([0x15, 0x02, 0x25, 0x00, 0x18, 0x01, b'n', 0x00]),
            // repetition_type: REQUIRED; name: "n"; num_children.
            parts => footer.extend([0x35, 0x00, 0x18, 0x01, b'n', 0x15, parts << 1, 0x00]),
        }
    }
    // num_rows: i64 0; row_groups: none; the end.
    footer.extend([0x16, 0x00, 0x19, 0x0c, 0x00]);
    let length = u32::try_from(footer.len()).unwrap().to_le_bytes();
    [b"PAR1".as_slice(), &footer, &length, b"PAR1"].concat()
}

#[test]
fn a_schema_of_ten_thousand_groups_within_each_other() {
    let scene = Scene::new();
    scene.job(JOB);
    for (parts, expected) in [
        (repeat_n(1, 10_000).chain([0]).collect::<Vec<u8>>(), "the groups of its schema lie more than 100 levels within each other"),
        (vec![60, 0], "a group of its schema announces 60 columns, and 1 follow"),
    ] {
        scene.write("orders.parquet", footer_alone(parts.into_iter()));
        for command in ["check", "run"] {
            refused(&scene, command, expected);
        }
    }
    // A schema of some levels is read, and has no orders.
    scene.write("orders.parquet", footer_alone(repeat_n(1, 20).chain([0])));
    refused(&scene, "check", "`orders.parquet` has no rows");
}

#[test]
fn a_changed_byte_is_noticed_where_pages_have_checksums() {
    let scene = Scene::new();
    scene.job(JOB);
    let whole = include_bytes!("../files/checksums.parquet");
    scene.write("orders.parquet", whole);
    assert_eq!(scene.run(&["run", "job.yaml", "--quiet"]).code, Some(0));
    // The order 103 becomes 102.
    let place = whole.windows(8).position(|eight| eight == 103_i64.to_le_bytes()).unwrap();
    let mut changed = whole.to_vec();
    changed[place] ^= 1;
    scene.write("orders.parquet", changed);
    refused(
        &scene,
        "run",
        "orders.parquet: row group 0 cannot be decoded: Parquet argument error: Parquet error: Page CRC checksum mismatch",
    );
}

#[test]
fn cells_of_some_mib_are_read_and_larger_pages_are_not() {
    let notes = |bytes: usize| StringArray::from_iter_values(["a".repeat(bytes), "b".to_owned(), "c".to_owned(), "d".to_owned()]);
    for codec in
        [Compression::ZSTD(Default::default()), Compression::GZIP(Default::default()), Compression::SNAPPY, Compression::UNCOMPRESSED]
    {
        let scene = scene_with_notes(notes(8 << 20), codec);
        let ran = scene.run(&["run", "job.yaml", "--quiet"]);
        assert_eq!(ran.code, Some(0), "{codec}: {}", ran.stderr);
        let scene = scene_with_notes(notes(66 << 20), codec);
        refused(&scene, "run", "row group 0, column `note`: a page takes ");
        assert_eq!(scene.run(&["check", "job.yaml"]).code, Some(0), "{codec}: pages are not read yet");
    }
}

#[test]
fn a_page_that_announces_other_values_than_it_has() {
    let plain = WriterProperties::builder().set_compression(Compression::UNCOMPRESSED);
    let scene = Scene::new();
    scene.job(JOB);
    // A dictionary page of n values of 8 bytes: type 2, its bytes twice, and the dictionary's header with n.
    write(&scene, &orders(), plain.clone().set_dictionary_enabled(true).build());
    let whole = std::fs::read(scene.path("orders.parquet")).unwrap();
    let reader = SerializedFileReader::new(File::open(scene.path("orders.parquet")).unwrap()).unwrap();
    let column = reader.metadata().row_group(0).columns().iter().find(|column| column.column_path().string() == "order_id").unwrap();
    let at = usize::try_from(column.dictionary_page_offset().unwrap()).unwrap();
    let header = whole[at..].windows(2).position(|two| two == [0x4c, 0x15]).unwrap() + at + 2;
    let mut changed = whole.clone();
    // 63 values.
    changed[header] = 0x7e;
    scene.write("orders.parquet", changed);
    refused(&scene, "run", "column `order_id`: its dictionary announces 63 values in ");
    // A data page of 63 values in a row group of four rows.
    write(&scene, &orders(), plain.set_dictionary_enabled(false).build());
    let whole = std::fs::read(scene.path("orders.parquet")).unwrap();
    let reader = SerializedFileReader::new(File::open(scene.path("orders.parquet")).unwrap()).unwrap();
    let column = reader.metadata().row_group(0).columns().iter().find(|column| column.column_path().string() == "order_id").unwrap();
    let at = usize::try_from(column.data_page_offset()).unwrap();
    let header = whole[at..].windows(2).position(|two| two == [0x2c, 0x15]).unwrap() + at + 2;
    let mut changed = whole;
    changed[header] = 0x7e;
    scene.write("orders.parquet", changed);
    refused(&scene, "run", "column `order_id`: its pages announce 63 values, and its row group has 4");
}

#[test]
fn texts_in_every_encoding_are_read() {
    for encoding in [Encoding::PLAIN, Encoding::DELTA_LENGTH_BYTE_ARRAY, Encoding::DELTA_BYTE_ARRAY] {
        for version in [parquet::file::properties::WriterVersion::PARQUET_1_0, parquet::file::properties::WriterVersion::PARQUET_2_0] {
            let scene = Scene::new();
            let properties = WriterProperties::builder().set_dictionary_enabled(false).set_encoding(encoding).set_writer_version(version);
            let notes = StringArray::from(vec![Some("浙江"), None, Some(""), Some("广东")]);
            let batch = orders().with("province", notes);
            // Only texts have these encodings.
            let properties = orders()
                .batch()
                .schema()
                .fields()
                .iter()
                .fold(properties, |properties, field| properties.set_column_encoding(field.name().as_str().into(), Encoding::PLAIN));
            write(&scene, &batch, properties.build());
            scene.job(JOB);
            let ran = scene.run(&["run", "job.yaml", "--quiet"]);
            assert_eq!(ran.code, Some(0), "{encoding} {version:?}: {}", ran.stderr);
        }
    }
}

/// A long text that stands in many rows is in the file once, and in memory once, unless an expression makes others of it.
#[test]
fn a_dictionary_of_one_long_text() {
    let long = "a".repeat(4 << 20);
    let scene = scene_with_notes(StringArray::from_iter_values(repeat_n(long.as_str(), 4)), Compression::ZSTD(Default::default()));
    assert_eq!(scene.run(&["run", "job.yaml", "--quiet"]).code, Some(0));
}
