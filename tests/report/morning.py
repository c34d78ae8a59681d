"""What somebody sees who opens the page at nine and reads for ten seconds: yesterday, the month, why, what to do; and no more than that.

Run by `check.py`.
"""

import json
import subprocess

# The value of each tile of a part, by its name, and the lines below it.
TILES = """((part) => Object.fromEntries([...document.querySelectorAll(`#${part} .tile`)].map((tile) => [tile.querySelector('.term').textContent,
    [tile.querySelector('.value').firstChild.textContent, ...[...tile.querySelectorAll('.before')].map((line) => line.textContent)]])))"""
# The tables that are wider than their places.
CUT = """[...document.querySelectorAll('.scroll')].filter((box) => !box.closest('details:not([open])') && box.getClientRects().length && box.scrollWidth > box.clientWidth + 1)
    .map((box) => box.getAttribute('aria-label'))"""
SCREEN = 900


def rows(huitou, out, table, shop):
    command = [huitou, "show", table, "--out", out, "--shop", shop, "--format", "json", "--limit", "0"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def figures(browser, huitou, out, shop, check):
    """Yesterday and the month are what the table says, and so is how they changed."""
    days = {row["date"]: row for row in rows(huitou, out, "shop_daily", shop)}
    paid = lambda dates: sum(float(days[date]["paid_amount"]) for date in dates)
    change = lambda now, before: f"{(now / before - 1) * 100:+,.1f}%"
    yesterday = browser.run(f"{TILES}('yesterday')")
    name, lines = next(iter(yesterday.items()))
    now = paid(["2026-11-21"])
    wanted = [f"{now:,.0f}", f"vs day before {change(now, paid(['2026-11-20']))}", f"vs last Sat {change(now, paid(['2026-11-14']))}"]
    check("the first figure is what was paid yesterday, with its changes", (name, lines[:3]) == ("Paid amount", wanted), (name, lines, wanted))
    of_day = {row["metric"]: row for row in rows(huitou, out, "alerts", shop) if row["date"] == "2026-11-21"}
    usual = [f"{float(of_day['paid_amount'][f'expected_{end}']):,.0f}" for end in ("lower", "upper")]
    check("and with what is usual", lines[3:] == [f"usual: {usual[0]} to {usual[1]}"], (lines, usual))
    same = lambda month: [f"{month}-{day:02}" for day in range(1, 22)]
    now = paid(same("2026-11"))
    wanted = [
        f"{now:,.0f}",
        f"vs last month {change(now, paid(same('2026-10')))}",
        f"vs last year {change(now, paid(same('2025-11')))}",
    ]
    month = browser.run(f"{TILES}('month')")
    check("the month is compared with the same days", month["Paid amount"] == wanted, (month["Paid amount"], wanted))
    plan = next(row for row in rows(huitou, out, "plan_progress", shop) if (row["month"], row["measure"]) == ("2026-11-01", "sales"))
    check("and with its plan", month["Sales plan done"][0] == f"{plan['share_done'] * 100:.1f}%", month["Sales plan done"])


def why(browser, huitou, out, shop, check):
    said = browser.run("[...document.querySelectorAll('#why li span')].map((part) => Number(part.textContent.replace(/,/g, '')))")
    drivers = [row for row in rows(huitou, out, "sales_drivers", shop) if row["grain"] == "month"][-1]
    # Each part is rounded to a yuan.
    check("the parts of the change add up to it", said and abs(sum(said) - float(drivers["change"])) <= len(said), (said, drivers["change"]))


def first_sight(browser, huitou, out, check):
    """The page as it opens, before anything is unfolded."""
    shop = browser.run("document.getElementById('shop').value")
    figures(browser, huitou, out, shop, check)
    why(browser, huitou, out, shop, check)
    lines = browser.run("[...document.querySelectorAll('#todo .said')].map((line) => line.textContent)")
    check("what to do is the brief", lines == [row["text_en"] for row in rows(huitou, out, "brief", shop)], lines)
    bottom = lambda part: browser.run(f"document.getElementById('{part}').getBoundingClientRect().bottom")
    for part in ("yesterday", "month", "why"):
        check(f"the first screen has {part} whole", bottom(part) <= SCREEN, bottom(part))
    top = browser.run("document.querySelector('#todo li').getBoundingClientRect().bottom")
    check("and the first thing to do", top <= SCREEN, top)
    height = browser.run("document.documentElement.scrollHeight")
    check("the page is five screens long at most", height <= 5 * SCREEN, height)
    for width in (1440, 1280):
        browser.size(width, SCREEN)
        browser.settle()
        check(f"{width} pixels: no table is cut", not browser.run(CUT), browser.run(CUT))
    empty = browser.run("[...document.querySelectorAll('.panel')].filter((panel) => panel.querySelector('.missing')).map((panel) => panel.id)")
    check("no panel is empty", not empty, empty)
    browser.size(1440, SCREEN)
    browser.settle()
