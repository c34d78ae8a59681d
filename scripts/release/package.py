"""Packs a program: a tarball, a Debian package, a Python wheel, and the file SHA256SUMS.

    SOURCE_DATE_EPOCH=1796126765 python scripts/release/package.py --huitou PROGRAM --glibc 2.17 --to DIR

The program has to run here: it writes its manual pages and completions itself. The same program and time make the same bytes: entries are
sorted, belong to root and are of that time.
"""

import argparse
import gzip
import hashlib
import io
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from typing import NamedTuple

import debian
import wheel
from licences import licences

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SHELLS = {"bash": "huitou", "zsh": "_huitou", "fish": "huitou.fish"}
# For those who run it every night: docs/recipes.md says where these go. Paths are as in the project, so that its commands work beside them.
NIGHTLY = ["scripts/cron", "scripts/systemd", "scripts/mail_brief.sh"]


class File(NamedTuple):
    """What a file of a package holds, and whether it is a program."""

    data: bytes
    executable: bool = False


class Parts(NamedTuple):
    """What all packages are made of. Manual pages are by language, `""` for English, and name; the rest is by name or path."""

    version: str
    about: dict
    program: File
    manual: dict[tuple[str, str], File]
    completions: dict[str, File]
    papers: dict[str, File]
    nightly: dict[str, File]


def read(path):
    return File(path.read_bytes(), os.access(path, os.X_OK))


def printed(program, *arguments):
    # No locale of whoever packs: it would be the language of what is packed.
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    return subprocess.run([program, *arguments], check=True, stdout=subprocess.PIPE, env=environment).stdout


def manual(program):
    pages = {}
    for folder, lang in [("", "en"), ("zh_CN", "zh")]:
        with tempfile.TemporaryDirectory() as made:
            printed(program, "man", "--to", made, "--lang", lang)
            pages |= {(folder, page.name): File(page.read_bytes()) for page in pathlib.Path(made).iterdir()}
    return pages


def parts(program):
    about = tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))["package"]
    version = about["version"]
    # Debian and Python write versions before a release in two other ways, which nobody has needed yet.
    if not all(part.isdigit() for part in version.split(".")):
        sys.exit(f"Cargo.toml: the version {version} is not of numbers only")
    said = printed(program, "--version").decode().split()
    if said != ["huitou", version]:
        sys.exit(f"{program} is {' '.join(said)}, Cargo.toml says {version}")
    nightly = [path for name in NIGHTLY for path in ([ROOT / name] if (ROOT / name).is_file() else (ROOT / name).iterdir())]
    return Parts(
        version=version,
        about=about,
        program=File(pathlib.Path(program).read_bytes(), executable=True),
        manual=manual(program),
        completions={shell: File(printed(program, "completions", shell)) for shell in SHELLS},
        papers={name: read(ROOT / name)._replace(executable=False) for name in ["README.md", "CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT"]}
        | {"LICENSES-dependencies.txt": File(licences(ROOT, printed(program, "licenses", "--lang", "en").decode()).encode())},
        nightly={str(path.relative_to(ROOT)): read(path) for path in nightly},
    )


def tarball(made, of, epoch):
    """One folder, that needs nothing around it."""
    content = {"huitou": of.program} | of.papers | of.nightly
    content |= {os.path.join("man", language, "man1", name): page for (language, name), page in of.manual.items()}
    content |= {f"completions/{SHELLS[shell]}": file for shell, file in of.completions.items()}
    content["completions/huitou.bash"] = content.pop("completions/huitou")
    folder = f"huitou-{of.version}-x86_64-linux"
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        folders = {folder} | {f"{folder}/{above}" for path in content for above in pathlib.PurePath(path).parents if above.name}
        for path in sorted(folders | {f"{folder}/{path}" for path in content}):
            entry = tarfile.TarInfo(path)
            entry.mtime, entry.uname, entry.gname, entry.mode = epoch, "root", "root", 0o755
            if path in folders:
                entry.type = tarfile.DIRTYPE
                archive.addfile(entry)
            else:
                file = content[path.removeprefix(f"{folder}/")]
                entry.size, entry.mode = len(file.data), 0o755 if file.executable else 0o644
                archive.addfile(entry, io.BytesIO(file.data))
    (made / f"{folder}.tar.gz").write_bytes(gzip.compress(packed.getvalue(), 6, mtime=epoch))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--huitou", required=True)
    parser.add_argument("--glibc", required=True, help="the oldest glibc with which the program starts")
    parser.add_argument("--to", required=True, type=pathlib.Path)
    options = parser.parse_args()
    epoch = int(os.environ["SOURCE_DATE_EPOCH"])
    os.umask(0o022)
    options.to.mkdir(parents=True)
    of = parts(os.path.abspath(options.huitou))
    tarball(options.to, of, epoch)
    debian.package(options.to, of, options.glibc)
    wheel.wheel(options.to, of, options.glibc, epoch)
    sums = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in sorted(options.to.iterdir())]
    (options.to / "SHA256SUMS").write_text("".join(sums), encoding="ascii")


if __name__ == "__main__":
    main()
