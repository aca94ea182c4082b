// Visits kept for where there is no network: the page as the server gave it, what it has confirmed
// since, and what waits to be sent. All of it is encrypted with a key that no script can read, belongs
// to one person, and goes after 72 hours, at sign-out, or as soon as the server has answered. Loaded by
// the page of a visit, and working behind the pages of visits as their service worker.
"use strict";

const offline = (() => {
  const LASTS = 72 * 3600 * 1000;
  const STORES = ["keys", "pages", "cells", "known"];
  const SHELF = "maillage-hors-connexion";
  const WORDS = "/visites/nomenclature.json";
  const HEADERS = ["content-type", "content-security-policy", "referrer-policy", "x-content-type-options", "cross-origin-opener-policy"];

  // ---- the drawer: one store by kind of thing, each record with its id, visit and time

  let opening;
  const open = () => opening ??= new Promise((done, fail) => {
    const request = indexedDB.open("maillage", 1);
    const lost = () => { opening = undefined; };
    request.onupgradeneeded = () => { for (const name of STORES) request.result.createObjectStore(name, { keyPath: "id" }); };
    request.onsuccess = () => {
      const db = request.result;
      db.onversionchange = () => { db.close(); lost(); };
      db.onclose = lost;
      done(db);
    };
    request.onerror = () => { lost(); fail(request.error); };
  });
  async function within(names, mode, work) {
    const db = await open();
    return new Promise((done, fail) => {
      const turn = db.transaction(names, mode, { durability: "strict" });
      let asked;
      turn.oncomplete = () => done(asked?.result);
      turn.onerror = turn.onabort = () => fail(turn.error);
      asked = work(turn);
    });
  }
  const all = (name) => within(name, "readonly", (turn) => turn.objectStore(name).getAll());
  const get = (name, id) => within(name, "readonly", (turn) => turn.objectStore(name).get(id));
  const put = (name, record) => within(name, "readwrite", (turn) => { turn.objectStore(name).put(record); });
  const drop = (name, id) => within(name, "readwrite", (turn) => { turn.objectStore(name).delete(id); });
  const removeWhere = (name, test) => within(name, "readwrite", (turn) => {
    turn.objectStore(name).openCursor().onsuccess = ({ target }) => {
      const cursor = target.result;
      if (!cursor) return;
      if (test(cursor.value)) cursor.delete();
      cursor.continue();
    };
  });

  // ---- the key

  const coder = new TextEncoder();
  const holder = () => get("keys", "key");
  async function keyOf(owner) {
    const held = await holder();
    if (held?.owner === owner) return held.key;
    const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    await put("keys", { id: "key", owner, key });
    return key;
  }
  async function seal(key, id, thing) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const plain = coder.encode(JSON.stringify(thing));
    return { iv, sealed: await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: coder.encode(id) }, key, plain) };
  }
  async function unseal(key, { id, iv, sealed }) {
    const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData: coder.encode(id) }, key, sealed);
    return JSON.parse(new TextDecoder().decode(plain));
  }

  // ---- forgetting

  async function wipe() {
    await within(STORES, "readwrite", (turn) => { for (const name of STORES) turn.objectStore(name).clear(); });
    await caches.delete(SHELF);
  }
  // What is too old goes; with the last page and the last cell, the key too.
  async function expire() {
    const old = Date.now() - LASTS;
    for (const name of ["pages", "cells", "known"]) await removeWhere(name, (record) => record.at < old);
    if (await holder() && !(await all("pages")).length && !(await all("cells")).length) await wipe();
  }
  async function forget(visit) {
    await drop("pages", visit);
    await removeWhere("known", (record) => record.visit === visit);
    await expire();
  }
  // Even what was typed and never reached the server.
  async function abandon(visit) {
    await removeWhere("cells", (record) => record.visit === visit);
    await forget(visit);
  }
  // Somebody else's things are wiped, unread.
  async function claim(owner) {
    const held = await holder();
    if (held && held.owner !== owner) await wipe();
    else await expire();
  }

  // ---- pages

  const filesOf = (html) => [...html.matchAll(/(?:src|href|data-icons|data-worker)="(\/static\/[^"#]+)/g)].map((found) => found[1].replaceAll("&amp;", "&"));
  async function keepPage(visit, answer, at) {
    const html = await answer.text();
    const person = /data-person="([^"]+)"/.exec(html)?.[1];
    const held = await holder();
    if (!person || !/data-prepare="/.test(html)) { await forget(visit); return; }
    if (held && held.owner !== person) { await wipe(); return; }
    const title = /data-title="([^"]*)"/.exec(html)?.[1] ?? "Visite";
    const headers = HEADERS.map((name) => [name, answer.headers.get(name)]).filter(([, value]) => value);
    const key = await keyOf(person);
    const files = [...new Set(filesOf(html))];
    await put("pages", { id: visit, visit, at, files, ...await seal(key, visit, { html, headers, title }) });
    await removeWhere("known", (record) => record.visit === visit && record.at < at);
    const shelf = await caches.open(SHELF);
    for (const file of files) if (!await shelf.match(file, { ignoreVary: true })) await shelf.add(file).catch(() => {});
    const wanted = new Set((await all("pages")).flatMap((page) => page.files));
    for (const request of await shelf.keys()) {
      const { pathname, search } = new URL(request.url);
      if (pathname !== WORDS && !wanted.has(pathname + search)) await shelf.delete(request);
    }
  }
  async function pages() {
    await expire();
    const held = await holder();
    if (!held) return [];
    return Promise.all((await all("pages")).map(async (page) => ({ visit: page.visit, at: page.at, ...await unseal(held.key, page) })));
  }
  const isKept = async (visit) => Boolean(await get("pages", visit));

  // ---- what the page of a visit uses

  // Writes follow one another, so that the last one stands. `safe` says whether none is under way, and
  // none was refused by a full or a wiped disk since it was last written.
  function outbox(visit, owner) {
    let last = Promise.resolve(), under = 0;
    const lost = new Set();
    const next = (id, work) => {
      under += 1;
      last = last.then(work).then(() => { lost.delete(id); }, () => { lost.add(id); }).finally(() => { under -= 1; });
      return last;
    };
    const cellId = (cell) => `${visit} ${cell}`;
    return {
      safe: () => under === 0 && lost.size === 0,
      settled: () => last,
      keep: (cell, patch) => next(cell, async () => {
        if (!patch) return drop("cells", cellId(cell));
        return put("cells", { id: cellId(cell), visit, at: Date.now(), ...await seal(await keyOf(owner), cellId(cell), patch) });
      }),
      learn: (name, thing) => next(`${name} known`, async () => put("known", { id: cellId(name), visit, at: Date.now(), ...await seal(await keyOf(owner), cellId(name), { name, thing }) })),
      // What waits, and what the server confirmed after the page was kept.
      async recall() {
        const held = await holder();
        const mine = async (store) => (await all(store)).filter((record) => record.visit === visit);
        const page = await get("pages", visit);
        const read = (records) => Promise.all(records.map((record) => unseal(held.key, record)));
        if (!held) return { cells: [], known: [] };
        const known = (await mine("known")).filter((record) => record.at >= (page?.at ?? 0));
        return { cells: await read(await mine("cells")), known: await read(known) };
      },
    };
  }

  async function prepare(visit, form) {
    const noted = await fetch(form.dataset.prepare, { method: "POST", redirect: "manual", headers: { "content-type": "application/x-www-form-urlencoded" } });
    if (noted.status !== 204) throw new Error("refused");
    await claim(form.dataset.person);
    await navigator.serviceWorker.register(form.dataset.worker, { scope: "/visites" });
    await navigator.serviceWorker.ready;
    const at = Date.now();
    const answer = await fetch(`/visites/${visit}`, { headers: { accept: "text/html" } });
    if (!answer.ok) throw new Error("refused");
    await keepPage(visit, answer, at);
    await (await caches.open(SHELF)).add(WORDS);
  }

  return { SHELF, WORDS, abandon, claim, forget, isKept, keepPage, outbox, pages, prepare, wipe };
})();

// ---- behind the pages of visits

if (typeof ServiceWorkerGlobalScope !== "undefined" && self instanceof ServiceWorkerGlobalScope) {
  const PATIENCE = 10_000;
  const VISIT = /^\/visites\/([0-9a-f-]{36})$/;
  const late = () => new Promise((_, fail) => { setTimeout(fail, PATIENCE, new Error("late")); });
  const escaped = (text) => text.replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign]);
  const hour = (at) => new Date(at).toLocaleString("fr-FR", { timeZone: "Europe/Paris", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" });

  // The server's page whenever it answers; else the one kept.
  async function page(event) {
    const { pathname } = new URL(event.request.url);
    const visit = VISIT.exec(pathname)?.[1];
    const at = Date.now();
    let answer;
    try {
      answer = await Promise.race([fetch(event.request), late()]);
    } catch {
      return kept(visit);
    }
    if (visit && answer.status >= 500 && await offline.isKept(visit)) return kept(visit);
    if (visit && answer.ok && await offline.isKept(visit)) event.waitUntil(offline.keepPage(visit, answer.clone(), at));
    return answer;
  }

  async function kept(visit) {
    const pages = await offline.pages();
    const found = pages.find((one) => one.visit === visit);
    if (!found) return nothing(pages);
    const html = found.html.replace("data-entry=", `data-kept="${found.at}" data-entry=`);
    return new Response(html, { headers: [...found.headers, ["cache-control", "no-store"]] });
  }

  async function nothing(pages) {
    const shelf = await caches.open(offline.SHELF);
    const style = (await shelf.keys()).find((request) => request.url.includes("/app.css"));
    const items = pages.map((one) => `<li><a href="/visites/${one.visit}">${one.title}</a> <span class="muted">gardée le ${escaped(hour(one.at))}</span></li>`);
    const list = items.length ? `<p>Vous pouvez ouvrir :</p><ul>${items.join("")}</ul>` : "<p>Aucune visite n’est préparée hors connexion sur cet appareil.</p>";
    const html = `<!doctype html><html lang="fr"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Hors connexion — Maillage</title>${style ? `<link rel="stylesheet" href="${escaped(style.url)}">` : ""}</head><body><main class="pad stack prose"><h1>Hors connexion</h1><p>Cette page demande le réseau.</p>${list}</main></body></html>`;
    const headers = { "content-type": "text/html; charset=utf-8", "content-security-policy": "default-src 'none'; style-src 'self'; font-src 'self'", "cache-control": "no-store" };
    return new Response(html, { status: 503, headers });
  }

  async function file(request) {
    const shelf = await caches.open(offline.SHELF);
    return await shelf.match(request, { ignoreVary: true }) ?? fetch(request);
  }

  // Names begun like what is typed, when the server cannot say better.
  async function suggestions(request) {
    try {
      return await Promise.race([fetch(request), late()]);
    } catch {
      const shelf = await caches.open(offline.SHELF);
      const words = await (await shelf.match(offline.WORDS, { ignoreVary: true }))?.json() ?? [];
      const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
      const typed = plain(new URL(request.url).searchParams.get("q") ?? "");
      const found = words.filter((word) => [word.label, ...word.words].some((one) => plain(one).split(/[^a-z0-9]+/).concat(plain(one)).some((part) => part.startsWith(typed))));
      return Response.json(found.slice(0, 12).map(({ value, label, hint }) => ({ value, label, hint, confidence: null, why: "" })));
    }
  }

  self.addEventListener("install", () => self.skipWaiting());
  self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
  self.addEventListener("fetch", (event) => {
    const { request } = event;
    const url = new URL(request.url);
    if (request.method !== "GET" || url.origin !== location.origin) return;
    if (request.mode === "navigate") event.respondWith(page(event));
    else if (url.pathname.startsWith("/static/")) event.respondWith(file(request));
    else if (url.pathname === "/nomenclature.json") event.respondWith(suggestions(request));
  });
}
