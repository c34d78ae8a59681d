"""The report in any font: it fits telephone, tablet, desktop and A4 paper, in both languages, whichever fonts a reader has.

Run by `check.py`. It draws the page in every family of `FAMILIES` that is installed, and in `WIDE`, which needs none of them: whatever font
the page has, its letters become as wide as those of the widest common fonts.
"""

import json

from details import SHOP, changed, fill, of_shop, opened

FAMILIES = [
    "Noto Sans",
    "DejaVu Sans",
    "Liberation Sans",
    "Noto Sans CJK SC",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "Verdana",
    "Segoe UI",
    "Microsoft YaHei",
    "PingFang SC",
]
# A digit takes 0.57 of the size in Noto Sans, 0.64 in DejaVu Sans and Verdana, 0.70 and 0.71 in their bold faces. Charts measure their texts
# on a canvas, which does not know this property: they are looked at in the fonts that are there.
DIGIT = 0.71
WIDE = f"#page {{ font-size-adjust: ch-width {DIGIT}; }} #page .canvas {{ font-size-adjust: none; }}"
WIDTHS = [360, 768, 1280]

# Where two fallbacks give the same widths, the family itself was used.
INSTALLED = """((family) => {
  const context = document.createElement('canvas').getContext('2d');
  const width = (fallback) => { context.font = `40px "${family}", ${fallback}`; return context.measureText('Willi 0123456789').width; };
  return width('monospace') === width('serif');
})"""

DRESS = """((css) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets = [sheet];
  report.charts.drawAll();
})"""

# What is wider than the window or than its own place. Tables may be scrolled sideways, and so may the navigation.
STICKS_OUT = """((width) => {
  const found = new Set(document.documentElement.scrollWidth > width ? [`the page is ${document.documentElement.scrollWidth} wide`] : []);
  for (const element of document.querySelectorAll('#page *')) {
    if (element.closest('.scroll, svg, .canvas, .skip, #note, caption, [hidden]') || element.matches('nav ul')) continue;
    if (!element.getClientRects().length) continue;
    // What only those hear who cannot see it takes a pixel.
    if (getComputedStyle(element).clipPath === 'inset(50%)') continue;
    const name = `${element.tagName} ${element.className} ${element.textContent.slice(0, 30)}`;
    if (!element.closest('nav') && element.getBoundingClientRect().right > width + 1) found.add(`outside: ${name}`);
    if (!['INPUT', 'SELECT', 'OPTION'].includes(element.tagName) && element.clientWidth && element.scrollWidth > element.clientWidth + 1)
      found.add(`cut: ${name}`);
  }
  return [...found].slice(0, 10);
})"""

# Texts of charts that leave their chart; a legend in pages shows the others on a click.
CHART_TEXTS = """[...document.querySelectorAll('.canvas svg')].flatMap((svg) => {
  const frame = svg.getBoundingClientRect();
  const holds = (box) => box.left > frame.left - 1 && box.right < frame.right + 1 && box.top > frame.top - 1 && box.bottom < frame.bottom + 1;
  return [...svg.querySelectorAll('text')]
    .filter((text) => !text.closest('[clip-path]') && text.getBoundingClientRect().width && !holds(text.getBoundingClientRect()))
    .map((text) => `${svg.closest('.canvas').id}: ${text.textContent}`);
})"""

# The tables that are printed, by their names: what is wrong with each.
PRINTED = """(() => {
  const found = [];
  const isShown = (element) => element.getClientRects().length > 0;
  const isNumber = (text) => /^[-+]?[0-9][0-9,.]*%?$/.test(text);
  const lines = (cell) => {
    const text = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT).nextNode();
    const range = document.createRange();
    range.selectNodeContents(text);
    return range.getClientRects().length;
  };
  for (const data of document.querySelectorAll('.data')) {
    const boxes = [...data.querySelectorAll('.scroll')].filter(isShown);
    if (!boxes.length) continue;
    const name = boxes[0].getAttribute('aria-label');
    const heads = (box) => [...box.querySelectorAll('thead th:not(.off-paper)')].map((head) => head.textContent);
    const whole = heads(data.querySelector('.scroll'));
    const printed = boxes.flatMap((box, at) => heads(box).slice(at ? 1 : 0));
    if (JSON.stringify(whole) !== JSON.stringify(printed)) found.push(`${name}: columns ${printed} of ${whole}`);
    for (const box of boxes) {
      const table = box.querySelector('table');
      if (table.offsetWidth > box.clientWidth) found.push(`${name}: ${table.offsetWidth} of ${box.clientWidth} pixels`);
      for (const cell of [...box.querySelectorAll('th, td')].filter(isShown)) {
        if (parseFloat(getComputedStyle(cell).fontSize) < 10) found.push(`${name}: small: ${cell.textContent}`);
        if (cell.scrollWidth > cell.clientWidth + 1) found.push(`${name}: cut: ${cell.textContent}`);
        if (isNumber(cell.textContent) && lines(cell) > 1) found.push(`${name}: broken: ${cell.textContent}`);
      }
    }
  }
  // 12 millimetres of margin leave 273 of A4, in pixels of a 96th of an inch.
  const both = ['cohorts', 'curves'].reduce((sum, id) => sum + document.getElementById(id).offsetHeight, 60);
  if (both >= 273 / 25.4 * 96) found.push(`the heat map does not share its page with the curves: ${both}`);
  return found.slice(0, 12);
})()"""


def speak(browser, language):
    if browser.run("document.documentElement.lang.slice(0, 2)") != language:
        browser.run("document.getElementById('language').click()")


# What stands below a figure in its cell and is larger than the figure.
SECOND_LINES = """[...new Set([...document.querySelectorAll(':is(td, th) :is(.limits, .below, .unsettled, .command, .wrap, .titled)')]
    .filter((line) => line.getClientRects().length && parseFloat(getComputedStyle(line).fontSize) > parseFloat(getComputedStyle(line.closest('td, th')).fontSize))
    .map((line) => `${line.className}: ${line.textContent} is larger than its figure`))].slice(0, 5)"""


def on_paper(browser):
    """What is wrong with the tables as they are printed."""
    browser.call("Emulation.setEmulatedMedia", media="print")
    browser.run("window.dispatchEvent(new Event('beforeprint'))")
    found = browser.run(PRINTED) + browser.run(CHART_TEXTS) + browser.run(SECOND_LINES)
    browser.run("window.dispatchEvent(new Event('afterprint'))")
    browser.call("Emulation.setEmulatedMedia", media="")
    return found


def fits(browser, name, check, screens):
    """The page as it is dressed, at every width and on paper, in both languages."""
    for language in ("en", "zh"):
        speak(browser, language)
        for width in WIDTHS:
            browser.size(width, 900, mobile=width < 700)
            browser.settle()
            found = browser.run(f"{STICKS_OUT}({width})") + browser.run(CHART_TEXTS)
            check(f"{name}, {language}: all of the page fits {width} pixels", not found, found)
            if screens:
                browser.screenshot(screens / f"{name}-{language}-{width}.png", whole=True)
        found = on_paper(browser)
        check(f"{name}, {language}: all tables fit the paper, whole and in 7.5 points at least", not found, found)
        rest = browser.run("[document.documentElement.className, document.querySelectorAll('.part, .tight, .parted').length]")
        check(f"{name}, {language}: and are as they were afterwards", rest == ["", 0], rest)
        if screens:
            (screens / f"{name}-{language}.pdf").write_bytes(browser.pdf())
    browser.size(1440, 900)


def wide(browser, address, check, screens):
    """Letters wider than any of the fonts that are there has them."""
    opened(browser, address)
    browser.run(f"{DRESS}({json.dumps(WIDE)})")
    digits = browser.run(
        """(() => { const digits = document.createElement('span'); digits.textContent = '0'.repeat(10);
        document.querySelector('#monthly td.number').append(digits);
        const width = digits.getBoundingClientRect().width / 10 / parseFloat(getComputedStyle(digits).fontSize);
        digits.remove(); return width; })()"""
    )
    check(f"the widest font: a digit takes {DIGIT} of its size", abs(digits - DIGIT) < 0.03, digits)
    fits(browser, "the widest font", check, screens)


def many_digits(browser, page, check, screens):
    """Shops that sell a thousand million: their tables are printed in several parts, and their tiles in smaller letters."""

    def rich(data):
        for table in data["tables"]:
            for column in data["tables"][table]["columns"]:
                if column in ("net_revenue", "paid_amount", "expected_value", "net_revenue_before"):
                    fill(data, table, column, -123_456_789_012)
        data["shops"] = [shop.rjust(80, "S") for shop in data["shops"]]

    opened(browser, of_shop(changed(page, "rich.html", rich), SHOP.rjust(80, "S")))
    browser.run(f"{DRESS}({json.dumps(WIDE)})")
    fits(browser, "twelve digits, names of 80 letters, the widest font", check, screens)


def all_of_them(browser, page, check, screens):
    """All checks of this file; the browser is left at another page."""
    address = page.as_uri()
    opened(browser, address)
    fits(browser, "the font of the system", check, screens)
    for family in FAMILIES:
        if browser.run(f"{INSTALLED}({json.dumps(family)})"):
            css = f"body {{ font-family: '{family}', sans-serif !important; }}"
            browser.run(f"{DRESS}({json.dumps(css)})")
            fits(browser, family, check, screens)
    wide(browser, address, check, screens)
    many_digits(browser, page, check, screens)
