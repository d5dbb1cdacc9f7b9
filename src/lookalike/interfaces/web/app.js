// The page: what is asked goes to the server, what comes back is drawn.

import * as api from "./api.js";
import { drawDial, wireDial } from "./dial.js";
import { byId, make, withCode } from "./dom.js";
import { drawFilters } from "./filters.js";
import { clearFurther, describes, drawFurther, furtherFields, spoken, wireFurther } from "./further.js";
import { askForToken } from "./guarded.js";
import { hideItem, showItem, showPair } from "./item.js";
import { clearMix, drawMix, mix, mixButtons, mixed } from "./mixing.js";
import { clearParts, drawParts, partsFields } from "./parts.js";
import { clearPhotos, drawLiked, drawPhotos, wirePhotos } from "./photos.js";
import { drawResults, drawWaiting, nameOf } from "./results.js";
import { fromAddress, state, toAddress } from "./state.js";
import { drawKinds, hideKinds } from "./kinds.js";
import { headingOf, sureLine } from "./sure.js";
import { drawVaried, variedFields, wireVaried } from "./varied.js";
import { clearWhy, toggleWhy } from "./why.js";

const PAGE = 24;
const RETRY = new Set([0, 408, 429, 502, 503, 504]); // what may work a moment later; 0: no answer at all
const NARROW = matchMedia("(max-width: 860px)");
let asked = new AbortController();
let catalogue = { items: 0, views: 0, attributes: [], blocks: [] };
let browsed = 0;
let held = null; // the item that waits for another to be compared with

const plural = (count, word) => `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;
const filtered = () => Object.keys(state.where).length;

/** Ask again after any change: photos, item, filters, dial. */
async function ask() {
  asked.abort();
  asked = new AbortController();
  const { signal } = asked;
  byId("problem").hidden = true;
  placeWords();
  const slow = setTimeout(() => signal.aborted || looking(), 120); // a quick answer does not flicker
  try {
    if (!state.photos.length) hideKinds();
    if (state.photos.length) await askByPhoto(signal);
    else if (state.like) await askByItem(signal);
    else if (describes()) await askInWords(signal);
    else await browse(signal);
  } catch (error) {
    if (error.name !== "AbortError") tellProblem(error);
  } finally {
    clearTimeout(slow);
    if (!signal.aborted) byId("meter").hidden = true;
  }
}

/** Words beside a photo refine what it says: on a narrow screen they fold away with the rest, and results come into sight. */
function placeWords() {
  const form = byId("words-form");
  if (form.contains(document.activeElement)) return; // it would lose the focus
  const folded = NARROW.matches && (state.photos.length || state.like) && !state.words;
  const before = folded ? byId("refine").querySelector("summary") : byId("drop");
  if (before.nextElementSibling !== form) before.after(form);
}

function looking() {
  title("Looking…");
  byId("more").hidden = true;
  drawWaiting();
}

async function askByPhoto(signal) {
  const found = (await askAgain(signal)) ?? (await upload(signal));
  state.query = found.query;
  drawMatches(found, headingOf(found));
  drawKinds(found.query, narrow);
  drawParts(found, (crop) => {
    Object.assign(state, { parts: false, query: null });
    state.photos[0].crop = crop;
    drawPhotos(photosChanged);
    ask();
  });
}

/** The answer for photos that the server has seen a moment ago; null where it has not. */
async function askAgain(signal) {
  if (!state.query) return null;
  try {
    return await api.ask({ again: state.query, ...options() }, signal);
  } catch (error) {
    if (error.status !== 404) throw error;
    return null;
  }
}

function upload(signal) {
  showProgress(0);
  return api.search({
    photos: state.photos.map((photo) => photo.file),
    crops: state.photos.map((photo) => photo.crop),
    ...partsFields(), ...options(),
  }, { signal, onProgress: showProgress });
}

/** Whether anything is looked for. */
const searching = () => Boolean(state.photos.length || state.like || describes());

/** Everything that is asked besides photos and items. */
const options = () => ({ k: PAGE, colour: state.colour, where: state.where, ...variedFields(), ...furtherFields() });

async function askInWords(signal) {
  const found = await api.ask(options(), signal);
  if (!signal.aborted) drawMatches(found, spoken());
}

async function askByItem(signal) {
  const [liked, found] = await Promise.all([
    api.item(state.like),
    api.ask({ items: [state.like], exclude: [state.like], ...options() }, signal),
  ]);
  if (signal.aborted) return;
  drawLiked(liked, restart);
  drawMatches(found, `Like ${nameOf(liked)}`, liked);
}

function drawMatches(found, heading, liked = null) {
  clearWhy();
  clearParts();
  const seen = state.photos.length || liked; // words and colours have no place in a photo
  drawResults(found.matches, { open, like, dislike, why: seen ? (asked) => toggleWhy({ ...asked, liked }) : null });
  byId("more").hidden = true;
  if (!found.matches.length) {
    nothing();
    return;
  }
  title(heading, `${plural(found.matches.length, "item")} in ${Math.round(found.took_ms)} ms`);
  byId("found-sure").append(sureLine(found, catalogue.calibrated) ?? "");
}

async function browse(signal, { append = false } = {}) {
  const page = await api.items({ where: state.where, offset: append ? browsed : 0, limit: PAGE }, signal);
  browsed = (append ? browsed : 0) + page.items.length;
  drawResults(page.items, { open, like, append });
  byId("more").hidden = browsed >= page.total;
  if (page.total) title("The catalogue", plural(page.total, "item") + (filtered() ? ` of ${catalogue.items.toLocaleString("en")}` : ""));
  else nothing();
}

function nothing() {
  if (!filtered()) {
    title("Nothing here yet");
    byId("found-note").append(...withCode("The catalogue is empty. Fill it: `lookalike index PHOTOS --store STORE`"));
    return;
  }
  title("Nothing fits", "No item passes all the filters.");
  byId("found-note").append(" ", make("button", { type: "button", class: "quiet", onclick: clearFilters }, "Clear filters"));
}

function title(heading, note = "") {
  byId("found-title").textContent = heading;
  byId("found-note").textContent = note;
  byId("found-sure").replaceChildren();
  document.title = heading && heading !== "The catalogue" ? `${heading} · lookalike` : "lookalike";
}

function showProgress(share) {
  const meter = byId("meter");
  meter.hidden = false;
  meter.setAttribute("aria-valuenow", Math.round(100 * share));
  byId("meter-fill").style.width = `${100 * share}%`;
}

function tellProblem(error) {
  if (error.status === 401) {
    title("This catalogue is guarded");
    askForToken();
    return;
  }
  title("That did not work");
  byId("results").replaceChildren();
  byId("more").hidden = true;
  const again = RETRY.has(error.status) ? make("button", { type: "button", class: "retry", onclick: ask }, "Try again") : null;
  byId("problem").replaceChildren(make("strong", {}, error.message), " ", ...withCode(error.hint ?? ""), again ?? "");
  byId("problem").hidden = false;
}

/** Keep off what looks like an item. */
const dislike = (id) => take("unlike", id);

/** Add an item's look to what is looked for, take it away, or keep off what looks like it. */
function take(kind, id) {
  mix(kind, id);
  drawMix(furtherChanged);
  if (state.item) close();
  furtherChanged();
}

function furtherChanged() {
  if (!searching()) forgetMix();
  toAddress();
  ask();
}

/** What is kept off or taken away asks for nothing by itself. */
function forgetMix() {
  if (!mixed()) return;
  clearMix();
  drawMix(furtherChanged);
}

function like(id) {
  clearPhotos();
  clearFurther();
  drawFurther(furtherChanged);
  Object.assign(state, { like: id, item: null, beside: null });
  hideItem();
  toAddress({ push: true });
  scrollTo({ top: 0, behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  byId("found-title").focus({ preventScroll: true });
  ask();
}

function restart() {
  state.like = null;
  if (!describes()) forgetMix();
  toAddress({ push: true });
  drawPhotos(photosChanged);
  ask();
  byId("pick").focus();
}

function open(id) {
  Object.assign(state, held && held.id !== id ? { item: held.id, beside: id } : { item: id, beside: null });
  held = null;
  toAddress({ push: true });
  openItem();
}

async function openItem() {
  if (!state.item) {
    hideItem();
    return;
  }
  try {
    const shown = await api.item(state.item);
    if (state.beside) {
      const [beside, pair] = await Promise.all([api.item(state.beside), api.closest(state.item, state.beside)]);
      showPair(shown, beside, pair, { close });
    } else showItem(shown, { like, close, mixing: searching() ? mixButtons(shown.id, take) : [], open, compare: { label: "Compare with another…", act: () => hold(shown) } });
  } catch (error) {
    state.item = state.beside = null;
    toAddress();
    tellProblem(error);
  }
}

/** Keep an item in hand: the next one that is opened stands beside it. */
function hold(shown) {
  close();
  held = shown;
  byId("found-note").replaceChildren(
    `Open the item to compare with ${nameOf(shown)}. `,
    make("button", {
      type: "button", class: "quiet",
      onclick: () => {
        held = null;
        byId("found-note").textContent = "";
      },
    }, "Never mind"),
  );
}

function close() {
  state.item = state.beside = null;
  hideItem();
  toAddress({ push: true });
}

function photosChanged() {
  state.query = null;
  if (!searching()) forgetMix();
  toAddress();
  ask();
}

function filtersChanged() {
  byId("chosen").textContent = filtered() ? plural(filtered(), "filter") : "";
  toAddress();
  ask();
}

/** Only what has a value, or again whatever it has. */
function narrow(column, value) {
  const chosen = state.where[column];
  if (Array.isArray(chosen) && chosen.length === 1 && chosen[0] === value) delete state.where[column];
  else state.where[column] = [value];
  drawFilters(catalogue.attributes, filtersChanged);
  filtersChanged();
}

function clearFilters() {
  state.where = {};
  drawFilters(catalogue.attributes, filtersChanged);
  filtersChanged();
}

function dialChanged() {
  toAddress();
  if (searching()) ask();
}

/** Take up what the address says, at the start and after Back and Forward. */
function fromAddressOn() {
  fromAddress();
  if (state.like) clearPhotos();
  else drawPhotos(photosChanged);
  drawFilters(catalogue.attributes, filtersChanged);
  drawDial();
  drawVaried();
  drawFurther(furtherChanged);
  byId("chosen").textContent = filtered() ? plural(filtered(), "filter") : "";
  ask();
  openItem();
}

async function start() {
  byId("refine").open = !NARROW.matches;
  NARROW.addEventListener("change", () => {
    byId("refine").open = !NARROW.matches;
    placeWords();
  });
  wirePhotos(photosChanged);
  byId("more").addEventListener("click", () => browse(asked.signal, { append: true }).catch(tellProblem));
  addEventListener("popstate", fromAddressOn);
  try {
    catalogue = await api.stats();
  } catch (error) {
    tellProblem(error);
    return;
  }
  byId("stats").textContent = `${plural(catalogue.items, "item")}, ${plural(catalogue.views, "photo")}`;
  if (catalogue.map) Object.assign(byId("map"), { href: catalogue.map, hidden: false });
  wireVaried(dialChanged);
  wireDial(catalogue.blocks.includes("colour"), dialChanged);
  wireFurther(catalogue.blocks.includes("colour"), furtherChanged);
  fromAddressOn();
}

start();
