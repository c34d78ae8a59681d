"""Several shops, and the lists: the page opens on all shops together, says what is the most urgent in any of them, and opens a shop on demand.

Run by `check.py`. Some pages are made of the report of the sample data by changing the document in it.
"""

import json
import re
import subprocess
from collections import Counter, defaultdict

from details import FORMS, changed, expanded, fill, opened, texts, unfold
from morning import TILES, adds_up

SCREEN = 900
SEVERITIES = ["alarm", "watch", "info"]


def rows(huitou, out, table):
    """The rows of a table, of all shops."""
    command = [huitou, "show", table, "--out", out, "--format", "json", "--limit", "0"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def change(now, before):
    return f"{(now / before - 1) * 100:+,.1f}%"


def first_screen(browser, page, huitou, out, check):
    """What all shops have together is the sum of what each of them has."""
    browser.open(page.as_uri())
    browser.settle()
    heads = (texts(browser, "h1")[0], browser.run("document.title"))
    check("a page of several shops is called by their number and day", heads == ("18 shops · Shop report", "18 shops · 2026-11-21 · Shop report"), heads)
    check("and so it is before it is drawn", "<title>18 shops · 2026-11-21 · Shop report</title>" in page.read_text(encoding="utf-8"))
    days = defaultdict(lambda: defaultdict(float))
    for row in rows(huitou, out, "shop_daily"):
        for column in ("paid_amount", "paid_orders", "uv"):
            days[row["date"]][column] += float(row[column] or 0)
        days[row["date"]]["buyers"] += row["paying_customers"] or 0
    paid = lambda dates: sum(days[date]["paid_amount"] for date in dates)
    now = paid(["2026-11-21"])
    yesterday = browser.run(f"{TILES}('yesterday')")
    wanted = [f"{now:,.0f}", f"vs day before {change(now, paid(['2026-11-20']))}", f"vs last Sat {change(now, paid(['2026-11-14']))}"]
    check("all shops: yesterday is the sum over the shops", yesterday["Paid amount"] == wanted, (yesterday["Paid amount"], wanted))
    last = days["2026-11-21"]
    check("all shops: the conversion is buyers for visitors", yesterday["Conversion"][0] == f"{last['buyers'] / last['uv'] * 100:.2f}%", yesterday["Conversion"])
    same = lambda month: [f"{month}-{day:02}" for day in range(1, 22)]
    now = paid(same("2026-11"))
    wanted = [f"{now:,.0f}", f"vs last month {change(now, paid(same('2026-10')))}", f"vs last year {change(now, paid(same('2025-11')))}"]
    month = browser.run(f"{TILES}('month')")
    check("all shops: and so is the month", month["Paid amount"] == wanted, (month["Paid amount"], wanted))
    plans = [row for row in rows(huitou, out, "plan_progress") if (row["month"], row["measure"], row["channel"]) == ("2026-11-01", "sales", "(all)")]
    plan, actual = (sum(float(row[name]) for row in plans if row["status"]) for name in ("plan", "actual"))
    check("all shops: the plan is that of all", month["Sales plan done"][0] == f"{actual / plan * 100:.1f}%", (month["Sales plan done"], plan, actual))
    said = browser.run("[...document.querySelectorAll('#why li span')].map((part) => Number(part.textContent.replace(/,/g, '')))")
    total = sum(float(row["change"]) for row in last_months(rows(huitou, out, "sales_drivers")))
    adds_up(browser, said, total, "all shops: the parts of the change", check)
    # The tile and the row of all are of one plan, that of what the shops are paid.
    gap = sum(float(row["plan"]) - float(row["projected"]) for row in plans)
    heads = texts(browser, "#shops thead th")
    at = heads.index("Gap to sales plan (2026-11)")
    cell = texts(browser, "#shops tr.first > *")[at]
    wanted = f"{abs(gap):,.0f} {'short' if gap > 0 else 'above'}"
    check("all shops: the gap in the list is that of the tile", cell == wanted, (cell, wanted))
    bottom = browser.run("document.querySelector('#todo li').getBoundingClientRect().bottom")
    check("all shops: the first screen has the first thing to do", bottom <= SCREEN, bottom)


def last_months(drivers):
    months = [row for row in drivers if row["grain"] == "month"]
    last = max(row["period_start"] for row in months)
    return [row for row in months if row["period_start"] == last]


def most(changes):
    """The change of all, and the shops that made most of it with their amounts; whether shops cancel out."""
    total = sum(changes.values())
    ordered = sorted(changes.items(), key=lambda change: -abs(change[1]))
    wanted = []
    for shop, amount in ordered:
        if amount * total > 0 and len(wanted) < 3 and abs(sum(part for _, part in wanted)) * 2 < abs(total):
            wanted.append((shop, amount))
    against = [(shop, amount) for shop, amount in ordered if amount * total < 0]
    is_cancelled = abs(sum(part for _, part in wanted)) > 2 * abs(total) and bool(against)
    return total, [wanted[0], against[0]] if is_cancelled else wanted, is_cancelled


def shops_of_month(browser, page, huitou, out, check):
    """Which shops made the change of the month, in yuan that add up to it; a shop that is young has its change apart."""
    names = {str(row["shop_id"]): row["name"] for row in rows(huitou, out, "shops")}
    drivers = {str(row["shop_id"]): row for row in last_months(rows(huitou, out, "sales_drivers"))}
    parts = "[...document.querySelectorAll('#why .pair')].map((pair) => [pair.firstChild.textContent.trim(), pair.querySelector('span').textContent])"
    number = lambda text: int(text.replace(",", ""))

    def told(name):
        shown = browser.run(parts)
        change = number(re.search(r": ([+-]?[\d,]+)", texts(browser, "#why-title")[0])[1])
        check(f"{name}: the shops of the month add up to its change", shown and sum(number(amount) for _, amount in shown) == change, (shown, change))
        said = browser.run("[...document.querySelectorAll('#why li')].map((line) => line.textContent)")
        check(f"{name}: and so do the factors", sum(number(line.rsplit(" ", 1)[1]) for line in said) == change, (said, change))
        return shown, said

    browser.open(page.as_uri())
    browser.settle()
    shown, said = told("all shops")
    _, wanted, _ = most({shop: float(row["change"]) for shop, row in drivers.items()})
    found = [name for name, _ in shown]
    check("those that made most of it are named", found == [*(names[shop] for shop, _ in wanted), f"{len(names) - len(wanted)} others"], (found, wanted))
    check("shops of which all months are there are no factor", not any("whole month" in line for line in said), said)
    young = wanted[0][0]
    place = next(at for at, shop in enumerate(json.loads(re.search(r'id="data">(.*?)</script>', page.read_text(encoding="utf-8"), re.DOTALL)[1])["shops"]) if shop == young)

    def opened_lately(data):
        """The first of them has no month before."""
        of = data["tables"]["sales_drivers"]
        hide(of, "change", place)

    browser.open(changed(page, "young.html", opened_lately))
    browser.settle()
    shown, said = told("a young shop")
    line = [line for line in said if line.startswith("shops without a whole month before")]
    days = {row["date"]: float(row["paid_amount"] or 0) for row in rows(huitou, out, "shop_daily") if str(row["shop_id"]) == young}
    amount = sum(days[f"2026-11-{day:02}"] - days[f"2026-10-{day:02}"] for day in range(1, 22))
    check("its change is a factor of its own", len(line) == 1 and abs(number(line[0].rsplit(" ", 1)[1]) - amount) <= 1, (said, amount))


def without_totals(browser, page, huitou, out, check):
    """A job that asks for no totals has the sum of its shops all the same, and says nothing of people."""

    def none(data):
        del data["tables"]["total_periods"]
        data["missing"]["total_periods"] = "`params.totals` asks for none"

    months = [row for row in rows(huitou, out, "shop_periods") if row["grain"] == "month"]
    paid = lambda month: sum(float(row["paid_amount"]) for row in months if row["period_start"] == month)
    now, before, year_ago = (paid(month) for month in ("2026-10-01", "2026-09-01", "2025-10-01"))
    found = {}
    for name, address in (("with", page.as_uri()), ("without", changed(page, "untotalled.html", none))):
        browser.open(address)
        browser.settle()
        heads = texts(browser, "#shops thead th")
        found[name] = dict(zip(heads, texts(browser, "#shops tr.first > *")))
        wanted = [f"{now:,.0f}", change(now, before), change(now, year_ago)]
        cells = [found[name][head] for head in ("Paid amount", "vs month before", "vs year before")]
        check(f"{name} totals: the month of all shops is their sum", cells == wanted, (cells, wanted))
        said = texts(browser, "#shops .remark")[0]
        check(f"{name} totals: customers are counted or said not to be", ("no customers are counted" in said) == (name == "without"), said)
    apart = {head for head in found["with"] if found["with"][head] != found["without"][head]}
    check("only people are left out", {found["without"][head] for head in apart} == {"–"} and apart, apart)


def hide(of, column, owner):
    """Makes the cells of a column null in the rows of a shop."""
    cells = expanded(of["columns"][column])
    owners = expanded(of["columns"]["shop_id"])
    for form in FORMS:
        of["columns"][column].pop(form, None)
    of["columns"][column]["cells"] = [None if whose == owner else cell for cell, whose in zip(cells, owners)]


def movers(browser, page, huitou, out, check):
    """Which shops made most of yesterday's change: as many as make half of it, three at most, with their amounts; the largest of either way where
    these made more than twice of it."""
    names = {str(row["shop_id"]): row["name"] for row in rows(huitou, out, "shops")}
    paid = defaultdict(dict)
    for row in rows(huitou, out, "shop_daily"):
        paid[row["date"]][str(row["shop_id"])] = float(row["paid_amount"] or 0)
    browser.open(page.as_uri())
    browser.settle()
    shown = browser.run(
        """[...document.querySelectorAll('#yesterday .mover')].map((line) => [line.textContent, [...line.querySelectorAll('button')].map((shop) => [shop.textContent,
        shop.nextElementSibling.textContent])])"""
    )
    check("both comparisons of yesterday name shops", [line[0].split(" ")[1] for line in shown] == ["day", "last"], shown)
    now = paid["2026-11-21"]
    for date, (text, said) in zip(("2026-11-20", "2026-11-14"), shown):
        changes = {shop: amount - paid[date].get(shop, 0) for shop, amount in now.items()}
        total, wanted, is_cancelled = most(changes)
        check(f"against {date}: the shops that made most of the change", [tuple(each) for each in said] == [(names[shop], f"{amount:+,.0f}") for shop, amount in wanted], (said, wanted))
        check(f"against {date}: the change is that of all", f" {total:+,.0f}, {'among them' if is_cancelled else 'mostly'}:" in text, (text, total))
    browser.run("document.querySelector('#yesterday .mover button').click()")
    browser.settle()
    check("a shop that made a change opens", texts(browser, "h1")[0].startswith(f"{shown[0][1][0][0]} · "), texts(browser, "h1"))


def alerts(browser, page, huitou, out, check):
    """All alarms and watches of the last seven days of every shop, alarms first, of either the newest first, each with its shop."""
    browser.open(page.as_uri())
    browser.settle()
    names = {str(row["shop_id"]): row["name"] for row in rows(huitou, out, "shops")}
    found = [row for row in rows(huitou, out, "alerts") if row["date"] >= "2026-11-15"]
    wanted = Counter((names[str(row["shop_id"])], row["date"]) for row in found if row["severity"] != "none" and not row["metric"].startswith("uv:"))
    cells = browser.run("[...document.querySelectorAll('#alerts tbody tr')].map((row) => [...row.children].map((cell) => cell.textContent))")
    shown = Counter((row[0], row[2]) for row in cells if row[7] in ("Alarm", "Watch") and not row[1].startswith("Visitors by"))
    check("all shops: every alarm and watch is there with its shop", wanted and shown == wanted, (shown - wanted, wanted - shown))
    levels = [row[7] for row in cells if row[7] in ("Alarm", "Watch")]
    check("all shops: alarms come first", levels == sorted(levels), levels)
    days = [row[2] for row in cells if row[7] == "Alarm"]
    check("all shops: the newest alarms come first", days and days == sorted(days, reverse=True), days[:5])
    colours = browser.run("[...document.querySelectorAll('#alerts tbody .status')].map((level) => [level.textContent, level.className])")
    wanted = {("Alarm", "status bad"), ("Alarm", "status good"), ("Watch", "status warn"), ("Watch", "status good"), ("as usual", "status rest")}
    check("all shops: alarms are red and watches yellow, what is good green", {tuple(each) for each in colours} <= wanted, colours)
    browser.run("document.querySelector('#alerts tbody .link').click()")
    browser.settle()
    check("all shops: an alarm opens its shop", texts(browser, "h1")[0].startswith(f"{cells[0][0]} · "), texts(browser, "h1"))


def to_do(browser, page, huitou, out, check):
    """The most urgent lines of any shop, each with its shop."""
    browser.open(page.as_uri())
    browser.settle()
    brief = rows(huitou, out, "brief")
    names = {str(row["shop_id"]): row["name"] for row in rows(huitou, out, "shops")}
    known = {(names[str(row["shop_id"])], row["text_en"]): row for row in brief}
    shown = browser.run("[...document.querySelectorAll('#todo li')].map((line) => [line.querySelector('.whose').textContent, line.querySelector('.said').textContent])")
    check("all shops: every line is of the shop that stands before it", shown and all(tuple(line) in known for line in shown), shown)
    order = [(SEVERITIES.index(row["severity"]), -row["weight"]) for row in (known[tuple(line)] for line in shown)]
    check("all shops: the most urgent come first", order == sorted(order), order)
    heaviest = max(row["weight"] for row in brief)
    check("all shops: and nothing is more urgent than the first", -order[0][1] == heaviest, (order[0], heaviest))
    kinds = [known[tuple(line)]["kind"] for line in shown]
    firsts = {kinds.index(kind) for kind in kinds}
    check("all shops: no shop hides the others", max(Counter(name for at, (name, _) in enumerate(shown) if at not in firsts).values()) <= 2, shown)
    check("all shops: each kind that somebody must look at has a line", {row["kind"] for row in brief if row["severity"] != "info"} <= set(kinds), kinds)
    others = int(re.search(r"\d+", texts(browser, "#todo .remark")[0])[0])
    check("all shops: those that have no room are counted", others + len(shown) == len(brief), (others, len(shown), len(brief)))


def opening(browser, page, check):
    """A shop is opened from its line, and all of them again from its page."""
    browser.open(page.as_uri())
    browser.settle()
    name = texts(browser, "#todo .whose")[0]
    browser.run("document.querySelector('#shops .link').scrollIntoView(); document.querySelector('#todo .whose').click()")
    browser.settle()
    found = (texts(browser, "h1")[0], browser.run("scrollY"), browser.run("document.title"))
    check("a shop opens from the line about it, at its top", found == (f"{name} · Shop report", 0, f"{name} · 2026-11-21 · Shop report"), found)
    browser.run("document.getElementById('all-shops').click()")
    browser.settle()
    check("and all of them are shown again", texts(browser, "h1")[0].startswith("18 shops") and "shop=" not in browser.run("location.hash"))
    link = browser.run("document.querySelector('#shops tbody .link').textContent")
    browser.run("document.querySelector('#shops tbody .link').click()")
    browser.settle()
    check("a shop opens from the list, at its top", browser.run("[document.getElementById('shop').value, scrollY]") == [link, 0])

    def alone(data):
        data["shops"] = data["shops"][:1]

    browser.open(changed(page, "alone.html", alone))
    browser.settle()
    found = browser.run("[document.getElementById('shop'), document.getElementById('all-shops'), document.getElementById('group')]")
    check("a shop that is alone has nothing to choose", found == [None, None, None], found)
    check("and its page is about it", "女装旗舰店" in browser.run("document.title"), browser.run("document.title"))

    def some(data):
        data["left_out"] = {**{"days": 366, "months": 25, "survival_step": 3, "nth": 2, "campaigns": 20, "optional": False}, **{"shops": 5, "listed": 18}}

    browser.open(changed(page, "some.html", some))
    browser.settle()
    found = browser.run("[document.getElementById('yesterday'), document.getElementById('month')]")
    check("no sum is shown where the page does not have every shop", found == [None, None] and not browser.errors, (found, browser.errors))


def shops(browser, page, huitou, out, check):
    """The line of all shops has what the others add up to, and each shop its worst assessment."""
    opened(browser, f"{page.as_uri()}#shop=&lang=en")
    heads = texts(browser, "#shops thead th")
    at = next(place for place, head in enumerate(heads) if head.startswith("Assessments failed"))
    cells = browser.run(f"[...document.querySelectorAll('#shops tbody tr')].map((row) => [row.children[{at}].firstChild.textContent, (row.children[{at}].querySelector('.limits') || {{}}).textContent])")
    counts = [[int(number) for number in re.findall(r"\d+", cell[0])] for cell in cells]
    together, *each = counts
    check("all shops: failed assessments add up", together == [sum(of) for of in zip(*[count for count in each if count])], counts)
    check("a shop that fails one names it", all(bool(name) == bool(count and count[0]) for count, (_, name) in zip(each, cells[1:])), cells)


def lists(browser, page, huitou, out, check):
    """Every list has its sizes and its stake, of a shop and of all shops."""
    for shop in ("58501001", None):
        options = ["--shop", shop] if shop else []
        text = subprocess.run([huitou, "list", "--out", out, "--format", "json", *options], check=True, capture_output=True, text=True).stdout
        wanted = {row["list"]: (row["treated"], row["control"], float(str(row["at_stake"]).replace(",", ""))) for row in json.loads(text)["lists"]}
        browser.open(page.as_uri() + (f"#shop={shop}" if shop else ""))
        browser.settle()
        shown = browser.run("[...document.querySelectorAll('#lists-ready tbody tr')].map((row) => [...row.children].map((cell) => cell.firstChild.textContent))")
        names = browser.run(f"Object.fromEntries({json.dumps(list(wanted))}.map((name) => [report.readable(name), name]))")
        found = {names[row[0]]: row for row in shown}
        check(f"{shop or 'all shops'}: every list is there", sorted(found) == sorted(wanted), (sorted(found), sorted(wanted)))
        stake = -2
        for name, (treated, control, amount) in wanted.items():
            row = found[name]
            sizes = [int(text.replace(",", "")) for text in row[1:3]]
            off = abs(float(row[stake].replace(",", "")) - amount) if treated else 0
            check(f"{shop or 'all shops'}: {name} has its sizes and its stake", sizes == [treated, control] and off <= 0.51, (row, wanted[name]))
        ready = [row for row in shown if row[1] != "0"]
        commands = {names[row[0]]: row[-1] for row in ready}
        of = f" --shop {shop}" if shop else ""
        check("a list that has somebody says how to write it", commands and all(text == f"huitou list export {name}{of} --to {name}.xlsx" for name, text in commands.items()), commands)


def words(browser, page, huitou, out, check):
    """What is written cannot be taken for something else."""

    def nothing(data):
        fill(data, "shop_daily", "refund_amount", 0)

    opened(browser, f"{changed(page, 'nothing.html', nothing)}#lang=zh")
    lines = texts(browser, "#yesterday .tile:last-child .before")
    check("a figure that was 0 is not taken for no change", lines[0] == "较前一日 原为 0", lines)
    said = browser.run("document.getElementById('page').textContent")
    check("the Chinese page has no pp", not re.search(r"\d pp", said) and "个百分点" in said)
    opened(browser, page.as_uri())
    found = browser.run("[report.numbers.inUnit(8323.84, 'items'), report.numbers.inUnit(-0.001, 'days'), report.numbers.inUnit(0.1737, '1')]")
    check("numbers of any unit have their thousands apart", found == ["8,323.84", "0", "17.37%"], found)
    effects = {row["metric"]: row for row in rows(huitou, out, "identity_effect") if str(row["shop_id"]) == "58501001"}
    shown = texts(browser, "#identity tbody td")
    rates = [f"{effects[metric][column] * 100:,.2f}%" for metric in ("repeat_rate", "returning_share") for column in ("strict", "linked")]
    check("rates whose unit stands in the row are exact to two decimals", rates and all(rate in shown for rate in rates), (rates, shown))
    gaps = [row for row in rows(huitou, out, "plan_progress") if str(row["shop_id"]) == "58501001" and row["month"] == "2026-11-01" and row["measure"] == "sales"]
    ahead = float(gaps[0]["projected_gap"])
    cells = browser.run("[...document.querySelectorAll('#progress td:last-child span')].map((cell) => [cell.textContent, cell.className])")
    wanted = [f"{abs(ahead):,.2f} {'short' if ahead > 0 else 'above'}", "down" if ahead > 0 else "up"]
    check("a gap says on which side of the plan it is", wanted in cells, (wanted, cells))
    visitors = [float(text.replace(",", "")) for text in texts(browser, "#sources.panel tbody td:nth-child(2)") if text != "–"]
    check("sources come by their visitors", len(visitors) > 3 and visitors == sorted(visitors, reverse=True), visitors)
    of = browser.run("[...document.querySelectorAll('#windows tr.first td')].map((cell) => [cell.firstChild.textContent, (cell.querySelector('.limits') || {}).textContent])")
    size = int(of[0][0].replace(",", ""))
    counts = [int(re.sub(r"\D", "", text)) if text else size for _, text in of[1:]]
    check("a rate of some of the customers says of how many", counts == sorted(counts, reverse=True) and counts[-1] < size, of)


def all_of_them(browser, page, huitou, out, check):
    browser.size(1440, SCREEN)
    first_screen(browser, page, huitou, out, check)
    movers(browser, page, huitou, out, check)
    shops_of_month(browser, page, huitou, out, check)
    without_totals(browser, page, huitou, out, check)
    alerts(browser, page, huitou, out, check)
    to_do(browser, page, huitou, out, check)
    opening(browser, page, check)
    shops(browser, page, huitou, out, check)
    lists(browser, page, huitou, out, check)
    words(browser, page, huitou, out, check)
    for width in (1440, 1280, 390):
        browser.size(width, SCREEN, mobile=width < 700)
        browser.open(page.as_uri())
        browser.settle()
        unfold(browser)
        found = browser.run("document.documentElement.scrollWidth")
        check(f"all shops, {width} pixels: nothing sticks out", found <= width, found)
    browser.size(1440, SCREEN)
