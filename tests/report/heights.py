"""The page of every shop is five screens long at most before anything is unfolded, and so is that of all of them together.

    python tests/report/heights.py HUITOU OUT_FOLDER WORK_FOLDER

OUT_FOLDER holds a snapshot, of whatever data. Without a Chromium the check is skipped, which is said and not counted as passed.
"""

import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from browser import Browser, find  # noqa: E402

SCREEN = 900
SCREENS = 5
# What takes the room, for whoever has to find it.
PARTS = "[...document.querySelectorAll('main > section > *')].map((part) => [part.parentElement.id, part.id || part.className, Math.round(part.getBoundingClientRect().height)]).filter((part) => part[2] > 60)"


def heights(browser, page, languages, check):
    """Of all shops and languages; the browser is left at another page."""
    browser.size(1440, SCREEN)
    browser.open(page.as_uri())
    for shop in [None, *browser.run("report.data.shops")]:
        for language in languages:
            browser.open(f"{page.as_uri()}#{f'shop={shop}&' if shop else ''}lang={language}")
            browser.settle()
            height = browser.run("document.documentElement.scrollHeight")
            found = height <= SCREENS * SCREEN
            check(f"{shop or 'all shops'}, {language}: the page is five screens long at most", found, "" if found else (height, browser.run(PARTS)))


def main():
    huitou, out, work = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    chromium = find()
    if chromium is None:
        print("skipped: there is no Chromium here, so nobody measured the pages")
        return 0
    work.mkdir(parents=True, exist_ok=True)
    page = (work / "report.html").resolve()
    subprocess.run([huitou, "report", "--out", out, "--to", page], check=True, stdout=subprocess.DEVNULL)
    results = []

    def check(name, holds, found=""):
        results.append(bool(holds))
        print(f"{'ok' if holds else 'FAILED'}  {name}{'' if holds else f': {found}'}", flush=True)

    with Browser(chromium) as browser:
        heights(browser, page, ("en", "zh"), check)
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
