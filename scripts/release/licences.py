"""The licences of the crates that the program is made of: which they are, and their texts, which must come with a program."""

import json
import pathlib
import subprocess

NAMES = ("LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE", "UNLICENSE")
PAGE = "src/report/assets/echarts"


def sources(root):
    """The folder of each crate by name and version, as cargo unpacked it."""
    command = ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", "x86_64-unknown-linux-gnu"]
    metadata = subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=root).stdout
    return {(crate["name"], crate["version"]): pathlib.Path(crate["manifest_path"]).parent for crate in json.loads(metadata)["packages"]}


def texts(folder):
    """The texts of licences in a folder."""
    for file in sorted(folder.iterdir()):
        if file.name.upper().startswith(NAMES) and file.is_file():
            yield file.read_text(encoding="utf-8", errors="replace").replace("\r\n", "\n").strip("\n")


def licences(root, listed):
    """What `huitou licenses` prints, `listed`, and below it each text once, under the names of those whose it is."""
    folders = sources(root)
    whose = {}
    for line in (root / "src/cli/licenses.tsv").read_text(encoding="utf-8").splitlines():
        name, version = line.split("\t")[:2]
        # A crate without a text is one of the licences whose texts are there from others.
        for text in texts(folders[name, version]):
            whose.setdefault(text, []).append(f"{name} {version}")
    for text in texts(root / PAGE):
        whose.setdefault(text, []).append("Apache ECharts")
    rule = "=" * 78
    return listed + "".join(f"\n{rule}\n{', '.join(names)}\n{rule}\n\n{text}\n" for text, names in whose.items())
