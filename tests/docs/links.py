"""Holds every link between the pages of the project, and every image, against the files and headings that are there.

    python tests/docs/links.py
"""

import glob
import os
import re
import sys
import unicodedata

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# Images too: `![text](file)`.
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


def anchor(heading):
    """The anchor that GitHub and GitLab make of a heading: lower case, no punctuation, hyphens for blanks."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading.strip()).lower()
    kept = [letter for letter in text if letter in " -_" or unicodedata.category(letter)[0] in "LNM"]
    return "".join(kept).replace(" ", "-")


def text_of(path):
    """A page without its blocks of code, where brackets mean something else."""
    with open(path, encoding="utf-8") as page:
        return FENCE.sub("", page.read())


def broken(path):
    """What is wrong with the links of a page."""
    for target in LINK.findall(text_of(path)):
        if "://" in target or target.startswith("mailto:"):
            continue
        name, _, place = target.partition("#")
        file = os.path.normpath(os.path.join(os.path.dirname(path), name)) if name else path
        if not os.path.exists(file):
            yield f"{target}: there is no such file"
        elif place and file.endswith(".md") and place not in map(anchor, HEADING.findall(text_of(file))):
            yield f"{target}: the page has no such heading"


def main():
    pages = sorted(glob.glob(os.path.join(ROOT, "*.md")) + glob.glob(os.path.join(ROOT, "docs", "**", "*.md"), recursive=True))
    failed = 0
    for path in pages:
        found = list(broken(path))
        failed += bool(found)
        for problem in found:
            print(f"FAILED {os.path.relpath(path, ROOT)}: {problem}")
    print(f"{len(pages) - failed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
