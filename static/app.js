// Progressive enhancement only: every page works without this file.
"use strict";

const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const focusMain = () => document.getElementById("contenu")?.focus();

// Toasts leave after ten seconds, unless hovered or focused. They are put back
// once the page is ready, because a live region only speaks when it changes.
function toasts() {
  const region = document.querySelector(".toasts");
  if (!region) return;
  const items = [...region.children];
  region.replaceChildren();
  let timer;
  const clear = () => clearTimeout(timer);
  const start = () => { clear(); timer = setTimeout(() => region.replaceChildren(), 10_000); };
  region.addEventListener("pointerenter", clear);
  region.addEventListener("pointerleave", start);
  region.addEventListener("focusin", clear);
  region.addEventListener("focusout", start);
  region.addEventListener("click", (event) => {
    const cross = event.target.closest("[data-dismiss]");
    if (!cross) return;
    event.preventDefault();
    cross.closest(".toast").remove();
    focusMain();
  });
  setTimeout(() => { region.append(...items); start(); }, 120);
}

// The error summary takes the focus; its links lead to the field; F8 and the count of errors go to the next one.
function errors() {
  const summary = document.querySelector("[data-focus]");
  summary?.focus();
  summary?.addEventListener("click", (event) => {
    const target = document.getElementById(event.target.closest("a")?.hash.slice(1));
    if (!target) return;
    event.preventDefault();
    target.scrollIntoView({ block: "center" });
    target.focus();
  });
  const toNext = (event) => {
    const bad = all('input[aria-invalid="true"], select[aria-invalid="true"], textarea[aria-invalid="true"]');
    if (!bad.length) return;
    event.preventDefault();
    const after = bad.find((field) => document.activeElement.compareDocumentPosition(field) & Node.DOCUMENT_POSITION_FOLLOWING);
    const next = after ?? bad[0];
    next.scrollIntoView({ block: "center" });
    next.focus();
  };
  document.addEventListener("keydown", (event) => { if (event.key === "F8") toNext(event); });
  document.querySelector("[data-faults]")?.addEventListener("click", toNext);
}

// Menus of the top bar: Escape and a click elsewhere close them.
function menus() {
  document.addEventListener("click", (event) => {
    for (const menu of all("details.drop[open]")) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of all("details.drop[open]")) {
      const held = menu.contains(document.activeElement);
      menu.open = false;
      if (held) menu.querySelector("summary").focus();
    }
    if (location.hash === "#menu") { location.hash = "#contenu"; focusMain(); }
  });
}

// ARIA combobox: the visible field keeps what was typed, the hidden one what was chosen.
function combobox(input, rank) {
  const box = input.closest(".combo");
  if (!box) return;
  const chosen = box.querySelector('input[type="hidden"]');
  const list = document.createElement("ul");
  const status = document.createElement("span");
  let options = [], active = -1, timer, request;

  list.id = `suggestions-${rank}`;
  list.role = "listbox";
  list.hidden = true;
  list.ariaLabel = "Propositions";
  status.className = "vh";
  status.role = "status";
  box.append(list, status);
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id })) input.setAttribute(name, value);

  const close = () => {
    list.hidden = true;
    status.className = "vh";
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const mark = (index) => {
    active = index;
    [...list.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === index)));
    const item = list.children[index];
    item.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", item.id);
  };
  const choose = (index) => {
    // Who owns the field may keep the words typed.
    const keep = !input.dispatchEvent(new CustomEvent("suggestion", { bubbles: true, cancelable: true, detail: options[index] }));
    if (!keep) input.value = options[index].label;
    if (chosen) {
      chosen.value = options[index].value;
      chosen.dispatchEvent(new Event("change", { bubbles: true }));
    }
    status.textContent = "";
    close();
  };
  const show = () => {
    list.replaceChildren(...options.map((option, i) => {
      const item = document.createElement("li");
      item.id = `${list.id}-${i}`;
      item.role = "option";
      item.setAttribute("aria-selected", "false");
      const label = document.createElement("span");
      label.textContent = option.label;
      item.append(label);
      if (option.hint) {
        const hint = document.createElement("small");
        hint.textContent = option.hint;
        item.append(hint);
      }
      return item;
    }));
    const n = options.length;
    status.textContent = n === 0 ? "Aucune proposition" : n === 1 ? "1 proposition" : `${n} propositions`;
    // What must be chosen in the list is told to be missing from it; free words are not.
    status.className = n === 0 && chosen ? "nothing" : "vh";
    list.hidden = n === 0;
    input.setAttribute("aria-expanded", String(n > 0));
    active = -1;
    input.removeAttribute("aria-activedescendant");
  };
  // Another field may narrow the answer ("sens=direction"), or speak for this one while it is empty.
  const sibling = (name) => input.form?.elements[name]?.value.trim() ?? "";
  const also = () => (input.dataset.suggestWith ?? "").split(" ").filter(Boolean).map((pair) => {
    const [name, field] = pair.split("=");
    return `&${name}=${encodeURIComponent(sibling(field))}`;
  }).join("");
  const ask = async () => {
    request?.abort();
    const text = input.value.trim() || sibling(input.dataset.suggestFrom ?? "");
    if (text.length < 2) { close(); return; }
    request = new AbortController();
    try {
      const answer = await fetch(input.dataset.suggest + encodeURIComponent(text) + also(), { signal: request.signal, headers: { accept: "application/json" } });
      if (!answer.ok) return;
      options = await answer.json();
      if (document.activeElement === input) show();
    } catch { /* no suggestion: what is typed is posted as it is */ }
  };

  input.addEventListener("input", () => {
    if (chosen) chosen.value = "";
    clearTimeout(timer);
    timer = setTimeout(ask, 150);
  });
  input.addEventListener("keydown", (event) => {
    const n = options.length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) { ask(); return; }
      mark(event.key === "ArrowDown" ? (active + 1) % n : (active <= 0 ? n : active) - 1);
    } else if (list.hidden) {
      return;
    } else if (event.key === "Enter" && active >= 0 && !event.ctrlKey) {
      event.preventDefault();
      choose(active);
    } else if (event.key === "Tab" && active >= 0) {
      choose(active);
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  });
  if (input.dataset.suggestFrom) input.addEventListener("focus", () => { if (!input.value.trim()) ask(); });
  input.addEventListener("blur", () => { clearTimeout(timer); request?.abort(); close(); });
  list.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    const index = [...list.children].indexOf(event.target.closest("li"));
    if (index >= 0) choose(index);
  });
}

// A list typed one per line, shown as chips; a combobox adds to it. The text area is what is posted.
function lines(block) {
  const area = document.getElementById(block.dataset.lines);
  const [input, chosen] = ["input[data-suggest]", 'input[type="hidden"]'].map((one) => block.querySelector(one));
  const chips = block.querySelector("ul.chips");
  const read = () => area.value.split("\n").map((line) => line.trim()).filter(Boolean);
  const write = (list) => { area.value = list.join("\n"); draw(); };
  const draw = () => chips.replaceChildren(...read().map((line, i) => {
    const item = document.createElement("li");
    const chip = document.createElement("button");
    const cross = document.createElement("span");
    const name = line.replace(/^\w{5} /, "");
    chip.type = "button";
    chip.className = "chip on";
    chip.ariaLabel = `Retirer ${name}`;
    cross.ariaHidden = "true";
    cross.textContent = "×";
    chip.append(name, cross);
    chip.addEventListener("click", () => { write(read().filter((_, j) => j !== i)); input.focus(); });
    item.append(chip);
    return item;
  }));
  chosen.addEventListener("change", () => {
    const known = read().some((line) => line.startsWith(chosen.value));
    if (!known) write([...read(), `${chosen.value} ${input.value}`]);
    input.value = chosen.value = "";
  });
  area.addEventListener("input", draw);
  const fold = area.closest("details");
  if (fold && area.getAttribute("aria-invalid") !== "true") fold.open = false;
  block.hidden = false;
  draw();
}

// Ctrl+Enter sends the form.
function quickEntry(form) {
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    form.requestSubmit();
  });
}

// Yearly quantity beside what is typed, as the server reads it: the page has no rule of its own.
function echo(output) {
  const form = output.closest("form");
  const names = ["direction", "label", "category", "category_typed", "quantity", "unit", "period"];
  let timer, request;
  const draw = async () => {
    request?.abort();
    request = new AbortController();
    const data = new FormData(form);
    const typed = new URLSearchParams(names.map((name) => [name, data.get(name) ?? ""]));
    try {
      const answer = await fetch(`${output.dataset.echo}?${typed}`, { signal: request.signal, headers: { accept: "application/json" } });
      if (answer.ok) output.textContent = (await answer.json()).text;
    } catch { /* the quantity is read again when the form is sent */ }
  };
  const later = (event) => {
    if (!names.includes(event.target.name)) return;
    clearTimeout(timer);
    timer = setTimeout(draw, 250);
  };
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  if (form.elements.quantity?.value) draw();
}

// j and k walk a list, only while the focus is inside it (WCAG 2.1.4).
function listKeys(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const step = { j: 1, k: -1 }[event.key];
  const rows = step && event.target.closest?.(".rows");
  if (!rows || rows.closest("[data-triage]")) return;
  const links = all("a", rows);
  const next = links[links.indexOf(document.activeElement) + step];
  if (next) { event.preventDefault(); next.focus(); }
}

// A progress block replaces itself until the server's copy stops asking for it.
function refresh(block) {
  const pause = Number(block.dataset.refresh) * 1000;
  block.setAttribute("aria-live", "polite");
  const again = async (delay) => {
    await new Promise((done) => setTimeout(done, delay));
    if (document.hidden) return again(delay);
    let fresh;
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" } });
      if (!answer.ok) return again(Math.min(delay * 2, 30_000));
      fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(block.id);
    } catch { return again(Math.min(delay * 2, 30_000)); }
    if (!fresh) { location.reload(); return undefined; }
    if (fresh.innerHTML.trim() !== block.innerHTML.trim()) block.replaceChildren(...fresh.childNodes);
    return fresh.dataset.refresh ? again(pause) : undefined;
  };
  again(pause);
}

// « @ » and the beginning of a name offer the colleagues of the list; the text is what is posted.
function mentions(area, rank) {
  const names = [...(document.getElementById(area.dataset.mention)?.options ?? [])].map((option) => option.value);
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const box = document.createElement("div");
  const list = document.createElement("ul");
  let active = 0;
  box.className = "combo";
  list.id = `citations-${rank}`;
  list.role = "listbox";
  list.ariaLabel = "Collègues";
  list.hidden = true;
  area.before(box);
  box.append(area, list);
  for (const [name, value] of Object.entries({ "aria-autocomplete": "list", "aria-controls": list.id })) area.setAttribute(name, value);
  const close = () => { list.hidden = true; area.removeAttribute("aria-activedescendant"); };
  const mark = (index) => {
    active = index;
    [...list.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === index)));
    area.setAttribute("aria-activedescendant", list.children[index].id);
  };
  const begun = () => /(?:^|\s)@([^@\n]{0,30})$/.exec(area.value.slice(0, area.selectionStart));
  const choose = (index) => {
    const end = area.selectionStart;
    area.setRangeText(`${list.children[index].textContent} `, end - begun()[1].length, end, "end");
    close();
  };
  area.addEventListener("input", () => {
    const typed = begun();
    const found = typed ? names.filter((name) => plain(name).startsWith(plain(typed[1]))).slice(0, 6) : [];
    list.replaceChildren(...found.map((name, i) => {
      const item = document.createElement("li");
      item.id = `${list.id}-${i}`;
      item.role = "option";
      item.textContent = name;
      return item;
    }));
    list.hidden = found.length === 0;
    if (found.length) mark(0); else close();
  });
  area.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const n = list.children.length;
    const step = { ArrowDown: 1, ArrowUp: n - 1 }[event.key];
    if (step) mark((active + step) % n);
    else if (event.key === "Enter" || event.key === "Tab") choose(active);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  area.addEventListener("blur", close);
  list.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    const index = [...list.children].indexOf(event.target.closest("li"));
    if (index >= 0) choose(index);
  });
}

// What waits on this device, typed without a network, would go with the session.
function signOut(form) {
  form.addEventListener("submit", async (event) => {
    if (form.dataset.sure !== undefined || !indexedDB.databases) return;
    event.preventDefault();
    const n = await waitingCells().catch(() => 0);
    const what = n === 1 ? "Une modification attend" : `${n} modifications attendent`;
    if (n && !confirm(`${what} d’être envoyée${n === 1 ? "" : "s"} depuis cet appareil. Si vous vous déconnectez, ${n === 1 ? "elle est effacée" : "elles sont effacées"}. Vous déconnecter quand même\u202f?`)) return;
    form.dataset.sure = "";
    form.requestSubmit();
  });
}
async function waitingCells() {
  if (!(await indexedDB.databases()).some((one) => one.name === "maillage")) return 0;
  return new Promise((done, fail) => {
    const request = indexedDB.open("maillage");
    request.onerror = () => fail(request.error);
    request.onsuccess = () => {
      const count = request.result.transaction("cells").objectStore("cells").count();
      count.onsuccess = () => { request.result.close(); done(count.result); };
      count.onerror = () => fail(count.error);
    };
  });
}

toasts();
errors();
menus();
all("input[data-suggest]").forEach(combobox);
all("[data-lines]").forEach(lines);
all("textarea[data-mention]").forEach(mentions);
all("form[data-flow-entry]").forEach(quickEntry);
all("[data-echo]").forEach(echo);
all("[data-refresh][id]").forEach(refresh);
all("[data-print]").forEach((button) => { button.hidden = false; button.addEventListener("click", () => window.print()); });
all('form[action="/deconnexion"]').forEach(signOut);
document.addEventListener("keydown", listKeys);
addEventListener("beforeprint", () => all("details.data").forEach((table) => { table.open = true; }));
