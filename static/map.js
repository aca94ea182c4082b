// Live maps: every .leafmap[data-map] of the page. Needs Leaflet and its clusters, loaded before.
"use strict";

const CALM = matchMedia("(prefers-reduced-motion: reduce)").matches;
const CREDIT = "Contours © IGN – Admin Express, INSEE";

function element(tag, className, text) {
  const node = document.createElement(tag);
  node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function pinIcon(family, ring) {
  const pin = element("span", `pin ${family ?? ""} ${ring ? "b" : ""}`);
  return L.divIcon({ className: "pinbox", html: pin, iconSize: [24, 24], iconAnchor: [12, 12], popupAnchor: [0, -8] });
}

function clusterIcon(cluster) {
  const count = cluster.getChildCount();
  const size = count < 10 ? 28 : count < 50 ? 34 : 40;
  const blob = element("span", "blob", String(count));
  blob.append(element("span", "vh", " établissements, agrandir"));
  blob.style.height = `${size}px`;
  return L.divIcon({ className: "", html: blob, iconSize: [size, size] });
}

function popup(point) {
  const box = element("div", "");
  box.append(point.href ? Object.assign(element("a", "", point.label), { href: point.href }) : element("b", "", point.label));
  if (point.hint) box.append(element("p", "", point.hint));
  return box;
}

function pointMarker(point, ring) {
  const marker = L.marker([point.lat, point.lon], { icon: pinIcon(point.family, ring), title: point.label });
  marker.on("add", () => marker.getElement().setAttribute("aria-label", point.label));
  return marker.bindPopup(() => popup(point));
}

async function json(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.json();
}

// Colours come from the style sheet, so that a change of theme needs no script.
function landClass(inside, tiled) {
  return (feature) => {
    const { epci, siren, code, insee } = feature.properties;
    const own = !inside || [epci, siren, code, insee].includes(inside);
    return { className: `land${own ? "" : " far"}${tiled ? " tiled" : ""}`, weight: 1 };
  };
}

// One or several GeoJSON files, separated by spaces; the land behind everything else.
async function contours(map, box, tiled) {
  const layers = [];
  for (const url of (box.dataset.contours ?? "").split(" ").filter(Boolean)) {
    const layer = L.geoJSON(await json(url), { style: landClass(box.dataset.inside, tiled), attribution: CREDIT, onEachFeature: (feature, path) => path.bindTooltip(element("span", "", feature.properties.nom), { sticky: true }) });
    layer.addTo(map).bringToBack();
    layers.push(layer);
  }
  return layers;
}

function say(box, text) {
  box.querySelector(".mapmsg")?.remove();
  box.append(element("p", "mapmsg", text));
}

// Tiles when a server is set; if none arrives, the contours stay alone.
function tiles(map, box, drawContours) {
  const layer = L.tileLayer(box.dataset.tiles, { attribution: box.dataset.tilesCredit ?? "", maxZoom: 19 });
  let arrived = false, failed = 0;
  layer.on("tileload", () => { arrived = true; });
  layer.on("tileerror", () => {
    failed += 1;
    if (arrived || failed !== 3) return;
    layer.remove();
    say(box, "Fond de carte indisponible\u00a0: seuls les contours sont affichés.");
    drawContours(false);
  });
  layer.addTo(map);
}

async function points(map, box) {
  const source = box.dataset.points;
  if (!source) return [];
  const list = source.startsWith("[") ? JSON.parse(source) : await json(source);
  const plain = "link" in box.dataset;
  const group = plain ? L.layerGroup() : L.markerClusterGroup({ iconCreateFunction: clusterIcon, animate: !CALM, showCoverageOnHover: false, maxClusterRadius: 60 });
  list.forEach((point, rank) => group.addLayer(pointMarker(point, plain && rank === 1)));
  group.addTo(map);
  if (plain && list.length === 2) L.polyline(list.map((p) => [p.lat, p.lon]), { className: "tie", interactive: false }).addTo(map);
  if (!list.length && !("pick" in box.dataset)) say(box, "Aucun établissement à placer sur la carte.");
  return list;
}

// The break-even distance around the first point.
function circle(map, box, list) {
  const km = Number(box.dataset.circleKm);
  if (!km || !list.length) return null;
  return L.circle([list[0].lat, list[0].lon], { radius: km * 1000, className: "reach", interactive: false }).addTo(map);
}

// Picking: a click, a drag, or the button (for the keyboard: arrows move the map, the cross is its centre).
function pick(map, box) {
  const scope = box.closest("form") ?? document;
  const [lat, lon] = [box.dataset.latInput, box.dataset.lonInput].map((name) => scope.querySelector(`[name="${name}"]`));
  if (!lat || !lon) return null;
  const read = () => {
    const pair = [lat, lon].map((input) => Number.parseFloat(input.value.replace(",", ".")));
    return pair.every(Number.isFinite) ? L.latLng(pair) : null;
  };
  let marker = null;
  const place = (at) => {
    if (marker) { marker.setLatLng(at); return; }
    marker = L.marker(at, { icon: pinIcon("", true), draggable: true, keyboard: false });
    marker.on("dragend", () => write(marker.getLatLng()));
    const pin = marker.addTo(map).getElement();
    pin.role = "img";
    pin.ariaLabel = "Position de l’établissement";
  };
  const write = (at) => {
    place(at);
    lat.value = at.lat.toFixed(5);
    lon.value = at.lng.toFixed(5);
    for (const input of [lat, lon]) input.dispatchEvent(new Event("change", { bubbles: true }));
  };
  map.on("click", (event) => write(event.latlng));
  for (const input of [lat, lon]) input.addEventListener("input", () => { const at = read(); if (at) { place(at); map.panTo(at, { animate: !CALM }); } });
  const cross = element("span", "cross");
  const button = element("button", "btn mapbtn", "Placer ici, au centre");
  button.type = "button";
  button.addEventListener("click", () => write(map.getCenter()));
  box.append(cross);
  box.after(button);
  const at = read();
  if (at) place(at);
  return at;
}

// data-zoom: how close one point is shown; data-centre: where to begin without any.
function frameView(map, box, layers, list, ring, picked) {
  const land = layers[0]?.getBounds();
  const around = ring ? ring.getBounds() : list.length ? L.latLngBounds(list.map((p) => [p.lat, p.lon])) : land;
  const close = Number(box.dataset.zoom) || 14;
  const centre = box.dataset.centre?.split(" ").map(Number);
  if (picked) map.setView(picked, close);
  else if (centre && !list.length) map.setView(centre, 10);
  else if (around?.isValid()) map.fitBounds(around, { padding: [24, 24], maxZoom: close, animate: false });
  else map.setView([47.79, 1.07], 9);
}

async function start(box) {
  const motion = !CALM;
  const map = L.map(box, { zoomControl: false, attributionControl: false, scrollWheelZoom: false, zoomAnimation: motion, fadeAnimation: motion, markerZoomAnimation: motion, inertia: motion, zoomSnap: .5, minZoom: 5, maxZoom: 18 });
  L.control.zoom({ zoomInTitle: "Agrandir", zoomOutTitle: "Réduire" }).addTo(map);
  L.control.attribution({ prefix: "Leaflet" }).addTo(map);
  map.on("focus", () => map.scrollWheelZoom.enable());
  map.on("blur", () => map.scrollWheelZoom.disable());
  map.on("popupopen", (event) => event.popup.getElement().querySelector(".leaflet-popup-close-button")?.setAttribute("aria-label", "Fermer"));
  map.setView([47.79, 1.07], 9);
  const picked = "pick" in box.dataset ? pick(map, box) : null;
  let layers = [];
  try {
    const drawContours = (tiled) => contours(map, box, tiled);
    if (box.dataset.tiles) tiles(map, box, drawContours);
    else layers = await drawContours(false);
    const list = await points(map, box);
    frameView(map, box, layers, list, circle(map, box, list), picked);
  } catch (error) {
    console.error(error);
    say(box, "La carte n’a pas pu être chargée. La liste donne les mêmes informations.");
  }
}

document.querySelectorAll(".leafmap[data-map]").forEach(start);
