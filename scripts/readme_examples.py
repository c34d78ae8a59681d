"""Runs the examples of README.md and of the manual as they are printed there, so that they stay correct.

    python scripts/readme_examples.py HUITOU OUT

HUITOU is the program, OUT an output folder with a snapshot of the sample data. Every block of Python is run, and, of README.md and
of the reference pages, every block of shell that calls nothing but `huitou`, in a folder where `out`, `jobs` and `sample_data` are.
"""

import glob
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
README = ["README.md", "docs/zh/README.md"]
# Of the other pages only the Python: scripts/manual.py runs their queries and commands, and compares the results that they print.
MANUAL = ["docs/reading.md", "docs/recipes.md", "docs/lists.md", "docs/zh/reading.md", "docs/zh/recipes.md", "docs/zh/lists.md"]


def reference():
    """The reference pages, whose commands must not only work but print something."""
    return sorted(os.path.relpath(page, ROOT) for folder in ("docs", "docs/zh") for page in glob.glob(f"{ROOT}/{folder}/reference/*.md"))


FENCE = re.compile(r"^```(python|sh)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def examples(text):
    """(line, command) of every block that can be run."""
    for block in FENCE.finditer(text):
        language, body = block.groups()
        line = text.count("\n", 0, block.start()) + 1
        if language == "python":
            yield line, [sys.executable, "-c", body]
        elif all(command.startswith("huitou ") for command in body.splitlines()):
            yield line, ["sh", "-ec", body]


def main():
    huitou, out = map(os.path.abspath, sys.argv[1:])
    found = []
    for page in README + reference() + MANUAL:
        with open(os.path.join(ROOT, page), encoding="utf-8") as text:
            runnable = examples(text.read())
            found += [(f"{page}:{line}", command) for line, command in runnable if page not in MANUAL or command[0] == sys.executable]
    passed = 0
    with tempfile.TemporaryDirectory() as folder:
        os.symlink(out, os.path.join(folder, "out"))
        for name in ("jobs", "sample_data"):
            os.symlink(os.path.join(ROOT, name), os.path.join(folder, name))
        environment = {**os.environ, "PATH": os.path.dirname(huitou) + os.pathsep + os.environ["PATH"]}
        for place, command in found:
            run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
            # An example without output has lost its data.
            works = run.returncode == 0 and run.stdout.strip() != ""
            passed += works
            print(f"{'ok    ' if works else 'FAILED'} {place}")
            if not works:
                print(run.stdout + run.stderr)
    # Without any example, the fences of blocks must have changed.
    failed = len(found) - passed if found else 1
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
