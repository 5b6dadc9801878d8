"use strict";
// Narrows what the page shows, and keeps the choice in the address's fragment. All that is shown is
// in the page already; nothing is computed here that the record's own rules decide.
(() => {
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const words = (text) => text.split(" ").filter(Boolean);
  // Without case and accents, as `kzt list --search` has it.
  const ACCENTS = /[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670]/g;
  const folded = (text) =>
    text.toLowerCase().replaceAll("ß", "ss").replaceAll("ς", "σ").normalize("NFKD").replace(ACCENTS, "");
  // Each word asked for is the beginning of a word of the text.
  const wordsOf = (text) => folded(text).match(/[\p{L}\p{N}_]+/gu) ?? [];
  const plural = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;

  const FIRST = "0001-01-01";
  const LAST = "9999-12-31";
  const DATE = /^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$/;
  // As texts, days compare like days; the 31st is the last of any month.
  const firstDay = (text) => text + FIRST.slice(text.length);
  const lastDay = (text) => text + "-12-31".slice(text.length - 4);

  const read = (input) => {
    const text = input.value.trim();
    const good = !text || (DATE.test(text) && text >= "0001");
    input.setAttribute("aria-invalid", String(!good));
    return good ? text : "";
  };

  // --- events ----------------------------------------------------------------------------------

  const FIELDS = ["topic", "kind", "perspective"];
  const entries = all(".entry").map((node) => {
    const { days, sure = days } = node.dataset;
    const maybe = document.createElement("p");
    maybe.className = "possibly";
    maybe.textContent = "possibly in this period";
    maybe.hidden = true;
    one(".side", node).append(maybe);
    return {
      node,
      values: Object.fromEntries(FIELDS.map((name) => [name, words(node.dataset[name])])),
      days: words(days).map((stretch) => stretch.split("/")),
      sure: sure.split("/"),
      maybe,
      text: null,
    };
  });
  // What a link leads to can be focused, so that the keyboard goes on from there.
  for (const node of all(".entry, .matter, .source")) node.tabIndex = -1;
  const byId = new Map(entries.map((entry) => [entry.node.id, entry]));
  const marks = all("a.mark");
  const target = (link) => link.getAttribute("href").slice(1);
  const marksOf = new Map(entries.map((entry) => [entry.node.id, []]));
  for (const mark of marks) marksOf.get(target(mark)).push(mark);
  const lanes = all("#_picture .lane").filter((lane) => one(".mark", lane));
  const years = all(".year");
  const filters = one("#_filters");

  const SEARCHED = "[data-search], .topic, .quote, .cite a, dd a[href^='#matter_']";
  const text = (entry) => {
    entry.text ??= ["", ...[entry.node.id, ...all(SEARCHED, entry.node).map((node) => node.textContent), ...known(entry)].flatMap(wordsOf)].join(" ");
    return entry.text;
  };
  // The publishers and numbers of the documents that an entry cites stand among the sources.
  const known = ({ node }) =>
    all(".cite a", node).flatMap((link) =>
      all("[data-search]", document.getElementById(target(link))).map((part) => part.textContent));

  const criteria = () => {
    const data = new FormData(filters);
    return {
      words: wordsOf(data.get("q")),
      since: firstDay(read(filters.elements.from)),
      until: read(filters.elements.to) ? lastDay(read(filters.elements.to)) : LAST,
      contested: data.has("contested"),
      ...Object.fromEntries(FIELDS.map((name) => [name, new Set(data.getAll(name))])),
    };
  };

  const meets = (entry, { since, until }) => entry.days.some(([low, high]) => low <= until && high >= since);
  const surely = ({ sure: [first, last] }, { since, until }) =>
    (since === FIRST && until === LAST) || (last !== undefined && first <= until && last >= since);
  const holds = (entry, wanted) =>
    FIELDS.every((name) => !wanted[name].size || entry.values[name].some((value) => wanted[name].has(value))) &&
    (!wanted.contested || entry.node.classList.contains("contested")) &&
    meets(entry, wanted) &&
    wanted.words.every((word) => text(entry).includes(` ${word}`));

  const narrow = () => {
    const wanted = criteria();
    const empty = wanted.since > wanted.until;
    let shown = 0;
    let possible = 0;
    for (const entry of entries) {
      const held = !empty && holds(entry, wanted);
      const maybe = held && !surely(entry, wanted);
      shown += held;
      possible += maybe;
      entry.node.hidden = !held;
      entry.maybe.hidden = !maybe;
      for (const mark of marksOf.get(entry.node.id)) mark.classList.toggle("off", !held);
    }
    for (const year of years) year.hidden = !one(".entry:not([hidden])", year);
    for (const link of all(".years a")) link.parentNode.hidden = document.getElementById(target(link)).hidden;
    for (const lane of lanes) lane.classList.toggle("off", !one(".mark:not(.off)", lane));
    one(".none").hidden = shown > 0;
    for (const { node, topics } of matters) {
      node.hidden = wanted.topic.size > 0 && !topics.some((topic) => wanted.topic.has(topic));
    }
    for (const menu of all(".menu")) {
      const count = all(":checked", menu).length;
      one(".chosen", menu).textContent = count ? ` ${count}` : "";
    }
    const count = shown === entries.length ? plural(shown, "event") : `${shown.toLocaleString("en")} of ${plural(entries.length, "event")}`;
    one(".shown", filters).textContent = `${count} shown${possible ? `, ${possible.toLocaleString("en")} only possibly in this period` : ""}`;
    rove();
    if (at) stand();
  };

  // --- the picture -----------------------------------------------------------------------------

  // One mark is a stop of the Tab key; the arrow keys lead from it to the others.
  let stop = null;
  const rove = (mark = stop) => {
    const next = mark && !mark.matches(".off") ? mark : marks.find((other) => !other.matches(".off"));
    if (stop !== next) stop?.setAttribute("tabindex", "-1");
    next?.setAttribute("tabindex", "0");
    stop = next ?? null;
  };
  const centre = (mark) => {
    const box = mark.getBoundingClientRect();
    return box.left + box.width / 2;
  };
  const live = (lane) => all(".mark:not(.off)", lane);
  const beside = (mark, step) => live(mark.closest(".lane")).at(Math.max(live(mark.closest(".lane")).indexOf(mark) + step, 0));
  const across = (mark, step) => {
    const open = lanes.filter((lane) => !lane.matches(".off"));
    const lane = open[open.indexOf(mark.closest(".lane")) + step];
    if (!lane) return null;
    const away = (other) => Math.abs(centre(other) - centre(mark));
    return live(lane).reduce((best, other) => (away(other) < away(best) ? other : best));
  };
  const MOVES = {
    ArrowRight: (mark) => beside(mark, 1),
    ArrowLeft: (mark) => beside(mark, -1),
    ArrowDown: (mark) => across(mark, 1),
    ArrowUp: (mark) => across(mark, -1),
    Home: (mark) => live(mark.closest(".lane"))[0],
    End: (mark) => live(mark.closest(".lane")).at(-1),
  };

  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  tip.setAttribute("aria-hidden", "true");
  const point = (mark) => {
    for (const other of all(".mark.same")) other.classList.remove("same");
    tip.hidden = !mark;
    if (!mark) return;
    for (const other of marksOf.get(target(mark))) other.classList.add("same");
    tip.textContent = mark.getAttribute("aria-label");
    const box = mark.getBoundingClientRect();
    const left = Math.min(Math.max(centre(mark) - tip.offsetWidth / 2, 8), document.documentElement.clientWidth - tip.offsetWidth - 8);
    const above = box.top - tip.offsetHeight - 8;
    tip.style.left = `${left + scrollX}px`;
    tip.style.top = `${(above > 0 ? above : box.bottom + 8) + scrollY}px`;
  };
  const over = (event) => event.target.closest?.("a.mark");

  const picture = one("#_picture .chart");
  if (picture) {
    document.body.append(tip);
    // Where the picture is wider than the screen, its latest years come first.
    requestAnimationFrame(() => { for (const chart of all(".chart")) chart.scrollLeft = chart.scrollWidth; });
    // An event's name stands in its first mark, where the mouse alone would show it, and slowly.
    const names = new Map();
    for (const mark of marks) {
      const title = one("title", mark);
      if (title) names.set(target(mark), title.textContent);
      title?.remove();
      mark.setAttribute("tabindex", "-1");
      mark.setAttribute("aria-label", names.get(target(mark)));
      mark.removeAttribute("aria-labelledby");
    }
    picture.addEventListener("keydown", (event) => {
      const move = MOVES[event.key];
      const mark = over(event);
      if (event.key === "Escape") point(null);
      if (!move || !mark || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      const next = move(mark);
      if (!next) return;
      rove(next);
      next.focus();
    });
    picture.addEventListener("focusin", (event) => { if (over(event)) { rove(over(event)); point(over(event)); } });
    picture.addEventListener("focusout", () => point(null));
    picture.addEventListener("mouseover", (event) => point(over(event) ?? null));
    picture.addEventListener("mouseleave", () => point(null));
    picture.addEventListener("scroll", () => point(null), { passive: true });
  }

  // --- states ----------------------------------------------------------------------------------

  const at = one("#_at");
  const matters = all(".matter").map((node) => ({
    node,
    topics: words(node.dataset.topic),
    spells: all(".spells > li", node),
    found: all(".found > li", node),
    evidence: one(".evidence", node),
    steps: words(one(".evidence", node).dataset.steps).map((step) => step.split("/")),
  }));
  const lines = [];
  const MONTHS = "January February March April May June July August September October November December".split(" ");
  const spoken = (day) => `${Number(day.slice(8))} ${MONTHS[day.slice(5, 7) - 1]} ${Number(day.slice(0, 4))}`;
  // The last day typed as one that there is: not 31 June.
  const existing = (day) => {
    const last = new Date(0);
    last.setUTCFullYear(Number(day.slice(0, 4)), Number(day.slice(5, 7)), 0);
    return day.slice(0, 8) + String(Math.min(Number(day.slice(8)), last.getUTCDate())).padStart(2, "0");
  };

  // Where a day ends in the picture, which is linear between the years marked.
  const place = (day) => {
    const { years: marked, places } = one("#_picture .chart").dataset;
    const [knots, xs] = [words(marked).map(Number), words(places).map(Number)];
    const year = Number(day.slice(0, 4));
    const index = Math.min(Math.max(knots.findLastIndex((knot) => knot <= year), 0), knots.length - 2);
    const month = Number(day.slice(5, 7)) - 1 + Number(day.slice(8)) / 31;
    const share = (year + month / 12 - knots[index]) / (knots[index + 1] - knots[index]);
    return xs[index] + Math.min(Math.max(share, 0), 1) * (xs[index + 1] - xs[index]);
  };

  const stand = () => {
    const typed = read(at.elements.at) || at.elements.year.value.padStart(4, "0");
    const day = lastDay(typed);
    const whole = at.elements.whole.checked;
    const during = ({ dataset: { first, last } }) => first <= day && day <= last;
    const show = (node) => {
      node.hidden = !whole && !during(node);
      node.toggleAttribute("data-now", during(node));
    };
    for (const { spells, found, evidence, steps } of matters) {
      for (const node of [...spells, ...found]) show(node);
      const since = spells.find(during).dataset.since;
      for (const node of found) {
        const { certain, latest } = node.dataset;
        one(".maybe", node).hidden = certain !== "" && certain <= day;
        one(".before", node).hidden = !since || !latest || latest >= since;
      }
      const last = steps.findLast(([first]) => first <= day)?.[1];
      const now = existing(day);
      one("span", evidence).textContent = last ? spoken(last < now ? last : now) : "none";
    }
    for (const list of all(".spells")) list.classList.toggle("one", !whole);
    for (const line of lines) for (const end of ["x1", "x2"]) line.setAttribute(end, place(day));
    const open = matters.filter(({ node }) => !node.hidden);
    const known = open.filter(({ spells }) => one(".state:not(.unknown)", spells.find(during))).length;
    one(".shown", at).textContent = `By the end of ${typed}: ${known} of ${plural(open.length, "matter")} known`;
  };

  if (at) {
    for (const strip of all(".strip")) {
      const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
      line.setAttribute("class", "now");
      line.setAttribute("y2", strip.getAttribute("height"));
      strip.append(line);
      lines.push(line);
    }
    at.elements.year.addEventListener("input", () => { at.elements.at.value = at.elements.year.value.padStart(4, "0"); });
    at.addEventListener("input", () => {
      const typed = read(at.elements.at);
      if (typed) at.elements.year.value = String(Number(typed.slice(0, 4)));
      stand();
      keep();
    });
    at.addEventListener("submit", (event) => event.preventDefault());
    at.hidden = false;
  }

  // --- the address -----------------------------------------------------------------------------

  const forms = [filters, at].filter(Boolean);
  const fragment = () => {
    const found = new URLSearchParams();
    for (const form of forms) {
      for (const input of form.elements) {
        const kept = input.name && input.name !== "year" && (input.type !== "checkbox" || input.checked);
        if (kept && input.value.trim()) found.append(input.name, input.value.trim());
      }
    }
    return found.toString();
  };
  const keep = () => {
    const kept = fragment();
    history.replaceState(null, "", location.href.split("#")[0] + (kept && `#${kept}`));
  };

  const restore = () => {
    const hash = location.hash.slice(1);
    if (!hash.includes("=")) {
      reveal(hash);
      return;
    }
    const asked = new URLSearchParams(hash);
    for (const form of forms) {
      for (const input of form.elements) {
        if (!input.name || input.name === "year") continue;
        if (input.type === "checkbox") input.checked = asked.getAll(input.name).includes(input.value);
        else input.value = (asked.get(input.name) ?? "").slice(0, input.maxLength);
      }
    }
    update();
  };
  const update = () => {
    const typed = at && read(at.elements.at);
    if (at) at.elements.year.value = typed ? String(Number(typed.slice(0, 4))) : at.elements.year.max;
    if (filters) narrow();
  };

  // A link to an event that the filters leave out lets it be seen.
  const reveal = (id) => {
    const entry = byId.get(id);
    if (!entry?.node.hidden) return;
    for (const input of filters.elements) {
      if (input.type === "checkbox") input.checked = false;
      else input.value = "";
    }
    narrow();
    entry.node.scrollIntoView();
  };

  if (filters) {
    let waiting = 0;
    filters.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => { narrow(); keep(); }, 120);
    });
    filters.addEventListener("reset", () => setTimeout(() => { narrow(); keep(); }));
    filters.addEventListener("submit", (event) => event.preventDefault());
    for (const menu of all(".menu")) {
      menu.addEventListener("keydown", (event) => {
        if (event.key !== "Escape" || !menu.open) return;
        menu.open = false;
        one("summary", menu).focus();
      });
      menu.addEventListener("toggle", () => {
        if (menu.open) for (const other of all(".menu[open]")) if (other !== menu) other.open = false;
      });
    }
    document.addEventListener("click", (event) => {
      for (const menu of all(".menu[open]")) if (!menu.contains(event.target)) menu.open = false;
    });
    filters.hidden = false;
  }
  addEventListener("hashchange", restore);
  update();
  restore();
})();
