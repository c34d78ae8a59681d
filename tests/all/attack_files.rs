//! Files of others: nothing that this program did not make is written over, emptied or removed, and no link is followed where it writes.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::scene::{Ran, Scene, orders, texts};

/// What lies below a folder: paths, links and contents.
fn contents(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_path_buf()];
    while let Some(path) = waiting.pop() {
        let kind = fs::symlink_metadata(&path).unwrap();
        if kind.is_dir() {
            waiting.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            found.push(path.display().to_string());
        } else if kind.is_symlink() {
            found.push(format!("{} -> {}", path.display(), fs::read_link(&path).unwrap().display()));
        } else {
            found.push(format!("{}: {:?}", path.display(), fs::read(&path).unwrap()));
        }
    }
    found.sort();
    found
}

#[track_caller]
fn refused(ran: &Ran, code: i32, expected: &str) {
    assert_eq!(ran.code, Some(code), "{}", ran.stderr);
    assert!(ran.stderr.contains(expected), "`{expected}` is not in {}", ran.stderr);
}

#[test]
fn folders_of_others_are_refused_as_output() {
    let scene = Scene::with(&orders());
    scene.write("tmp_of_others/tmp/t", "theirs");
    scene.write("lock_of_others/.lock", "theirs");
    scene.write("snapshots_of_others/snapshots/2026-01-01-abcdef/x", "theirs");
    scene.write("targets/file", "theirs");
    for name in ["tmp", "snapshots"] {
        fs::create_dir_all(scene.path(&format!("link_{name}"))).unwrap();
        symlink(scene.path("targets"), scene.path(&format!("link_{name}/{name}"))).unwrap();
    }
    fs::create_dir_all(scene.path("link_lock")).unwrap();
    symlink(scene.path("targets/file"), scene.path("link_lock/.lock")).unwrap();
    let before = contents(&scene.path("."));
    for folder in ["tmp_of_others", "lock_of_others", "snapshots_of_others", "link_tmp", "link_snapshots", "link_lock"] {
        let runs = [vec!["run", "job.yaml", "--quiet", "--out", folder], vec!["gc", "--keep", "1", "--out", folder]];
        for arguments in runs {
            let ran = scene.run(&arguments);
            refused(&ran, 4, "this is not an output folder of huitou");
            assert!(ran.stderr.contains("choose a new or an empty folder"), "{}", ran.stderr);
        }
    }
    assert_eq!(contents(&scene.path(".")), before);
}

#[test]
fn links_and_further_names_in_an_output_folder_are_not_followed() {
    for name in ["tmp", "snapshots", ".lock", ".huitou", "hard/.lock"] {
        let scene = Scene::with(&orders());
        assert_eq!(scene.run(&["run", "job.yaml", "--quiet"]).code, Some(0));
        scene.write("theirs/file", "theirs");
        let (is_hard, name) = (name.starts_with("hard/"), name.trim_start_matches("hard/"));
        let place = scene.path("out").join(name);
        fs::rename(&place, scene.path("moved")).unwrap();
        match name.starts_with('.') {
            true if is_hard => fs::hard_link(scene.path("theirs/file"), &place).unwrap(),
            true => symlink(scene.path("theirs/file"), &place).unwrap(),
            false => symlink(scene.path("theirs"), &place).unwrap(),
        }
        let before = contents(&scene.path("theirs"));
        for arguments in [vec!["run", "job.yaml", "--quiet", "--as-of", "2026-03-30"], vec!["gc", "--keep", "1"]] {
            refused(&scene.run(&arguments), 4, "out");
        }
        assert_eq!(contents(&scene.path("theirs")), before, "{name}");
    }
}

#[test]
fn only_names_of_huitou_are_removed_from_an_output_folder() {
    let scene = Scene::with(&orders());
    for day in ["2026-03-29", "2026-03-30", "2026-03-31"] {
        assert_eq!(scene.run(&["run", "job.yaml", "--quiet", "--as-of", day]).code, Some(0));
    }
    for file in ["notes.txt", "tmp/notes.txt", "snapshots/notes.txt", "snapshots/2020-01-01/x", "snapshots/2020-01-01-abcdef/x"] {
        scene.write(&format!("out/{file}"), "theirs");
    }
    let gone = scene.run(&["gc", "--keep", "1"]);
    assert_eq!((gone.code, gone.stdout.lines().count()), (Some(0), 2), "{}", gone.stderr);
    for file in ["notes.txt", "tmp/notes.txt", "snapshots/notes.txt", "snapshots/2020-01-01/x", "snapshots/2020-01-01-abcdef/x"] {
        assert_eq!(fs::read_to_string(scene.path("out").join(file)).unwrap(), "theirs");
    }
    assert_eq!(scene.run(&["history"]).stdout.lines().filter(|line| line.contains("2026-03-31-")).count(), 1);
}

#[test]
fn output_inside_an_input_is_refused_at_the_first_run() {
    let job = |path: &str, out: &str| {
        format!("job: test\ntimezone: Asia/Shanghai\nas_of: 2026-03-31\ninputs:\n  orders: {{ path: {path} }}\noutput: {{ path: {out} }}\n")
    };
    for (path, out) in [("data", "data/out"), ("data/**", "data/deep/out"), ("\"dat*\"", "data/out"), ("data", "data")] {
        let scene = Scene::new();
        scene.job(&job(path, out));
        scene.parquet("data/orders.parquet", &orders());
        for command in ["run", "check"] {
            let ran = scene.run(&[command, "job.yaml"]);
            refused(&ran, 2, "job.yaml:5:3: input `orders`: ");
            assert!(ran.stderr.contains("the next run would read its own tables"), "{}", ran.stderr);
            assert!(ran.stderr.contains("write to a folder outside of the input"), "{}", ran.stderr);
        }
        assert_eq!(fs::read_dir(scene.path("data")).unwrap().count(), 1);
    }
    let scene = Scene::new();
    scene.job(&job("data/orders", "data/out"));
    scene.parquet("data/orders/orders.parquet", &orders());
    let ran = scene.run(&["run", "job.yaml", "--quiet"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    // A link in the input that leads to a folder above the output.
    for path in ["data", "\"data/*\"", "\"data/**/*.parquet\""] {
        let scene = Scene::new();
        scene.job(&job(path, "archive/2026/out"));
        scene.parquet("data/orders.parquet", &orders());
        fs::create_dir_all(scene.path("archive/2026")).unwrap();
        symlink("../archive", scene.path("data/archive")).unwrap();
        for command in ["run", "check"] {
            refused(&scene.run(&[command, "job.yaml"]), 2, "so the next run would read its own tables");
        }
        assert!(!scene.path("archive/2026/out/latest").exists());
    }
}

#[test]
fn nothing_is_written_into_a_snapshot_or_through_a_link() {
    let scene = Scene::with(&orders());
    assert_eq!(scene.run(&["run", "job.yaml", "--quiet"]).code, Some(0));
    let before = contents(&scene.path("out/snapshots"));
    let commands: [&[&str]; 3] = [&["show", "customers", "--format", "csv", "--to"], &["schema", "--to"], &["report", "--to"]];
    for command in commands {
        let ran = scene.run(&[command, &["out/latest/new"]].concat());
        refused(&ran, 2, "is in the folder of the snapshots, which do not change after they are published");
    }
    assert_eq!(contents(&scene.path("out/snapshots")), before);
    // A page of the manual that is a link to a file of others.
    scene.write("theirs", "theirs");
    fs::create_dir(scene.path("man")).unwrap();
    symlink("../theirs", scene.path("man/huitou.1")).unwrap();
    assert_eq!(scene.run(&["man", "--to", "man"]).code, Some(0));
    assert!(!scene.path("man/huitou.1").is_symlink() && fs::read_dir(scene.path("man")).unwrap().count() > 5);
    // The hidden file of an import.
    scene.write("export.csv", "订单编号,买家会员名,买家实际支付金额,订单状态,订单创建时间,订单付款时间\n1,a,5.00,交易成功,2026-03-01 10:00:00,2026-03-01 10:05:00\n");
    fs::create_dir_all(scene.path("shop/orders")).unwrap();
    symlink("../../theirs", scene.path("shop/orders/.importing-0")).unwrap();
    let ran = scene.run(&["import", "tmall-orders", "export.csv", "--to", "shop", "--shop", "s"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(fs::read_to_string(scene.path("theirs")).unwrap(), "theirs");
    assert!(fs::read_dir(scene.path("shop/orders")).unwrap().all(|entry| !entry.unwrap().path().is_symlink()));
}

#[test]
fn a_file_that_is_written_is_there_as_a_whole_or_as_it_was() {
    let scene = Scene::with(&orders());
    assert_eq!(scene.run(&["run", "job.yaml", "--quiet"]).code, Some(0));
    let commands: [&[&str]; 4] = [
        &["report", "--to"],
        &["schema", "--to"],
        &["show", "customers", "--format", "csv", "--to"],
        &["show", "customers", "--excel", "--to"],
    ];
    for command in commands {
        scene.write("old", "yesterday");
        // A file may grow to no byte at all: as on a disk that is full.
        let line = "ulimit -f 0; exec \"$0\" \"$@\" old";
        let mut shell = std::process::Command::new("bash");
        let ran = shell.current_dir(scene.path(".")).args(["-c", line, env!("CARGO_BIN_EXE_huitou")]).args(command).output().unwrap();
        let stderr = String::from_utf8_lossy(&ran.stderr);
        assert_eq!(ran.status.code(), Some(4), "{command:?}: {stderr}");
        assert_eq!(fs::read_to_string(scene.path("old")).unwrap(), "yesterday", "{command:?}");
        let whole = scene.run(&[command, &["old"]].concat());
        assert_eq!(whole.code, Some(0), "{}", whole.stderr);
        assert!(fs::metadata(scene.path("old")).unwrap().len() > 100, "{command:?}");
        let hidden = fs::read_dir(scene.path("."))
            .unwrap()
            .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with(".old"));
        assert_eq!(hidden.count(), 0, "{command:?} left something");
    }
}

#[test]
fn a_changed_byte_is_found_by_verify_and_nobody_else_claims_to_have_looked() {
    let scene = Scene::with(&orders());
    let published = scene.run(&["run", "job.yaml", "--quiet"]);
    let name = Path::new(published.stdout.trim()).file_name().unwrap().to_str().unwrap().to_owned();
    let whole = scene.run(&["verify"]);
    assert_eq!(whole.code, Some(0), "{}", whole.stderr);
    assert!(whole.stdout.starts_with(&format!("{name}: ")) && whole.stdout.contains("are what manifest.json says"), "{}", whole.stdout);
    let part = scene.path("out/latest/customers/part-0000.parquet");
    let mut bytes = fs::read(&part).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&part, bytes).unwrap();
    for arguments in [vec!["verify"], vec!["verify", &name]] {
        let ran = scene.run(&arguments);
        refused(&ran, 3, "customers/part-0000.parquet: has SHA-256 ");
        assert!(ran.stderr.contains("where a file changed, move the folder of the snapshot away and run the job again"), "{}", ran.stderr);
    }
    // The advice works.
    let again = scene.run(&["run", "job.yaml"]);
    assert!(again.stderr.contains(&format!("`huitou verify {name}` reads them too")), "{}", again.stderr);
    let history = scene.run(&["history"]).stdout;
    assert!(history.contains("sizes as published") && !history.contains("complete"), "{history}");
    fs::rename(scene.path("out/snapshots").join(&name), scene.path("away")).unwrap();
    assert_eq!(scene.run(&["run", "job.yaml", "--quiet"]).code, Some(0));
    assert_eq!(scene.run(&["verify"]).code, Some(0));
    assert_eq!(scene.run(&["verify", "nothing"]).code, Some(2));
}

#[test]
fn a_manifest_that_names_files_elsewhere_is_damaged() {
    let scene = Scene::with(&orders());
    assert_eq!(scene.run(&["run", "job.yaml", "--quiet"]).code, Some(0));
    let manifest = scene.path("out/latest/manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    for elsewhere in ["../../../orders.parquet", "/dev/zero", "customers/../../x"] {
        fs::write(&manifest, text.replace("customers/part-0000.parquet", elsewhere)).unwrap();
        for command in [vec!["show", "customers"], vec!["verify"], vec!["report"]] {
            refused(&scene.run(&command), 3, "which is not in the snapshot");
        }
    }
}

#[test]
fn a_job_that_sorts_numbers_as_texts() {
    // 10 comes after 2 as a number and before it as a text.
    let scene = Scene::with(
        &orders().with("category_id", arrow::array::Int64Array::from(vec![10, 2, -1, 10])).with("channel", texts(&["9", "10", "9", ""])),
    );
    scene.job(
        "job: test\ntimezone: Asia/Shanghai\nas_of: 2026-03-31\ninputs:\n  orders: { path: orders.parquet }\nparams:\n  cohort: { dimensions: \
         [first_category, first_channel] }\noutput: { path: out }\n",
    );
    let ran = scene.run(&["run", "job.yaml", "--quiet"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let shown =
        scene.run(&["show", "cohort_retention", "--format", "csv", "--columns", "dimension,dimension_value", "--limit", "0"]).stdout;
    let mut values: Vec<&str> = shown.lines().filter_map(|line| line.strip_prefix("first_category,")).collect();
    values.dedup();
    assert_eq!(values, ["10", "2"], "{shown}");
}
