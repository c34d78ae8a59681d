"use strict";
/* The page itself: what is chosen, the head with its controls, the parts in their order, the foot. */

(() => {
  const { make, note } = report.elements;
  const data = report.data;

  /* Whether the page has more of a shop than its line in the list. */
  const isDetailed = (shop) => !data.left_out || data.left_out.shops >= data.left_out.listed || data.rows("shop_periods", shop).length > 2;

  /* Shop, language and theme stand in the address, so that a bookmark opens the page as it was. */
  const asked = new URLSearchParams(location.hash.slice(1));
  const state = {
    shop: data.shops.includes(asked.get("shop")) ? asked.get("shop") : data.shops.find(isDetailed) || data.shops[0],
    // A bookmark may name a shop that the snapshot does not have; it stays in the address until another one is chosen.
    unknown: asked.get("shop") && !data.shops.includes(asked.get("shop")) ? asked.get("shop") : null,
    theme: ["light", "dark"].includes(asked.get("theme")) ? asked.get("theme") : null,
  };
  report.language = ["en", "zh"].includes(asked.get("lang")) ? asked.get("lang") : data.lang;

  const systemIsDark = window.matchMedia("(prefers-color-scheme: dark)");
  const theme = () => state.theme || (systemIsDark.matches ? "dark" : "light");

  function remember() {
    const chosen = new URLSearchParams();
    if (state.unknown || state.shop) chosen.set("shop", state.unknown || state.shop);
    chosen.set("lang", report.language);
    if (state.theme) chosen.set("theme", state.theme);
    try {
      history.replaceState(null, "", `#${chosen}`);
    } catch (refused) {
      // Some browsers do not let a file change its address; the page works without.
    }
  }

  function choose(shop) {
    if (!data.shops.includes(shop)) return false;
    state.shop = shop;
    state.unknown = null;
    render();
    return true;
  }

  /* A shop chosen in the list: the list stays where it was on the screen, and the focus on the shop. */
  function chooseInList(shop) {
    const list = () => document.querySelector("#shops .scroll");
    const { scrollTop, scrollLeft } = list();
    const { top } = list().getBoundingClientRect();
    choose(shop);
    list().scrollTo(scrollLeft, scrollTop);
    window.scrollBy({ top: list().getBoundingClientRect().top - top, behavior: "instant" });
    const chosen = document.querySelector("#shops tr[aria-current] .link");
    if (chosen) chosen.focus({ preventScroll: true });
  }

  /* A shop is chosen by typing: the browser offers those that match. */
  function shopPicker() {
    const input = make("input", {
      id: "shop",
      list: "shops-known",
      autocomplete: "off",
      value: state.shop || "",
      "aria-describedby": "shop-unknown",
    });
    const unknown = make("span", { id: "shop-unknown", class: "faint", role: "status" });
    const take = () => {
      const typed = input.value.trim();
      if (typed === state.shop) return;
      const matches = data.shops.filter((shop) => shop.includes(typed));
      const found = data.shops.includes(typed) ? typed : matches.length === 1 ? matches[0] : null;
      if (found) {
        choose(found);
        document.getElementById("shop").focus();
      } else {
        unknown.textContent = report.say("shops_match", { count: matches.length });
      }
    };
    input.addEventListener("change", take);
    input.addEventListener("focus", () => input.select());
    return make(
      "label",
      { class: "shop" },
      make("span", {}, report.say("shop")),
      input,
      make(
        "datalist",
        { id: "shops-known" },
        data.shops.map((shop) => make("option", { value: shop, label: data.nameOf(shop) })),
      ),
      unknown,
    );
  }

  const SECTIONS = ["overview", "sales", "retention", "customers", "assessments", "plan", "campaigns", "about"];

  /* The newest orders: how recent the figures are. */
  function newest() {
    const orders = data.inputs.find((input) => input.name === "orders");
    if (!orders || !orders.newest_event) return null;
    return make("div", { class: "when" }, report.say("newest_event", { input: "orders", date: orders.newest_event }));
  }

  /* What must be known before a figure is read: an input that has not come looks like days without sales. */
  function stale() {
    const MOST = 5;
    const lines = data.inputs.flatMap((input) => {
      if (input.is_stale) {
        const values = { input: input.name, days: input.days_without_event };
        return [report.say(input.newest_event ? "stale_input" : "no_event", values)];
      }
      const silent = input.silent_shops;
      if (!silent.length) return [];
      const shops = silent.slice(0, MOST).join(", ") + (silent.length > MOST ? " …" : "");
      return [report.say("silent_shops", { input: input.name, count: silent.length, shops })];
    });
    lines.push(...data.missing_days.map((found) => report.say("missing_days", { found })));
    return lines.length
      ? make(
          "div",
          { class: "stale", role: "alert" },
          lines.map((line) => make("p", {}, line)),
        )
      : null;
  }

  function head() {
    const other = report.language === "zh" ? "en" : "zh";
    const toggleLanguage = () => {
      report.language = other;
      render();
      document.getElementById("language").focus();
    };
    const toggleTheme = () => {
      state.theme = theme() === "dark" ? "light" : "dark";
      render();
      document.getElementById("theme").focus();
    };
    return make(
      "header",
      { class: "top" },
      make(
        "div",
        { class: "bar" },
        make(
          "div",
          {},
          make("h1", {}, `${report.say("title")} · ${data.job}`),
          make("div", { class: "when" }, report.say("as_of", { date: data.as_of, snapshot: data.snapshot })),
          newest(),
        ),
        make(
          "div",
          { class: "controls" },
          shopPicker(),
          make(
            "button",
            { type: "button", id: "language", lang: other === "zh" ? "zh-CN" : "en", onclick: toggleLanguage },
            other === "zh" ? "中文" : "English",
          ),
          make("button", { type: "button", id: "theme", onclick: toggleTheme }, report.say(theme() === "dark" ? "light" : "dark")),
          make("button", { type: "button", id: "print", onclick: () => window.print() }, report.say("print")),
        ),
      ),
      stale(),
      make(
        "nav",
        { "aria-label": report.say("parts_of_page") },
        make(
          "ul",
          {},
          SECTIONS.map((section) =>
            make("li", {}, make("a", { href: `#${section}`, onclick: (event) => jump(event, section) }, report.say(`section_${section}`))),
          ),
        ),
      ),
    );
  }

  /* The address keeps what is chosen, so the parts are reached without it. */
  function jump(event, section) {
    event.preventDefault();
    const target = document.getElementById(section);
    target.scrollIntoView();
    target.focus({ preventScroll: true });
  }

  function section(id, aside, ...content) {
    return make(
      "section",
      { id, tabindex: "-1", "aria-labelledby": `${id}-heading` },
      make("h2", { id: `${id}-heading` }, report.say(`section_${id}`), aside ? make("small", {}, aside) : null),
      ...content,
    );
  }

  const wide = (element, kind) => {
    element.classList.add(kind);
    return element;
  };

  function body() {
    const shop = state.shop;
    const ofShop = report.say("of_shop", { shop: data.nameOf(shop) ? `${shop} ${data.nameOf(shop)}` : shop });
    const grid = (...content) => make("div", { class: "grid" }, ...content);
    if (!shop)
      return [section("overview", null, make("p", { class: "missing" }, report.say("no_shops"))), section("about", null, ...report.about())];
    const detailed = isDetailed(shop);
    const [heat, curves] = report.retention.cohorts(shop);
    const [survival, histogram, intervals] = report.intervals.panels(shop);
    return [
      section(
        "overview",
        ofShop,
        state.unknown
          ? make("p", { class: "missing", id: "unknown-shop", role: "status" }, report.say("unknown_shop", { unknown: state.unknown, shop }))
          : null,
        ...leftOut(detailed),
        make("div", { class: "of-month" }, report.overview.tiles(shop)),
        grid(
          report.overview.shops(shop, chooseInList),
        ),
      ),
      section(
        "sales",
        ofShop,
        grid(
          report.sales.daily(shop),
          report.sales.monthly(shop),
          report.steering.drivers(shop),
          report.steering.buyers(shop),
          report.steering.sources(shop),
          report.steering.bridge(shop),
          report.steering.funnel(shop),
          report.steering.timing(shop),
        ),
      ),
      section(
        "retention",
        ofShop,
        grid(
          curves ? wide(heat, "two-thirds") : heat,
          curves ? wide(curves, "third") : null,
          wide(survival, "half"),
          wide(histogram, "half"),
          intervals,
          report.steering.windows(shop),
        ),
      ),
      section(
        "customers",
        ofShop,
        grid(
          report.segments.lifecycle(shop),
          report.segments.rfm(shop),
          report.segments.migration(shop),
          report.segments.others(shop),
          report.segments.concentration(shop),
          report.segments.thresholds(shop),
          report.steering.channels(shop),
        ),
      ),
      section("assessments", ofShop, grid(...report.assessments.cards(shop))),
      section("plan", ofShop, grid(report.steering.progress(shop), report.forecast.months(shop))),
      section("campaigns", ofShop, grid(report.campaigns.pooled(shop), report.campaigns.effects(shop))),
      section("about", null, ...report.about()),
    ];
  }

  /* What did not fit on the page. */
  function leftOut(detailed) {
    const left = data.left_out;
    if (!left) return [];
    const lines = [
      report.say("left_days", left),
      report.say("left_months", left),
      report.say("left_curves", left),
      report.say("left_campaigns", left),
    ];
    if (left.optional) lines.push(report.say("left_optional"));
    if (left.shops < left.listed) lines.push(report.say("left_shops", left));
    return [
      make(
        "details",
        { class: "figures" },
        make("summary", {}, report.say("left_out")),
        make(
          "ul",
          { class: "plain" },
          lines.map((line) => make("li", {}, line)),
        ),
      ),
      detailed ? null : make("p", { class: "missing" }, report.say("not_detailed")),
    ].filter(Boolean);
  }

  function foot() {
    return make(
      "footer",
      {},
      make("p", {}, report.say("foot", { version: data.version, snapshot: data.snapshot })),
      make("p", {}, report.say("licence", { version: echarts.version })),
    );
  }

  /* Marks the part of the page that is looked at in the navigation. */
  let watcher = null;
  function watch() {
    if (watcher) watcher.disconnect();
    const links = new Map([...document.querySelectorAll("nav a")].map((link) => [link.getAttribute("href").slice(1), link]));
    watcher = new IntersectionObserver(
      (entries) => {
        for (const entry of entries.filter((candidate) => candidate.isIntersecting)) {
          for (const [id, link] of links) {
            if (id === entry.target.id) link.setAttribute("aria-current", "true");
            else link.removeAttribute("aria-current");
          }
        }
      },
      { rootMargin: "-30% 0px -65% 0px" },
    );
    for (const id of links.keys()) watcher.observe(document.getElementById(id));
  }

  function render() {
    const focused = document.activeElement ? document.activeElement.id : "";
    document.documentElement.lang = report.language === "zh" ? "zh-CN" : "en";
    document.documentElement.dataset.theme = theme();
    document.title = `${report.say("title")} · ${data.job} · ${data.as_of}`;
    note.hidden = true;
    document
      .getElementById("page")
      .replaceChildren(
        make("a", { class: "skip", href: "#main", onclick: (event) => jump(event, "main") }, report.say("skip")),
        head(),
        make("main", { id: "main", tabindex: "-1" }, body()),
        foot(),
        note,
      );
    report.charts.drawAll();
    remember();
    watch();
    if (focused && document.getElementById(focused)) document.getElementById(focused).focus();
  }

  systemIsDark.addEventListener("change", render);

  /* Charts are lower on paper, so that two of them share a page. */
  const PAPER = 0.72;

  /* Paper is white and of its own width: charts are drawn for it before printing, and for the screen again afterwards. */
  window.addEventListener("beforeprint", () => {
    document.documentElement.dataset.theme = "light";
    document.documentElement.classList.add("paper");
    report.tables.fitPaper();
    report.charts.drawAll(PAPER);
  });
  window.addEventListener("afterprint", () => {
    document.documentElement.dataset.theme = theme();
    document.documentElement.classList.remove("paper");
    report.tables.leavePaper();
    report.charts.drawAll();
  });

  render();
})();
