"use strict";
// Ticks, times, names and notes live in the page's own block; saving writes a copy of the page with that block filled.
(() => {
  const block = document.getElementById("kept");
  const said = JSON.parse(document.getElementById("said").textContent);
  const held = JSON.parse(block.textContent);
  const inputs = [...document.querySelectorAll("[data-keep]")];
  const by = new Map(inputs.map((input) => [input.dataset.keep, input]));
  const status = document.getElementById("status");
  let changed = false;

  const fit = (area) => {
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight + 2}px`;
  };

  const now = () => {
    const time = new Date();
    const two = (number) => String(number).padStart(2, "0");
    const day = `${two(time.getDate())}/${two(time.getMonth() + 1)}/${time.getFullYear()}`;
    return `${two(time.getHours())}:${two(time.getMinutes())} ${day}`;
  };

  const count = () => {
    const boxes = inputs.filter((input) => input.type === "checkbox");
    document.getElementById("count").textContent = String(boxes.filter((box) => box.checked).length);
    for (const box of boxes) box.closest(".row").classList.toggle("done", box.checked);
  };

  for (const input of inputs) {
    const value = held.fields[input.dataset.keep];
    if (input.type === "checkbox") input.checked = value === true;
    else input.value = typeof value === "string" ? value : "";
  }

  document.getElementById("form").addEventListener("input", (event) => {
    const input = event.target;
    changed = true;
    status.textContent = said.unsaved;
    if (input.tagName === "TEXTAREA") fit(input);
    if (input.type !== "checkbox") return;
    const id = input.dataset.keep.slice(0, -".done".length);
    const at = by.get(`${id}.at`);
    const who = by.get(`${id}.by`);
    if (input.checked) {
      if (!at.value) at.value = now();
      if (!who.value) who.value = by.get("head.lead").value;
    }
    count();
  });
  document.getElementById("form").addEventListener("submit", (event) => event.preventDefault());

  // What may not stand inside a script block, or would be lost on the way.
  const unsafe = /[<>&\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]/gu;
  const safe = (text) => text.replace(unsafe, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`);

  const save = () => {
    const fields = { ...held.fields };
    for (const input of inputs) {
      const value = input.type === "checkbox" ? input.checked : input.value.trim();
      if (value === false || value === "") delete fields[input.dataset.keep];
      else fields[input.dataset.keep] = value;
    }
    held.fields = fields;
    block.textContent = safe(JSON.stringify(held));
    status.textContent = "";
    const root = document.documentElement.cloneNode(true);
    root.querySelector("#bar").hidden = true;
    for (const area of root.querySelectorAll("textarea")) area.removeAttribute("style");
    for (const row of root.querySelectorAll(".row.done")) row.classList.remove("done");
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([`<!DOCTYPE html>\n${root.outerHTML}\n`], { type: "text/html" }));
    link.download = decodeURIComponent(location.pathname.split("/").pop()) || said.name;
    link.click();
    changed = false;
    status.textContent = said.saved;
  };

  document.getElementById("save").addEventListener("click", save);
  document.getElementById("print").addEventListener("click", () => window.print());
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
      event.preventDefault();
      save();
    }
  });
  window.addEventListener("beforeunload", (event) => {
    if (changed) event.preventDefault();
  });
  document.getElementById("bar").hidden = false;
  for (const area of document.querySelectorAll("textarea")) fit(area);
  count();
})();
