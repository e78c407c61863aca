"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const { rows, arrows, words } = data;
  const live = document.getElementById("live");
  const canvas = document.getElementById("canvas");
  const find = document.getElementById("find");
  const about = document.getElementById("about");
  const GUTTER = 170, TOP = 24, LEAST = 0.5, MOST = 40, READABLE = 9;
  const STAGES = ["came", "harm", "after"], SURE = ["high", "medium", "low"];
  const STEPS = [1, 5, 15, 60, 300, 900, 1800, 3600, 7200, 21600, 43200, 86400, 172800, 604800, 2592000, 31536000, 315360000];
  const VIETNAM = 7 * 3600000;
  const view = { begin: data.begin, end: data.end, top: 0, row: 18 };
  let width = 0, height = 0, chosen = -1, asked = 0;

  const bounded = (value, low, high) => Math.min(Math.max(value, low), high);
  const x = when => GUTTER + bounded((when - view.begin) / (view.end - view.begin), 0, 1) * (width - GUTTER - 8);
  const y = row => TOP + (row - view.top) * view.row;
  const at = place => view.begin + (place - GUTTER) / (width - GUTTER - 8) * (view.end - view.begin);
  const escaped = text => text.replace(/[&<>"]/g, mark => `&#${mark.charCodeAt(0)};`);
  const inTime = (begin, end) => end >= view.begin && begin <= view.end;

  function moment(when, full) {
    const text = new Date(when + VIETNAM).toISOString();
    const clock = text.slice(11, full || view.end - view.begin < 600000 ? 19 : 16);
    return `${clock} ${text.slice(8, 10)}/${text.slice(5, 7)}${full ? "/" + text.slice(0, 4) : ""}`;
  }

  function axis() {
    const most = Math.max(2, Math.floor((width - GUTTER) / 110));
    const step = (STEPS.find(s => (view.end - view.begin) / (s * 1000) <= most) || STEPS[STEPS.length - 1]) * 1000;
    let lines = "", texts = "";
    for (let when = Math.ceil((view.begin + VIETNAM) / step) * step - VIETNAM; when <= view.end; when += step) {
      const place = x(when).toFixed(1);
      lines += `M${place} ${TOP - 4}V${height}`;
      texts += `<text class="tick" x="${place}" y="13" text-anchor="middle">${moment(when)}</text>`;
    }
    return `<path class="grid" d="${lines}"/>${texts}`;
  }

  function bars(first, last) {
    const paths = {};
    const put = (kind, path) => { paths[kind] = (paths[kind] || "") + path; };
    const phases = document.getElementById("phases").checked;
    const thin = Math.max(view.row * 0.22, 0.6);
    for (let at = first; at < last; at++) {
      const row = rows[at], top = y(at), middle = (top + view.row / 2).toFixed(1);
      if (phases) for (const [stage, begin, end] of row.b) {
        if (!inTime(begin, end)) continue;
        const left = x(begin), right = Math.max(x(end), left + 2);
        put(STAGES[stage] + (row.o ? " own" : ""),
          `M${left.toFixed(1)} ${(top + view.row * (0.14 + 0.26 * stage)).toFixed(1)}H${right.toFixed(1)}v${thin.toFixed(1)}H${left.toFixed(1)}z`);
      }
      if (row.t) {
        const [low, high] = row.t, place = x((low + high) / 2), size = bounded(view.row / 6, 0.8, 3.2);
        put("bounds", `M${x(low).toFixed(1)} ${middle}H${x(high).toFixed(1)}`);
        put(row.o ? "sign own" : "sign", `M${(place - size).toFixed(1)} ${middle}a${size} ${size} 0 1 0 ${2 * size} 0a${size} ${size} 0 1 0 ${-2 * size} 0`);
      } else if (row.s === "not-examined") put("missing", `M${GUTTER} ${middle}H${width - 8}`);
    }
    return Object.entries(paths).map(([kind, path]) => `<path class="${kind}" d="${path}"/>`).join("");
  }

  function curves(first, last) {
    if (!document.getElementById("spread").checked) return "";
    const paths = {};
    for (const [of, to, left, right, sure, share] of arrows) {
      if (Math.max(of, to) < first || Math.min(of, to) >= last || !inTime(left, right)) continue;
      const mine = of === chosen || to === chosen;
      const kind = `arrow ${SURE[sure]}${share ? " share" : ""}${mine ? " chosen" : ""}`;
      const x0 = x(left), y0 = y(of + 0.5), x1 = x(right), y1 = y(to + 0.5);
      const bend = Math.min(60, 12 + Math.abs(y1 - y0) / 3), tip = bounded(view.row / 5, 1, 4), way = y1 > y0 ? 1 : -1;
      paths[kind] = (paths[kind] || "") +
        `M${x0.toFixed(1)} ${y0.toFixed(1)}C${(x0 - bend).toFixed(1)} ${y0.toFixed(1)} ${(x1 - bend).toFixed(1)} ${y1.toFixed(1)} ${(x1 - 4).toFixed(1)} ${y1.toFixed(1)}` +
        `M${(x1 - 4 - 2 * tip).toFixed(1)} ${(y1 - tip * way).toFixed(1)}L${(x1 - 3).toFixed(1)} ${y1.toFixed(1)}L${(x1 - 4 - 2 * tip).toFixed(1)} ${(y1 + tip * way).toFixed(1)}`;
    }
    return Object.entries(paths).map(([kind, path]) => `<path class="${kind}" d="${path}"/>`).join("");
  }

  function groups(first, last) {
    let lines = "", texts = "", under = -Infinity;
    for (let at = first; at < last; at++) {
      if (!rows[at].g) continue;
      const top = y(at);
      lines += `M0 ${top.toFixed(1)}H${width}`;
      if (top < under) continue;  // no room for its words
      under = top + 12;
      texts += `<text class="tick" x="${width - 4}" y="${(top + 10).toFixed(1)}" text-anchor="end">${escaped(rows[at].g)}</text>`;
    }
    return `<path class="border" d="${lines}"/>${texts}`;
  }

  function labels(first, last) {
    if (view.row < READABLE) return "";
    const small = view.row < 13 ? " small" : "", longest = small ? 32 : 26;
    let texts = "";
    for (let at = first; at < last; at++) {
      const name = rows[at].n.length > longest ? rows[at].n.slice(0, longest - 1) + "…" : rows[at].n;
      texts += `<text class="label ${rows[at].s}${small}" x="2" y="${(y(at) + view.row * 0.72).toFixed(1)}">${escaped(name)}</text>`;
    }
    return texts;
  }

  function draw() {
    asked = 0;
    const began = performance.now();
    width = canvas.clientWidth;
    height = canvas.clientHeight;
    const first = bounded(Math.floor(view.top), 0, rows.length);
    const last = bounded(Math.ceil(view.top + (height - TOP) / view.row), first, rows.length);
    const mark = chosen >= first && chosen < last
      ? `<rect class="chosen" x="0" y="${y(chosen)}" width="${width}" height="${Math.max(view.row, 1)}"/>` : "";
    canvas.setAttribute("viewBox", `0 0 ${width} ${height}`);
    canvas.innerHTML = `<defs><clipPath id="rows"><rect x="0" y="${TOP}" width="${width}" height="${height}"/></clipPath></defs>` +
      axis() + `<g clip-path="url(#rows)">${mark}${groups(first, last)}${bars(first, last)}${curves(first, last)}${labels(first, last)}</g>`;
    document.getElementById("seen").textContent = `${words.shown}: ${last - first} / ${rows.length} ${words.machines}`;
    document.body.dataset.drawn = String(last - first);
    document.body.dataset.frame = (performance.now() - began).toFixed(1);
  }

  function redraw() {
    const seen = (height - TOP) / view.row;
    view.top = bounded(view.top, 0, Math.max(0, rows.length - seen));
    if (!asked) asked = requestAnimationFrame(draw);
  }

  function zoomTime(factor, around) {
    const centre = around === undefined ? (view.begin + view.end) / 2 : around;
    const span = bounded((view.end - view.begin) * factor, 10000, 4e11);
    const share = (centre - view.begin) / (view.end - view.begin);
    view.begin = centre - span * share;
    view.end = view.begin + span;
    redraw();
  }

  function zoomRows(factor, around) {
    const centre = around === undefined ? (height + TOP) / 2 : around;
    const row = view.top + (centre - TOP) / view.row;
    view.row = bounded(view.row * factor, Math.min(LEAST, (height - TOP) / rows.length), MOST);
    view.top = row - (centre - TOP) / view.row;
    redraw();
  }

  function moveTime(share) {
    const step = (view.end - view.begin) * share;
    view.begin += step;
    view.end += step;
    redraw();
  }

  function all() {
    Object.assign(view, { begin: data.begin, end: data.end, top: 0, row: bounded((canvas.clientHeight - TOP) / rows.length, 0.05, 18) });
    redraw();
  }

  function choose(at, bring) {
    chosen = at;
    if (at < 0) { about.textContent = words["Choose a machine to see what is known of it."]; redraw(); return; }
    const row = rows[at], [state, sign, clock, files, answer] = row.d;
    const from = arrows.filter(a => a[1] === at).map(a => rows[a[0]].n), to = arrows.filter(a => a[0] === at).map(a => rows[a[1]].n);
    const some = names => names.slice(0, 12).join(", ") + (names.length > 12 ? ` … (+${names.length - 12})` : "");
    const parts = [row.n, state];
    if (row.t) {
      parts.push(`${words["First sign"]}: ${sign}, ${moment((row.t[0] + row.t[1]) / 2, true)}${row.o ? ` (${words["own clock"]})` : ""}`);
      parts.push(from.length ? `${words.sources}: ${some(from)}` : words["source unknown"]);
    }
    if (to.length) parts.push(`${words["brought it to"]}: ${some(to)}`);
    parts.push(`${words.Clock}: ${clock}`, `${words["Encrypted files"]}: ${files}`, `${words["Plugged in again?"]} ${answer}`);
    about.textContent = parts.join(" · ");
    if (bring) {
      view.row = Math.max(view.row, 14);
      view.top = at - (height - TOP) / view.row / 2;
      if (row.t && !inTime(row.t[0], row.t[1])) {
        const span = view.end - view.begin;
        view.begin = row.t[0] - span / 2;
        view.end = view.begin + span;
      }
    }
    redraw();
  }

  const acts = {
    in: () => zoomTime(0.6), out: () => zoomTime(1 / 0.6), fewer: () => zoomRows(1.5), more: () => zoomRows(1 / 1.5), all,
  };
  const keys = {
    "+": acts.in, "=": acts.in, "-": acts.out, "]": acts.fewer, "[": acts.more, Home: all,
    ArrowLeft: () => moveTime(-0.15), ArrowRight: () => moveTime(0.15),
    ArrowUp: () => choose(bounded(chosen < 0 ? 0 : chosen - 1, 0, rows.length - 1), true),
    ArrowDown: () => choose(bounded(chosen + 1, 0, rows.length - 1), true),
    PageUp: () => { view.top -= (height - TOP) / view.row; redraw(); },
    PageDown: () => { view.top += (height - TOP) / view.row; redraw(); },
    Enter: () => { const arrow = arrows.find(a => a[1] === chosen); if (arrow) choose(arrow[0], true); },
    Escape: () => choose(-1),
  };
  canvas.addEventListener("keydown", event => {
    const act = keys[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  });
  for (const button of live.querySelectorAll("button")) button.addEventListener("click", () => acts[button.dataset.do]());
  for (const id of ["spread", "phases"]) document.getElementById(id).addEventListener("change", redraw);
  find.addEventListener("input", () => {
    const text = find.value.trim().toLowerCase();
    const found = text ? rows.findIndex(row => row.n.toLowerCase().includes(text)) : -1;
    if (found >= 0) choose(found, true);
  });
  canvas.addEventListener("wheel", event => {
    event.preventDefault();
    const factor = Math.exp(event.deltaY * 0.0015);
    if (event.shiftKey) { view.top += (event.deltaY || event.deltaX) / view.row; redraw(); }
    else if (event.offsetX < GUTTER) zoomRows(1 / factor, event.offsetY);
    else zoomTime(factor, at(event.offsetX));
  }, { passive: false });
  let grip = null;
  canvas.addEventListener("pointerdown", event => {
    grip = { x: event.offsetX, y: event.offsetY, moved: false };
    canvas.setPointerCapture(event.pointerId);
    canvas.classList.add("moving");
  });
  canvas.addEventListener("pointermove", event => {
    if (!grip) return;
    const dx = event.offsetX - grip.x, dy = event.offsetY - grip.y;
    if (!grip.moved && Math.abs(dx) + Math.abs(dy) < 4) return;
    grip = { x: event.offsetX, y: event.offsetY, moved: true };
    view.top -= dy / view.row;
    moveTime(-dx / (width - GUTTER - 8));
  });
  canvas.addEventListener("pointerup", event => {
    if (grip && !grip.moved) {
      const row = Math.floor(view.top + (event.offsetY - TOP) / view.row);
      choose(row >= 0 && row < rows.length && event.offsetY > TOP ? row : -1);
    }
    grip = null;
    canvas.classList.remove("moving");
  });
  canvas.addEventListener("pointercancel", () => { grip = null; canvas.classList.remove("moving"); });
  addEventListener("resize", redraw);

  live.hidden = false;
  height = canvas.clientHeight;
  if (rows.length * 18 < height - TOP) canvas.style.height = `${Math.max(160, rows.length * 18 + TOP + 10)}px`;
  view.row = rows.length > 400 ? bounded((canvas.clientHeight - TOP) / rows.length, 0.05, 18) : 18;
  draw();
})();
