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
    // Without a shop, several shops are shown together.
    shop: data.shops.includes(asked.get("shop")) ? asked.get("shop") : data.shops.length > 1 ? null : data.shops[0],
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

  const isGroup = () => state.shop === null;

  /* A shop, or `null` for all of them together. */
  function choose(shop) {
    state.shop = shop;
    state.unknown = null;
    render();
  }

  /* A shop, or all of them, shown from the first line on. */
  function open(shop) {
    choose(shop);
    window.scrollTo({ top: 0, behavior: "instant" });
    document.getElementById("main").focus({ preventScroll: true });
  }

  /* What is shown, as its name. */
  const whose = () => (isGroup() ? report.say("shops_count", { count: data.shops.length }) : data.nameOf(state.shop) || state.shop || data.job);

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
      placeholder: report.say("all_together"),
      "aria-describedby": "shop-unknown",
    });
    const unknown = make("span", { id: "shop-unknown", class: "faint", role: "status" });
    const take = () => {
      const typed = input.value.trim();
      if (typed === (state.shop || "")) return;
      if (!typed) {
        choose(null);
        document.getElementById("shop").focus();
        return;
      }
      const matches = data.shops.filter((shop) => shop.includes(typed) || (data.nameOf(shop) || "").includes(typed));
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

  /* How fresh each input is: the day of its newest event. */
  function freshness() {
    const dated = data.inputs.filter((input) => input.newest_event);
    const byDay = new Map();
    for (const input of dated.sort((one, other) => other.newest_event.localeCompare(one.newest_event))) {
      if (!byDay.has(input.newest_event)) byDay.set(input.newest_event, []);
      byDay.get(input.newest_event).push(input);
    }
    // A telephone has room for the names of those few that are not as new as the others.
    const MOST_NAMED = 3;
    const one = ([day, inputs]) => {
      const names = make("span", { class: inputs.length > MOST_NAMED ? "names" : null }, inputs.map((input) => report.name(input.name)).join(", "));
      const count = inputs.length > MOST_NAMED ? make("span", { class: "count-of" }, report.say("inputs_count", { count: inputs.length })) : null;
      return make("span", { class: inputs.some((input) => input.is_stale) ? "day bad-text" : "day" }, `${day.slice(5)} `, names, count);
    };
    return dated.length ? make("div", { class: "when fresh" }, report.say("newest_events"), [...byDay].map(one)) : null;
  }

  /* What must be known before a figure is read: an input that has not come looks like days without sales. */
  function stale() {
    const MOST = 5;
    const lines = data.inputs.flatMap((input) => {
      if (input.is_stale) {
        const values = { input: report.name(input.name), days: input.days_without_event };
        return [report.say(input.newest_event ? "stale_input" : "no_event", values)];
      }
      const silent = input.silent_shops;
      if (!silent.length) return [];
      const shops = silent.slice(0, MOST).join(", ") + (silent.length > MOST ? " …" : "");
      return [report.say("silent_shops", { input: report.name(input.name), count: silent.length, shops })];
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

  /* The head, with a tab for each of the parts that the page has. */
  function head(sections) {
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
          { class: "name" },
          make("h1", {}, `${whose()} · ${report.say("title")}`),
          make("div", { class: "when" }, report.say("as_of", { date: data.as_of, currency: report.currency() }), make("span", { class: "snapshot" }, report.say("of_snapshot", { snapshot: data.snapshot }))),
          freshness(),
        ),
        make(
          "div",
          { class: "controls" },
          data.shops.length > 1 && !isGroup()
            ? make("button", { type: "button", id: "all-shops", onclick: () => open(null) }, report.say("all_of_them", { count: data.shops.length }))
            : null,
          data.shops.length > 1 ? shopPicker() : null,
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
          sections.map((section) =>
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

  /* Whether a panel has anything but the word that there is nothing. */
  const isFilled = (panel) => panel && (!panel.querySelector(".missing") || panel.querySelector(".data, .chart, .tiles, .facts"));

  /* Panels beside and below each other; nothing where none has anything to show. */
  function grid(...panels) {
    const there = panels.filter(isFilled);
    return there.length ? make("div", { class: "grid" }, ...there) : null;
  }

  /* A part of the page; nothing where all of it is empty. */
  function section(id, aside, ...content) {
    if (!content.some(Boolean)) return null;
    return make(
      "section",
      { id, tabindex: "-1", "aria-labelledby": `${id}-heading` },
      make("h2", { id: `${id}-heading` }, make("span", {}, report.say(`section_${id}`)), aside ? make("small", {}, aside) : null),
      ...content,
    );
  }

  const wide = (element, kind) => {
    element.classList.add(kind);
    return element;
  };

  /* Several shops: their sum first, then what to do in any of them, then a line for each. */
  function groupBody() {
    const count = data.shops.length;
    const together = report.say("of_all", { count });
    return [
      section(
        "overview",
        make("span", { class: "together" }, together),
        state.unknown ? make("p", { class: "missing", id: "unknown-shop", role: "status" }, report.say("unknown_shop_all", { unknown: state.unknown })) : null,
        ...leftOut(true),
        ...report.group.panels(open),
        more("overview", report.group.alerts(open)),
        report.wanted.banner(),
      ),
      section("restated", report.say("restated_aside", { shop: together }), ...report.restated.ofGroup(open)),
      section("group", [report.say("group_of", { count }), report.restated.quiet(data.shops)].filter(Boolean), grid(report.overview.shops(null, open)), more("group", report.steering.totals(), report.steering.categories())),
      section("lists", together, grid(report.lists.lists(null))),
      section("about", null, more("about", ...report.about())),
    ].filter(Boolean);
  }

  function body() {
    if (isGroup()) return groupBody();
    const shop = state.shop;
    const ofShop = report.say("of_shop", { shop: data.nameOf(shop) ? `${shop} ${data.nameOf(shop)}` : shop });
    if (!shop)
      return [section("overview", null, make("p", { class: "missing" }, report.say("no_shops"))), section("about", null, grid(...report.about()))];
    const detailed = isDetailed(shop);
    const [heat, curves] = report.retention.cohorts(shop);
    const [survival, histogram, intervals] = report.intervals.panels(shop);
    const [progress, progressAll] = report.steering.progress(shop);
    const months = report.forecast.months(shop);
    const windows = report.windows.panel(shop);
    const restated = report.restated.ofShop(shop);
    return [
      section(
        "overview",
        `${ofShop}${report.steering.stageNow(shop)}`,
        state.unknown
          ? make("p", { class: "missing", id: "unknown-shop", role: "status" }, report.say("unknown_shop", { unknown: state.unknown, shop }))
          : null,
        ...leftOut(detailed),
        ...report.morning.panels(shop),
        more("overview", report.morning.alerts(shop)),
        report.wanted.banner(),
      ),
      section(
        "sales",
        [ofShop, report.restated.quiet([shop])].filter(Boolean),
        grid(report.sales.daily(shop)),
        more(
          "sales",
          make("div", { class: "of-month" }, report.overview.tiles(shop)),
          report.sales.monthly(shop),
          report.steering.drivers(shop),
          report.steering.buyers(shop),
          report.goods.promotions(shop),
          report.steering.bridge(shop),
          report.steering.funnel(shop),
          report.steering.timing(shop),
          report.steering.stage(shop),
          report.people.service(shop),
        ),
      ),
      section("restated", report.say("restated_aside", { shop: ofShop }), ...restated.seen, more("restated", ...restated.folded)),
      section(
        "retention",
        ofShop,
        grid(windows),
        more(
          "retention",
          curves ? wide(heat, "two-thirds") : heat,
          curves ? wide(curves, "third") : null,
          wide(survival, "half"),
          wide(histogram, "half"),
          intervals,
        ),
      ),
      section(
        "customers",
        ofShop,
        grid(report.segments.lifecycle(shop)),
        more(
          "customers",
          report.segments.rfm(shop),
          report.segments.migration(shop),
          report.segments.others(shop),
          report.segments.concentration(shop),
          report.segments.thresholds(shop),
          report.people.identity(shop),
        ),
      ),
      section(
        "goods",
        ofShop,
        grid(report.goods.items(shop)),
        more("goods", report.goods.weeks(shop), report.goods.refunds(shop), report.goods.pairs(shop), report.goods.baskets(shop), report.goods.bands(shop)),
      ),
      section(
        "sources",
        ofShop,
        grid(report.steering.sources(shop)),
        more("sources", report.steering.visitors(shop), report.goods.keywords(shop), report.steering.channels(shop), report.people.affiliates(shop)),
      ),
      section("assessments", ofShop, grid(report.assessments.summary(shop)), more("assessments", ...report.assessments.cards(shop))),
      section("plan", ofShop, grid(progress || months), more("plan", progressAll, progress ? months : null)),
      section("campaigns", ofShop, grid(report.campaigns.pooled(shop)), more("campaigns", report.campaigns.forest(shop), report.campaigns.effects(shop))),
      section("lists", ofShop, grid(report.lists.lists(shop))),
      data.shops.length > 1
        ? section(
            "group",
            report.say("group_of", { count: data.shops.length }),
            more("group", report.overview.shops(shop, chooseInList), report.people.overlap(shop)),
          )
        : null,
      section("about", null, more("about", ...report.about())),
    ].filter(Boolean);
  }

  /* What the reader has unfolded, by section: it stays so when the page is drawn anew. */
  const unfolded = new Set();

  /* Panels that are folded in until somebody wants them; their charts are drawn when there is room for them. */
  function more(of, ...panels) {
    const there = panels.filter(isFilled);
    if (!there.length) return null;
    const titles = there.map((panel) => panel.querySelector("h3")).filter(Boolean);
    const details = make(
      "details",
      { class: "more", open: unfolded.has(of) },
      make("summary", {}, make("span", {}, report.say("more")), " ", make("span", { class: "faint" }, titles.map((title) => title.textContent).join(" · "))),
      make("div", { class: "grid" }, ...there),
    );
    details.addEventListener("toggle", () => {
      if (details.open) unfolded.add(of);
      else unfolded.delete(of);
      if (details.open) report.charts.drawIn(details);
    });
    return details;
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
    const parts = body();
    const sections = parts.map((part) => part.id);
    const focused = document.activeElement ? document.activeElement.id : "";
    document.documentElement.lang = report.language === "zh" ? "zh-CN" : "en";
    document.documentElement.dataset.theme = theme();
    document.title = `${whose()} · ${data.as_of} · ${report.say("title")}`;
    note.hidden = true;
    document
      .getElementById("page")
      .replaceChildren(
        make("a", { class: "skip", href: "#main", onclick: (event) => jump(event, "main") }, report.say("skip")),
        head(sections),
        make("main", { id: "main", tabindex: "-1" }, parts),
        foot(),
        note,
      );
    report.charts.drawAll();
    remember();
    watch();
    if (focused && document.getElementById(focused)) document.getElementById(focused).focus();
  }

  systemIsDark.addEventListener("change", render);

  /* Charts are lower on paper, so that two of them share a page, and one stands below the morning. */
  const PAPER = 0.58;

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
