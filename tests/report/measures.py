"""What a reader takes a figure for: changes of the figure above them, buyers that add up, no return without a comparison, inputs that did
not come, amounts in their currency, tabs that can be reached.

Run by `check.py`. Some pages are made of the report of the sample data by changing the document in it.
"""

import re

from details import changed, fill, opened, texts

# Of each tile its name, its value, and the lines below.
TILES = """[...document.querySelectorAll('.of-month .tile')].map((tile) => [tile.querySelector('.term').textContent,
    tile.querySelector('.value').firstChild.textContent, ...[...tile.querySelectorAll('.before')].map((line) => line.textContent)])"""
# The boxes of the tabs, and what lies on top in the middle of each.
TABS = """[...document.querySelectorAll('nav a')].map((tab) => { const box = tab.getBoundingClientRect();
    const top = document.elementFromPoint((box.left + box.right) / 2, (box.top + box.bottom) / 2);
    return [box.left, box.right, box.top, box.bottom, top === tab]; })"""

# The same, each tab scrolled to.
SCROLLED_TABS = TABS.replace("const box", "tab.scrollIntoView({ inline: 'center', block: 'nearest' }); const box")
# Up to this width the tabs are a row that scrolls sideways.
PHONE = 640


def number(text):
    return float(re.sub(r"[^\d.-]", "", text))


def changes(browser, address, check):
    opened(browser, address)
    for name, value, *lines in browser.run(TILES):
        line = next(line for line in lines if line.startswith("prior month"))
        before, change = re.fullmatch(r"prior month: (\S+) \((.*)\)", line).groups()
        now, before, stated = number(value), number(before), number(change)
        # Both figures are rounded as they are shown, so the change is known up to that.
        expected = now - before if change.endswith(" pp") else (now / before - 1) * 100
        check(f"the change of {name} is that of its figure", abs(expected - stated) <= (0.011 if change.endswith(" pp") else 0.15), line)
    sales = browser.run(TILES)[0]
    check("sales are compared with the year before too", any(line.startswith("a year ago: ") for line in sales[2:]), sales)


def buyers(browser, address, check):
    opened(browser, address)
    heads = texts(browser, "#monthly thead th")
    places = [heads.index(name) for name in ("Paying customers", "New customers", "Returning customers", "Refunded in full")]
    rows = browser.run("[...document.querySelectorAll('#monthly tbody tr')].map((row) => [...row.children].map((cell) => cell.textContent))")
    sums = [[number(row[place]) for place in places] for row in rows]
    check("new, returning and refunded in full are all buyers", sums and all(row[0] == sum(row[1:]) for row in sums), sums)
    check("some month has buyers refunded in full", any(row[3] > 0 for row in sums), sums)
    tile = next(tile for tile in browser.run(TILES) if tile[0] == "Paying customers")
    parts = next(line for line in tile if "refunded in full" in line)
    check("the tile says whom its buyers are made of", number(tile[1]) == sum(map(int, re.findall(r"\d+", parts.replace(",", "")))), tile)


def returns(browser, address, check):
    opened(browser, address)
    heads = texts(browser, "#effects thead th")
    place = {name: heads.index(name) for name in ("Return on cost", "Control group")}
    rows = browser.run("[...document.querySelectorAll('#effects tbody tr')].map((row) => [...row.children].map((cell) => cell.textContent))")
    alone = [row for row in rows if row[place["Control group"]] == "–"]
    check("some campaigns have no control group, and some have", 0 < len(alone) < len(rows), (len(alone), len(rows)))
    check("without a control group there is no return on cost", all(row[place["Return on cost"]] == "–" for row in alone), alone[:3])


def stale(browser, page, address, check):
    opened(browser, address)
    fresh = "".join(texts(browser, ".fresh"))
    check("the head says how fresh each input is", "11-21 " in fresh and "orders" in fresh and "10-31 service scores" in fresh, fresh)
    check("nothing is said to be stale that is not", not texts(browser, ".stale"))

    def late(data):
        orders = next(one for one in data["inputs"] if one["name"] == "orders")
        orders.update(newest_event="2026-10-31", days_without_event=21, is_stale=True)
        traffic = next(one for one in data["inputs"] if one["name"] == "traffic")
        traffic.update(silent_shops=["58501001", "58501038"])
        data["warnings"] = [
            "stale_input: orders: the newest event is of 2026-10-31, 21 days before the as-of date 2026-11-21 (`inputs.orders.freshness`: stale "
            "from 2 days on): did its export not come? days without data look like days without sales, and lists of customers are empty "
            "(stale_input)"
        ]
        data["messages"] = {data["warnings"][0]: "stale_input: orders：最新事件为 2026-10-31，早于截止日 2026-11-21 21 天"}

    other = changed(page, "stale.html", late)
    opened(browser, other)
    said = " ".join(texts(browser, ".stale p"))
    check("a stale input is said above everything", "orders is 21 days old" in said and "58501001, 58501038" in said, said)
    opened(browser, f"{other}#lang=zh")
    said = " ".join(texts(browser, ".stale p") + texts(browser, "#about li"))
    check("and in Chinese, the warning too", "21 天" in said and "早于截止日 2026-11-21" in said and "did its export" not in said, said)


def currency(browser, page, address, check):
    opened(browser, f"{address}#lang=zh")
    check("amounts in CNY are yuan", "元" in texts(browser, ".tile .value small"))

    def euro(data):
        data["currency"] = "EUR"
        fill(data, "assessment_results", "needed_unit", len(data["texts"]))
        fill(data, "assessment_results", "needed", 1_000_000)
        data["texts"].append("EUR a day")

    opened(browser, changed(page, "euro.html", euro))
    check("amounts in EUR are EUR", set(texts(browser, ".tile .value small")) == {"EUR"}, texts(browser, ".tile .value small"))
    cells = " ".join(texts(browser, "#assessments td"))
    check("what is needed a day too", "EUR a day" in cells and "yuan" not in cells, cells[:300])


def tabs(browser, address, check):
    for width in (320, 390, 768, 1440):
        for language in ("en", "zh"):
            browser.size(width, 844, mobile=width < 700)
            opened(browser, f"{address}#lang={language}")
            boxes = browser.run(TABS)
            if width <= PHONE:
                rows = {box[2] for box in boxes}
                check(f"{width} pixels, {language}: the tabs are one row", len(rows) == 1, rows)
                boxes = browser.run(SCROLLED_TABS)
                check(f"{width} pixels, {language}: each tab comes into view and can be tapped", all(box[0] >= 0 and box[1] <= width and box[4] for box in boxes), boxes)
                fades = browser.run("getComputedStyle(document.querySelector('nav ul')).maskImage")
                check(f"{width} pixels, {language}: the row fades where there is more of it", "gradient" in fades, fades)
                continue
            apart = all(
                one[1] <= other[0] or other[1] <= one[0] or one[3] <= other[2] or other[3] <= one[2]
                for at, one in enumerate(boxes)
                for other in boxes[:at]
            )
            check(f"{width} pixels, {language}: no tab lies over another, and each can be tapped", apart and all(box[4] for box in boxes), boxes)
            check(f"{width} pixels, {language}: all tabs are in view", all(box[0] >= 0 and box[1] <= width for box in boxes), boxes)
    browser.size(1440, 900)


def all_of_them(browser, page, check):
    address = page.as_uri()
    changes(browser, address, check)
    buyers(browser, address, check)
    returns(browser, address, check)
    stale(browser, page, address, check)
    currency(browser, page, address, check)
    tabs(browser, address, check)
