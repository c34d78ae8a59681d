//! Imports of files that are not what they should be: every problem at once, nothing written, and never a panic.

use std::collections::BTreeMap;
use std::fs::{self, File};

use huitou::error::Error;
use huitou::import::{self, Options, What};
use huitou::spec::period::parse_day;
use proptest::prelude::*;

use super::scene::Scene;

/// A small order report.
const REPORT: &str = "订单编号,买家会员名,总金额,买家实际支付金额,订单状态,订单创建时间,订单付款时间,退款金额\n\
                      1,甲,20,20,交易成功,2026-01-02 08:00:00,2026-01-02 08:01:00,\n\
                      2,乙,30,30,交易关闭,2026-01-03 08:00:00,2026-01-03 08:01:00,30\n";

/// A workbook of one sheet with texts in its cells.
fn workbook(rows: &[&[&str]]) -> Vec<u8> {
    workbook_of(&[("订单", rows)])
}

/// A workbook of sheets with those names and texts in their cells: a ZIP archive that is stored, not packed.
fn workbook_of(sheets: &[(&str, &[&[&str]])]) -> Vec<u8> {
    let cell = |text: &&str| format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>");
    let row = |cells: &&[&str]| format!("<row>{}</row>", cells.iter().map(cell).collect::<String>());
    let sheet = |rows: &[&[&str]]| {
        let rows: String = rows.iter().map(row).collect();
        format!("<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>{rows}</sheetData></worksheet>")
    };
    let relation = |id: usize, kind: &str, target: &str| {
        format!(
            "<Relationship Id=\"rId{id}\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}\" \
             Target=\"{target}\"/>"
        )
    };
    let relations = |inner: String| {
        format!("<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{inner}</Relationships>")
    };
    let numbered = || (1..).zip(sheets);
    let names: String = numbered().map(|(id, (name, _))| format!("<sheet name=\"{name}\" sheetId=\"{id}\" r:id=\"rId{id}\"/>")).collect();
    let targets = numbered().map(|(id, _)| relation(id, "worksheet", &format!("worksheets/sheet{id}.xml"))).collect();
    let book = format!(
        "<workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" \
         xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><sheets>{names}</sheets></workbook>"
    );
    let mut files = vec![
        ("_rels/.rels".to_owned(), relations(relation(1, "officeDocument", "xl/workbook.xml"))),
        ("xl/workbook.xml".to_owned(), book),
        ("xl/_rels/workbook.xml.rels".to_owned(), relations(targets)),
    ];
    files.extend(numbered().map(|(id, (_, rows))| (format!("xl/worksheets/sheet{id}.xml"), sheet(rows))));
    archive(&files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect::<Vec<_>>())
}

/// A ZIP archive of those files (PKWARE's APPNOTE, 4.3).
fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for (name, text) in files {
        let offset = bytes.len() as u32;
        let length = (text.len() as u32).to_le_bytes();
        let mut common = vec![20, 0, 0, 8, 0, 0, 0, 0, 0, 0];
        common.extend(crc32(text.as_bytes()).to_le_bytes());
        common.extend([length, length].concat());
        common.extend((name.len() as u16).to_le_bytes());
        common.extend([0, 0]);
        bytes.extend(b"PK\x03\x04");
        bytes.extend(&common);
        bytes.extend([name.as_bytes(), text.as_bytes()].concat());
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let count = (files.len() as u16).to_le_bytes();
    let (size, offset) = ((directory.len() as u32).to_le_bytes(), (bytes.len() as u32).to_le_bytes());
    bytes.extend(directory);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend([count, count].concat());
    bytes.extend([size, offset].concat());
    bytes.extend([0, 0]);
    bytes
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xEDB8_8320 & 0_u32.wrapping_sub(crc & 1));
        }
    }
    !crc
}

fn rows() -> Vec<Vec<&'static str>> {
    REPORT.lines().map(|line| line.split(',').collect()).collect()
}

#[test]
fn all_that_is_wrong_with_all_files_is_reported_at_once_and_nothing_is_written() {
    let scene = Scene::new();
    scene.write("good.csv", REPORT);
    scene.write("empty.csv", "");
    scene.write("nul.csv", "订单编号,a\n1,\0\n");
    scene.write("neither.csv", b"\xFF\xFF\xFF\n");
    scene.write("other.csv", "订单编号,买家,实付金颔\n1,2,3\n");
    let whole = workbook(&[&["a"]]);
    scene.write("cut.xlsx", &whole[..whole.len() / 2]);
    let files = ["good.csv", "empty.csv", "nul.csv", "neither.csv", "other.csv", "cut.xlsx", "none.csv"];
    let ran = scene.run(&[&["import", "tmall-orders"], &files[..], &["--to", "shop"]].concat());
    assert_eq!(ran.code, Some(3));
    let shown = [
        "empty.csv: has no rows",
        "nul.csv: line 2 has a NUL byte",
        "neither.csv: neither UTF-8 (not from line 1 on) nor GB18030",
        "other.csv: no column `订单创建时间`, `下单时间`",
        "(`实付金颔` comes nearest); the row that looks most like a header, 1, has: 订单编号, 买家, 实付金颔",
        "cut.xlsx: is not a readable workbook",
        "none.csv: cannot be read: No such file or directory",
    ];
    for line in shown {
        assert!(ran.stderr.contains(line), "{line}\nin\n{}", ran.stderr);
    }
    assert!(!ran.stderr.contains("good.csv"), "{}", ran.stderr);
    assert!(!scene.path("shop").exists());
}

#[test]
fn the_kind_of_a_file_follows_from_its_bytes_and_not_by_its_name() {
    let scene = Scene::new();
    let rows = rows();
    let mut sheet: Vec<&[&str]> = vec![&["订单报表"], &[]];
    sheet.extend(rows.iter().map(Vec::as_slice));
    scene.write("workbook.csv", workbook(&sheet));
    scene.write("text.xlsx", REPORT);
    for (file, read_as) in [("workbook.csv", "XLSX, sheet `订单`, header in row 3"), ("text.xlsx", "UTF-8, comma, header in line 1")] {
        let ran = scene.run(&["import", "tmall-orders", file, "--to", file.split('.').next().unwrap()]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert!(ran.stderr.contains(&format!("{file}: {read_as}: 2 rows = 2 written + 0 rejected")), "{}", ran.stderr);
    }
}

#[test]
fn sheets_that_are_not_read_are_named() {
    let scene = Scene::new();
    let rows = rows();
    let sheet: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
    scene.write("year.xlsx", workbook_of(&[("说明", &[&["a"]]), ("一月", &sheet), ("二月", &sheet), ("备注", &[&["b"]])]));
    let ran = scene.run(&["import", "tmall-orders", "year.xlsx", "--to", "shop"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stderr.contains("XLSX, sheet `一月`, header in row"), "{}", ran.stderr);
    assert!(ran.stderr.contains("year.xlsx: the sheets `二月` also have such a header and are not read"), "{}", ran.stderr);
}

#[test]
fn a_file_with_nothing_but_a_header_or_hardly_a_row_that_can_be_read() {
    let scene = Scene::new();
    scene.write("header.csv", REPORT.lines().next().unwrap());
    let ran = scene.run(&["import", "tmall-orders", "header.csv", "--to", "shop"]);
    assert_eq!(ran.code, Some(0));
    assert!(ran.stderr.contains("has a header and no rows") && ran.stderr.contains("there is no job"), "{}", ran.stderr);
    assert!(!scene.path("shop").exists(), "no empty folder is left");
    scene.write("wrong.csv", REPORT.replace("2026-01-0", "last week "));
    let ran = scene.run(&["import", "tmall-orders", "wrong.csv", "--to", "shop"]);
    assert_eq!(ran.code, Some(3));
    assert!(!scene.path("shop").exists(), "no empty folder is left");
    assert!(
        ran.stderr.contains("more than half of its rows cannot be read: 2 of them, as row 2: 订单创建时间 a text of 20 characters"),
        "{}",
        ran.stderr
    );
}

#[test]
fn two_imports_do_not_work_on_one_folder() {
    let scene = Scene::new();
    scene.write("a.csv", REPORT);
    fs::create_dir(scene.path("shop")).unwrap();
    let other = File::open(scene.path("shop")).unwrap();
    other.try_lock().unwrap();
    let ran = scene.run(&["import", "tmall-orders", "a.csv", "--to", "shop"]);
    assert_eq!(ran.exit_and_stderr(), "exit 5\nerror: shop: another import works on this folder\n  help: wait until it has ended");
    drop(other);
    assert_eq!(scene.run(&["import", "tmall-orders", "a.csv", "--to", "shop"]).code, Some(0));
}

#[test]
fn amounts_that_contradict_each_other_are_not_guessed() {
    let scene = Scene::new();
    // Paid 20 of 20 with 5 refunded: before refunds. Paid 15 of 20 with 5 refunded: after them.
    let row = |id: u32, paid: u32| format!("{id},甲,20,{paid},交易成功,2026-01-02 08:00:00,2026-01-02 08:01:00,5\n");
    scene.write("a.csv", format!("{}\n{}{}", REPORT.lines().next().unwrap(), row(1, 20), row(2, 15)));
    let ran = scene.run(&["import", "tmall-orders", "a.csv", "--to", "shop"]);
    assert_eq!(ran.code, Some(3));
    assert!(ran.stderr.contains("of 2 refunded orders, 1 show after") && ran.stderr.contains("--paid net"), "{}", ran.stderr);
    assert_eq!(scene.run(&["import", "tmall-orders", "a.csv", "--to", "shop", "--paid", "gross"]).code, Some(0));
}

#[test]
fn all_problems_of_a_command_line_are_reported_together() {
    let scene = Scene::new();
    scene.write("a.csv", REPORT);
    let arguments =
        ["generic", "a.csv", "--to", "shop", "--map", "order_idd=订单编号", "--status", "x=y", "--pseudonymise", "--timezone", "Mars"];
    let ran = scene.run_in(&[&["import"], &arguments[..]].concat(), &[("HUITOU_SALT", "")]);
    assert_eq!(ran.code, Some(2));
    for line in [
        "`order_idd` is not a column of orders",
        "did you mean `order_id`?",
        "there is no salt",
        "`x=y` is not STATUS=MEANING",
        "`Mars` is not a timezone",
    ] {
        assert!(ran.stderr.contains(line), "{line}\nin\n{}", ran.stderr);
    }
    let ran = scene.run(&["import", "tmall-orders", "a.csv", "--to", "shop", "--map", "a=b"]);
    assert!(ran.code == Some(2) && ran.stderr.contains("the preset knows its columns already"), "{}", ran.stderr);
    let map =
        ["--map", "order_id=订单编号", "--map", "customer_id=手机", "--map", "created_at=订单创建时间", "--map", "paid_amount=总金额"];
    scene.write("phone.csv", REPORT.replace("买家会员名", "手机"));
    let ran = scene.run(&[&["import", "generic", "phone.csv", "--to", "shop"], &map[..]].concat());
    assert!(ran.code == Some(3) && ran.stderr.contains("is about a person and is not imported unchanged"), "{}", ran.stderr);
}

/// Imports bytes as every known export. Any result is accepted as long as the import returns.
fn import_bytes(bytes: &[u8]) -> Result<(), TestCaseError> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("export.csv");
    fs::write(&file, bytes).unwrap();
    for preset in What::PRESETS {
        let options = Options {
            what: What::Known(preset),
            files: vec![file.clone()],
            to: folder.path().join(preset.name),
            shop: None,
            paid: None,
            statuses: BTreeMap::new(),
            columns: Vec::new(),
            without_customers: false,
            accept_masked: false,
            pseudonyms: None,
            timezone: None,
            name: None,
            today: parse_day("2026-11-22").unwrap(),
        };
        match import::import(&options) {
            Ok(_) | Err(Error::Input(_)) => {}
            Err(other) => return Err(TestCaseError::fail(other.to_string())),
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_bytes_make_an_import_give_up(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        import_bytes(&bytes)?;
    }

    #[test]
    fn no_change_to_a_report_makes_an_import_give_up(
        changes in prop::collection::vec((any::<prop::sample::Index>(), prop_oneof![any::<u8>(), Just(b'"'), Just(b','), Just(b'\r'), Just(b'9')]), 1..12),
        is_workbook in any::<bool>(),
        cut in any::<prop::sample::Index>(),
        is_cut in any::<bool>(),
    ) {
        let rows = rows();
        let sheet: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
        let mut bytes = if is_workbook { workbook(&sheet) } else { REPORT.as_bytes().to_vec() };
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if is_cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        import_bytes(&bytes)?;
    }
}
