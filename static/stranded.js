// What was typed without a network in a visit that somebody cancelled meanwhile: it can no longer be
// recorded, so it is shown to be copied, until this person erases it.
"use strict";

(async () => {
  const place = document.querySelector("[data-stranded]");
  if (!place || typeof offline === "undefined" || !globalThis.indexedDB) return;
  const { visit, person } = place.dataset;
  await offline.claim(person);
  const { cells } = await offline.outbox(visit, person).recall();
  if (!cells.length) return;

  const titles = JSON.parse(place.dataset.titles);
  const rows = new Map();
  for (const cell of cells.sort((a, b) => a.seq - b.seq)) {
    const said = `${titles[cell.field] ?? cell.field}\u00a0: ${cell.value || "vide"}`;
    rows.set(cell.row, [...(rows.get(cell.row) ?? []), said]);
  }
  const text = [...rows.values()].map((row) => row.join("\n")).join("\n\n");
  const area = place.querySelector("textarea");
  area.value = text;
  place.querySelector("[data-said]").textContent = cells.length === 1
    ? "Cette visite est annulée\u00a0: une saisie n’a pas pu être enregistrée. Copiez-la avant de l’effacer."
    : `Cette visite est annulée\u00a0: ${cells.length} saisies n’ont pas pu être enregistrées. Copiez-les avant de les effacer.`;
  place.hidden = false;

  place.querySelector("[data-copy]").addEventListener("click", async ({ currentTarget: button }) => {
    area.select();
    // Where the clipboard is refused, the text is selected: one chord copies it.
    try { await navigator.clipboard.writeText(text); button.lastChild.textContent = "Copié"; } catch { area.focus(); }
  });
  place.querySelector("[data-forget]").addEventListener("click", async () => {
    await offline.abandon(visit);
    place.remove();
  });
})().catch(() => {});
