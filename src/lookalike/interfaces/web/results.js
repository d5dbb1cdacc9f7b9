// Items as cards: the best view large, the matched one marked, the others on hover.

import { thumbnail } from "./api.js";
import { byId, make } from "./dom.js";

const VIEWS_SHOWN = 5;
const MEANING = { same: "same item", similar: "similar", far: "far off" };

/** What an item is called: its title where it has one. */
export const nameOf = (item) => String(item.attributes.title ?? item.attributes.name ?? item.id);

/** A line of what is known of an item. */
export function factsOf(item) {
  const wanted = ["category", "colour", "color", "pattern", "material"];
  return wanted.map((name) => item.attributes[name]).filter((value) => value !== undefined && value !== "").join(" · ");
}

/** How a score reads: in words where the store is calibrated, else as a figure. */
export function scoreOf(match) {
  const figure = match.score.toFixed(2);
  return match.verdict ? `${MEANING[match.verdict]} · ${figure}` : figure;
}

/** Draw cards; `matches` may be plain items (browsing), which have no score. */
export function drawResults(matches, { open, like, append = false }) {
  const cards = matches.map((match, place) => card(match, place, { open, like }));
  const list = byId("results");
  if (append) list.append(...cards);
  else list.replaceChildren(...cards);
}

function card(match, place, { open, like }) {
  const id = match.item ?? match.id;
  const shown = match.views.find((view) => view.id === match.view) ?? match.views[0];
  const name = nameOf({ id, attributes: match.attributes });
  const eager = place < 8 ? "eager" : "lazy";
  const image = make("img", {
    src: thumbnail(shown.id, 480), alt: [name, shown.role].filter(Boolean).join(", "), loading: eager,
    onerror: () => image.classList.add("gone"),
  });
  const label = make("span", { class: "role" });
  const several = match.views.length > 1;
  const caption = (view) => {
    const words = several && (match.view || view !== shown) ? [view.id === match.view ? "matched" : null, view.role].filter(Boolean) : [];
    label.textContent = words.join(" · ");
    label.hidden = !words.length;
  };
  const show = (view) => {
    image.src = thumbnail(view.id, 480);
    caption(view);
  };
  caption(shown);
  const strip = match.views.slice(0, VIEWS_SHOWN).map((view) =>
    make("li", { class: view.id === match.view ? "matched" : null },
      make("img", {
        src: thumbnail(view.id, 96), alt: view.role ?? "", loading: "lazy",
        onmouseenter: () => show(view), onmouseleave: () => show(shown),
      })));
  const others = match.views.length - VIEWS_SHOWN;
  if (others > 0) strip.push(make("li", { class: "rest" }, `+${others}`));
  return make("li", { class: "card" },
    make("div", { class: "top" },
      make("button", { type: "button", class: "face", onclick: () => open(id), "aria-label": `Open ${name}` }, image, label),
      make("button", { type: "button", class: "like", "aria-label": `More like ${name}`, onclick: () => like(id) }, "More like this")),
    make("div", { class: "words" },
      make("h3", {}, name),
      make("p", { class: "facts" }, factsOf(match)),
      match.score === undefined ? null : make("p", { class: `score ${match.verdict ?? ""}` }, scoreOf(match))),
    several ? make("ul", { class: "strip", "aria-hidden": "true" }, strip) : null);
}

/** Grey places where cards will be. */
export function drawWaiting(count = 8) {
  byId("results").replaceChildren(...Array.from({ length: count }, () => make("li", { class: "card waiting", "aria-hidden": "true" })));
}
