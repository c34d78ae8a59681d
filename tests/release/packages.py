"""The packages of a release, without the time that it takes to compile and to compress a program: a small one that calls HUITOU stands in.

    python tests/release/packages.py HUITOU

Packs it twice and compares; then unpacks and installs each package, and looks at what is there and whether it runs.
"""

import base64
import csv
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "operations"))

from outcomes import Skipped, run  # noqa: E402

HUITOU = os.path.abspath(sys.argv[1])
VERSION = tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))["package"]["version"]
EPOCH = 1_700_000_000
WORK = tempfile.TemporaryDirectory()
HOME = pathlib.Path(WORK.name)
STAND_IN = HOME / "stand-in"


def packed(name):
    """A folder of packages."""
    made = HOME / name
    if not made.exists():
        if not shutil.which("dpkg-deb"):
            raise Skipped("dpkg-deb is not there")
        command = [sys.executable, "-B", ROOT / "scripts/release/package.py", "--huitou", STAND_IN, "--glibc", "2.17", "--to", made]
        subprocess.run(command, check=True, env=os.environ | {"SOURCE_DATE_EPOCH": str(EPOCH), "LANG": "zh_CN.UTF-8"})
    return made


def only(pattern):
    [file] = packed("made").glob(pattern)
    return file


def says_its_version(program):
    said = subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout
    assert said == f"huitou {VERSION}\n", said


def present(folder, paths):
    missing = [path for path in paths if not (folder / path).is_file()]
    assert not missing, f"not there: {missing}"


def packing_twice_makes_the_same_bytes():
    names = sorted(file.name for file in packed("made").iterdir())
    assert len(names) == 4 and "SHA256SUMS" in names, names
    for name in names:
        assert (packed("made") / name).read_bytes() == (packed("again") / name).read_bytes(), name
    for line in (packed("made") / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((packed("made") / name).read_bytes()).hexdigest() == digest, name


def the_tarball_is_one_folder_with_all():
    with tarfile.open(only("*.tar.gz")) as archive:
        for entry in archive:
            assert (entry.uid, entry.gid, entry.uname, entry.mtime) == (0, 0, "root", EPOCH), entry.name
            assert entry.mode == (0o755 if entry.isdir() or entry.name.endswith(("/huitou", "-nightly", ".sh")) else 0o644), entry.name
        archive.extractall(HOME / "tarball", filter="data")
    folder = HOME / "tarball" / f"huitou-{VERSION}-x86_64-linux"
    present(folder, ["README.md", "LICENSE-APACHE", "LICENSE-MIT", "completions/_huitou", "completions/huitou.bash", "completions/huitou.fish"])
    present(folder, ["man/man1/huitou-run.1", "man/zh_CN/man1/huitou-run.1", "scripts/systemd/huitou@.service"])
    texts = (folder / "LICENSES-dependencies.txt").read_text(encoding="utf-8")
    assert "Apache License" in texts and "Permission is hereby granted" in texts and "Apache ECharts" in texts
    says_its_version(folder / "huitou")


def the_package_of_debian_has_what_it_says():
    root = HOME / "debian"
    subprocess.run(["dpkg-deb", "--raw-extract", only("*.deb"), root], check=True)
    control = (root / "DEBIAN/control").read_text(encoding="utf-8")
    assert f"\nVersion: {VERSION}\n" in control and "\nDepends: libc6 (>= 2.17)\n" in control, control
    subprocess.run(["md5sum", "--check", "--quiet", "DEBIAN/md5sums"], check=True, cwd=root)
    present(root, ["usr/share/man/man1/huitou.1.gz", "usr/share/man/zh_CN/man1/huitou.1.gz", "usr/share/doc/huitou/copyright"])
    present(root, ["usr/share/bash-completion/completions/huitou", "usr/share/doc/huitou/examples/scripts/cron/huitou-nightly"])
    says_its_version(root / "usr/bin/huitou")


def the_record_of_the_wheel_is_true():
    with zipfile.ZipFile(only("*.whl")) as archive:
        described = f"huitou-{VERSION}.dist-info"
        rows = list(csv.reader(archive.read(f"{described}/RECORD").decode().splitlines()))
        assert sorted(row[0] for row in rows) == sorted(archive.namelist())
        for path, digest, size in rows:
            if path != f"{described}/RECORD":
                data = archive.read(path)
                expected = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
                assert (digest, int(size)) == (f"sha256={expected}", len(data)), path


def pip_installs_the_wheel_and_takes_it_away():
    home = HOME / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", home], check=True)
    # The Python of the tests has no pip of its own; see scripts/python.sh.
    pip = ["python3", "-m", "pip", "--quiet", "--disable-pip-version-check", "--python", home / "bin/python"]
    subprocess.run([*pip, "install", "--no-index", only("*.whl")], check=True)
    says_its_version(home / "bin/huitou")
    subprocess.run([*pip, "uninstall", "--yes", "huitou"], check=True)
    assert not (home / "bin/huitou").exists()


def a_program_that_asks_for_a_newer_glibc_is_refused():
    if not (shutil.which("readelf") and shutil.which("objdump")):
        raise Skipped("binutils are not there")
    # No program for x86-64 makes do with a glibc before 2.2.5.
    said = subprocess.run([ROOT / "scripts/release/old_systems.sh", HUITOU, "2.2"], capture_output=True, text=True)
    assert said.returncode == 1 and "and 2.2 is promised" in said.stderr, said


if __name__ == "__main__":
    STAND_IN.write_text(f'#!/bin/sh\nexec "{HUITOU}" "$@"\n')
    STAND_IN.chmod(0o755)
    run([
        packing_twice_makes_the_same_bytes,
        the_tarball_is_one_folder_with_all,
        the_package_of_debian_has_what_it_says,
        the_record_of_the_wheel_is_true,
        pip_installs_the_wheel_and_takes_it_away,
        a_program_that_asks_for_a_newer_glibc_is_refused,
    ])
