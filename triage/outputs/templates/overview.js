(function () {
  "use strict";
  var words = JSON.parse(document.getElementById("words").textContent);
  var machines = document.querySelector(".machines tbody");
  var rows = Array.from(machines.rows);
  var search = document.getElementById("search");
  var office = document.getElementById("office");
  var shown = document.getElementById("shown");
  var buttons = Array.from(document.querySelectorAll(".conditions button"));
  var condition = "";
  var order = new Intl.Collator(words.lang, { numeric: true, sensitivity: "base" });

  function number(value) {
    return String(value).replace(/\B(?=(\d{3})+$)/g, words.lang === "vi" ? "." : ",");
  }

  // Marks over letters are ignored, so "an" finds "ẩn" in either Unicode form.
  function folded(text) {
    return text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/đ/g, "d");
  }

  var texts = rows.map(function (row) { return folded(row.textContent); });

  function filter() {
    var parts = folded(search.value).split(/\s+/).filter(Boolean);
    var count = 0;
    rows.forEach(function (row, at) {
      var keep = (!condition || row.dataset.condition === condition)
        && (office.value === "*" || row.dataset.office === office.value)
        && parts.every(function (part) { return texts[at].indexOf(part) >= 0; });
      row.hidden = !keep;
      if (keep) count += 1;
    });
    shown.textContent = count ? words["Showing"] + " " + number(count) + " " + words["of"] + " " + number(rows.length)
      : words["Nothing matches the search."];
    document.documentElement.setAttribute("data-shown", count);
  }

  function press(chosen) {
    condition = chosen.dataset.condition;
    buttons.forEach(function (button) { button.setAttribute("aria-pressed", String(button === chosen)); });
    filter();
  }

  // Unknown values stand last whichever way is sorted.
  function sort(head) {
    var table = head.closest("table");
    var at = head.cellIndex;
    var numeric = head.dataset.kind !== "text";
    var first = head.dataset.kind === "number" ? "descending" : "ascending";
    var now = head.getAttribute("aria-sort");
    var way = now === "none" ? first : now === "ascending" ? "descending" : "ascending";
    Array.from(head.parentNode.cells).forEach(function (other) { other.setAttribute("aria-sort", "none"); });
    head.setAttribute("aria-sort", way);
    var sign = way === "ascending" ? 1 : -1;
    var body = table.tBodies[0];
    var keyed = Array.from(body.rows).map(function (row, place) {
      var cell = row.cells[at];
      var key = cell.dataset.key === undefined ? cell.textContent.trim() : cell.dataset.key;
      return { row: row, place: place, key: numeric ? Number(key) : key, missing: numeric ? Number(key) < 0 : !key || key === "–" };
    });
    keyed.sort(function (one, other) {
      if (one.missing !== other.missing) return one.missing ? 1 : -1;
      var difference = numeric ? one.key - other.key : order.compare(one.key, other.key);
      return sign * difference || one.place - other.place;
    });
    var all = document.createDocumentFragment();
    keyed.forEach(function (one) { all.appendChild(one.row); });
    body.appendChild(all);
  }

  document.documentElement.classList.add("js");
  document.querySelector(".tools").hidden = false;
  document.querySelectorAll(".sorted thead th").forEach(function (head) {
    head.tabIndex = 0;
    head.addEventListener("click", function () { sort(head); });
    head.addEventListener("keydown", function (event) {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      sort(head);
    });
  });
  document.querySelectorAll(".offices tbody tr").forEach(function (row) {
    row.addEventListener("click", function () {
      office.value = office.value === row.dataset.office ? "*" : row.dataset.office;
      filter();
      document.getElementById("machines").scrollIntoView();
    });
  });
  buttons.forEach(function (button) { button.addEventListener("click", function () { press(button); }); });
  office.addEventListener("change", filter);
  var waiting = 0;
  search.addEventListener("input", function () { clearTimeout(waiting); waiting = setTimeout(filter, 120); });
  filter();
})();
