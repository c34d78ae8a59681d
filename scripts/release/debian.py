"""A Debian package, made by dpkg-deb."""

import gzip
import hashlib
import pathlib
import subprocess
import tempfile
import textwrap

COMPLETIONS = {
    "bash": "usr/share/bash-completion/completions/huitou",
    "zsh": "usr/share/zsh/vendor-completions/_huitou",
    "fish": "usr/share/fish/vendor_completions.d/huitou.fish",
}
DOCUMENTS = "usr/share/doc/huitou"


def packed(data):
    return gzip.compress(data, 9, mtime=0)


def content(of):
    """What the package installs: data and mode by path."""
    files = {"usr/bin/huitou": (of.program.data, 0o755)}
    for (language, name), page in of.manual.items():
        files[str(pathlib.PurePath("usr/share/man", language, "man1", f"{name}.gz"))] = (packed(page.data), 0o644)
    for shell, file in of.completions.items():
        files[COMPLETIONS[shell]] = (file.data, 0o644)
    papers = {name: paper.data for name, paper in of.papers.items()}
    files[f"{DOCUMENTS}/README.md"] = (papers["README.md"], 0o644)
    # Not changelog.gz, which programs read as one of Debian's form.
    files[f"{DOCUMENTS}/CHANGELOG.md.gz"] = (packed(papers["CHANGELOG.md"]), 0o644)
    files[f"{DOCUMENTS}/copyright"] = (copyright_file(papers), 0o644)
    files[f"{DOCUMENTS}/LICENSES-dependencies.txt.gz"] = (packed(papers["LICENSES-dependencies.txt"]), 0o644)
    for path, file in of.nightly.items():
        files[f"{DOCUMENTS}/examples/{path}"] = (file.data, 0o755 if file.executable else 0o644)
    return files


def copyright_file(papers):
    """The MIT licence as it is; that of Apache stands in every Debian system."""
    return (
        b"huitou is licensed under the MIT License or the Apache License, Version 2.0, as you choose. The latter is\n"
        b"/usr/share/common-licenses/Apache-2.0. The licences of the libraries in it are in LICENSES-dependencies.txt.gz.\n\n"
    ) + papers["LICENSE-MIT"]


def control(of, glibc, size):
    return f"""Package: huitou
Version: {of.version}
Architecture: amd64
Maintainer: huitou contributors
Installed-Size: {size // 1024 + 1}
Depends: libc6 (>= {glibc})
Suggests: ca-certificates
Section: utils
Priority: optional
Description: result tables of online shops' histories, every night
{textwrap.fill(of.about["description"] + ".", 79, initial_indent=" ", subsequent_indent=" ")}
"""


def package(made, of, glibc):
    files = content(of)
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder) / "root"
        for path, (data, mode) in files.items():
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
            file.chmod(mode)
        about = root / "DEBIAN"
        about.mkdir()
        (about / "control").write_text(control(of, glibc, sum(len(data) for data, _ in files.values())), encoding="utf-8")
        sums = "".join(f"{hashlib.md5(data).hexdigest()}  {path}\n" for path, (data, _) in sorted(files.items()))
        (about / "md5sums").write_text(sums, encoding="utf-8")
        # xz, which dpkg of every age unpacks; newer ones would take zstd. What is younger than SOURCE_DATE_EPOCH gets that time.
        command = ["dpkg-deb", "--root-owner-group", "-Zxz", "--build", str(root), str(made / f"huitou_{of.version}_amd64.deb")]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
