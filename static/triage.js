// The queue sorted by keyboard. Every key presses what the page already offers, so that nothing here
// knows what an act does; without this file the same forms work.
"use strict";

const queue = () => document.querySelector("[data-triage]");
const help = document.querySelector("[data-keyhelp]");
const memory = (store) => ({
  get: (key) => { try { return store.getItem(key); } catch { return null; } },
  set: (key, value) => { try { store.setItem(key, value); } catch { /* nothing is kept */ } },
  forget: (key) => { try { store.removeItem(key); } catch { /* nothing was kept */ } },
});
const kept = memory(localStorage);
const between = memory(sessionStorage);
const OFF = "maillage.triage.off";
const SORTING = "maillage.triage.sorting";

const line = () => queue()?.querySelector(".rows a[aria-current]") ?? queue()?.querySelector(".rows a");
const openFold = () => queue()?.querySelector(".fold[open]");
const typing = (target) => target.closest("input:not([type=radio], [type=checkbox]), select, textarea");

let loading = Promise.resolve();
let request;

// The line and what it says, without the rest of the page.
function look(link) {
  request?.abort();
  request = new AbortController();
  const { signal } = request;
  link.focus();
  loading = (async () => {
    try {
      const answer = await fetch(link.href, { signal, headers: { accept: "text/html" } });
      const fresh = answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-triage]");
      if (!fresh) { location.assign(link.href); return; }
      queue().replaceWith(fresh);
      history.replaceState(null, "", link.href);
      line()?.focus();
    } catch (error) {
      if (error.name !== "AbortError") location.assign(link.href);
    }
  })();
}

function walk(step) {
  const links = [...queue().querySelectorAll(".rows a")];
  const held = links.indexOf(document.activeElement);
  const here = held >= 0 ? held : links.indexOf(line());
  const next = links[here + step];
  if (next) { look(next); return; }
  queue().querySelector(step > 0 ? "a[rel=next]" : "a[rel=prev]")?.click();
}

function press(key) {
  const target = queue().querySelector(`[data-key="${key}"]`);
  if (!target) return;
  const fold = target.closest("details");
  if (!fold) { target.click(); return; }
  fold.open = !fold.open;
  (fold.open ? fold.querySelector("input[type=radio]") : line())?.focus();
}

let digits = "";

// Digits choose in the group that has the focus, then go on to the next group.
function choose(fold, digit) {
  const groups = [...fold.querySelectorAll("[data-group]")];
  const group = document.activeElement.closest("[data-group]") ?? groups[0];
  const like = (typed) => group.querySelector(`input[data-n^="${typed}"]`);
  if (!like(digits + digit)) digits = "";
  digits += digit;
  const found = like(digits);
  if (!found) { digits = ""; return; }
  found.focus();
  if (found.dataset.n !== digits) return;
  digits = "";
  found.checked = true;
  groups[groups.indexOf(group) + 1]?.querySelector("input")?.focus();
}

function close(fold) {
  fold.open = false;
  digits = "";
  line()?.focus();
}

// What a key does in an open form; false when it is nothing to it.
function inFold(fold, event) {
  if (event.key === "Escape") close(fold);
  else if (typing(event.target)) return false;
  else if (/^[1-9]$/.test(event.key)) choose(fold, event.key);
  else if (event.key === "Enter" && event.target.matches("input")) fold.querySelector("form").requestSubmit();
  else return false;
  return true;
}

document.addEventListener("keydown", async (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !queue()) return;
  if (event.key === "Escape" && help?.contains(event.target)) { help.open = false; line()?.focus(); return; }
  const fold = openFold();
  if (fold && inFold(fold, event)) { event.preventDefault(); return; }
  if (kept.get(OFF) || typing(event.target) || (event.target.closest("details[open]") && !fold)) return;
  if (event.key === "?") { help.open = true; help.querySelector("summary").focus(); event.preventDefault(); return; }
  const step = { j: 1, k: -1 }[event.key];
  if (!step && !/^[pvrzo]$/.test(event.key)) return;
  event.preventDefault();
  await (step ? undefined : loading);
  if (step) walk(step); else press(event.key);
});

// After an act the next page says what happened, and the hand stays on the list.
document.addEventListener("submit", (event) => {
  if (event.target.closest("[data-triage]")) between.set(SORTING, "yes");
});
if (between.get(SORTING)) {
  between.forget(SORTING);
  (line() ?? document.getElementById("contenu"))?.focus();
}

if (help) {
  const box = help.querySelector("input");
  const draw = () => document.body.classList.toggle("keyed", !kept.get(OFF));
  help.hidden = false;
  box.checked = !kept.get(OFF);
  box.addEventListener("change", () => { if (box.checked) kept.forget(OFF); else kept.set(OFF, "yes"); draw(); });
  draw();
}
