// Keys, tips and the menu. Everything works without this file; nothing here takes a browser key.
"use strict";

const typing = (target) => target.closest("input, select, textarea, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (event.shiftKey && event.key.startsWith("Arrow")) return;
  if (document.querySelector("dialog[open]")) return;
  const scroller = event.target.closest(".scroll");
  const act = {
    "/": () => document.getElementById("search")?.focus(),
    "?": () => document.getElementById("keys")?.showModal(),
    "t": () => document.getElementById("rows-title")?.focus(),
    "ArrowLeft": () => scroller ?? document.querySelector("[data-period=earlier]")?.click(),
    "ArrowRight": () => scroller ?? document.querySelector("[data-period=later]")?.click(),
  }[event.key];
  if (!act) return;
  if (event.key === "/" || event.key === "?") event.preventDefault();
  act();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-menu]");
  if (!button) return;
  const open = button.closest("[data-side]").toggleAttribute("data-open");
  button.setAttribute("aria-expanded", String(open));
});

const tip = document.createElement("div");
tip.className = "tip";
tip.hidden = true;
tip.setAttribute("aria-hidden", "true");

const place = (x, y) => {
  const box = tip.getBoundingClientRect();
  const left = Math.min(Math.max(x + 14, 8), window.innerWidth - box.width - 8);
  const top = y - box.height - 12 < 8 ? y + 18 : y - box.height - 12;
  tip.style.left = `${left}px`;
  tip.style.top = `${top}px`;
};

document.addEventListener("pointermove", (event) => {
  const mark = event.target.closest?.("[data-tip]");
  tip.hidden = !mark;
  if (!mark) return;
  if (!tip.isConnected) document.body.append(tip);
  // the native tooltip of <title> would double ours
  mark.querySelector(":scope > title")?.remove();
  tip.textContent = mark.dataset.tip;
  place(event.clientX, event.clientY);
});
