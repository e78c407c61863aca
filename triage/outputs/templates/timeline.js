"use strict";
// The picture of the timeline: every time in the page, drawn as one column of counts for each pixel.
function showTimeline(kit) {
  var header = kit.header;
  var words = header.words;
  var box = document.getElementById("timeline-browser");
  if (!box) return;

  var NAME = 16, COPIED = 32, PLAIN = 64, EVENT = 128;
  var LANES = [
    { word: words["Encryption"], color: [155, 28, 28] },
    { word: words["Journals and logs"], color: [176, 66, 10] },
    { word: words["Times of the file"] + " ($SI)", color: [31, 58, 95] },
    { word: words["Times of the file's name"] + " ($FN)", color: [74, 120, 90] },
    { word: words["Times of the original, copied by the malware"], color: [128, 110, 150] }
  ];
  var TOP = 22, BOTTOM = 24, LEFT = 4, CLOCK = 52;

  var blocks = [];
  var count = 0, room = 1 << 16;
  var when = new Float64Array(room), code = new Uint8Array(room), lane = new Uint8Array(room), phase = new Uint8Array(room);
  var owner = new Uint32Array(room), extra = new Int32Array(room);
  var owners = { block: [], folder: [], what: [], volume: [], name: [] };
  var extras = [];

  function grown(array) {
    var larger = new array.constructor(room);
    larger.set(array);
    return larger;
  }

  function push(time, bits, which, stage, file, more) {
    if (count === room) {
      room *= 2;
      when = grown(when); code = grown(code); lane = grown(lane); phase = grown(phase); owner = grown(owner); extra = grown(extra);
    }
    when[count] = time; code[count] = bits; lane[count] = which; phase[count] = stage; owner[count] = file; extra[count] = more;
    count += 1;
  }

  function laneOf(bits) { return bits & COPIED ? 4 : bits & NAME ? 3 : 2; }

  function read(block) {
    var raw = atob(block.moments);
    var at = 0, last = 0, file = 0;
    var number = blocks.length;
    blocks.push(block);
    function next() {
      var value = 0, scale = 1, byte;
      do { byte = raw.charCodeAt(at++); value += (byte & 127) * scale; scale *= 128; } while (byte & 128);
      return value;
    }
    while (at < raw.length) {
      var mine = owners.block.length;
      owners.block.push(number); owners.volume.push(next()); owners.folder.push(next()); owners.what.push(next());
      owners.name.push(file++);
      for (var rows = next(); rows > 0; rows -= 1) {
        var bits = next(), delta = next(), stage = next();
        last += delta % 2 ? -(delta + 1) / 2 : delta / 2;
        if (bits & EVENT) {
          extras.push([next(), next(), next()]);
          push(last, bits, block.texts[extras[extras.length - 1][1]] === words["File encrypted"] ? 0 : 1, stage, mine, extras.length - 1);
        } else push(last, bits, laneOf(bits), stage, mine, -1);
      }
    }
    block.moments = "";
  }

  function sorted() {
    // Times and places packed into one double each would lose precision: sort places by time.
    var order = new Uint32Array(count);
    for (var i = 0; i < count; i += 1) order[i] = i;
    var times = when;
    order.sort(function (a, b) { return times[a] - times[b] || a - b; });
    function arranged(array) {
      var result = new array.constructor(count);
      for (var i = 0; i < count; i += 1) result[i] = array[order[i]];
      return result;
    }
    when = arranged(when); code = arranged(code); lane = arranged(lane); phase = arranged(phase); owner = arranged(owner); extra = arranged(extra);
  }

  function first(time) {
    var low = 0, high = count;
    while (low < high) { var middle = (low + high) >> 1; if (when[middle] < time) low = middle + 1; else high = middle; }
    return low;
  }

  // -- what is shown ------------------------------------------------------------------------------------------
  var shown = LANES.map(function () { return true; });
  var stage = 0, begin = 0, end = 1, chosen = -1;

  var tools = kit.element("div", "tools");
  var lanes = kit.element("div", "tools lanes");
  var canvas = kit.element("canvas", "river");
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", words["Timeline"] + ". " + words["Drag to move, wheel or + and - to zoom, arrow keys to move, Home for everything, End for the attack."]);
  var hint = kit.element("p", "quiet", words["Drag to move, wheel or + and - to zoom, arrow keys to move, Home for everything, End for the attack."]);
  var tally = kit.element("p", "quiet");
  tally.setAttribute("aria-live", "polite");
  var holder = kit.element("div", "moments");
  var detail = kit.element("div", "card");
  box.hidden = false;
  [tools, lanes, canvas, hint, tally, holder, detail].forEach(function (node) { box.appendChild(node); });

  function button(parent, text, act) {
    var node = kit.element("button", "", text);
    node.type = "button";
    node.addEventListener("click", function () { act(node); });
    parent.appendChild(node);
    return node;
  }

  var list = new kit.List(holder, words["Timeline"], drawRow, choose);

  function kinds(bits) {
    return (bits & 1 ? "M" : ".") + (bits & 2 ? "A" : ".") + (bits & 4 ? "C" : ".") + (bits & 8 ? "B" : ".");
  }
  function textOf(at, place) { return blocks[owners.block[owner[at]]].texts[place]; }
  function nameOf(at) { return blocks[owners.block[owner[at]]].names[owners.name[owner[at]]]; }
  function pathOf(at) { return textOf(at, owners.folder[owner[at]]) + nameOf(at); }
  function whatOf(at) {
    if (code[at] & EVENT) return textOf(at, extras[extra[at]][1]);
    return kinds(code[at]) + "  " + (code[at] & COPIED ? words["Times of the original, copied by the malware"]
      : code[at] & NAME ? words["Times of the file's name"] : words["Times of the file"]);
  }
  function sourceOf(at) {
    if (code[at] & EVENT) return textOf(at, extras[extra[at]][0]);
    return code[at] & NAME ? "$FN" : code[at] & PLAIN ? "fs" : "$SI";
  }

  function drawRow(node, at) {
    node.title = pathOf(at);
    node.appendChild(kit.element("span", "when", kit.times(new Date(when[at]))));
    node.appendChild(kit.element("span", "what", whatOf(at)));
    node.appendChild(kit.element("span", "path called", nameOf(at)));
    node.appendChild(kit.element("span", "path within", textOf(at, owners.folder[owner[at]])));
  }

  function choose(at) {
    chosen = at;
    var pairs = [
      [words["Time"], kit.times(new Date(when[at]))],
      [words["What"], whatOf(at)],
      [words["Source"], sourceOf(at)],
      [words["Path"], pathOf(at), "path"],
      [words["Volume"], String(owners.volume[owner[at]])],
      [words["Finding"], textOf(at, owners.what[owner[at]])],
      [words["Phase"], phase[at] ? header.phases[phase[at] - 1] : ""]
    ];
    if (code[at] & EVENT) pairs.push([words["Detail"], textOf(at, extras[extra[at]][2])]);
    kit.card(detail, pairs);
    paint();
  }

  // -- drawing ------------------------------------------------------------------------------------------------
  var asked = 0;
  function paint() { if (!asked) asked = requestAnimationFrame(draw); }

  function visible(at) { return shown[lane[at]] && (!stage || phase[at] === stage); }

  function draw() {
    asked = 0;
    var began = performance.now();
    var ratio = window.devicePixelRatio || 1;
    var width = canvas.clientWidth, height = canvas.clientHeight;
    if (canvas.width !== Math.round(width * ratio)) { canvas.width = Math.round(width * ratio); canvas.height = Math.round(height * ratio); }
    var pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.font = "12px sans-serif";
    var tall = (height - TOP - BOTTOM) / LANES.length;
    bands(pen, width, height);
    var columns = Math.max(1, Math.floor(width));
    var bins = LANES.map(function () { return new Uint32Array(columns); });
    var scale = columns / (end - begin);
    var most = 1, from = first(begin), to = first(end);
    for (var at = from; at < to; at += 1) {
      if (shown[lane[at]] && (!stage || phase[at] === stage)) {
        var bin = bins[lane[at]], x = ((when[at] - begin) * scale) | 0;
        if (x < columns && ++bin[x] > most) most = bin[x];
      }
    }
    var strength = 1 / Math.log(most + 1);
    LANES.forEach(function (row, number) {
      var foot = TOP + tall * (number + 1) - 2, bin = bins[number];
      pen.fillStyle = "rgb(" + row.color.join(",") + ")";
      for (var x = 0; x < columns; x += 1) {
        if (!bin[x]) continue;
        var high = Math.max(3, (tall - 16) * Math.log(bin[x] + 1) * strength);
        pen.fillRect(x, foot - high, 1.5, high);
      }
      pen.fillStyle = "#333";
      pen.fillText(row.word, LEFT, TOP + tall * number + 11);
      pen.fillStyle = "#b9bec6";
      pen.fillRect(0, foot + 1, width, 1);
    });
    axis(pen, width, height);
    if (chosen >= 0 && when[chosen] >= begin && when[chosen] <= end) {
      pen.fillStyle = "#000";
      pen.fillRect((when[chosen] - begin) * scale, TOP, 1, height - TOP - BOTTOM);
    }
    document.documentElement.setAttribute("data-frame", (performance.now() - began).toFixed(1));
  }

  function bands(pen, width, height) {
    header.course.forEach(function (part, number) {
      var left = (part[1] - begin) / (end - begin) * width, right = (part[2] - begin) / (end - begin) * width;
      if (right < 0 || left > width) return;
      pen.fillStyle = number % 2 ? "rgba(31,58,95,.06)" : "rgba(155,28,28,.06)";
      pen.fillRect(left, TOP, Math.max(1, right - left), height - TOP - BOTTOM);
    });
  }

  var STEPS = [1, 5, 10, 50, 100, 500, 1e3, 5e3, 15e3, 6e4, 12e4, 3e5, 6e5, 12e5, 36e5, 72e5, 144e5, 288e5, 432e5,
    864e5, 1728e5, 3456e5, 6912e5, 12096e5, 2592e6, 5184e6, 10368e6, 20736e6, 31536e6, 63072e6, 15768e7, 31536e7, 63072e7, 15768e8, 31536e8];
  function axis(pen, width, height) {
    var step = STEPS.find(function (one) { return one / (end - begin) * width >= 150; }) || STEPS[STEPS.length - 1];
    pen.fillStyle = "#333";
    for (var tick = Math.ceil(begin / step) * step; tick <= end; tick += step) {
      var x = (tick - begin) / (end - begin) * width;
      pen.fillRect(x, TOP - 4, 1, 4);
      pen.fillRect(x, height - BOTTOM, 1, 4);
      kit.times(new Date(tick)).split("  =  ").forEach(function (text, number) {
        var said = text.replace(" (UTC+7)", "").replace("T", " ");
        if (x < CLOCK || x + 3 + pen.measureText(said).width > width) return;
        pen.fillText(said, x + 3, number ? height - BOTTOM + 16 : 12);
      });
    }
    pen.fillText("UTC", LEFT, 12);
    pen.fillText("UTC+7", LEFT, height - BOTTOM + 16);
  }

  var waiting = 0;
  function moved() {
    paint();
    clearTimeout(waiting);
    waiting = setTimeout(fill, 120);
  }

  function fill() {
    var from = first(begin), to = first(end), found = 0;
    var rows = new Uint32Array(to - from);
    for (var at = from; at < to; at += 1) if (visible(at)) rows[found++] = at;
    rows = rows.subarray(0, found);
    list.show(rows);
    list.grow(rows.length < 16 ? rows : { length: 15 });
    tally.textContent = words["Times in sight"] + ": " + kit.number(found) + " / " + kit.number(count) + ". " +
      kit.times(new Date(begin)) + " – " + kit.times(new Date(end));
    document.documentElement.setAttribute("data-timeline", count);
  }

  function look(from, to) {
    var middle = (from + to) / 2, half = Math.max(5, (to - from) / 2);
    begin = middle - half; end = middle + half;
    moved();
  }
  function zoom(factor, share) {
    var pivot = begin + (end - begin) * (share === undefined ? .5 : share);
    look(pivot - (pivot - begin) * factor, pivot + (end - pivot) * factor);
  }
  function pan(share) { var by = (end - begin) * share; look(begin + by, end + by); }
  function everything() {
    if (!count) return;
    var margin = Math.max(1000, (when[count - 1] - when[0]) * .02);
    look(when[0] - margin, when[count - 1] + margin);
  }
  function attack() {
    if (!header.course.length) { everything(); return; }
    var from = Math.min.apply(null, header.course.map(function (part) { return part[1]; }));
    var to = Math.max.apply(null, header.course.map(function (part) { return part[2]; }));
    var margin = Math.max(1000, (to - from) * .05);
    look(from - margin, to + margin);
  }

  // -- hands --------------------------------------------------------------------------------------------------
  canvas.addEventListener("wheel", function (event) {
    event.preventDefault();
    zoom(event.deltaY > 0 ? 1.25 : .8, event.offsetX / canvas.clientWidth);
  }, { passive: false });
  var held = null;
  canvas.addEventListener("pointerdown", function (event) {
    held = { x: event.clientX, begin: begin, end: end, far: 0 };
    canvas.setPointerCapture(event.pointerId);
    canvas.classList.add("held");
  });
  canvas.addEventListener("pointermove", function (event) {
    if (!held) return;
    var by = (held.x - event.clientX) / canvas.clientWidth * (held.end - held.begin);
    held.far = Math.max(held.far, Math.abs(held.x - event.clientX));
    look(held.begin + by, held.end + by);
  });
  canvas.addEventListener("pointerup", function (event) {
    canvas.classList.remove("held");
    if (held && held.far < 4) pick(event.offsetX, event.offsetY);
    held = null;
  });
  canvas.addEventListener("dblclick", function (event) { zoom(.25, event.offsetX / canvas.clientWidth); });
  canvas.addEventListener("keydown", function (event) {
    var acts = {
      ArrowLeft: function () { pan(-.2); }, ArrowRight: function () { pan(.2); },
      ArrowUp: function () { step(-1); }, ArrowDown: function () { step(1); },
      "+": function () { zoom(.5); }, "=": function () { zoom(.5); }, "-": function () { zoom(2); },
      Home: everything, End: attack
    };
    if (!acts[event.key] || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    acts[event.key]();
  });

  function step(by) {
    var at = chosen >= 0 ? chosen + by : first(begin);
    while (at >= 0 && at < count && !visible(at)) at += by;
    if (at < 0 || at >= count) return;
    choose(at);
    if (when[at] < begin || when[at] > end) { var half = (end - begin) / 2; look(when[at] - half, when[at] + half); }
  }

  function pick(x, y) {
    var tall = (canvas.clientHeight - TOP - BOTTOM) / LANES.length;
    var row = Math.floor((y - TOP) / tall);
    var time = begin + (end - begin) * x / canvas.clientWidth;
    var reach = (end - begin) / canvas.clientWidth * 6;
    var best = -1, away = Infinity;
    for (var at = first(time - reach), to = first(time + reach); at < to; at += 1) {
      if (!visible(at)) continue;
      var off = Math.abs(when[at] - time) + (lane[at] === row ? 0 : reach);
      if (off < away) { away = off; best = at; }
    }
    if (best >= 0) choose(best);
  }

  // -- beginning ----------------------------------------------------------------------------------------------
  button(tools, words["The attack"], attack);
  button(tools, words["Everything"], everything);
  button(tools, words["Zoom in"], function () { zoom(.5); });
  button(tools, words["Zoom out"], function () { zoom(2); });
  var select = kit.element("select");
  select.setAttribute("aria-label", words["Phase"]);
  [words["All phases"]].concat(header.phases).forEach(function (text, number) {
    var option = kit.element("option", "", text);
    option.value = number;
    select.appendChild(option);
  });
  select.addEventListener("change", function () { stage = Number(select.value); moved(); });
  tools.appendChild(select);
  LANES.forEach(function (row, number) {
    var node = button(lanes, row.word, function () {
      shown[number] = !shown[number];
      node.setAttribute("aria-pressed", String(shown[number]));
      moved();
    });
    node.setAttribute("aria-pressed", "true");
    node.style.borderLeftColor = "rgb(" + row.color.join(",") + ")";
  });
  window.addEventListener("resize", paint);

  var nodes = Array.from(document.querySelectorAll(".moment-block"));
  (function next() {
    var node = nodes.shift();
    if (node) { read(kit.taken(node)); setTimeout(next, 0); return; }
    sorted();
    attack();
    fill();
  })();
}
