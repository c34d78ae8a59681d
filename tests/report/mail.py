"""The brief in a real browser: its figures are those of the tables, and it can be read on a telephone, in a mail and on paper.

Run by `check.py`.
"""

import re
import subprocess

from morning import rows

SHOP = "58501001"
ROWS = "[...document.querySelectorAll('tr')].map((row) => [...row.children].map((cell) => cell.innerText))"
MOST_BYTES = 60_000
# Why the month changed, line by line: in the brief, and in the report.
WHY = """(() => { const heading = [...document.querySelectorAll('h2')].find((found) => found.textContent.match(/^Why|支付金额变化/)); const lines = [heading];
    while (lines.at(-1).nextElementSibling.tagName === 'P') lines.push(lines.at(-1).nextElementSibling);
    return lines.map((line) => line.textContent); })()"""
WHY_OF_REPORT = """[document.getElementById('why-title').firstChild, document.querySelector('#why small'), [...document.querySelectorAll('#why li')],
    ...document.querySelectorAll('#why .movers')].map((line) => [line].flat().map((part) => part.textContent).join(' · '))"""


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


def why(browser, report, said, name, fragment, check):
    """The reasons are those of the report, and add up."""
    browser.open(f"{report.resolve().as_uri()}#{fragment}")
    browser.settle()
    plain = lambda lines: [re.sub(r"\s+", " ", line).replace("： ", "：").strip() for line in lines]
    wanted = plain(browser.run(WHY_OF_REPORT))
    check(f"brief of {name}: why the month changed is what the report says", plain(said) == wanted, (said, wanted))
    numbers = [[int(number.replace(",", "")) for number in re.findall(r"(?<!\d)[+-][\d,]+", line)] for line in said]
    check(f"brief of {name}: its reasons add up", numbers[2:] and all(sum(line) == numbers[0][0] for line in numbers[2:]), numbers)


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
        reasons = browser.run(WHY)
        if name == "shop":
            figures(shown, huitou, out, check)
        if name == "group":
            check("brief of group: the sum comes first, then a line for each shop", shown[1][0] == "Paid amount (CNY)" and sum("旗舰店" in row[0] for row in shown) == 18, shown[:3])
            check("brief of group: it names the shops that made the change", len(reasons) == 4 and "旗舰店" in reasons[3], reasons)
        why(browser, work / "report.html", reasons, name, {"shop": f"shop={SHOP}&lang=en", "group": "shop=&lang=en", "shop-zh": f"shop={SHOP}&lang=zh"}[name], check)
    browser.size(1440, 900)
