"""What changed since yesterday: the months, the causes and the rest are those of the table `restatements`; where nothing changed, a few words;
where nothing was compared, one sentence.

Run by `check.py`. The pages are those of the nights of `tests/oracle/restated_nights.py`.
"""

import json
import pathlib
import subprocess
import sys

from details import changed, opened, texts, unfold

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "oracle"))
from restated_nights import Scene, nights  # noqa: E402

OF_MONTHS = {"paid_amount": "Paid amount", "net_by_payment": "Net by payment", "paying_customers": "Paying customers"}
CAUSES = {
    "late_payment": "paid late",
    "late_refund": "refunded later",
    "new_version": "newer versions",
    "late_order": "came late",
    "vanished": "gone",
    "moved": "other customer or day",
    "other": "other inputs, or not known",
}
ADVICE = {
    "late_payment": "Usual: buyers pay later. Nothing to do.",
    "late_refund": "Usual: refunds come after the month. Nothing to do.",
    "new_version": "Expected after corrections; else ask who changed these orders.",
    "late_order": "Expected after an export that came late; check that the export is complete.",
    "vanished": "A file or rows are missing: restore the export.",
    "moved": "Ask who changed the customer or the day of these orders.",
    "other": "Look at the inputs besides the orders.",
}
CELLS = """((panel) => [...document.querySelectorAll(`#${panel} tbody tr`)].map((row) => [...row.children].map((cell) => cell.textContent)))"""
CUT = """[...document.querySelectorAll('#restated .scroll')].filter((box) => box.getClientRects().length && box.scrollWidth > box.clientWidth + 1).length"""


def rows(huitou, out, snapshot, shop=None):
    command = [huitou, "show", "restatements", "--out", out, "--snapshot", snapshot, "--format", "json", "--limit", "0", *(["--shop", shop] if shop else [])]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def money(value):
    return f"{'+' if value > 0 else ''}{value:,.2f}"


def number(value, unit):
    return f"{value:,.2f}" if unit == "CNY" else f"{value:,.0f}"


def signed(value, unit):
    return f"{'+' if value > 0 else ''}{number(value, unit)}"


def because(row):
    """Why, as the page says it: the causes that did anything, that which did most first; of what is no money the main one alone. And what to do."""
    found, is_money = [], any(row[f"{cause}_amount"] is not None for cause in CAUSES)
    for place, (cause, name) in enumerate(CAUSES.items()):
        amount, orders = row[f"{cause}_amount"], row[f"{cause}_orders"]
        if not (orders if amount is None else amount) or not is_money and cause != row["cause"]:
            continue
        counted = f"({orders} order{'s' if orders != 1 else ''})" if orders else ""
        said = " ".join(part for part in (name, "" if amount is None else money(amount), counted) if part)
        found.append((-abs(amount or 0), -(orders or 0), place, said))
    return ("; ".join(said for *_, said in sorted(found)) or CAUSES[row["cause"]]) + ADVICE[row["cause"]]


def page_of(huitou, out, snapshot, work):
    page = (work / f"restated-{snapshot}.html").resolve()
    subprocess.run([huitou, "report", "--out", out, "--snapshot", snapshot, "--to", page], check=True, stdout=subprocess.DEVNULL)
    return page


def months(browser, page, table, shop, before, check):
    """Every month's figures, to the fen, and why; and with which snapshot they are compared."""
    opened(browser, f"{page.as_uri()}#shop={shop}&lang=en")
    against = texts(browser, "#restated-against")
    check(f"{shop}: the snapshot before is named, with its date", against == [f"Compared with the snapshot of {before[:10]} ({before})."], (against, before))
    own = [row for row in table if str(row["shop_id"]) == shop and row["table"] == "shop_periods" and row["grain"] == "month" and row["metric"] in OF_MONTHS]
    own.sort(key=lambda row: ([-int(part) for part in row["period_start"].split("-")], list(OF_MONTHS).index(row["metric"])))
    wanted = [
        [
            f"{row['period_start'][:7]} {OF_MONTHS[row['metric']]}",
            number(row["old"], row["unit"]),
            number(row["new"], row["unit"]),
            signed(row["difference"], row["unit"]),
            f"{row['relative'] * 100:+,.1f}%",
            because(row),
        ]
        for row in own
    ]
    shown = browser.run(f"{CELLS}('restated_months')")
    check(f"{shop}: the months that changed are those of the table, and why", own and shown == wanted, (shown, wanted))
    amounts = [row for row in table if str(row["shop_id"]) == shop and row["other_amount"] is not None and row["dimension"] == "all"]
    said = {(row["metric"], row["grain"], row["period_start"]) for row in amounts if row["table"] == "shop_periods"}
    once = [row for row in amounts if row["table"] == "shop_periods" or (row["metric"], row["grain"], row["period_start"]) not in said]
    cells = browser.run(f"{CELLS}('restated_amounts')")
    wrong = [row for row in cells if abs(sum(float(cell.replace(",", "")) for cell in row[2:-1]) - float(row[-1].replace(",", ""))) > 0.001]
    check(f"{shop}: the amounts of the causes add up, once for each sum", len(cells) == len(once) and not wrong, (len(cells), len(once), wrong))
    for name in ("cohort_retention", "shop_periods"):
        count = len([row for row in table if str(row["shop_id"]) == shop and row["table"] == name and "=" not in row["dimension"] and row not in own])
        shown = browser.run(f"document.querySelectorAll('#restated_{name} tbody tr').length")
        check(f"{shop}: all other figures of {name}, without dimensions", shown == count, (shown, count))
    check(f"{shop}: what is folded in is folded in", browser.run("document.querySelector('#restated_amounts').closest('details.more') !== null"))


def group(browser, page, table, check):
    """The sum of the shops, then each whose money changed in a line, which opens it, that with the largest change first."""
    browser.open(page.as_uri())
    browser.settle()
    cells = browser.run(f"{CELLS}('restated_shops')")
    paid = {}
    for row in table:
        if row["table"] == "shop_periods" and row["grain"] == "month" and row["metric"] == "paid_amount":
            paid[str(row["shop_id"])] = paid.get(str(row["shop_id"]), 0) + row["difference"]
    together, cells = ([], cells) if len(cells) == 1 else (cells[0], cells[1:])
    shown = {row[0].split(" ")[0]: row[1] for row in cells}
    check("all shops: what changed of each", shown == {shop: money(value) for shop, value in paid.items()}, (shown, paid))
    check("all shops: their sum comes first", not together or together[:2] == ["All", money(sum(paid.values()))], (together, paid))
    sizes = [sum(abs(float(cell.replace(",", ""))) for cell in row[1:3] if cell != "–") for row in cells]
    check("all shops: the largest change comes first", sizes == sorted(sizes, reverse=True), sizes)
    check("all shops: none without a change of money", all(row[3] != "0" for row in cells), cells)
    browser.run("document.querySelector('#restated_shops tbody .link').click()")
    browser.settle()
    chosen = browser.run("document.getElementById('shop').value")
    check("all shops: a line opens its shop", chosen == cells[0][0].split(" ")[0], (chosen, cells[0]))


def looks(browser, page, shop, contrast, check):
    """On a telephone, in Chinese, in the dark and on paper."""
    for width in (320, 390, 1280):
        browser.size(width, 900, mobile=width < 700)
        opened(browser, f"{page.as_uri()}#shop={shop}&lang=zh")
        found = browser.run("document.documentElement.scrollWidth")
        check(f"what changed, {width} pixels: nothing sticks out and no table is cut", found <= width and not browser.run(CUT), found)
    browser.size(1440, 900)
    words = texts(browser, "#restated h2, #restated h3, #restated thead th, #restated .remark, #restated_months tbody td:last-child, #restated tbody th")
    english = [word for word in words if not any("一" <= letter <= "鿿" for letter in word)]
    check("what changed: all of it is Chinese", words and not english, english[:10])
    check("what changed: texts have contrast", not browser.run(contrast), browser.run(contrast))
    browser.open(f"{page.as_uri()}#shop={shop}&lang=zh")
    browser.settle()
    check("what changed: on the page before anything is unfolded", browser.run("document.getElementById('restated_months').getClientRects().length") == 1)
    pdf = browser.pdf()
    check("what changed: printed", pdf.startswith(b"%PDF") and not browser.errors, browser.errors)


def nothing(browser, page, check):
    """Nothing changed: a few words beside a heading, and no part of the page."""
    for address in (page.as_uri(), f"{page.as_uri()}#shop=58501001"):
        browser.open(address)
        browser.settle()
        unfold(browser)
        found = (texts(browser, "#restated-nothing"), browser.run("document.getElementById('restated') === null"), texts(browser, "nav a"))
        check("nothing changed: a few words", len(found[0]) == 1 and found[1] and "What changed since yesterday" not in found[2], found)
    address = changed(page, "restated-absent.html", lambda data: data["tables"].pop("restatements"))
    browser.open(address)
    browser.settle()
    check("no such table: not a word", browser.run("document.querySelector('#restated, #restated-nothing') === null"))


def job(browser, page, check):
    """Another job: one sentence with its keys."""
    for lang, word in (("en", "The job has changed"), ("zh", "作业配置有改动")):
        for chosen in ("", "shop=58501001&"):
            browser.open(f"{page.as_uri()}#{chosen}lang={lang}")
            browser.settle()
            lines = texts(browser, "#restated p")
            check(f"another job, {lang}: one sentence", len(lines) == 1 and word in lines[0] and "`params.cohort`" in lines[0], lines)
            check("and no table", browser.run("document.querySelector('#restated table') === null"))


def all_of_them(browser, work, huitou, contrast, check):
    scene = Scene(huitou, work / "restated")
    out = work / "restated" / "out"
    made = [(what, before, now) for what, before, now, _, _ in nights(scene)]
    found, before = {what: now for what, _, now in made}, {now: before for _, before, now in made}
    snapshot = found["a late day, one written anew, one gone"]
    page, table = page_of(huitou, out, snapshot, work), rows(huitou, out, snapshot)
    shops = sorted({str(row["shop_id"]) for row in table})
    for shop in shops:
        months(browser, page, table, shop, before[snapshot], check)
    group(browser, page, table, check)
    looks(browser, page, shops[0], contrast, check)
    nothing(browser, page_of(huitou, out, found["nothing came"], work), check)
    job(browser, page_of(huitou, out, found["another job"], work), check)
