"use strict";
// Adds searching and scrolling to a page that is complete without it. Everything from the evidence is set as text.
(function () {
  var ROW = 28;
  var ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

  function taken(node) {
    var value = JSON.parse(node.textContent);
    node.remove();
    return value;
  }

  function element(name, className, text) {
    var node = document.createElement(name);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
  }

  var header = taken(document.getElementById("header"));
  var words = header.words;
  var groups = header.groups;

  function number(value) {
    return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, header.lang === "vi" ? "." : ",");
  }

  function size(bytes) {
    var units = ["B", "KB", "MB", "GB", "TB", "PB"];
    var unit = 0;
    while (bytes >= 1023.95 && unit < units.length - 1) { bytes /= 1024; unit += 1; }
    if (!unit) return number(bytes) + " B";
    var text = bytes.toFixed(1);
    return (header.lang === "vi" ? text.replace(".", ",") : text) + " " + units[unit];
  }

  function two(value) { return (value < 10 ? "0" : "") + value; }

  function times(date) {
    if (isNaN(date)) return "–";
    var there = new Date(date.getTime() + 7 * 3600000);
    var vietnam = two(there.getUTCHours()) + ":" + two(there.getUTCMinutes()) + ":" + two(there.getUTCSeconds()) + " " +
      two(there.getUTCDate()) + "/" + two(there.getUTCMonth() + 1) + "/" + there.getUTCFullYear();
    return date.toISOString().replace(".000Z", "Z") + "  =  " + vietnam + " (UTC+7)";
  }

  function readable(value, texts) {
    value = typeof value === "number" ? texts[value] : value[0];
    if (typeof value === "string") return ISO.test(value) ? times(new Date(value)) : value;
    return typeof value === "number" ? number(value) : JSON.stringify(value);
  }

  // Searching "bao cao" finds "Báo cáo", in either Unicode form.
  function folded(text) {
    if (!/[^\x00-\x7f]/.test(text)) return text.toLowerCase();
    return text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/đ/g, "d");
  }

  function path(row) { return row.texts[row.at[1]] + row.at[2]; }

  function place(node, row) {
    node.appendChild(element("span", "path called", row.at[2]));
    node.appendChild(element("span", "path within", (header.volumes > 1 ? "[" + row.at[3] + "] " : "") + row.texts[row.at[1]]));
  }

  // A list that holds only the rows in sight.
  function List(box, label, draw, choose) {
    var list = this;
    this.rows = [];
    this.chosen = -1;
    this.node = element("div", "list");
    this.node.tabIndex = 0;
    this.node.setAttribute("role", "listbox");
    this.node.setAttribute("aria-label", label);
    this.floor = element("div");
    this.node.appendChild(this.floor);
    box.appendChild(this.node);
    this.draw = draw;
    this.choose = choose;
    this.node.addEventListener("scroll", function () { list.paint(); });
    this.node.addEventListener("click", function (event) {
      var row = event.target.closest(".row");
      if (row) list.select(Number(row.dataset.at));
    });
    this.node.addEventListener("keydown", function (event) {
      var page = Math.floor(list.node.clientHeight / ROW) - 1;
      var step = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -1e9, End: 1e9 }[event.key];
      if (!step || !list.rows.length) return;
      event.preventDefault();
      list.select(Math.max(0, Math.min(list.rows.length - 1, list.chosen + step)));
      var top = list.chosen * ROW;
      if (top < list.node.scrollTop) list.node.scrollTop = top;
      if (top + ROW > list.node.scrollTop + list.node.clientHeight) list.node.scrollTop = top + ROW - list.node.clientHeight;
    });
  }

  List.prototype.show = function (rows) {
    this.rows = rows;
    this.chosen = -1;
    this.node.scrollTop = 0;
    this.grow();
  };

  // As high as all rows need, up to the style's limit; a search does not move the page.
  List.prototype.grow = function (rows) {
    if (rows) this.node.style.height = rows.length * ROW + 2 + "px";
    this.floor.style.height = this.rows.length * ROW + "px";
    this.paint();
  };

  List.prototype.select = function (at) {
    this.chosen = at;
    this.paint();
    this.choose(this.rows[at]);
  };

  List.prototype.paint = function () {
    var first = Math.max(0, Math.floor(this.node.scrollTop / ROW) - 4);
    var last = Math.min(this.rows.length, first + Math.ceil(this.node.clientHeight / ROW) + 8);
    var part = document.createDocumentFragment();
    for (var at = first; at < last; at += 1) {
      var row = element("div", "row");
      row.dataset.at = at;
      row.id = this.node.getAttribute("aria-label") + "-" + at;
      row.style.top = at * ROW + "px";
      row.setAttribute("role", "option");
      row.setAttribute("aria-selected", String(at === this.chosen));
      row.setAttribute("aria-setsize", this.rows.length);
      row.setAttribute("aria-posinset", at + 1);
      this.draw(row, this.rows[at]);
      part.appendChild(row);
    }
    this.floor.replaceChildren(part);
    if (this.chosen >= 0) this.node.setAttribute("aria-activedescendant", this.node.getAttribute("aria-label") + "-" + this.chosen);
    else this.node.removeAttribute("aria-activedescendant");
  };

  function card(box, pairs) {
    var body = element("tbody");
    pairs.forEach(function (pair) {
      if (pair[1] === "" || pair[1] === undefined) return;
      var row = element("tr");
      var head = element("th", "", pair[0]);
      head.scope = "row";
      row.appendChild(head);
      row.appendChild(element("td", pair[2] || "", pair[1]));
      body.appendChild(row);
    });
    var table = element("table");
    table.appendChild(body);
    box.replaceChildren(table);
  }

  // Reads one block after another without holding up the page.
  function load(selector, rows, step, done) {
    var nodes = Array.from(document.querySelectorAll(selector));
    (function next() {
      var node = nodes.shift();
      if (!node) { done(); return; }
      var block = taken(node);
      block.rows.forEach(function (at) { rows.push({ at: at, texts: block.texts }); });
      step();
      setTimeout(next, 0);
    })();
  }

  function browser(id, selector, label, searched, draw, shown, extra) {
    var box = document.getElementById(id);
    if (!box) return null;
    box.hidden = false;
    var all = [];
    var state = { keep: null };
    var tools = element("div", "tools");
    var input = element("input");
    input.type = "search";
    input.placeholder = words["Search"];
    input.setAttribute("aria-label", words["Search"]);
    tools.appendChild(input);
    var tally = element("p", "quiet");
    tally.setAttribute("aria-live", "polite");
    box.appendChild(tools);
    var detail = element("div", "card");
    var list = new List(box, label, draw, function (row) { card(detail, shown(row)); });
    box.appendChild(tally);
    box.appendChild(detail);

    function filter() {
      var parts = folded(input.value).split(/\s+/).filter(Boolean);
      var rows = all;
      if (state.keep || parts.length) {
        rows = all.filter(function (row) {
          if (state.keep && !state.keep(row)) return false;
          if (!parts.length) return true;
          if (row.text === undefined) row.text = folded(searched(row));
          return parts.every(function (part) { return row.text.indexOf(part) >= 0; });
        });
      }
      list.show(rows);
      count();
      hint();
    }

    function hint() { detail.replaceChildren(element("p", "quiet", words["Choose a row to see its details."])); }

    function count() {
      tally.textContent = list.rows.length ? words["Showing"] + " " + number(list.rows.length) + " " + words["of"] + " " + number(all.length)
        : words["Nothing matches the search."];
    }

    var waiting = 0;
    input.addEventListener("input", function () { clearTimeout(waiting); waiting = setTimeout(filter, 150); });
    state.filter = filter;
    state.tools = tools;
    if (extra) extra(state);
    hint();
    list.rows = all;
    load(selector, all, function () {
      if (list.rows === all) { list.grow(all); count(); }
    }, function () {
      if (list.rows !== all) filter();
      document.documentElement.setAttribute("data-" + id, all.length);
    });
    return state;
  }

  function drawFinding(node, row) {
    var group = groups[row.at[0]];
    node.appendChild(element("span", "tag " + group.severity, header.severities[group.severity]));
    node.appendChild(element("span", "what", group.title));
    place(node, row);
    node.appendChild(element("span", "n", size(row.at[4])));
  }

  function findingPairs(row) {
    var at = row.at;
    var texts = row.texts;
    var group = groups[at[0]];
    var pairs = [
      [words["Finding"], header.severities[group.severity] + " – " + group.title],
      [words["Path"], path(row), "path"],
      [words["Volume"], String(at[3])],
      [words["Size"], size(at[4]) + " (" + number(at[4]) + " " + words["bytes"] + ")"],
      ["SHA-256", at[8] || "", "path"],
      [words["Modified"], at[9] === null ? "" : times(new Date(at[9] * 1000))],
      [words["Created"], at[10] === null ? "" : times(new Date(at[10] * 1000))],
      [words["Confidence"], header.confidences[at[5]]],
      [words["Detector"], group.detector],
      [words["Family"], group.family],
      [words["Indicator"], texts[at[6]], "path"],
      ["ATT&CK", texts[at[7]]]
    ];
    if (at.length > 12) {
      texts[at[11]].split("\n").forEach(function (key, place) { pairs.push([key, readable(at[12 + place], texts)]); });
    }
    return pairs;
  }

  function drawGap(node, row) {
    node.appendChild(element("span", "what", row.texts[row.at[0]]));
    place(node, row);
  }

  function gapPairs(row) {
    return [
      [words["Reason"], row.texts[row.at[0]]],
      [words["Path"], path(row), "path"],
      [words["Volume"], String(row.at[3])],
      [words["Stage"], row.texts[row.at[4]]],
      [words["Detail"], row.texts[row.at[5]]]
    ];
  }

  function filters(state) {
    var pressed = [];
    function press(node, keep) {
      pressed.forEach(function (other) { other.setAttribute("aria-pressed", "false"); });
      pressed = [node];
      node.setAttribute("aria-pressed", "true");
      state.keep = keep;
      state.filter();
    }
    function severity(id, label) {
      var node = element("button", "", label);
      node.type = "button";
      node.setAttribute("aria-pressed", String(!id));
      node.addEventListener("click", function () {
        press(node, id ? function (row) { return groups[row.at[0]].severity === id; } : null);
      });
      state.tools.appendChild(node);
      if (!id) pressed = [node];
    }
    severity("", words["All"]);
    Object.keys(header.severities).forEach(function (id) {
      if (groups.some(function (group) { return group.severity === id; })) severity(id, header.severities[id]);
    });
    document.querySelectorAll(".groups .title").forEach(function (cell, place) {
      var node = element("button", "", cell.textContent);
      node.type = "button";
      node.setAttribute("aria-pressed", "false");
      cell.replaceChildren(node);
      cell.parentNode.addEventListener("click", function () {
        press(node, function (row) { return row.at[0] === place; });
      });
    });
  }

  document.documentElement.classList.add("js");
  browser("finding-browser", ".finding-block", words["Findings"], function (row) {
    var group = groups[row.at[0]];
    return path(row) + " " + group.title + " " + group.detector + " " + group.family + " " + row.texts[row.at[6]] + " " + (row.at[8] || "");
  }, drawFinding, findingPairs, filters);
  browser("gap-browser", ".gap-block", words["Parts not examined"], function (row) {
    return path(row) + " " + row.texts[row.at[0]] + " " + row.texts[row.at[5]];
  }, drawGap, gapPairs);
  var gapList = document.querySelector("#gap-browser .list");
  if (gapList) gapList.classList.add("gap-list");
  showTimeline({ header: header, element: element, taken: taken, number: number, times: times, card: card, List: List });
})();
