"""What the panels answer: who comes back and who will buy, what messages brought beyond what would have been bought anyway; and what a
telephone and a laptop show of it.

Run by `check.py`. Some pages are made of the report of the sample data by changing the document in it.
"""

import re
from collections import defaultdict

from details import changed, fill, opened, texts
from morning import rows

FEW = 30
# The cells of a panel's table as texts, and whether a cell is pale.
CELLS = """((panel) => [...document.querySelectorAll(`#${panel} tbody tr`)].map((row) => [...row.children].map((cell) =>
    [cell.firstChild ? (cell.firstChild.textContent || '') : '', Boolean(cell.querySelector('.pale')), (cell.querySelector('.limits') || { textContent: '' }).textContent])))"""
CUT = """[...document.querySelectorAll('.scroll')].filter((box) => box.getClientRects().length && box.scrollWidth > box.clientWidth + 1)
    .map((box) => [box.getAttribute('aria-label'), box.scrollWidth, box.clientWidth])"""
# Of the cards in view: whether the name and the answer stand in one line, and whether anything sticks out.
CARDS = """[...document.querySelectorAll('.cards tbody tr')].filter((row) => row.getClientRects().length).map((row) => {
    const [name, answer] = [row.querySelector('th'), row.querySelector('.answer')].map((cell) => cell && cell.getBoundingClientRect());
    return [row.closest('.scroll').getAttribute('aria-label'), Boolean(name && answer) && Math.abs(name.top - answer.top) < 6, row.scrollWidth <= row.clientWidth + 1]; })"""
# The texts of the cells of the pooled campaigns, by name.
UNSETTLED = """Object.fromEntries([...document.querySelectorAll('#pooled tbody tr')].map((row) => [row.children[0].textContent, [...row.children].map((cell) => cell.textContent)]))"""
# Figures of the heat map that touch each other.
TOUCHING = """(() => { const all = [...document.querySelectorAll('#chart-cohorts svg text')].map((text) => [text.textContent, text.getBoundingClientRect()]);
    return all.flatMap(([one, a], at) => all.slice(at + 1).filter(([, b]) => Math.abs(a.top - b.top) < 3 && a.left < b.right && b.left < a.right).map(([other]) => `${one} ${other}`)).slice(0, 5); })()"""


def number(text):
    return float(text.replace(",", "").replace("+", "").rstrip("%"))


def choose(browser, panel, place, value):
    browser.run(
        f"""(() => {{ const box = document.querySelectorAll('#{panel} select')[{place}]; box.value = '{value}'; box.dispatchEvent(new Event('change')); }})()"""
    )
    browser.settle()


def rate(part, whole):
    return "–" if not whole else f"{part / whole * 100:,.1f}%"


def agree(found, wanted):
    """Rates of one decimal; a half may be rounded either way."""
    return found == wanted or "–" not in (found, wanted) and abs(number(found) - number(wanted)) < 0.11


def windows(browser, page, huitou, out, check):
    """Every rate is that of its counts, whatever they are added up over."""
    opened(browser, page.as_uri())
    shop = browser.run("document.getElementById('shop').value")
    values = [row for row in rows(huitou, out, "cohort_value", shop) if row["grain"] == "month"]

    def lines(chosen, name):
        sums = defaultdict(lambda: defaultdict(lambda: [0, 0]))
        for row in chosen:
            for of in (name(row), "All"):
                if of == "All" and row["is_left_truncated"]:
                    continue
                cell = sums[of][row["days"]]
                cell[0] += row["repurchased_customers"]
                cell[1] += row["customers"]
        return sums

    def compare(what, sums):
        wrong = []
        shown = browser.run(f"{CELLS}('windows')")
        for (name, *_), _, *cells in shown:
            of = sums[name.removesuffix(" *")]
            for days, (text, is_pale, _) in zip((30, 90, 180, 365), cells):
                part, whole = of[days]
                if not agree(text, rate(part, whole)) or is_pale != (0 < whole < FEW):
                    wrong.append((name, days, text, is_pale, part, whole))
        check(f"{what}: every rate is that of its counts, and pale where they are few", shown and not wrong, wrong[:5])
        return shown

    titles = {str(row["item_id"]): row["title"] for row in rows(huitou, out, "items", shop)}
    undivided = [row for row in values if row["dimension"] == "all"]
    shown = compare("months", lines(undivided, lambda row: row["cohort"][:7]))
    check("all of them come first", shown[0][0][0] == "All", shown[0])
    choose(browser, "windows", 1, "first_channel")
    last = sorted({row["cohort"] for row in undivided})[-13:]
    divided = [row for row in values if row["dimension"] == "first_channel" and row["cohort"] in last and not row["is_left_truncated"]]
    names = browser.run("Object.fromEntries(Object.keys(report.values).map((value) => [value, report.name(value)]))")
    sums = lines(divided, lambda row: names.get(row["dimension_value"], row["dimension_value"]))
    shown = compare("channels", sums)
    check("some of them are pale", any(cell[1] for row in shown for cell in row[2:]), shown)
    choose(browser, "windows", 1, "first_item")
    divided = [row for row in values if row["dimension"] == "first_item" and row["cohort"] in last and not row["is_left_truncated"]]
    name = lambda value: f"{value} {titles[value]}" if value in titles else names.get(value, value)
    listed = set(texts(browser, "#items tbody th"))
    shown = compare("first items", lines(divided, lambda row: name(row["dimension_value"]) if name(row["dimension_value"]) in listed else names.get(row["dimension_value"], row["dimension_value"])))
    check("items have their titles, and all others are the last line", " " in shown[1][0][0] and shown[-1][0][0] == "Others", [row[0][0] for row in shown])
    said = browser.run("document.querySelector('#windows .remark').textContent")
    check("that others are not shown is said", "the 12 with the most customers" in said, said)
    choose(browser, "windows", 0, "exact")
    retention = [row for row in rows(huitou, out, "cohort_retention", shop) if (row["grain"], row["dimension"]) == ("month", "all")]
    whole = [row for row in retention if row["is_complete"] and row["period"] == 1 and not row["is_left_truncated"]]
    wanted = rate(sum(row["active_customers"] for row in whole), sum(row["cohort_size"] for row in whole))
    shown = browser.run(f"{CELLS}('windows')")
    check("in the month itself: all of them are weighted", agree(shown[0][2][0], wanted), (shown[0], wanted))

    def small(data):
        fill(data, "cohort_value", "cohort_size", 10)

    opened(browser, changed(page, "small.html", small))
    names = [row[0][0] for row in browser.run(f"{CELLS}('windows')")]
    check("months of few customers are taken together as quarters", names[1:3] == ["2026-Q4", "2026-Q3"], names)


def chances(browser, page, check):
    opened(browser, page.as_uri())
    heads = texts(browser, "#lifecycle thead th")
    check("beside the chance stands no figure of another model", not any("xpected" in head for head in heads), heads)
    place = heads.index("Chance to buy within 90 days")
    customers = heads.index("Customers")
    shown = browser.run(f"{CELLS}('lifecycle')") + browser.run(f"{CELLS}('rfm')")
    wrong = [row for row in shown if row[place][1] != (number(row[customers][0]) < FEW)]
    check("the chance of few customers is pale", any(row[place][1] for row in shown) and not wrong, wrong)
    of = {row[0][0]: number(row[place][0]) for row in browser.run(f"{CELLS}('lifecycle')")}
    check("the longer idle, the less likely to buy", 100 > of["Active"] > of["Quiet"] > of["Dormant"] > of["Churned"] > 0, of)
    said = browser.run("document.getElementById('customers').textContent.toLowerCase()")
    check("nobody who has churned is said to be alive", "alive" not in said)

    def unknown(data):
        data["chances"] = {}

    opened(browser, changed(page, "unknown.html", unknown))
    heads = texts(browser, "#lifecycle thead th")
    check("without intervals there is no chance", "Chance to buy within 90 days" not in heads and "Repurchase rate" in heads, heads)


def settled(browser, page, parts, check):
    """Where the limits leave 0 out there is a return, which has them too: of the recalls, if each member had brought 2 to 6 more."""

    def beyond_doubt(data):
        for column, hundredths in (("revenue_low", 200), ("revenue_difference", 400), ("revenue_high", 600)):
            fill(data, "campaign_pooled", column, hundredths)

    recalls = [each for each in parts.values() if each["during"]["campaign_name"] == "老客召回" and all(arm in each and each[arm]["is_complete"] for arm in ("treated", "control"))]
    cost = sum(float(each["during"]["cost"]) for each in recalls)
    members = sum(each["treated"]["members"] for each in recalls)
    opened(browser, changed(page, "settled.html", beyond_doubt))
    heads = texts(browser, "#pooled thead th")
    line = next(row for row in browser.run(f"{CELLS}('pooled')") if row[0][0] == "老客召回")
    back = line[heads.index("Return on cost")]
    wanted = [each * members / cost for each in (4, 2, 6)]
    found = [number(back[0]), *map(number, back[2].split(" … "))]
    check("a return that is settled has its limits", all(abs(one - other) < 0.01 for one, other in zip(found, wanted)), (back, wanted))
    words = browser.run(UNSETTLED)["老客召回"][heads.index("Incremental revenue")]
    check("and nothing is said against it", "not settled" not in words, words)
    opened(browser, page.as_uri())


def campaigns(browser, page, huitou, out, check):
    opened(browser, page.as_uri())
    shop = browser.run("document.getElementById('shop').value")
    effects = rows(huitou, out, "campaign_effect", shop)
    parts = defaultdict(dict)
    for row in effects:
        parts[row["campaign_id"]][row["part"]] = row
    heads = texts(browser, "#pooled thead th")
    brought, back = heads.index("Incremental revenue"), heads.index("Return on cost")
    shown = {row[0][0]: row for row in browser.run(f"{CELLS}('pooled')")}
    seen = 0
    for row in rows(huitou, out, "campaign_pooled", shop):
        line = shown[row["campaign_name"]]
        if row["revenue_difference"] is None:
            check(f"{row['campaign_name']}: without a control arm nothing is brought", (line[brought][0], line[back][0]) == ("–", "–"), line)
            continue
        amount = row["revenue_difference"] * row["treated_members"]
        is_settled = row["revenue_low"] is not None and (row["revenue_low"] > 0 or row["revenue_high"] < 0)
        words = browser.run(UNSETTLED)[row["campaign_name"]]
        check(f"{row['campaign_name']}: what is not settled is said to be so", is_settled != ("not settled" in words[brought]), (row, words))
        # The page has differences to a hundredth.
        check(
            f"{row['campaign_name']}: what was brought is the difference for all who got the message",
            abs(number(line[brought][0]) - amount) <= 0.5 + 0.006 * row["treated_members"],
            (line[brought], amount),
        )
        if not is_settled:
            check(f"{row['campaign_name']}: where it is not settled there is no return", line[back][0] == "–", line)
            continue
        counted = [
            each["during"]
            for each in parts.values()
            if each["during"]["campaign_name"] == row["campaign_name"] and all(arm in each and each[arm]["is_complete"] for arm in ("treated", "control"))
        ]
        cost = sum(float(each["cost"]) for each in counted)
        check(
            f"{row['campaign_name']}: the return has its interval",
            abs(number(line[back][0]) - amount / cost) < 0.02 and re.fullmatch(r"-?[\d.]+ … -?[\d.]+", line[back][2]),
            (line[back], amount / cost),
        )
        seen += 1
    check("no campaign of the shop is beyond doubt", seen == 0, shown)
    settled(browser, page, parts, check)
    alone = [row for row in rows(huitou, out, "campaign_pooled", shop) if row["conversion_difference"] is not None and row["conversion_low"] is None]
    said = browser.run("[...document.querySelectorAll('#chart-pooled svg text')].filter((text) => text.textContent.includes('too few buyers')).length")
    check("a dot without limits says so", alone and said == len(alone), (said, len(alone)))
    heads = texts(browser, "#effects thead th")
    year = heads.index("Last year's")
    found = {row[0][0] + browser_dates: row[year][0] for row, browser_dates in zip(browser.run(f"{CELLS}('effects')"), texts(browser, "#effects .below"))}
    one = next(each["during"] for each in parts.values() if each["during"]["campaign_name"] == "双11大促" and each["during"]["from_date"] > "2026")
    before = next(each["during"] for each in parts.values() if each["during"]["campaign_name"] == "双11大促" and each["during"]["from_date"] < "2026")
    wanted = f"{float(before['net_revenue']):,.0f}"
    check("beside a campaign stands that of the year before", found[f"双11大促{one['from_date']} – {one['to_date']}"] == wanted, (found, wanted))


def silent(browser, page, check):
    def quiet(data):
        orders = next(one for one in data["inputs"] if one["name"] == "orders")
        orders.update(silent_shops=["58501001"], silent_since={"58501001": "2026-11-02"})

    opened(browser, page.as_uri())
    alarms = "[...document.querySelectorAll('#shops tbody tr:not(.first)')].map((row) => [row.querySelector('.link').textContent, row.children[5].textContent])"
    before = dict(browser.run(alarms))["58501001"]
    other = changed(page, "silent.html", quiet)
    for language, words in (("en", "No data of orders has come since 2026-11-02"), ("zh", "2026-11-02 之后没有订单数据")):
        opened(browser, f"{other}#lang={language}")
        said = texts(browser, "#todo .said")
        check(f"{language}: a shop from which nothing comes has its line first", said and words in said[0], said[:1])
    after = dict(browser.run(alarms))["58501001"]
    check("and one alarm more in the list", int(re.sub(r"\D", "", after)) == int(re.sub(r"\D", "", before)) + 1, (before, after))


def unseen(browser, page, check):
    """A shop whose visitors nobody counted has no panel of dashes and no tab for it; what nobody knows is no column."""
    seen = ("uv_daily_mean", "uv", "visits", "depth", "bounce_rate", "dwell_per_visit", "viewing_customer_days", "viewed_paid_customer_days", "viewed_paid_rate")

    def without(columns, tables):
        def change(data):
            for name in tables:
                data["tables"].pop(name, None)
            for column in columns:
                if column in data["tables"]["shop_periods"]["columns"]:
                    fill(data, "shop_periods", column, None)

        return change

    opened(browser, changed(page, "unseen.html", without(seen, ("traffic_sources", "keywords", "channel_value", "affiliate_plans"))))
    found = browser.run("[document.getElementById('visitors'), document.getElementById('sources'), document.querySelector('nav a[href=\"#sources\"]')]")
    check("without visitors there is no panel about them, and no tab", found == [None, None, None], found)
    opened(browser, changed(page, "unseen.html", without(seen[1:], ())))
    heads = texts(browser, "#visitors thead th")
    check("figures of visitors that no month has are no columns", len(heads) == 2, heads)


def wanted(browser, page, check):
    """What is not there is said once, with what would bring it, and can be read without a click."""
    opened(browser, page.as_uri())
    check("nothing is missed where nothing is missing", not texts(browser, "#not-here"))

    def poor(data):
        data["missing"].update(
            items="input `orders` has no `item_id`",
            sales_drivers="the job has no input `traffic`",
            traffic_sources="the job has no input `traffic`",
            keywords="the job has no input `keyword_traffic`",
            promotions="input `orders` has no `promotion`",
            assessment_summary="the job names no rule files (`assessments`)",
            forecast_months="the job wants no forecast (`params.forecast.model: none`)",
        )
        data["missing_names"].update(sales_drivers="销售变化原因", traffic_sources="流量来源", keywords="关键词")
        data["needed_columns"].update(traffic="date", keyword_traffic="date, keyword")

    other = changed(page, "poor.html", poor)
    for language, words in (
        ("en", ("tmall-items", "生意参谋", "sycm-traffic", "Sales drivers, Traffic sources", "keyword_traffic (date, keyword) for Keywords", "orders.promotion", "assessments")),
        ("zh", ("宝贝报表", "huitou import sycm-traffic", "可得：销售变化原因、流量来源", "keyword_traffic (date, keyword)可得关键词", "assessments")),
    ):
        for shop in ("", "&shop=58501001"):
            opened(browser, f"{other}#lang={language}{shop}")
            said = browser.run("(() => { const box = document.getElementById('not-here'); return box.closest('details') || !box.getClientRects().length ? '' : box.innerText; })()")
            absent = [word for word in words if word not in said]
            check(f"{language}, {shop or 'all shops'}: a banner says which export brings what", said and not absent, (absent, said))
            check(f"{language}, {shop or 'all shops'}: one line for each export and for each kind of the rest", said.count("\n") == 5, said)
            check(f"{language}, {shop or 'all shops'}: nothing is missed that the job does not want", "orecast" not in said and "预测" not in said, said)


def marks(browser, page, check):
    opened(browser, f"{page.as_uri()}#lang=zh")
    cells = browser.run("[...document.querySelectorAll('tbody th, tbody td')].map((cell) => cell.textContent.trim())")
    raw = sorted({cell for cell in cells if cell in ("(all)", "(none)", "(other)", "None", "Others")})
    check("the Chinese page has no English marks", not raw, raw)
    promotions = texts(browser, "#promotions tbody th")
    check("promotions have Chinese names", promotions and not any(re.search("[a-z]", name) for name in promotions), promotions)
    said = browser.run("report.note('shop closed at once')")
    check("what follows by the rules that ship is Chinese", said == "立即清退店铺", said)
    opened(browser, page.as_uri())
    said = browser.run("document.getElementById('page').textContent")
    check("one customer is one customer", not re.search(r"\b1 (customers|orders|items)\b", said), re.findall(r".{20}\b1 (?:customers|orders|items)\b", said)[:3])
    check("amounts are in one currency", "yuan" not in said and "amounts in CNY" in said)


def screens(browser, page, check):
    for width, language in ((1280, "en"), (1280, "zh"), (390, "en"), (390, "zh")):
        browser.size(width, 844, mobile=width < 700)
        opened(browser, f"{page.as_uri()}#lang={language}")
        name = f"{width} pixels, {language}"
        cut = browser.run(CUT)
        check(f"{name}: every column of every table is in view", not cut, cut)
        tabs = browser.run("[...document.querySelectorAll('nav a')].filter((tab) => tab.scrollWidth > tab.offsetWidth).map((tab) => tab.textContent)")
        check(f"{name}: every tab can be read", not tabs, tabs)
    for language in ("en", "zh"):
        for shop in ("", "&shop=58501001"):
            opened(browser, f"{page.as_uri()}#lang={language}{shop}")
            of = f"390 pixels, {language}, {'a shop' if shop else 'all shops'}"
            bottom = lambda part: browser.run(f"document.querySelector('{part}').getBoundingClientRect().bottom + scrollY")
            for part, what in (("#yesterday", "yesterday whole"), ("#month", "the month whole"), ("#todo li .said", "the first thing to do")):
                check(f"{of}: the first screen has {what}", bottom(part) <= 844, bottom(part))
            tops = [bottom(part) for part in ("#yesterday", "#month", "#why", "#todo")]
            check(f"{of}: yesterday, the month, why it changed, what to do, in this order", tops == sorted(tops), tops)
            lines = browser.run("[...document.querySelectorAll('#yesterday .tile')].map((tile) => tile.getBoundingClientRect().height)")
            check(f"{of}: each figure of yesterday is a line", lines and max(lines) < 30, lines)
    cards = browser.run(CARDS)
    wrong = [card for card in cards if not card[1] or not card[2]]
    check("390 pixels: a row is a card whose first line has its name and its answer", len(cards) > 50 and not wrong, wrong[:5])
    answers = browser.run("Object.fromEntries(['standing', 'pooled', 'progress'].map((panel) => [panel, document.querySelector(`#${panel} .answer`).dataset.label.replace(/\\u00ad/g, '')]))")
    verdicts = {"standing": "状态", "pooled": "增量净支付金额", "progress": "状态"}
    check("390 pixels: a card begins with the verdict", answers == verdicts, answers)
    shown = "[...document.querySelectorAll('#shops tbody tr')].filter((row) => row.getClientRects().length).length"
    before = browser.run(shown)
    browser.run("document.querySelector('#shops .unfold').click()")
    check("the first cards only, and all when they are asked for", (before, browser.run(shown)) == (6, 19), before)
    for width in (1280, 1440):
        browser.size(width, 900)
        opened(browser, page.as_uri())
        for measure in ("retention_rate", "cumulative_revenue_per_customer"):
            choose(browser, "cohorts", 0, measure)
            touching = browser.run(TOUCHING)
            check(f"{width} pixels: no figures of the heat map touch ({measure})", not touching, touching)
    browser.size(1440, 900)


def all_of_them(browser, page, huitou, out, check):
    windows(browser, page, huitou, out, check)
    chances(browser, page, check)
    campaigns(browser, page, huitou, out, check)
    silent(browser, page, check)
    wanted(browser, page, check)
    unseen(browser, page, check)
    marks(browser, page, check)
    screens(browser, page, check)
