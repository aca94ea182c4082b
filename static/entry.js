// The diagnostic saved as it is typed. Without this file, the page is one form with one button.
// What waits is in memory, is sent again by itself, and the page asks before it is left. Nothing is
// kept in the browser beyond the open page (no storage to leave behind on a shared laptop), unless the
// visit was prepared for where there is no network: see offline.js.
"use strict";

(() => {
  const form = document.querySelector("form[data-entry]");
  if (!form) return;

  const VISIT = form.dataset.visit;
  const NIL = "00000000-0000-0000-0000-000000000000";
  const TYPING_PAUSE = 700;
  const ANSWER_LIMIT = 15_000;
  const PRESENCE_EVERY = 25_000;
  const state = form.querySelector("[data-state]");
  const faults = form.querySelector("[data-faults]");
  const fresh = form.querySelector("tbody[data-new]");
  const shape = document.getElementById("ligne");

  // Time-ordered like the server's own identifiers.
  const newId = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    let now = Date.now();
    for (let i = 5; i >= 0; i -= 1) { bytes[i] = now % 256; now = Math.floor(now / 256); }
    bytes[6] = 0x70 | (bytes[6] & 0x0f);
    bytes[8] = 0x80 | (bytes[8] & 0x3f);
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  };
  // Each opening of a page has its own name; a page kept offline would bring back that of its first one,
  // and take what was typed then for the work of another open page.
  if (form.dataset.kept) form.elements.client.value = newId();
  const client = form.elements.client.value;
  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };
  const icon = (name) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    svg.setAttribute("class", "ic");
    svg.setAttribute("aria-hidden", "true");
    use.setAttribute("href", `${form.dataset.icons}#i-${name}`);
    svg.append(use);
    return svg;
  };
  const several = (n, one, many) => (n === 1 ? one : `${n} ${many}`);

  // ---- cells

  // What the server is known to hold, by row; the hidden fields carry it for a plain post.
  const bases = new Map();
  const readBases = (root) => {
    for (const field of root.querySelectorAll("[data-base]")) {
      const row = field.name.slice(2);
      if (!bases.has(row)) bases.set(row, { field, cells: JSON.parse(field.value) });
    }
  };
  const setBase = (row, name, value) => {
    const base = bases.get(row);
    if (!base) return;
    base.cells[name] = value;
    base.field.value = JSON.stringify(base.cells);
  };
  const baseOf = (row, name) => bases.get(row)?.cells[name] ?? "";
  const rowOf = (field) => field.closest("tr[data-row]")?.dataset.row ?? VISIT;
  const valueOf = (field) => (field.type === "checkbox" ? (field.checked ? field.value : "") : field.value);
  const setValue = (field, value) => {
    if (field.type === "checkbox") field.checked = value !== "";
    else if (field.value !== value) field.value = value;
  };
  const fieldOf = (row, name) => (row === VISIT
    ? [...form.querySelectorAll("[data-field]")].find((one) => one.dataset.field === name && !one.closest("tr[data-row]"))
    : document.querySelector(`#flux-${CSS.escape(row)} [data-field="${name}"]`));

  // ---- what waits to be sent

  const waiting = new Map();
  const clashes = new Map();
  // Refused for good: only another value, or another try, may change that.
  const refused = new Map();
  let seq = 0, sending = null, timer = null, failures = 0, blocked = null, savedAt = "";

  const key = (row, name) => `${row} ${name}`;

  // Where the page is kept, so is what it has not settled yet.
  let outbox = null, keptAt = 0, away = false;
  function persist(cell) {
    if (outbox) hold(outbox, outbox.keep(cell, waiting.get(cell) ?? refused.get(cell)?.patch ?? clashes.get(cell)?.patch));
  }
  // The page says so until the last of them is on the disk.
  async function hold(box, write) {
    form.dataset.holding = "";
    await write;
    if (box.safe()) delete form.dataset.holding;
  }
  function learn(name, thing) {
    if (outbox) hold(outbox, outbox.learn(name, thing));
  }

  function note(field, pause) {
    const row = rowOf(field), name = field.dataset.field, value = valueOf(field), cell = key(row, name);
    const clash = clashes.get(cell);
    if (clash) {
      clash.mine.textContent = value || "vide";
      clash.patch.value = value;
      persist(cell);
      return;
    }
    unrefuse(cell);
    const before = waiting.get(cell);
    const base = before?.base ?? baseOf(row, name);
    // The server may hold what was sent, though its answer was lost: only it can take it back.
    if (value === base && !sending?.has(cell) && !before?.tried) {
      waiting.delete(cell);
    } else {
      seq += 1;
      form.elements.seq.value = seq;
      waiting.set(cell, { row, field: name, value, base, seq, client: before?.client ?? client, tried: before?.tried });
    }
    persist(cell);
    show();
    plan(pause);
  }

  function plan(pause) {
    clearTimeout(timer);
    if (waiting.size && !sending) timer = setTimeout(send, pause);
  }

  let sendingNow = Promise.resolve();
  function send() {
    clearTimeout(timer);
    if (!sending && waiting.size) sendingNow = sendWaiting();
    return sendingNow;
  }

  async function sendWaiting() {
    const cells = batch();
    sending = new Map(cells.map((cell) => [key(cell.row, cell.field), cell]));
    show();
    try {
      const answer = await fetch(form.dataset.entry, {
        method: "POST", redirect: "manual", signal: AbortSignal.timeout(ANSWER_LIMIT),
        keepalive: document.hidden && cells.length < 200,
        headers: { "content-type": "application/json", accept: "application/json" },
        body: JSON.stringify({ client: cells[0].client, cells }),
      });
      const isJson = answer.headers.get("content-type")?.startsWith("application/json");
      const told = isJson ? await answer.json() : {};
      if (isJson && told.refused === undefined && (answer.ok || answer.status === 409)) {
        receive(told);
        failures = 0;
        blocked = null;
        away = false;
      } else if (answer.type === "opaqueredirect") {
        fail("session");
      } else if (answer.status >= 500 || answer.status === 429 || answer.status === 408) {
        fail("server");
      } else {
        refuse(answer.status, told.refused ?? "Cette saisie est refusée. Rechargez la page, puis recommencez.");
      }
    } catch {
      fail("network");
    }
    sending = null;
    show();
    if (waiting.size) plan(blocked ? Math.min(30_000, 1000 * 2 ** failures) : 0);
  }

  // What one page typed, in its order; cell by cell when one of them spoils the others.
  let apart = false;
  function batch() {
    const cells = [...waiting.values()].sort((a, b) => a.seq - b.seq);
    const whose = cells.filter((cell) => cell.client === cells[0].client);
    return apart ? whose.slice(0, 1) : whose;
  }

  function fail(reason) {
    for (const cell of sending.keys()) { const patch = waiting.get(cell); if (patch) patch.tried = true; }
    failures += 1;
    blocked = reason;
    away = reason === "network" && Boolean(keptAt);
  }

  function retry() {
    failures = 0;
    for (const [cell, { patch }] of [...refused]) { unrefuse(cell); waiting.set(cell, patch); }
    send();
  }

  // Sending it again would be refused again: the sentence stands by the cell, the value stays in it.
  function refuse(status, sentence) {
    failures = 0;
    blocked = null;
    const alone = sending.size === 1;
    if (status === 400 && !alone) { apart = true; return; }
    for (const [cell, patch] of sending) {
      if (waiting.get(cell)?.seq !== patch.seq) continue;
      waiting.delete(cell);
      const field = fieldOf(patch.row, patch.field);
      const said = make("p", { class: "err", "data-refused": "" }, icon("triangle-alert"), sentence);
      refused.set(cell, { patch, said, field });
      field?.setAttribute("aria-invalid", "true");
      const row = field?.closest("tr[data-row]");
      if (row) { messageLine(row).querySelector(".stack").prepend(said); row.classList.add("bad"); }
      else field?.parentElement.append(said);
      persist(cell);
    }
    if (!waiting.size) apart = false;
  }

  function unrefuse(cell) {
    const one = refused.get(cell);
    if (!one) return;
    refused.delete(cell);
    one.said.remove();
    one.field?.removeAttribute("aria-invalid");
    const row = one.field?.closest("tr[data-row]");
    if (row) tidy(row, messageLine(row));
  }

  // ---- what the server answered

  function receive(answer) {
    savedAt = answer.at;
    const clashing = new Set(answer.clashes.map((clash) => key(clash.row, clash.field)));
    for (const [cell, sent] of sending) {
      const now = waiting.get(cell);
      if (now?.seq === sent.seq) waiting.delete(cell);
      if (answer.gone.includes(sent.row)) waiting.delete(cell);
    }
    for (const row of answer.rows) receiveRow(row, clashing);
    for (const [name, value] of Object.entries(answer.answers)) receiveCell(VISIT, name, value, clashing);
    for (const [name, field] of questions()) say(name, field, answer.answer_errors[name]);
    for (const clash of answer.clashes) contradict(clash);
    for (const row of answer.gone) vanished(row);
    for (const cell of sending.keys()) persist(cell);
    for (const row of answer.rows) learn(row.id, row);
    if (Object.keys(answer.answers).length) learn("answers", answer.answers);
    if (!waiting.size) apart = false;
    progress(answer);
    presence(answer.others);
  }

  function receiveCell(row, name, value, clashing) {
    const cell = key(row, name);
    const field = fieldOf(row, name);
    if (!field || clashing.has(cell) || clashes.has(cell)) return;
    const later = waiting.get(cell);
    const mine = sending?.get(cell);
    if (later && !mine) return;
    setBase(row, name, value);
    if (later) later.base = value;
    else if (!mine || document.activeElement !== field || field.tagName === "SELECT") setValue(field, value);
  }

  function receiveRow(row, clashing) {
    const line = document.getElementById(`flux-${row.id}`);
    if (!line) return;
    for (const [name, value] of Object.entries(row.cells)) receiveCell(row.id, name, value, clashing);
    line.querySelector("[data-annual]").textContent = row.annual ?? (row.recorded ? "non estimé" : "");
    const sub = line.querySelector("[data-sub]");
    const badge = sub.querySelector(".badge");
    sub.replaceChildren(...(badge ? [badge, " "] : []), row.category ?? "");
    for (const button of line.querySelectorAll("[data-details], [data-copy]")) button.hidden = !row.recorded;
    for (const field of line.querySelectorAll("[data-field]")) {
      const wrong = row.errors[field.dataset.field];
      if (wrong) { field.setAttribute("aria-invalid", "true"); field.setAttribute("aria-describedby", `e-${row.id}`); }
      else if (!clashes.has(key(row.id, field.dataset.field))) { field.removeAttribute("aria-invalid"); field.removeAttribute("aria-describedby"); }
    }
    messages(line, row);
  }

  // The line under a row: what to correct, and what it may be.
  function messages(line, row) {
    const holder = messageLine(line);
    holder.querySelectorAll("[data-wrong], [data-note], [data-guess]").forEach((part) => part.remove());
    const block = holder.querySelector(".stack");
    const sentences = Object.values(row.errors);
    if (sentences.length) {
      block.prepend(make("div", { id: `e-${row.id}`, "data-wrong": "" },
        ...sentences.map((sentence) => make("p", { class: "err" }, icon("triangle-alert"), sentence))));
    }
    if (row.note) block.append(make("div", { "data-note": "" }, make("p", { class: "sm soft" }, row.note)));
    if (row.guesses.length) {
      const chips = row.guesses.map((guess) => make("button", { class: "chip", name: "act", value: `categorie:${row.id}:${guess.value}`, "data-category": guess.value }, guess.label));
      block.append(make("div", { class: "acts", "data-guess": "" }, make("span", { class: "sm soft" }, "Est-ce :"), ...chips));
    }
    tidy(line, holder);
  }

  function messageLine(line) {
    const next = line.nextElementSibling;
    if (next?.dataset.msg) {
      // Written by the server: from now on, the script keeps it.
      next.querySelectorAll(".stack > div").forEach((part) => {
        if (part.id.startsWith("e-")) part.dataset.wrong = "";
        else if (part.querySelector("[data-category]")) part.dataset.guess = "";
      });
      return next;
    }
    const holder = make("tr", { class: "msg", "data-msg": line.dataset.row }, make("td", { colspan: "7" }, make("div", { class: "stack tight" })));
    line.after(holder);
    return holder;
  }

  function tidy(line, holder) {
    const empty = !holder.querySelector(".stack").children.length;
    line.classList.toggle("bad", !empty);
    if (empty) holder.remove();
  }

  const questions = () => [...form.querySelectorAll("[data-error]")].map((place) => [place.dataset.error, fieldOf(VISIT, place.dataset.error)]);
  function say(name, field, sentence) {
    if (clashes.has(key(VISIT, name))) return;
    const place = document.getElementById(`e-q-${name}`);
    place.replaceChildren(...(sentence ? [make("p", { class: "err" }, icon("triangle-alert"), sentence)] : []));
    if (sentence) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }

  // Two people filled the same cell: three values, two buttons; nothing is lost meanwhile.
  function contradict(clash) {
    const cell = key(clash.row, clash.field);
    const field = fieldOf(clash.row, clash.field);
    if (!field) return;
    const patch = waiting.get(cell) ?? sending.get(cell);
    waiting.delete(cell);
    const by = clash.at ? `Enregistré à ${clash.at} par ${clash.author}` : `Enregistré par ${clash.author}`;
    const keep = make("button", { class: "btn", type: "button" }, "Je garde la mienne");
    const take = make("button", { class: "btn", type: "button" }, "Je prends celle-ci");
    const mine = make("td", {}, clash.mine_shown);
    const line = (title, value, act, soft = "") => make("tr", {}, make("th", { scope: "row", class: soft }, title), value instanceof Node ? value : make("td", { class: soft }, value), make("td", {}, act));
    const table = make("table", { class: "conf3" }, make("caption", {}, `${clash.title}\u00a0: deux saisies se contredisent`), make("tbody", {},
      line("Votre saisie", mine, keep), line(by, clash.stored_shown, take), line("Valeur d’origine", clash.original_shown, "", "muted")));
    const panel = make("div", { class: "clash", role: "group", "aria-label": `${clash.title}\u00a0: deux saisies se contredisent` }, table);
    field.setAttribute("aria-invalid", "true");
    clashes.get(cell)?.panel.remove();
    clashes.set(cell, { panel, mine, patch });
    const row = field.closest("tr[data-row]");
    if (valueOf(field) !== clash.mine_shown && field.tagName !== "SELECT") mine.textContent = valueOf(field) || "vide";
    if (row) messageLine(row).querySelector(".stack").append(panel);
    else field.parentElement.append(panel);
    if (row) row.classList.add("bad");
    const settle = (value) => {
      clashes.delete(cell);
      panel.remove();
      field.removeAttribute("aria-invalid");
      setBase(clash.row, clash.field, clash.stored);
      setValue(field, value);
      if (row) tidy(row, messageLine(row));
      field.focus();
      note(field, 0);
    };
    keep.addEventListener("click", () => settle(valueOf(field)));
    take.addEventListener("click", () => settle(clash.stored));
  }

  // Somebody deleted the row while it was being typed in.
  function vanished(row) {
    const line = document.getElementById(`flux-${row}`);
    if (!line || line.nextElementSibling?.querySelector("[data-vanished]")) return;
    const back = make("button", { class: "btn", type: "button" }, "Je la rétablis");
    const holder = messageLine(line);
    line.classList.add("bad");
    holder.querySelector(".stack").append(make("div", { class: "acts", "data-vanished": "" }, make("span", { class: "err" }, icon("triangle-alert"), "Cette ligne a été supprimée entre-temps."), back));
    back.addEventListener("click", async () => {
      try {
        await fetch(form.dataset.restore.replace("{id}", row), { method: "POST", redirect: "manual", headers: { "content-type": "application/x-www-form-urlencoded" } });
      } catch { return; }
      holder.querySelector("[data-vanished]").remove();
      tidy(line, holder);
      for (const field of line.querySelectorAll("[data-field]")) note(field, 0);
    });
  }

  // ---- what the page says of itself

  // « Enregistrement… » is only said when it lasts: a live region must not follow every keystroke.
  const clock = (at) => new Date(at).toLocaleTimeString("fr-FR", { timeZone: "Europe/Paris", hour: "2-digit", minute: "2-digit" });
  let shown = "", slow = null;
  const lasts = () => { slow = null; if (sending) show(true); };
  function show(isSlow = false) {
    const n = waiting.size, unsettled = clashes.size, wrong = refused.size;
    let what;
    if (blocked === "session") what = "session";
    else if (blocked && n) what = `${blocked} ${n}`;
    else if (sending) what = "sending";
    else if (n) what = "typing";
    else if (wrong) what = `wrong ${wrong}`;
    else if (unsettled) what = `clash ${unsettled}`;
    else if (away) what = "away";
    else if (savedAt) what = `saved ${savedAt}`;
    else return;
    form.dataset.saving = what.split(" ")[0];
    if (what === shown || what === "typing") return;
    if (what === "sending" && !isSlow) { slow ??= setTimeout(lasts, 500); return; }
    shown = what;
    const counted = several(n, "1 modification en attente", "modifications en attente");
    const changes = away ? `Hors connexion, ${counted}` : counted;
    const again = () => { const button = make("button", { class: "textbtn", type: "button" }, "Réessayer"); button.addEventListener("click", retry); return button; };
    const parts = {
      session: () => {
        const link = make("a", { href: `/connexion?next=${encodeURIComponent(location.pathname)}`, target: "_blank", rel: "opener" }, "Je me reconnecte dans un autre onglet");
        return [make("span", { class: "err" }, icon("lock"), `Vous êtes déconnecté. ${changes}`), link, again()];
      },
      network: () => [make("span", { class: "soft" }, icon("clock"), changes), again()],
      server: () => [make("span", { class: "err" }, icon("triangle-alert"), `Impossible d’enregistrer. ${changes}`), again()],
      wrong: () => [make("span", { class: "err" }, icon("triangle-alert"), several(wrong, "1 saisie refusée", "saisies refusées")), again()],
      away: () => [make("span", { class: "soft" }, icon("clock"), `Hors connexion. Page gardée à ${clock(keptAt)}\u00a0: ce que vous tapez partira au retour du réseau.`)],
      sending: () => [make("span", { class: "soft" }, icon("loader-circle"), "Enregistrement…")],
      clash: () => [make("span", { class: "err" }, icon("triangle-alert"), several(unsettled, "1 saisie contredite, à résoudre", "saisies contredites, à résoudre"))],
      saved: () => [make("span", { class: "saved" }, icon("circle-check"), keptAt ? `Synchronisé à ${savedAt}` : `Brouillon enregistré à ${savedAt}`)],
    }[what.split(" ")[0]]();
    state.replaceChildren(...parts);
  }

  function progress(answer) {
    const icons = { complete: "check", partial: "circle-dot", not_applicable: "minus" };
    const styles = { complete: "done", partial: "part", not_applicable: "na" };
    const percent = document.querySelector("[data-percent]");
    if (percent) percent.textContent = answer.progress.percent;
    document.querySelector("[data-bar] rect + rect")?.setAttribute("width", answer.progress.percent);
    for (const part of answer.progress.parts) {
      const item = document.querySelector(`[data-part="${part.code}"]`);
      if (!item) continue;
      item.className = styles[part.state];
      item.querySelector("small").textContent = part.words;
      item.querySelector("svg").replaceWith(icon(icons[part.state]));
    }
    const missing = answer.progress.parts.flatMap((part) => part.missing.map((one) => ({ ...one, title: part.title })));
    const list = document.querySelector(".missing ul");
    list?.replaceChildren(...missing.map((one) => make("li", {}, make("a", { href: one.href }, one.label), " ", make("span", { class: "muted" }, one.title))));
    const count = document.querySelector(".missing summary .muted");
    if (count) count.textContent = `· ${missing.length}`;
    document.querySelector("[data-inventory]").textContent = answer.inventory;
    faults.hidden = answer.faults === 0;
    faults.textContent = several(answer.faults, "1 saisie à corriger", "saisies à corriger");
  }

  function presence(others) {
    const place = document.querySelector("[data-others]");
    const words = others.length ? `${others.join(", ")} ${others.length === 1 ? "édite" : "éditent"} aussi cette fiche.` : "";
    if (place.textContent.trim() === words) return;
    place.replaceChildren(...(words ? [icon("users"), words] : []));
  }

  // Only while somebody types or moves here: an idle page must not keep its session alive.
  let lastSign = Date.now();
  async function sign() {
    if (document.hidden || Date.now() - lastSign > 5 * 60_000) return;
    try {
      const answer = await fetch(form.dataset.presence, { method: "POST", redirect: "manual", headers: { "content-type": "application/x-www-form-urlencoded" } });
      if (!answer.ok) return;
      presence((await answer.json()).others);
      if (away) { away = false; show(); }
    } catch {
      away = Boolean(keptAt);
      show();
    }
  }

  // ---- rows

  function newRow(id) {
    const piece = document.createElement("template");
    piece.innerHTML = shape.innerHTML.replaceAll(NIL, id);
    const row = piece.content.querySelector("tr");
    readBases(row);
    return row;
  }

  function addRow(after, copied) {
    const row = newRow(newId());
    const body = fresh;
    const anchor = after?.closest("tbody") === body ? (after.nextElementSibling?.dataset.msg ? after.nextElementSibling : after) : null;
    if (anchor) anchor.after(row);
    else body.append(row);
    const from = copied ?? after ?? body.querySelector("tr[data-row]");
    for (const name of copied ? ["direction", "label", "category", "certainty", "outlet"] : ["direction"]) {
      const source = from?.querySelector(`[data-field="${name}"]`);
      const field = row.querySelector(`[data-field="${name}"]`);
      if (source) setValue(field, source.value);
      if (copied) note(field, TYPING_PAUSE);
    }
    const first = row.querySelector(copied ? '[data-field="label"]' : "[data-field]");
    first.focus();
    if (copied) first.select();
    row.scrollIntoView({ block: "nearest" });
  }

  const isEmpty = (row) => ["label", "quantity", "outlet"].every((name) => !row.querySelector(`[data-field="${name}"]`).value.trim());

  const isUntouched = (row) => ["label", "quantity", "outlet"].every((name) => baseOf(row.dataset.row, name) === "");

  // A direction chosen on an empty row says nothing yet: it goes with the first words.
  function typed(field, pause) {
    const row = field.closest("tr[data-row]");
    if (row && isEmpty(row) && isUntouched(row)) {
      for (const one of row.querySelectorAll("[data-field]")) {
        const cell = key(row.dataset.row, one.dataset.field);
        waiting.delete(cell);
        persist(cell);
      }
      show();
      return;
    }
    if (row && field.dataset.field === "label") note(row.querySelector('[data-field="direction"]'), pause);
    note(field, pause);
  }

  function move(row, step, name) {
    const rows = [...form.querySelectorAll("tr[data-row]")];
    rows[rows.indexOf(row) + step]?.querySelector(`[data-field="${name}"]`)?.focus();
  }

  form.addEventListener("input", (event) => {
    lastSign = Date.now();
    if (event.target.dataset.field) typed(event.target, TYPING_PAUSE);
  });
  form.addEventListener("change", (event) => { if (event.target.dataset.field) typed(event.target, 0); });

  form.addEventListener("keydown", (event) => {
    const field = event.target.closest("[data-field]");
    if (!field || event.defaultPrevented) return;
    const row = field.closest("tr[data-row]");
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      if (!fresh) return;
      plan(0);
      if (row && isEmpty(row) && row.parentElement === fresh) row.querySelector("[data-field]").focus();
      else addRow(row, event.shiftKey ? row : null);
    } else if (event.key === "Enter" && field.tagName !== "TEXTAREA") {
      // Elsewhere than in the last cell, Enter neither adds nor sends anything.
      event.preventDefault();
      if (row && field.dataset.field === "outlet" && fresh) addRow(row, null);
      plan(0);
    } else if (row && (event.key === "ArrowDown" || event.key === "ArrowUp") && field.tagName === "INPUT" && !field.dataset.lazy && !event.altKey) {
      event.preventDefault();
      event.stopPropagation();
      move(row, event.key === "ArrowDown" ? 1 : -1, field.dataset.field);
    }
  }, true);

  // The suggestions of a name are asked for when its cell is entered.
  let rank = 1000;
  form.addEventListener("focusin", (event) => {
    const field = event.target;
    if (!field.dataset?.lazy) return;
    const isNew = !field.dataset.suggest;
    const direction = field.closest("tr").querySelector('[data-field="direction"]').value;
    const quantity = fieldOf(field.closest("tr").dataset.row, "quantity").value;
    field.dataset.suggest = field.dataset.lazy.replace("?", `?sens=${direction}&quantite=${encodeURIComponent(quantity)}&`);
    if (isNew) { rank += 1; combobox(field, rank); }
  });

  // A suggestion classifies the row; the words typed stay, unless they only began its name.
  form.addEventListener("suggestion", (event) => {
    const row = event.target.closest("tr[data-row]");
    if (!row) return;
    const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
    const began = event.target.value.trim().length < 4 || plain(event.detail.label).includes(plain(event.target.value.trim()));
    if (!began) event.preventDefault();
    const category = row.querySelector('[data-field="category"]');
    category.value = event.detail.value;
    setTimeout(() => { typed(event.target, 0); note(category, 0); });
  });

  form.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.hasAttribute("data-add")) {
      event.preventDefault();
      const last = fresh.querySelectorAll("tr[data-row]");
      const row = last[last.length - 1];
      if (row && isEmpty(row)) row.querySelector("[data-field]").focus();
      else addRow(null, null);
    } else if (button.hasAttribute("data-copy")) {
      event.preventDefault();
      addRow(null, button.closest("tr"));
    } else if (button.dataset.yes !== undefined) {
      event.preventDefault();
      presumed(button.closest("[data-presumed]"));
    } else if (button.dataset.no !== undefined) {
      event.preventDefault();
      notHere(button);
    } else if (button.dataset.category) {
      event.preventDefault();
      const category = fieldOf(button.closest("tr").dataset.msg, "category");
      category.value = button.dataset.category;
      note(category, 0);
      document.getElementById(`flux-${button.closest("tr").dataset.msg}`).querySelector('[data-field="quantity"]').focus();
    }
  });

  // A presumed flow becomes a row, whose quantity is the next thing to say.
  function presumed(offer) {
    const { presumed: id, ...said } = offer.dataset;
    const empty = [...fresh.querySelectorAll("tr[data-row]")].find(isEmpty);
    const row = newRow(id);
    if (empty) empty.before(row);
    else fresh.append(row);
    for (const name of ["direction", "label", "category", "quantity", "certainty"]) {
      const field = row.querySelector(`[data-field="${name}"]`);
      setValue(field, said[name]);
      note(field, 0);
    }
    leaveOffer(offer);
    const quantity = row.querySelector('[data-field="quantity"]');
    quantity.focus();
    quantity.select();
  }

  async function notHere(button) {
    const offer = button.closest("[data-presumed]");
    try {
      const answer = await fetch(form.getAttribute("action"), { method: "POST", body: new URLSearchParams({ client, act: button.value }) });
      // An expired session leads elsewhere: nothing was noted.
      if (!answer.ok || new URL(answer.url).pathname !== location.pathname) { button.form.requestSubmit(button); return; }
    } catch { return; }
    const next = offer.nextElementSibling ?? offer.previousElementSibling;
    leaveOffer(offer);
    (next?.querySelector("[data-yes]") ?? form.querySelector("[data-add]"))?.focus();
  }

  function leaveOffer(offer) {
    const list = offer.closest("section");
    offer.remove();
    if (!list.querySelector("[data-presumed]")) list.remove();
  }

  // Several lines pasted in a cell are a block: shown before they are added.
  form.addEventListener("paste", (event) => {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!event.target.closest?.("tr[data-row]") || !/[\t\n]/.test(text.trim())) return;
    event.preventDefault();
    const sheet = make("form", { method: "post", action: location.pathname.replace(/\/$/, "") + "/collage", hidden: "" });
    const area = make("textarea", { name: "text" });
    area.value = text;
    sheet.append(area);
    document.body.append(sheet);
    leaveWith(sheet);
  });

  async function leaveWith(sheet) {
    await send();
    sheet.submit();
  }

  // ---- leaving

  let leaving = false;
  form.addEventListener("submit", (event) => {
    if (!waiting.size && !sending && !away) { leaving = true; return; }
    event.preventDefault();
    submitOnceSaved(event.submitter);
  });

  // An act waits for what was typed: without a network the page would go, and the cells with it.
  async function submitOnceSaved(button) {
    await sendingNow;
    if (waiting.size) await send();
    if (away && !waiting.size) await sign();
    if (!waiting.size && !clashes.size && !away) form.requestSubmit(button);
  }

  addEventListener("beforeunload", (event) => {
    if (leaving || !(waiting.size || sending || clashes.size || refused.size)) return;
    if (outbox && outbox.safe()) return;
    event.preventDefault();
  });
  addEventListener("pageshow", () => { leaving = false; });
  for (const event of ["online", "focus"]) addEventListener(event, () => { if (blocked) retry(); });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) send();
    else if (blocked) retry();
  });

  // The part on screen is marked in the rail.
  if ("IntersectionObserver" in window) {
    const links = new Map([...document.querySelectorAll(".todo [data-part]")].map((item) => [item.dataset.part, item.querySelector("a")]));
    const seen = new Set();
    const observer = new IntersectionObserver((entries) => {
      for (const entry of entries) entry.isIntersecting ? seen.add(entry.target.id) : seen.delete(entry.target.id);
      const current = [...links.keys()].find((code) => seen.has(code));
      if (current) for (const [code, link] of links) code === current ? link.setAttribute("aria-current", "step") : link.removeAttribute("aria-current");
    }, { rootMargin: "-20% 0px -55% 0px" });
    for (const code of links.keys()) { const part = document.getElementById(code); if (part) observer.observe(part); }
  }

  // ---- where there is no network

  // The page as kept may be older than what the server confirmed, and than what waits to be sent.
  async function recall() {
    const { cells, known } = await outbox.recall();
    const open = new Set((await navigator.locks.query()).held.map((lock) => lock.name));
    for (const { name, thing } of keptAt ? known : []) {
      if (name === "answers") for (const [question, value] of Object.entries(thing)) receiveCell(VISIT, question, value, new Set());
      else { shownRow(name); receiveRow(thing, new Set()); }
    }
    for (const patch of cells.sort((a, b) => a.seq - b.seq)) {
      // Another page of this person is still writing it.
      if (open.has(`saisie ${patch.client}`)) continue;
      if (patch.row !== VISIT) shownRow(patch.row);
      const field = fieldOf(patch.row, patch.field);
      if (!field) continue;
      const cell = key(patch.row, patch.field);
      seq = Math.max(seq, patch.seq);
      if (waiting.has(cell)) continue;
      setValue(field, patch.value);
      waiting.set(cell, { ...patch, tried: true });
    }
  }

  // A row that this page does not show yet.
  function shownRow(id) {
    if (document.getElementById(`flux-${id}`) || !fresh) return;
    const empty = [...fresh.querySelectorAll("tr[data-row]")].find((row) => isEmpty(row) && row.dataset.row !== id);
    if (empty) empty.before(newRow(id));
    else fresh.append(newRow(id));
  }

  async function wake() {
    const button = document.querySelector("[data-keep]");
    if (typeof offline === "undefined" || !globalThis.indexedDB || !navigator.serviceWorker || !navigator.locks) return;
    const { claim, isKept, forget, prepare, outbox: boxOf } = offline;
    await claim(form.dataset.person);
    if (!form.dataset.prepare) await forget(VISIT);
    navigator.locks.request(`saisie ${client}`, () => new Promise(() => {}));
    const box = boxOf(VISIT, form.dataset.person);
    const isPrepared = await isKept(VISIT);
    if (isPrepared || (await box.recall()).cells.length) {
      outbox = box;
      if (isPrepared) keptAt = Number(form.dataset.kept) || Date.now();
      away = Boolean(form.dataset.kept);
      await recall();
      // Typed since the page opened; the others keep their time.
      for (const [cell, patch] of waiting) if (patch.client === client) persist(cell);
      show();
      plan(0);
    }
    if (!button || !form.dataset.prepare) return;
    const name = () => { button.lastChild.textContent = outbox && keptAt ? "Je ne la garde plus hors connexion" : "Je prépare hors connexion"; };
    button.hidden = false;
    name();
    button.addEventListener("click", async () => {
      try {
        if (keptAt) {
          await send();
          if (waiting.size) return;
          await forget(VISIT);
          outbox = null;
          keptAt = 0;
          state.replaceChildren(make("span", { class: "soft" }, "Cette visite n’est plus gardée sur cet appareil."));
        } else {
          await send();
          await prepare(VISIT, form);
          outbox = box;
          keptAt = Date.now();
          for (const cell of waiting.keys()) persist(cell);
          state.replaceChildren(make("span", { class: "saved" }, icon("circle-check"), "Prête hors connexion sur cet appareil, pour 72 heures."));
        }
        shown = "";
      } catch {
        state.replaceChildren(make("span", { class: "err" }, icon("triangle-alert"), "La visite n’a pas pu être préparée\u00a0: il faut le réseau. Réessayez."));
      }
      name();
    });
  }

  readBases(form);
  form.querySelector("[data-save]").hidden = true;
  // A browser that lends no storage (a private window) keeps nothing: the page works as ever.
  wake().catch(() => {}).finally(() => { form.dataset.ready = ""; });
  sign();
  setInterval(sign, PRESENCE_EVERY);
})();
