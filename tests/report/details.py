"""Details of the report that readers stumble over: what is said of what is not there, how chances and people are written, what a list keeps.

Run by `check.py`. Some pages are made of the report of the sample data by changing the document in it.
"""

import itertools
import json
import re

DOCUMENT = re.compile(r'(<script type="application/json" id="data">)(.*?)(</script>)', re.DOTALL)
# The shop that the checks are about.
SHOP = "58501001"
FORMS = ("cells", "runs", "steps", "step_runs")


def changed(page, name, change):
    """A page like this one whose document went through `change`."""

    def document(found):
        data = json.loads(found[2])
        change(data)
        return found[1] + json.dumps(data).replace("<", "\\u003c") + found[3]

    other = page.with_name(name)
    other.write_text(DOCUMENT.sub(document, page.read_text(encoding="utf-8"), count=1), encoding="utf-8")
    return other.as_uri()


def fill(data, table, column, value):
    """Gives all cells of a column one value."""
    of = data["tables"][table]
    for form in FORMS:
        of["columns"][column].pop(form, None)
    of["columns"][column]["cells"] = [value] * of["rows"]


def unrolled(runs):
    """Runs of equal cells, [cell, count, cell, count, …], cell by cell."""
    return [cell for cell, count in zip(runs[::2], runs[1::2]) for _ in range(count)]


def expanded(column):
    """The cells of a column, in whatever form it has them."""
    if "cells" in column or "runs" in column:
        return column["cells"] if "cells" in column else unrolled(column["runs"])
    return list(itertools.accumulate(column["steps"] if "steps" in column else unrolled(column["step_runs"])))


def texts(browser, selector):
    """The texts of some elements, without the soft hyphens of heads."""
    script = f"[...document.querySelectorAll({json.dumps(selector)})].map((element) => element.textContent)"
    return [text.replace("\N{SOFT HYPHEN}", "") for text in browser.run(script)]


def unfold(browser):
    """Opens all that is folded in; the page remembers it until it is loaded again."""
    browser.run("document.querySelectorAll('details.more').forEach((details) => { details.open = true; })")
    browser.settle()


def of_shop(address, shop=SHOP):
    """The page at a shop: where no shop is chosen, it shows all of them together."""
    page, _, chosen = address.partition("#")
    return address if "shop=" in chosen else f"{page}#shop={shop}&{chosen}"


def opened(browser, address):
    browser.open(of_shop(address))
    browser.settle()
    unfold(browser)


def unknown_shop(browser, address, check):
    for language, said in (("en", "Shop 99999999 is not in this report"), ("zh", "本报告中没有店铺 99999999")):
        opened(browser, f"{address}#shop=99999999&lang={language}")
        check(f"{language}: a shop that is not there is said", said in "".join(texts(browser, "#unknown-shop")))
        check(f"{language}: and stays in the address", "shop=99999999" in browser.run("location.hash"))
        check(f"{language}: all shops are shown", browser.run("document.getElementById('shop').value") == "" and texts(browser, "h1")[0][:3] == "18 ")
    browser.run("document.querySelectorAll('#shops tbody .link')[3].click()")
    browser.settle()
    check("it is said no more once a shop is chosen", not texts(browser, "#unknown-shop"))


def kept_list(browser, address, check):
    """A shop chosen in the list leaves the list as it was."""
    opened(browser, address)
    browser.run(
        """(() => { const input = document.querySelector('#shops input[type=search]'); input.value = '美妆'; input.dispatchEvent(new Event('input'));
        document.querySelectorAll('#shops thead button')[4].click(); document.querySelector('#shops').scrollIntoView(); })()"""
    )
    state = """[document.querySelector('#shops input').value, [...document.querySelectorAll('#shops tbody .link')].map((link) => link.textContent),
        [...document.querySelectorAll('#shops thead th')].map((head) => head.getAttribute('aria-sort'))]"""
    place = "document.querySelector('#shops .scroll').getBoundingClientRect().top"
    before, top = browser.run(state), browser.run(place)
    browser.run("(() => { const link = [...document.querySelectorAll('#shops tbody .link')].at(-1); link.focus(); link.click(); })()")
    browser.settle()
    check("the list keeps filter and sort when a shop is chosen", browser.run(state) == before, (browser.run(state), before))
    check("and its place on the screen", abs(browser.run(place) - top) < 2, (browser.run(place), top))
    check("the focus is on the shop", browser.run("document.activeElement.textContent") == before[1][-1])


def periods(browser, address, check):
    opened(browser, address)
    heads = texts(browser, "#shops thead th")
    check("the gap names its plan and its month", "Gap to sales plan (2026-11)" in heads, heads)
    check("failed assessments name their day", "Assessments failed (as of 2026-11-21)" in heads, heads)
    check("the forecast says what its gap is", "Gap to plan (net)" in texts(browser, "#months thead th"))


def colours(browser, address, check):
    for theme in ("light", "dark"):
        opened(browser, f"{address}#theme={theme}")
        browser.run(
            "(() => { const box = document.querySelector('#migration select'); box.value = 'rfm_segment'; box.dispatchEvent(new Event('change')); })()"
        )
        browser.settle()
        fills = browser.run(
            "[...new Set([...document.querySelectorAll('#chart-migration svg path')].map((path) => path.getAttribute('fill')))].filter((fill) => /^(#|rgb)/.test(fill))"
        )
        check(f"{theme}: the segments have colours of their own", len(fills) >= 8, fills)


def curves(browser, page, address, check):
    opened(browser, address)
    offered = "[...document.querySelectorAll('#survival option')].map((option) => option.value)"
    there = len(texts(browser, "#intervals tbody tr"))
    check("every interval has its curve", len(browser.run(offered)) == there and not texts(browser, "#curves-left-out"), browser.run(offered))

    def less(data):
        data["left_out"] = {
            **{"days": 366, "months": 25, "survival_step": 3, "nth": 2, "campaigns": 20, "optional": False},
            **{"shops": 18, "listed": 18},
        }
        fill(data, "repurchase_survival", "nth", 1)

    opened(browser, changed(page, "less.html", less))
    said = "".join(texts(browser, "#curves-left-out"))
    check("curves that had no room are named", "all intervals" in said and "purchase 2 to 3" in said and "1 to 2" not in said, said)


def chances(browser, page, check):
    for value, said in ((9980, "> 99%"), (20, "< 1%"), (10_000, "100%"), (0, "0%"), (5_000, "50%")):
        opened(browser, changed(page, "chance.html", lambda data: fill(data, "assessment_results", "pass_probability", value)))
        cells = texts(browser, "#assessments .panel.long tbody tr td:nth-child(7)")
        check(f"a chance of {value / 10_000} is {said}", set(cells) == {said}, cells)


def people(browser, page, check):
    def more(data):
        fill(data, "forecast_months", "new_customers_to_close", 2171)
        fill(data, "forecast_months", "uv_to_close", 209_670)

    opened(browser, changed(page, "people.html", more))
    cells = texts(browser, "#months tbody td")
    check("people who are needed are whole", "22" in cells and "2,097" in cells and not {"21.71", "2,096.70"} & set(cells), cells)


def absent(browser, page, check):
    """What is not drawn is not explained."""

    def bare(data):
        del data["tables"]["campaign_effect"]
        fill(data, "shop_periods", "uv_conversion", None)
        fill(data, "forecast_months", "sales_target", None)
        fill(data, "forecast_months", "gap", None)
        fill(data, "forecast_months", "lower", None)

    remark = lambda panel: texts(browser, f"#{panel} .remark")[0]
    words = {"daily": ["Shaded"], "monthly": ["conversion"], "months": ["whisker", "diamond"]}
    opened(browser, page.as_uri())
    check("what is drawn is explained", all(word in remark(panel) for panel, all_of in words.items() for word in all_of))
    opened(browser, changed(page, "bare.html", bare))
    found = [remark(panel) for panel in words]
    check("what is not drawn is not", not any(word in remark(panel) for panel, all_of in words.items() for word in all_of), found)
    check("and nothing on the console", not browser.errors, browser.errors)


def reasons(browser, page, check):
    """The reasons of a run in Chinese, numbers kept."""
    opened(browser, f"{page.as_uri()}#lang=zh")
    metric = lambda name: browser.run(f"report.name({json.dumps(name)})")
    said = {
        "intervened_refunds is 0; the rule asks from 10 on": f"{metric('intervened_refunds')}为 0；规则自 10 起才要求",
        "2 eligible peers have a value; 5 are needed": "仅 2 家合格同行有数值；需要 5 家",
        "input `orders` has no `customer_id`": "输入 `orders` 没有 `customer_id`",
        "unknown_order: ratings of orders that are not there: 1": "unknown_order: 1 条评价的订单不存在",
        "dispute_rate: the job has no refunds": f"{metric('dispute_rate')}：作业没有 `refunds`",
        "nobody knows": "nobody knows",
    }
    found = {english: browser.run(f"report.note({json.dumps(english)})") for english in said}
    check("reasons are Chinese, with their numbers", found == said, found)
    english = browser.run(
        """['campaign_effect', 'campaign_pooled', 'store_stage'].flatMap((table) => report.data.shops.flatMap((shop) => report.data.rows(table, shop)))
        .flatMap((row) => [row.note, row.reason]).filter((text) => text && !/[\u4e00-\u9fff]/.test(report.note(text)))"""
    )
    check("and so is each sentence of campaigns and stages", not english, english[:3])
    said = "".join(texts(browser, "#stage .remark"))
    check("the stage says by which rule it is", "的阶段依据：" in said and "符合第" in said and not re.search("[a-z]{3}", said), said)
    opened(browser, page.as_uri())
    check("abbreviations stay in capitals", browser.run("[report.readable('dsr_mean'), report.readable('uv')].join()") == "DSR mean,UV")

    def few(data):
        fill(data, "assessment_results", "threshold", None)

    for language, words in (("en", ", "), ("zh", "标准")):
        opened(browser, f"{changed(page, 'few.html', few)}#lang={language}")
        cells = texts(browser, "#assessments .panel.long tbody td:nth-child(4)")
        check(f"{language}: a test without a number does not announce one", cells and not any(words in cell for cell in cells), cells)


def long_names(browser, page, check):
    def long(data):
        data["shops"] = [shop.rjust(80, "S") for shop in data["shops"]]

    address = of_shop(changed(page, "long.html", long), SHOP.rjust(80, "S"))
    for width in (320, 375):
        browser.size(width, 900, mobile=True)
        opened(browser, address)
        found = browser.run("document.documentElement.scrollWidth")
        check(f"{width} pixels: ids of 80 letters do not stick out", found == width, found)
        cut = browser.run("[...document.querySelectorAll('tbody th')].filter((cell) => cell.scrollWidth > cell.clientWidth + 1).length")
        check(f"{width} pixels: no name of a row is cut", cut == 0, cut)
    browser.size(1440, 900)


def all_of_them(browser, page, check):
    """All checks of this file; the browser is left at another page."""
    address = page.as_uri()
    unknown_shop(browser, address, check)
    kept_list(browser, address, check)
    periods(browser, address, check)
    colours(browser, address, check)
    curves(browser, page, address, check)
    chances(browser, page, check)
    people(browser, page, check)
    absent(browser, page, check)
    reasons(browser, page, check)
    long_names(browser, page, check)
