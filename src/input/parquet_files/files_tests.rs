//! Tests of which files of an input are found.

use std::collections::BTreeSet;
use std::ffi::OsStr;

use super::files::{FoundFiles, find};
use super::find;
use super::left_out::Why;
use crate::store::bucket::Bucket;

fn tree() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let parquet = ["o/dt=2026-01-02/b.parquet", "o/dt=2026-01-01/a", "o/.x.parquet", "o/_temporary/0/c.parquet", "o/_batch=1/d.PARQUET"];
    for file in parquet.into_iter().chain(["o/_SUCCESS", "o/readme.txt", "e/x.csv"]) {
        let path = folder.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, if parquet.contains(&file) { "PAR1" } else { "" }).unwrap();
    }
    folder
}

fn found(folder: &tempfile::TempDir, written: &str) -> Result<FoundFiles, String> {
    let path = folder.path().join(written).to_string_lossy().into_owned();
    find(&path, written, "job.yaml:1:1").map_err(|problem| problem.message)
}

fn labels(folder: &tempfile::TempDir, written: &str) -> Vec<String> {
    found(folder, written).unwrap().files.into_iter().map(|file| file.label).collect()
}

fn left_out(folder: &tempfile::TempDir, written: &str) -> Vec<String> {
    found(folder, written).unwrap().left_out.into_iter().map(|left| left.label).collect()
}

const THREE: [&str; 3] = ["o/_batch=1/d.PARQUET", "o/dt=2026-01-01/a", "o/dt=2026-01-02/b.parquet"];
const LEFT: [&str; 4] = ["o/.x.parquet", "o/_SUCCESS", "o/_temporary/", "o/readme.txt"];

#[test]
fn folders_and_patterns_have_one_rule() {
    let folder = tree();
    for written in ["o", "o/", "o/*", "o/**", "o/**/*", "*", "*/"] {
        assert_eq!(labels(&folder, written), THREE, "{written}");
    }
    for written in ["o", "o/*", "o/**/*", "o/**"] {
        assert_eq!(left_out(&folder, written), LEFT, "{written}");
    }
    assert_eq!(labels(&folder, "o/dt=*"), THREE[1..]);
    assert_eq!(labels(&folder, "o/*/*.parquet"), THREE[2..]);
    assert_eq!(labels(&folder, "o/dt=2026-01-02/b.parquet"), THREE[2..]);
    let partitions = |written: &str, at: usize| found(&folder, written).unwrap().files[at].partitions.clone();
    assert_eq!(partitions("o", 1), [("dt".to_owned(), Some("2026-01-01".to_owned()))]);
    assert_eq!(partitions("o/*", 0), [("_batch".to_owned(), Some("1".to_owned()))]);
}

#[test]
fn a_pattern_may_name_what_is_hidden() {
    let folder = tree();
    assert_eq!(labels(&folder, "o/_temporary"), ["o/_temporary/0/c.parquet"]);
    assert_eq!(labels(&folder, "o/_temp*/*"), ["o/_temporary/0/c.parquet"]);
    assert_eq!(labels(&folder, "o/**/_temporary/**/*.parquet"), ["o/_temporary/0/c.parquet"]);
    assert_eq!(labels(&folder, "o/.*.parquet"), ["o/.x.parquet"]);
    // Its last name is spelt out, so that nothing is left to judge.
    assert_eq!(labels(&folder, "*/readme.txt"), ["o/readme.txt"]);
    // Not by a wildcard for one letter either.
    assert_eq!(found(&folder, "o/?temporary/*").unwrap_err().split(';').next(), Some("no Parquet file matches `o/?temporary/*`"));
}

#[test]
fn nothing_there() {
    let folder = tree();
    let expected = "the folder `e` has no Parquet file; not read are 1 not Parquet by the first bytes (`e/x.csv`)";
    assert_eq!(found(&folder, "e").unwrap_err(), expected);
    let path = folder.path().join("e").to_string_lossy().into_owned();
    let help = "check the path, or whether the export has run; `huitou import` makes Parquet of CSV and XLSX files";
    assert_eq!(find(&path, "e", "").unwrap_err().help, help);
    assert_eq!(found(&folder, "o/*.csv").unwrap_err(), "no file matches `o/*.csv`");
    assert!(found(&folder, "absent").unwrap_err().starts_with("there is no file or folder `absent`"));
}

#[test]
#[cfg(unix)]
fn links_that_lead_round_and_round_are_followed_once() {
    use std::os::unix::fs::symlink;
    let folder = tree();
    symlink(folder.path().join("o"), folder.path().join("o/again")).unwrap();
    symlink("..", folder.path().join("o/dt=2026-01-01/up")).unwrap();
    symlink("../..", folder.path().join("o/dt=2026-01-01/above")).unwrap();
    for written in ["o", "o/**", "o/*", "o/**/*"] {
        assert_eq!(labels(&folder, written), THREE, "{written}");
    }
    assert!(left_out(&folder, "o").contains(&"o/again/".to_owned()), "{:?}", left_out(&folder, "o"));
    // Twenty folders that lead to one another: more ways than anybody could follow.
    let folder = tempfile::tempdir().unwrap();
    let name = |number: usize| format!("o/{number:02}");
    for number in 0..20 {
        std::fs::create_dir_all(folder.path().join(name(number))).unwrap();
        std::fs::write(folder.path().join(name(number)).join("a.parquet"), "PAR1").unwrap();
    }
    for (from, to) in (0..20).flat_map(|from| (0..20).map(move |to| (from, to))) {
        symlink(folder.path().join(name(to)), folder.path().join(name(from)).join(format!("to{to}"))).unwrap();
    }
    let each: Vec<String> = (0..20).map(|number| format!("{}/a.parquet", name(number))).collect();
    for written in ["o", "o/**", "o/*", "o/**/*.parquet"] {
        assert_eq!(labels(&folder, written), each, "{written}");
    }
}

#[test]
fn links_below_many_matches_are_followed_once() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    for number in 0..200 {
        let below = folder.path().join(format!("o/{number:03}"));
        std::fs::create_dir_all(&below).unwrap();
        std::fs::write(below.join("a.parquet"), "PAR1").unwrap();
        symlink("..", below.join("up")).unwrap();
        symlink("../..", below.join("above")).unwrap();
    }
    let each: Vec<String> = (0..200).map(|number| format!("o/{number:03}/a.parquet")).collect();
    for written in ["o/*", "o/**/*"] {
        assert_eq!(labels(&folder, written), each, "{written}");
        // Some five names a folder, and not as many as there are ways to it.
        assert!(left_out(&folder, written).len() <= 1_200, "{written}");
    }
}

#[test]
fn a_file_that_lies_in_two_partitions_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for shop in ["o/shop_id=1", "o/shop_id=2"] {
        std::fs::create_dir_all(folder.path().join(shop)).unwrap();
    }
    std::fs::write(folder.path().join("o/shop_id=1/a.parquet"), "PAR1").unwrap();
    std::fs::hard_link(folder.path().join("o/shop_id=1/a.parquet"), folder.path().join("o/shop_id=2/a.parquet")).unwrap();
    for written in ["o", "o/*"] {
        let said = found(&folder, written).err().unwrap();
        assert!(said.contains("are one file with two names, and lie in different partitions"), "{said}");
    }
    // A link beside the partitions says nothing of them.
    std::fs::remove_file(folder.path().join("o/shop_id=2/a.parquet")).unwrap();
    std::os::unix::fs::symlink("shop_id=1/a.parquet", folder.path().join("o/latest.parquet")).unwrap();
    assert_eq!(labels(&folder, "o"), ["o/shop_id=1/a.parquet"]);
}

#[test]
fn pipes_and_dangling_links_are_named() {
    let folder = tree();
    let pipe = folder.path().join("o/dt=2026-01-01/pipe");
    rustix::fs::mknodat(rustix::fs::CWD, pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    assert!(found(&folder, "o/*/pipe").err().unwrap().starts_with("no Parquet file matches"));
    assert!(found(&folder, "o/dt=2026-01-01/pipe").err().unwrap().contains("is a pipe, a socket or a device"));
    std::os::unix::fs::symlink("nowhere", folder.path().join("dangling")).unwrap();
    assert_eq!(found(&folder, "dangling").err().unwrap(), "`dangling` is a link to nowhere, which is not there");
}

#[test]
fn names_that_are_not_utf8_stay_apart() {
    use std::os::unix::ffi::OsStrExt;
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("o")).unwrap();
    for name in [&b"\xffa.parquet"[..], b"\xfea.parquet"] {
        std::fs::write(folder.path().join("o").join(OsStr::from_bytes(name)), "PAR1").unwrap();
    }
    for written in ["o", "o/*"] {
        assert_eq!(labels(&folder, written), ["o/\\xFEa.parquet", "o/\\xFFa.parquet"], "{written}");
    }
}

#[test]
fn folders_that_are_not_whole_and_further_names_of_a_file_are_left_out() {
    let folder = tempfile::tempdir().unwrap();
    for file in ["o/a.parquet", "o/c.tmp/part-0.parquet", "o/d._COPYING_/0/x.parquet", "o/e/b.parquet"] {
        let path = folder.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "PAR1").unwrap();
    }
    std::os::unix::fs::symlink("a.parquet", folder.path().join("o/latest.parquet")).unwrap();
    std::fs::hard_link(folder.path().join("o/a.parquet"), folder.path().join("o/hard.parquet")).unwrap();
    rustix::fs::mknodat(rustix::fs::CWD, folder.path().join("o/pipe.parquet"), rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    let left = ["o/hard.parquet", "o/latest.parquet", "o/pipe.parquet", "o/c.tmp/", "o/d._COPYING_/"];
    for written in ["o", "o/*"] {
        let path = folder.path().join(written).to_string_lossy().into_owned();
        let found = find(&path, written, "job.yaml:1:1").unwrap();
        let files: Vec<&str> = found.files.iter().map(|file| file.label.as_str()).collect();
        assert_eq!(files, ["o/a.parquet", "o/e/b.parquet"], "{written}");
        let labels: BTreeSet<&str> = found.left_out.iter().map(|left| left.label.as_str()).collect();
        assert_eq!(labels, left.into(), "{written}");
    }
    // What a pattern spells out is taken.
    let path = folder.path().join("o/c.tmp/*").to_string_lossy().into_owned();
    assert_eq!(find(&path, "o/c.tmp/*", "").unwrap().files.len(), 1);
}

#[test]
fn a_store_gives_what_a_disk_gives() {
    let folder = tree();
    let more = [
        "o/d.tmp/x.parquet",
        "o/e.parquet.part",
        "o/a=1/b=%E5%BA%97/f.parquet",
        "o/_h/_i=1/g.parquet",
        "p/short",
        "p/000000_0",
        "p/q/r/s.pq",
    ];
    for file in more {
        let path = folder.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, if file == "p/short" { "PA" } else { "PAR1" }).unwrap();
    }
    let mut all = Vec::new();
    let mut folders = vec![folder.path().to_owned()];
    while let Some(above) = folders.pop() {
        for entry in std::fs::read_dir(above).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let key = path.strip_prefix(folder.path()).unwrap().to_str().unwrap().to_owned();
                all.push((key, std::fs::read(path).unwrap()));
            }
        }
    }
    let objects: Vec<(&str, &[u8])> = all.iter().map(|(key, bytes)| (key.as_str(), bytes.as_slice())).collect();
    let _bucket = Bucket::in_memory("a-disk", &objects);
    let written = [
        "",
        "o",
        "o/",
        "o/**",
        "o/*",
        "o/**/*",
        "*",
        "*/*",
        "o/dt=*",
        "o/*/*.parquet",
        "o/dt=2026-01-02/b.parquet",
        "o/_temporary",
        "o/_temp*/*",
        "o/**/_temporary/**/*.parquet",
        "o/.*.parquet",
        "*/readme.txt",
        "o/d.tmp/*",
        "o/d.tmp",
        "o/*.part",
        "p",
        "p/*",
        "p/0*",
        "p/**/s.pq",
        "e",
        "x*",
        "absent",
        "o/_SUCCESS",
        "**",
        "o/[d]*",
        "o/a=*/**",
    ];
    for written in written {
        let said = |found: Result<FoundFiles, crate::error::Problem>, root: &str| {
            let text = |text: &str| text.replace(root, "ROOT");
            found
                .map_err(|problem| {
                    text(&problem.message).split(" (looked at").next().unwrap().split(" in the bucket").next().unwrap().to_owned()
                })
                .map(|found| {
                    let files: Vec<_> = found.files.iter().map(|file| (text(&file.label), file.partitions.clone())).collect();
                    // A folder that a pattern matches in two ways is said to be one on a disk only.
                    let left_out = found.left_out.iter().filter(|left| left.why != Why::SameFile);
                    (files, left_out.map(|left| (left.why, text(&left.label))).collect::<Vec<_>>())
                })
        };
        let disk = format!("{}/{written}", folder.path().display());
        let store = format!("s3://a-disk/{written}");
        let on_disk = said(find::find(&disk, &disk, "job.yaml:1:1"), &folder.path().display().to_string());
        let in_store = said(find::find(&store, &store, "job.yaml:1:1"), "s3://a-disk");
        assert_eq!(on_disk, in_store, "{written}");
    }
    assert_eq!(find::is_nothing_in_store("s3://a-disk/absent"), Some(true));
    assert_eq!(find::is_nothing_in_store("s3://a-disk/p"), Some(false));
    assert_eq!(find::is_nothing_in_store("/absent"), None);
}

#[test]
fn a_variable_before_a_pattern_is_no_part_of_it() {
    let folder = tree();
    let path = folder.path().join("o/dt=*/*.parquet").display().to_string();
    let found = find(&path, "${DATA}/dt=*/*.parquet", "job.yaml:1:1").unwrap();
    assert_eq!(found.files.iter().map(|file| file.label.as_str()).collect::<Vec<_>>(), ["${DATA}/dt=2026-01-02/b.parquet"]);
}
