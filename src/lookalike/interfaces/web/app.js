// The page: what is asked goes to the server, what comes back is drawn.

import * as api from "./api.js";
import { byId, make, settled } from "./dom.js";
import { drawFilters } from "./filters.js";
import { hideItem, showItem } from "./item.js";
import { clearPhotos, drawPhotos, wirePhotos } from "./photos.js";
import { drawResults, drawWaiting, nameOf } from "./results.js";
import { fromAddress, state, toAddress } from "./state.js";

const PAGE = 24;
let asked = new AbortController();
let catalogue = { items: 0, views: 0, attributes: [], blocks: [] };
let browsed = 0;

const plural = (count, word) => `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;

/** Ask again after any change: photos, item, filters, dial. */
async function ask() {
  asked.abort();
  asked = new AbortController();
  const { signal } = asked;
  byId("problem").hidden = true;
  try {
    if (state.photos.length) await askByPhoto(signal);
    else if (state.like) await askByItem(signal);
    else await browse(signal);
  } catch (error) {
    if (error.name !== "AbortError") tellProblem(error);
  } finally {
    if (!signal.aborted) byId("meter").hidden = true;
  }
}

async function askByPhoto(signal) {
  title("Looking…", "");
  drawWaiting();
  byId("meter").hidden = false;
  const onProgress = (share) => {
    byId("meter-fill").style.width = `${100 * share}%`;
  };
  const found = await api.search({
    photos: state.photos.map((photo) => photo.file),
    crops: state.photos.map((photo) => photo.crop),
    k: PAGE, colour: state.colour, where: state.where,
  }, { signal, onProgress });
  drawMatches(found, "Best matches");
}

async function askByItem(signal) {
  title("Looking…", "");
  drawWaiting();
  const [like, found] = await Promise.all([
    api.item(state.like),
    api.similar(state.like, { k: PAGE, colour: state.colour, where: state.where }, signal),
  ]);
  drawMatches(found, `Like ${nameOf(like)}`);
}

function drawMatches(found, heading) {
  drawResults(found.matches, { open, like });
  byId("more").hidden = true;
  if (!found.matches.length) {
    title("Nothing fits", "No item passes the filters. Take one away, or try another photo.");
    return;
  }
  const doubt = found.probably_absent ? "Probably not in the catalogue; these come closest. " : "";
  title(heading, `${doubt}${plural(found.matches.length, "item")} in ${Math.round(found.took_ms)} ms`);
}

async function browse(signal, { append = false } = {}) {
  if (!append) {
    browsed = 0;
    drawWaiting();
  }
  const page = await api.items({ where: state.where, offset: browsed, limit: PAGE }, signal);
  browsed += page.items.length;
  drawResults(page.items, { open, like, append });
  byId("more").hidden = browsed >= page.total;
  if (!page.total) title("Nothing here", Object.keys(state.where).length ? "No item passes the filters." : "The catalogue is empty: index some photos first.");
  else title("The catalogue", plural(page.total, "item"));
}

function title(heading, note) {
  byId("found-title").textContent = heading;
  byId("found-note").textContent = note;
}

function tellProblem(error) {
  title("", "");
  byId("results").replaceChildren();
  byId("more").hidden = true;
  byId("problem").replaceChildren(make("strong", {}, error.message), " ", error.hint ?? "");
  byId("problem").hidden = false;
}

function like(id) {
  clearPhotos();
  drawPhotos(ask);
  Object.assign(state, { like: id, item: null, beside: null });
  hideItem();
  toAddress({ push: true });
  scrollTo({ top: 0, behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  byId("found-title").focus({ preventScroll: true });
  ask();
}

let held = null; // the item that waits for another to be compared with

function open(id) {
  state.item = id;
  state.beside = null;
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
    const beside = state.beside ? await api.item(state.beside) : null;
    if (beside) await markClosest(shown, beside);
    showItem(shown, beside, { like, close, compare: comparison(shown) });
  } catch (error) {
    state.item = state.beside = null;
    toAddress();
    tellProblem(error);
  }
}

function comparison(shown) {
  if (held && held.id !== shown.id) {
    const other = held;
    return {
      label: `Compare with ${nameOf(other)}`,
      act: () => {
        held = null;
        state.beside = other.id;
        toAddress({ push: true });
        openItem();
      },
    };
  }
  return {
    label: "Compare with another…",
    act: () => {
      held = shown;
      close();
      byId("found-note").textContent = `Open the item to compare with ${nameOf(shown)}.`;
    },
  };
}

/** Of two items, the two views that are closest to each other. */
async function markClosest(one, other) {
  const pair = await api.closest(one.id, other.id);
  one.closest = pair.view;
  other.closest = pair.beside_view;
}

function close() {
  state.item = state.beside = null;
  hideItem();
  toAddress({ push: true });
}

function wireDial() {
  const dial = byId("colour");
  byId("dial").hidden = !catalogue.blocks.includes("colour");
  const again = settled(120, () => {
    toAddress();
    if (state.photos.length || state.like) ask();
  });
  const draw = () => {
    dial.value = Math.round(100 * (state.colour ?? 0.5));
    byId("colour-reset").hidden = state.colour === null;
    dial.setAttribute("aria-valuetext", state.colour === null ? "balanced" : `${dial.value}% colour`);
  };
  dial.addEventListener("input", () => {
    state.colour = dial.value / 100;
    draw();
    again();
  });
  byId("colour-reset").addEventListener("click", () => {
    state.colour = null;
    draw();
    again();
  });
  draw();
}

function filtersChanged() {
  toAddress();
  ask();
}

async function start() {
  fromAddress();
  wirePhotos(ask);
  byId("more").addEventListener("click", () => browse(asked.signal, { append: true }).catch(tellProblem));
  addEventListener("popstate", () => {
    fromAddress();
    drawFilters(catalogue.attributes, filtersChanged);
    ask();
    openItem();
  });
  try {
    catalogue = await api.stats();
    byId("stats").replaceChildren(
      `${plural(catalogue.items, "item")}, ${plural(catalogue.views, "photo")}`,
      catalogue.map ? make("a", { href: catalogue.map }, "Map") : "",
    );
    drawFilters(catalogue.attributes, filtersChanged);
    wireDial();
  } catch (error) {
    if (error.status === 401) askForToken(error);
    else tellProblem(error);
    return;
  }
  ask();
  openItem();
}

/** A guarded server: its token is handed over once, and kept where scripts cannot read it. */
function askForToken(error) {
  tellProblem(new api.Problem("This catalogue is guarded.", "Enter the token that its owner gave you."));
  const field = make("input", { type: "password", autocomplete: "current-password", "aria-label": "Token", required: true });
  const form = make("form", {
    class: "token",
    onsubmit: async (event) => {
      event.preventDefault();
      try {
        await api.openSession(field.value);
        location.reload();
      } catch (refused) {
        askForToken(refused);
      }
    },
  }, field, make("button", { class: "primary" }, "Enter"));
  byId("problem").append(form);
  if (error.status === 401 && error.message.startsWith("That")) form.prepend(make("span", {}, error.message));
  field.focus();
}

start();
