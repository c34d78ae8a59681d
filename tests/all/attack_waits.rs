//! Waits: nothing that is silent holds a run for ever, and a run that waits for a database holds nobody else.

use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::scene::{Scene, orders};

/// Runs the program and gives up on it after 60 seconds.
fn ends(scene: &Scene, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_huitou"));
    let child = command.current_dir(scene.path(".")).args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = child.spawn().unwrap();
    let started = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if started.elapsed() > Duration::from_secs(60) {
            child.kill().unwrap();
            panic!("{arguments:?} does not end");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let output = child.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_database_host_that_is_silent_is_given_up_and_holds_no_lock() {
    let scene = Scene::with(&orders());
    // It takes connections and never answers.
    let host = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = host.local_addr().unwrap().port();
    let url = format!("postgresql://loader@127.0.0.1:{port}/shops?connect_timeout=3&sslmode=disable");
    scene.job(
        "job: test\ntimezone: Asia/Shanghai\nas_of: 2026-03-31\ninputs:\n  orders: { path: orders.parquet }\noutput:\n  path: out\n  \
         postgres: { url: \"${HUITOU_PG}\" }\n",
    );
    let mut command = Command::new(env!("CARGO_BIN_EXE_huitou"));
    let child = command.current_dir(scene.path(".")).args(["run", "job.yaml", "--quiet"]).env("HUITOU_PG", url);
    let child = child.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let started = Instant::now();
    let (_connection, _) = host.accept().unwrap();
    // The snapshot is published, and others may work on the folder while the run waits.
    let other = scene.run(&["gc", "--keep", "1"]);
    assert_eq!(other.code, Some(0), "{}", other.stderr);
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{stderr}");
    assert!(stderr.contains("no answer within 3 s") && stderr.contains("is published"), "{stderr}");
    assert!(started.elapsed() < Duration::from_secs(60), "{stderr}");
}

#[test]
fn pipes_and_devices_are_refused() {
    let scene = Scene::with(&orders());
    let pipe = |name: &str| assert!(Command::new("mkfifo").arg(scene.path(name)).status().unwrap().success());
    pipe("pipe");
    pipe("pipe.parquet");
    pipe("pipe.csv");
    let job = |path: &str| {
        format!("job: test\ntimezone: Asia/Shanghai\nas_of: 2026-03-31\ninputs:\n  orders: {{ path: {path} }}\noutput: {{ path: out }}\n")
    };
    for device in ["pipe", "/dev/zero"] {
        let (code, stderr) = ends(&scene, &["run", device]);
        assert!(code == Some(2) && stderr.contains("a pipe, a socket or a device"), "{code:?} {stderr}");
    }
    for path in ["pipe.parquet", "/dev/zero", "\"pipe*\""] {
        scene.job(&job(path));
        let (code, stderr) = ends(&scene, &["run", "job.yaml"]);
        assert!(code == Some(3) && !stderr.contains("bug"), "{path}: {code:?} {stderr}");
    }
    // Other files that are read whole: the salt of pseudonyms, the job file beside an import, the manifest of a snapshot.
    scene.write("export.csv", "订单编号,买家会员名,买家实际支付金额,订单状态,订单创建时间,订单付款时间\n1,a,5.00,交易成功,2026-03-01 10:00:00,2026-03-01 10:05:00\n");
    let import = ["import", "tmall-orders", "export.csv", "--shop", "s", "--to"];
    for salt in ["pipe", "/dev/zero"] {
        let (code, stderr) = ends(&scene, &[&import, &["salted", "--pseudonymise", "--salt-file", salt][..]].concat());
        assert!(code == Some(2) && stderr.contains("cannot be read: it is a pipe, a socket or a device"), "{salt}: {code:?} {stderr}");
    }
    std::fs::create_dir(scene.path("beside")).unwrap();
    pipe("beside/job.yaml");
    let (code, stderr) = ends(&scene, &[&import, &["beside"][..]].concat());
    assert!(code == Some(4) && stderr.contains("job.yaml"), "{code:?} {stderr}");
    std::fs::create_dir_all(scene.path("out/snapshots/2026-03-31-abcdef")).unwrap();
    pipe("out/snapshots/2026-03-31-abcdef/manifest.json");
    let (code, stderr) = ends(&scene, &["history"]);
    assert_eq!(code, Some(0), "{stderr}");
    for path in ["pipe.csv", "/dev/zero"] {
        let (code, stderr) = ends(&scene, &["import", "tmall-orders", path, "--to", "shop"]);
        assert!(code == Some(3) && stderr.contains("a pipe, a socket or a device"), "{path}: {code:?} {stderr}");
    }
}
