"""The brief in a real browser: its figures are those of the tables, and it can be read on a telephone, in a mail and on paper.

Run by `check.py`.
"""

import subprocess

from morning import rows

SHOP = "58501001"
ROWS = "[...document.querySelectorAll('tr')].map((row) => [...row.children].map((cell) => cell.innerText))"
MOST_BYTES = 60_000


def figures(shown, huitou, out, check):
    """The last day and the month to date against `shop_daily`."""
    days = {row["date"]: row for row in rows(huitou, out, "shop_daily", SHOP)}
    paid = lambda dates: sum(float(days[date]["paid_amount"]) for date in dates)
    same = lambda month: [f"{month}-{day:02}" for day in range(1, 22)]
    change = lambda now, before: f"{(now / before - 1) * 100:+,.1f}%"
    now = paid(["2026-11-21"])
    wanted = ["Paid amount (CNY)", f"{now:,.0f}", change(now, paid(["2026-11-20"])), change(now, paid(["2026-11-14"]))]
    found = [row for row in shown if row[0] == wanted[0]]
    check("brief: yesterday is that of the table, with its changes", found[0][:4] == wanted, (found, wanted))
    now = paid(same("2026-11"))
    wanted = [wanted[0], f"{now:,.0f}", change(now, paid(same("2026-10"))), change(now, paid(same("2025-11")))]
    check("brief: and so is the month to date", found[1] == wanted, (found, wanted))
    plan = next(row for row in rows(huitou, out, "plan_progress", SHOP) if (row["month"], row["measure"]) == ("2026-11-01", "sales"))
    found = next(row for row in shown if row[0] == "Sales (CNY)")
    check("brief: and its plan", found[1] == f"{plan['share_done'] * 100:.1f}%", (found, plan["share_done"]))
    lines = [row["text_en"] for row in rows(huitou, out, "brief", SHOP)]
    check("brief: what to do is the table", [row[1] for row in shown if len(row) == 2] == lines, lines)


def all_of_them(browser, work, huitou, out, contrast, check):
    for name, options in (("shop", ["--shop", SHOP]), ("group", []), ("shop-zh", ["--shop", SHOP, "--lang", "zh"])):
        page = work / f"brief-{name}.html"
        subprocess.run([huitou, "report", "--brief", "--out", out, "--to", page, *options], check=True, stdout=subprocess.DEVNULL)
        check(f"brief of {name}: small enough for a mail", page.stat().st_size <= MOST_BYTES, page.stat().st_size)
        for width in (390, 720):
            browser.size(width, 844, mobile=width < 700)
            browser.open(page.resolve().as_uri())
            browser.settle()
            found = browser.run("document.documentElement.scrollWidth")
            check(f"brief of {name}, {width} pixels: nothing sticks out", found <= width, found)
        check(f"brief of {name}: nothing on the console, nothing asked of a network", not browser.errors and len(browser.requests) == 1, browser.errors)
        poor = browser.run(contrast.replace("#page *", "body *"))
        check(f"brief of {name}: texts have a contrast of 4.5 to 1", not poor, poor)
        shown = browser.run(ROWS)
        if name == "shop":
            figures(shown, huitou, out, check)
        if name == "group":
            check("brief of group: the sum comes first, then a line for each shop", shown[1][0] == "Paid amount (CNY)" and sum("旗舰店" in row[0] for row in shown) == 18, shown[:3])
    browser.size(1440, 900)
