"""The report in a real browser: nothing on the console, nothing asked of a network, every chart drawn, every control at work.

    python tests/report/check.py HUITOU OUT_FOLDER WORK_FOLDER [--screens FOLDER]

OUT_FOLDER holds a snapshot of the sample data. Without a Chromium the checks are skipped, which is said and not counted as passed.
"""

import argparse
import json
import pathlib
import subprocess
import sys
from decimal import ROUND_HALF_UP, Decimal

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import details  # noqa: E402
import fonts  # noqa: E402
import group  # noqa: E402
import heights  # noqa: E402
import mail  # noqa: E402
import measures  # noqa: E402
import morning  # noqa: E402
import panels  # noqa: E402
import restated  # noqa: E402
from browser import Browser, find  # noqa: E402

CHARTS = [
    "daily",
    "monthly",
    "cohorts",
    "curves",
    "survival",
    "histogram",
    "lifecycle",
    "rfm",
    "migration",
    "tiers",
    "concentration",
    "months",
    "pooled",
]

results = []


def check(name, holds, found=""):
    results.append(bool(holds))
    print(f"{'ok' if holds else 'FAILED'}  {name}{'' if holds else f': {found}'}", flush=True)


def rows(table):
    """A script that reads the first cells of the rows of a table."""
    return f"[...document.querySelectorAll('{table} tbody tr')].map((row) => [...row.children].map((cell) => cell.textContent))"


def quiet(browser, name):
    check(f"{name}: nothing on the console", not browser.errors, browser.errors)
    outside = [url for url in browser.requests if not url.startswith(("file:", "data:", "about:"))]
    check(f"{name}: nothing asked of a network", not outside and len(browser.requests) == 1, browser.requests)


def charts(browser, name):
    drawn = browser.run(
        "Object.fromEntries([...document.querySelectorAll('.canvas')].map((canvas) => [canvas.id.slice(6), canvas.querySelectorAll('svg path').length]))"
    )
    check(f"{name}: every chart is there", sorted(drawn) == sorted(CHARTS), sorted(drawn))
    check(f"{name}: every chart is drawn", all(count > 3 for count in drawn.values()), drawn)
    labelled = browser.run(
        "[...document.querySelectorAll('figure.chart')].every((figure) => figure.getAttribute('aria-label').length > 10)"
    )
    check(f"{name}: every chart says what it shows", labelled)


def figures(browser, huitou, out):
    """What the page shows is what the table says."""
    shop = browser.run("document.getElementById('shop').value")
    text = subprocess.run(
        [huitou, "show", "shop_periods", "--out", out, "--shop", shop, "--format", "json", "--limit", "0"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    months = [row for row in json.loads(text) if row["grain"] == "month"]
    whole = [row for row in months if row["is_complete"]][-1]
    tiles = browser.run(
        "Object.fromEntries([...document.querySelectorAll('.of-month .tile')].map((tile) => [tile.querySelector('.term').textContent, tile.querySelector('.value').firstChild.textContent]))"
    )
    # By the exact digits of the number in the table, what lies in the middle away from zero.
    number = lambda value, decimals: f"{Decimal(value).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP):,}"
    rate = lambda value: f"{Decimal(value).quantize(Decimal('0.0001'), ROUND_HALF_UP) * 100:.2f}%"
    check(
        "the net revenue of the last whole month is that of the table",
        tiles["Net by refund"] == number(whole["net_by_refund"], 0),
        (tiles, whole["net_by_refund"]),
    )
    check("the conversion is that of the table", tiles["UV conversion"] == rate(whole["uv_conversion"]), (tiles, whole["uv_conversion"]))
    check("the orders are those of the table", tiles["Paid orders"] == number(whole["paid_orders"], 0), tiles)
    shown = {row[0].split(" ")[0]: row[1:4] for row in browser.run(rows("#monthly"))}
    expected = {
        row["period_start"][:7]: [number(row[column], 2) for column in ("net_by_refund", "paid_amount", "refund_amount")] for row in months
    }
    check("every month's money is that of the table, to the fen", shown == expected, (shown, expected))
    derived = subprocess.run(
        [huitou, "show", "segment_value", "--out", out, "--shop", shop, "--format", "json", "--limit", "0"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    stages = {row["segment"].capitalize(): row for row in json.loads(derived) if row["scheme"] == "lifecycle"}
    for row in browser.run(rows("#lifecycle")):
        of = stages[row[0]]
        wanted = [
            number(of["customers"], 0),
            rate(of["customer_share"]),
            number(of["net_revenue"], 2),
            rate(of["revenue_share"]),
            number(of["revenue_per_customer"], 2),
        ]
        check(f"stage {row[0]}: counts, shares and money are those of the table", row[1:6] == wanted, (row, wanted))


def language(browser):
    browser.run("document.getElementById('language').click()")
    browser.settle()
    check(
        "the language switch turns the page to Chinese", "店铺经营报告" in browser.run("document.querySelector('h1').textContent")
    )
    check("the page says which language it is in", browser.run("document.documentElement.lang") == "zh-CN")
    headings = browser.run("[...document.querySelectorAll('h2')].map((heading) => heading.firstChild.textContent)")
    check("all headings are Chinese", all(any("一" <= letter <= "鿿" for letter in heading) for heading in headings), headings)
    check("the focus stays on the switch", browser.run("document.activeElement.id") == "language")
    charts(browser, "Chinese")
    browser.run("document.getElementById('language').click()")
    browser.settle()
    check("and back to English", browser.run("document.documentElement.lang") == "en")


def theme(browser):
    ground = "getComputedStyle(document.body).backgroundColor"
    light = browser.run(ground)
    browser.run("document.getElementById('theme').click()")
    browser.settle()
    check("the theme switch changes the colours", browser.run(ground) != light)
    charts(browser, "dark")
    poor = browser.run(CONTRAST)
    check("dark: texts have a contrast of 4.5 to 1", not poor, poor)
    browser.run("document.getElementById('theme').click()")
    browser.settle()
    check("and back", browser.run(ground) == light)
    poor = browser.run(CONTRAST)
    check("light: texts have a contrast of 4.5 to 1", not poor, poor)


# The texts of the page against the first ground behind them that is not clear (WCAG 2.2, 1.4.3).
CONTRAST = """(() => {
  const channels = (colour) => (colour.match(/[\\d.]+/g) || []).map(Number);
  const linear = (value) => ((value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const luminance = ([red, green, blue]) => 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
  const ground = (element) => { for (let at = element; at; at = at.parentElement) { const colour = channels(getComputedStyle(at).backgroundColor); if (colour.length === 3) return colour; } return [255, 255, 255]; };
  const poor = new Set();
  for (const element of document.querySelectorAll('#page *')) {
    if (element.closest('svg') || element.closest('.chart') || ![...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())) continue;
    const [one, other] = [luminance(channels(getComputedStyle(element).color)), luminance(ground(element))].sort((a, b) => b - a);
    if ((one + 0.05) / (other + 0.05) < 4.5) poor.add(`${element.tagName}.${element.className} ${element.textContent.slice(0, 20)} ${((one + 0.05) / (other + 0.05)).toFixed(2)}`);
  }
  return [...poor].slice(0, 10);
})()"""


def shops(browser):
    before = browser.run("document.querySelector('#chart-daily svg').outerHTML.length + document.querySelector('.tile .value').textContent")
    browser.run("[...document.querySelectorAll('#shops tbody .link')][2].click()")
    browser.settle()
    chosen = browser.run("document.getElementById('shop').value")
    marked = browser.run("document.querySelector('#shops tr[aria-current] .link').textContent")
    check(
        "a shop is chosen in the table",
        chosen == marked and f"{chosen} " in browser.run("document.querySelector('h2 small').textContent"),
        (chosen, marked),
    )
    check(
        "its charts are others",
        before
        != browser.run("document.querySelector('#chart-daily svg').outerHTML.length + document.querySelector('.tile .value').textContent"),
    )
    check("the address keeps it", f"shop={chosen}" in browser.run("location.hash"))
    browser.run(
        """(() => { const input = document.getElementById('shop'); input.focus(); input.value = '58501075'; input.dispatchEvent(new Event('change')); })()"""
    )
    browser.settle()
    check("a shop is chosen by typing", "58501075 " in browser.run("document.querySelector('h2 small').textContent"))
    browser.run(
        """(() => { const input = document.getElementById('shop'); input.value = '5850'; input.dispatchEvent(new Event('change')); })()"""
    )
    check("many shops that match are said", "18 shops match" in browser.run("document.getElementById('shop-unknown').textContent"))


def tables(browser):
    column = lambda place: browser.run(f"[...document.querySelectorAll('#shops tbody tr:not(.first)')].map((row) => row.children[{place}].textContent)")
    numbers = lambda: [float(text.replace(",", "")) for text in column(1) if text != "–"]
    together = float(browser.run("document.querySelector('#shops tr.first').children[1].textContent").replace(",", ""))
    # Each is rounded to a yuan.
    check("their sum stands above them", abs(together - sum(numbers())) <= len(numbers()), (together, numbers()))
    check("the shops come by what they sold", numbers() == sorted(numbers(), reverse=True), numbers())
    press = "document.querySelectorAll('#shops thead button')[1].click()"
    browser.run(press)
    check("a click on the column turns the order", numbers() == sorted(numbers()), numbers())
    check("and says so", browser.run("document.querySelectorAll('#shops thead th')[1].getAttribute('aria-sort')") == "ascending")
    browser.run(
        """(() => { const input = document.querySelector('#shops input[type=search]'); input.value = '美妆'; input.dispatchEvent(new Event('input')); })()"""
    )
    names = browser.run("[...document.querySelectorAll('#shops tbody .below')].map((name) => name.textContent)")
    categories = column(browser.run("document.querySelectorAll('#shops thead th').length") - 1)
    check("shops are named", len(names) == len(categories) and all(names), names)
    check("the filter leaves what matches", categories and set(categories) == {"美妆"}, categories)
    check("and counts it", browser.run("document.querySelector('#shops .count').textContent") == f"{len(categories)} of 18 rows")
    browser.run("document.querySelector('#daily details').open = true")
    browser.settle()
    check("a folded table opens", browser.run("document.querySelectorAll('#daily details tbody tr').length") > 300)


def selects(browser):
    before = browser.run("document.querySelector('#chart-daily svg').outerHTML")
    browser.run(
        """(() => { const box = document.querySelector('#daily select'); box.focus(); box.value = 'conversion'; box.dispatchEvent(new Event('change')); })()"""
    )
    browser.settle()
    check("another figure is drawn", before != browser.run("document.querySelector('#chart-daily svg').outerHTML"))
    check("and keeps the focus", browser.run("document.activeElement.tagName") == "SELECT")
    before = browser.run("document.querySelector('#chart-survival svg').outerHTML")
    browser.run(
        """(() => { const box = document.querySelector('#survival select'); box.value = '2'; box.dispatchEvent(new Event('change')); })()"""
    )
    browser.settle()
    check("another interval is drawn", before != browser.run("document.querySelector('#chart-survival svg').outerHTML"))


def keyboard(browser):
    browser.run("document.activeElement.blur(); window.scrollTo(0, 0)")
    browser.run("document.querySelector('.skip').focus()")
    seen = []
    for _ in range(14):
        seen.append(browser.run("document.activeElement.id || document.activeElement.className || document.activeElement.textContent"))
        browser.key("Tab")
    check(
        "the tab key goes through the controls in order",
        [name for name in seen if name in ("skip", "shop", "language", "theme", "print")] == ["skip", "shop", "language", "theme", "print"],
        seen,
    )
    browser.run("document.querySelector('.tile .term').focus()")
    note = browser.run("[document.getElementById('note').hidden, document.getElementById('note').textContent]")
    check("focus on a figure says what it means and where it stands", not note[0] and "shop_daily.paid_amount" in note[1], note)
    browser.key("Escape")
    check("escape closes it", browser.run("document.getElementById('note').hidden"))
    outline = browser.run(
        "(() => { const button = document.getElementById('theme'); button.focus(); return getComputedStyle(button).outlineStyle; })()"
    )
    browser.key("Tab")
    check("the focus can be seen", browser.run("getComputedStyle(document.activeElement).outlineStyle") == "solid", outline)


def widths(browser, address, screens):
    for width in (320, 375, 768, 1024, 1920):
        browser.size(width, 900, mobile=width < 700)
        details.opened(browser, address)
        found = browser.run("[document.documentElement.scrollWidth, window.innerWidth]")
        check(f"{width} pixels: nothing sticks out", found[0] <= width and found[1] == width, found)
        quiet(browser, f"{width} pixels")
        if screens:
            browser.screenshot(screens / f"width-{width}.png", whole=True)
    browser.size(1440, 900)


def paper(browser, address, screens):
    browser.open(details.of_shop(address))
    browser.settle()
    pdf = browser.pdf()
    pages = pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") + pdf.count(b"/Type/Page/") + pdf.count(b"/Type /Page/")
    check("printing gives pages", pdf.startswith(b"%PDF") and len(pdf) > 50_000 and 3 < pages <= 5, (len(pdf), pages))
    browser.settle()
    check("the screen is as it was", browser.run("document.documentElement.className") == "")
    if screens:
        (screens / "print.pdf").write_bytes(pdf)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("huitou")
    parser.add_argument("out", help="output folder with a snapshot of the sample data")
    parser.add_argument("work", type=pathlib.Path, help="folder for what the checks write")
    parser.add_argument("--screens", type=pathlib.Path, help="folder for screenshots")
    options = parser.parse_args()
    chromium = find()
    if chromium is None:
        print("skipped: there is no Chromium here, so nobody looked at the report")
        return 0
    options.work.mkdir(parents=True, exist_ok=True)
    if options.screens:
        options.screens.mkdir(parents=True, exist_ok=True)
    page = (options.work / "report.html").resolve()
    subprocess.run([options.huitou, "report", "--out", options.out, "--to", page], check=True, stdout=subprocess.DEVNULL)
    address = page.as_uri()
    with Browser(chromium) as browser:
        browser.size(1440, 900)
        browser.scheme("light")
        browser.open(details.of_shop(address))
        browser.settle()
        morning.first_sight(browser, options.huitou, options.out, check)
        details.unfold(browser)
        quiet(browser, "first sight")
        charts(browser, "first sight")
        figures(browser, options.huitou, options.out)
        language(browser)
        theme(browser)
        selects(browser)
        tables(browser)
        shops(browser)
        keyboard(browser)
        quiet(browser, "after all of this")
        browser.scheme("dark")
        browser.open(details.of_shop(address))
        browser.settle()
        check("the page follows the system's dark scheme", browser.run("document.documentElement.dataset.theme") == "dark")
        browser.scheme("light")
        widths(browser, address, options.screens)
        paper(browser, address, options.screens)
        details.all_of_them(browser, page, check)
        measures.all_of_them(browser, page, check)
        mail.all_of_them(browser, options.work, options.huitou, options.out, CONTRAST, check)
        morning.alerts(browser, page, options.huitou, options.out, check)
        heights.heights(browser, page, ("en",), check)
        group.all_of_them(browser, page, options.huitou, options.out, check)
        panels.all_of_them(browser, page, options.huitou, options.out, check)
        restated.all_of_them(browser, options.work, options.huitou, CONTRAST, check)
        fonts.all_of_them(browser, page, check, options.screens)
    passed = sum(results)
    print(f"{passed} passed, {len(results) - passed} failed")
    return 0 if passed == len(results) else 1


if __name__ == "__main__":
    sys.exit(main())
