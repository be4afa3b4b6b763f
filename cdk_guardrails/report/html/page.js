
"use strict";
// Filters, keys, and what depends on the day. The page can be read without it.
(() => {
  const SOON = 30; // days
  const DAY = 86400000; // milliseconds
  const data = JSON.parse(document.getElementById("data").textContent);
  const all = (selector, from) => Array.from((from || document).querySelectorAll(selector));
  const bar = document.querySelector("form.bar");
  const status = bar.querySelector("[role=status]");
  const tiles = all(".tile");
  const rows = all("details.e");
  const groups = all("details.g").map((box) => ({ box, count: box.querySelector("summary .n"), rows: all("details.e", box) }));
  const outer = new Map(all("section.part, section.stack").map((box) => [box, { box, groups: [], count: box.querySelector(":scope > h3 .n") }]));
  for (const group of groups) {
    const part = group.box.parentElement;
    outer.get(part).groups.push(group);
    outer.get(part.parentElement).groups.push(group);
  }
  const cells = all(".cells a");
  const number = (value) => value.toLocaleString("en");
  let texts = null;
  let picked = -1; // the cell of the one resource that is shown
  let opened = null;

  function textOf(at) {
    if (!texts) {
      texts = [];
      for (const group of groups) {
        const head = Array.from(group.box.children).filter((child) => !child.matches(".e")).map((child) => child.textContent).join(" ");
        for (const row of group.rows) {
          const entry = data.entries[texts.length];
          texts.push(`${head} ${row.textContent} ${data.stack[entry[3]]}`.toLowerCase());
        }
      }
    }
    return texts[at];
  }

  function wanted() {
    const index = (name) => (bar.elements[name].value === "" ? -1 : Number(bar.elements[name].value));
    return {
      kinds: tiles.filter((tile) => tile.getAttribute("aria-pressed") === "true").map((tile) => data.kind.indexOf(tile.dataset.kind)),
      rule: index("rule"), service: index("service"), stack: index("stack"),
      words: bar.elements.q.value.toLowerCase().split(/\s+/).filter(Boolean),
      only: picked < 0 ? null : new Set(data.cells[picked][1]),
    };
  }

  function fits(want, at) {
    const [kind, rule, service, stack] = data.entries[at];
    return (!want.kinds.length || want.kinds.includes(kind)) && (want.rule < 0 || want.rule === rule)
      && (want.service < 0 || want.service === service) && (want.stack < 0 || want.stack === stack)
      && (!want.only || want.only.has(at)) && want.words.every((word) => textOf(at).includes(word));
  }

  function say(count, shown, total) {
    if (count) count.textContent = shown === total ? number(total) : `${number(shown)} of ${number(total)}`;
  }

  function filter() {
    const want = wanted();
    const active = want.kinds.length || want.words.length || want.only || [want.rule, want.service, want.stack].some((value) => value >= 0);
    const shown = rows.map((row, at) => fits(want, at));
    let at = 0;
    for (const group of groups) {
      group.shown = 0;
      for (const row of group.rows) {
        if (row.hidden === shown[at]) row.hidden = !shown[at];
        group.shown += shown[at];
        at += 1;
      }
      group.box.hidden = !group.shown;
      say(group.count, group.shown, group.rows.length);
    }
    for (const part of outer.values()) {
      const left = part.groups.reduce((sum, group) => sum + group.shown, 0);
      part.box.hidden = !left;
      say(part.count, left, part.groups.reduce((sum, group) => sum + group.rows.length, 0));
    }
    cells.forEach((cell, index) => cell.classList.toggle("dim", Boolean(active) && !data.cells[index][1].some((entry) => shown[entry])));
    const total = shown.filter(Boolean).length;
    const one = picked < 0 ? "" : `, ${data.cells[picked][0]} only`;
    status.textContent = `${number(total)} of ${number(rows.length)}${one}`;
    document.getElementById("nothing").hidden = Boolean(total) || !rows.length;
    bar.querySelector("[type=reset]").disabled = !active;
  }

  // The filters stand in the address, by name, so that it can be sent to somebody.
  function remember() {
    const said = new URLSearchParams();
    const kinds = tiles.filter((tile) => tile.getAttribute("aria-pressed") === "true").map((tile) => tile.dataset.kind);
    if (kinds.length) said.set("state", kinds.join(","));
    for (const name of ["rule", "service", "stack"]) {
      const value = bar.elements[name].value;
      if (value !== "") said.set(name, data[name][Number(value)]);
    }
    if (bar.elements.q.value) said.set("q", bar.elements.q.value);
    if (picked >= 0) said.set("resource", data.cells[picked][0]);
    history.replaceState(null, "", `#${said}`);
  }

  function recall() {
    const text = location.hash.slice(1);
    if (text && !text.includes("=")) return reveal(text);
    const said = new URLSearchParams(text);
    const kinds = (said.get("state") || "").split(",");
    tiles.forEach((tile) => tile.setAttribute("aria-pressed", String(kinds.includes(tile.dataset.kind))));
    for (const name of ["rule", "service", "stack"]) {
      const at = said.has(name) ? data[name].indexOf(said.get(name)) : -1;
      bar.elements[name].value = at < 0 ? "" : String(at);
      if (bar.elements[name].selectedIndex < 0) bar.elements[name].value = "";
    }
    bar.elements.q.value = said.get("q") || "";
    const stack = bar.elements.stack.value;
    picked = said.has("resource") ? data.cells.findIndex(([id, found]) => id === said.get("resource") && found.length && (stack === "" || data.entries[found[0]][3] === Number(stack))) : -1;
    filter();
  }

  function reveal(id) {
    const target = document.getElementById(id);
    if (!target || !target.matches(".e, .stack")) return;
    if (target.hidden || target.closest("[hidden]")) reset();
    if (target.matches(".e")) {
      target.closest(".g").open = true;
      target.open = true;
    }
    target.scrollIntoView();
  }

  function reset() {
    tiles.forEach((tile) => tile.setAttribute("aria-pressed", "false"));
    for (const name of ["q", "rule", "service", "stack"]) bar.elements[name].value = "";
    picked = -1;
    filter();
  }

  function changed() {
    filter();
    remember();
  }

  function pick(index) {
    const found = data.cells[index][1];
    if (!found.length) return;
    reset();
    picked = index;
    bar.elements.stack.value = String(data.entries[found[0]][3]);
    changed();
    document.getElementById("list").scrollIntoView();
    if (found.length < 9) found.forEach((at) => { rows[at].open = true; });
    rows[Math.min(...found)].querySelector("summary").focus({ preventScroll: true });
  }

  function move(list, from, by) {
    const next = list[from + by];
    if (next) next.focus();
    return next;
  }

  function keys(event) {
    const typing = event.target.matches("input, select, textarea");
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/" && !typing) {
      event.preventDefault();
      bar.elements.q.focus();
      bar.elements.q.select();
    } else if (event.key === "Escape" && event.target === bar.elements.q) {
      bar.elements.q.value = "";
      changed();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && event.target.matches("summary")) {
      event.preventDefault();
      const list = all("summary", document.querySelector("main")).filter((summary) => summary.checkVisibility());
      move(list, list.indexOf(event.target), event.key === "ArrowDown" ? 1 : -1);
    } else if (event.target.matches(".cells a")) {
      const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!by) return;
      event.preventDefault();
      const next = move(cells, cells.indexOf(event.target), by);
      if (next) {
        event.target.tabIndex = -1;
        next.tabIndex = 0;
      }
    }
  }

  // One resource of the map is in the tab order; the arrow keys go on from there.
  function startMap() {
    const told = document.getElementById("told");
    cells.forEach((cell, index) => {
      cell.tabIndex = index ? -1 : 0;
      cell.addEventListener("click", (event) => {
        event.preventDefault();
        pick(index);
      });
    });
    for (const kind of ["pointerover", "focusin"]) {
      document.addEventListener(kind, (event) => {
        const cell = event.target.closest && event.target.closest(".cells a");
        if (cell && told) {
          told.textContent = cell.getAttribute("aria-label");
          cell.title = told.textContent;
        }
      });
    }
    if (told && cells.length) told.textContent = "Point at a resource, or move with the arrow keys; choose one to see what is said of it.";
  }

  function startDates() {
    const now = new Date();
    const today = Date.UTC(now.getFullYear(), now.getMonth(), now.getDate());
    let soon = 0;
    let first = "";
    for (const time of all("time")) {
      const days = Math.round((Date.parse(time.dateTime) - today) / DAY);
      if (Number.isNaN(days) || days > SOON) continue;
      time.className = days < 0 ? "over" : "soon";
      time.textContent += days < 0 ? " (ended)" : days === 0 ? " (today)" : ` (${days} ${days === 1 ? "day" : "days"})`;
      soon += 1;
      first = !first || time.dateTime < first ? time.dateTime : first;
    }
    const note = document.getElementById("ending");
    note.hidden = !soon;
    note.textContent = `Suppressions that end within ${SOON} days or have ended: ${number(soon)}, the first on ${first}.`;
  }

  let waiting = 0;
  bar.hidden = false;
  tiles.forEach((tile) => {
    tile.disabled = !data.entries.some((entry) => data.kind[entry[0]] === tile.dataset.kind);
    tile.addEventListener("click", () => {
      tile.setAttribute("aria-pressed", String(tile.getAttribute("aria-pressed") !== "true"));
      changed();
    });
  });
  bar.addEventListener("input", (event) => {
    clearTimeout(waiting);
    if (event.target.name === "stack") picked = -1;
    waiting = setTimeout(changed, event.target.name === "q" ? 120 : 0);
  });
  bar.addEventListener("submit", (event) => event.preventDefault());
  bar.addEventListener("reset", (event) => {
    event.preventDefault();
    reset();
    remember();
  });
  document.getElementById("unfold").addEventListener("click", (event) => {
    opened = event.target.getAttribute("aria-pressed") !== "true";
    event.target.setAttribute("aria-pressed", String(opened));
    event.target.textContent = opened ? "Close all" : "Open all";
    rows.forEach((row) => { if (!row.hidden) row.open = opened; });
  });
  document.addEventListener("keydown", keys);
  window.addEventListener("hashchange", recall);
  startMap();
  startDates();
  filter();
  recall();
})();
