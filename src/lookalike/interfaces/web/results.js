// Items as cards: the best view large, the matched one marked, the others on hover.

import { thumbnail } from "./api.js";
import { byId, make } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg"; // a name, nothing is fetched
const VIEWS_SHOWN = 5;
const MEANING = { same: "same item", similar: "similar", far: "far off" };

/** What an item is called: its title where it has one. */
export const nameOf = (item) => String(item.attributes.title ?? item.attributes.name ?? item.id);

/** A line of what is known of an item. */
export function factsOf(item) {
  const wanted = ["category", "colour", "color", "pattern", "material"];
  return wanted.map((name) => item.attributes[name]).filter((value) => value !== undefined && value !== "").join(" · ");
}

/** How a score reads: in words where the store is calibrated, the figure beside them. */
export function scoreLine({ score, verdict }, tag = "p") {
  const figure = make("span", { class: "figure" }, score.toFixed(2));
  if (!verdict) return make(tag, { class: "score" }, figure);
  return make(tag, { class: `score ${verdict}` }, MEANING[verdict], " ", figure);
}

/** What a score is made of, where that is known: form, colour, words. */
function madeOf({ terms }) {
  const gains = Object.entries(terms ?? {}).filter(([name, term]) => name !== "unlike" && term > 0);
  const whole = gains.reduce((sum, [, part]) => sum + part, 0);
  if (gains.length < 2) return null;
  const told = gains.map(([name, part]) => `${name === "shape" ? "form" : name} ${Math.round((100 * part) / whole)}%`);
  return make("p", { class: "made-of" }, told.join(" · "));
}

/** Draw cards; `matches` may be plain items (browsing), which have no score. */
export function drawResults(matches, { append = false, ...acts }) {
  const cards = matches.map((match, place) => card(match, place, acts));
  const far = matches.findIndex((match) => match.verdict === "far");
  const parted = matches.slice(far).every((match) => match.verdict === "far"); // varied results mix them
  if (far > 0 && parted) cards.splice(far, 0, make("li", { class: "rule" }, "Further off"));
  const list = byId("results");
  if (append) list.append(...cards);
  else list.replaceChildren(...cards);
}

function card(match, place, { open, like, why, dislike }) {
  const id = match.item ?? match.id;
  const shown = match.views.find((view) => view.id === match.view) ?? match.views[0];
  const name = nameOf({ id, attributes: match.attributes });
  const image = make("img", {
    src: thumbnail(shown.id, 480), alt: [name, shown.role].filter(Boolean).join(", "), loading: place < 8 ? "eager" : "lazy",
    onerror: () => image.classList.add("gone"), onload: () => image.classList.remove("gone"),
  });
  const label = make("span", { class: "role" });
  const face = make("button", { type: "button", class: "face", onclick: () => open(id) }, image, label);
  const show = (view) => {
    if (view !== shown || image.dataset.other) image.src = thumbnail(view.id, 480);
    image.dataset.other = view === shown ? "" : "yes";
    caption(label, match, view);
    face.setAttribute("aria-label", [`Open ${name}`, label.textContent].filter(Boolean).join(", "));
  };
  show(shown);
  const explain = make("button", {
    type: "button", class: "why", "aria-pressed": "false", "aria-label": `Why ${name}?`,
    onclick: () => {
      show(shown); // the heat is of the view that met
      why({ match, face, button: explain });
    },
  }, "Why?");
  return make("li", { class: "card" },
    make("div", { class: "top" }, face,
      make("button", { type: "button", class: "like", "aria-label": `More like this: ${name}`, onclick: () => like(id) }, mark(), make("span", {}, "More like this")),
      dislike ? make("button", { type: "button", class: "dislike", "aria-label": `Not like this: ${name}`, onclick: () => dislike(id) }, make("span", {}, "Not like this")) : null,
      why && match.score !== undefined ? explain : null),
    make("div", { class: "words" },
      make("h3", {}, name),
      make("p", { class: "facts" }, factsOf(match)),
      match.score === undefined ? null : scoreLine(match),
      madeOf(match)),
    match.views.length > 1 ? strip(match, shown, show) : null);
}

/** The two circles of the brand: one thing and its like. */
function mark() {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("viewBox", "0 0 32 32");
  drawing.setAttribute("aria-hidden", "true");
  for (const x of [12, 20]) {
    const circle = document.createElementNS(SVG, "circle");
    for (const [name, value] of [["cx", x], ["cy", 16], ["r", 9]]) circle.setAttribute(name, value);
    drawing.append(circle);
  }
  return drawing;
}

/** Which view is seen: the one that met the query is said so. */
function caption(label, match, view) {
  const met = match.view !== undefined && view.id === match.view && match.views.length > 1;
  const role = match.view === undefined ? null : view.role;
  label.replaceChildren(...(met ? [make("span", { class: "met" }, role ? "matched · " : "matched")] : []), role ?? "");
  label.classList.toggle("named", Boolean(role));
  label.hidden = !label.textContent;
}

/** The other views, small; each is shown large while the pointer is on it. */
function strip(match, shown, show) {
  const small = match.views.slice(0, VIEWS_SHOWN).map((view) =>
    make("li", { class: view.id === match.view ? "matched" : null, onmouseenter: () => show(view), onmouseleave: () => show(shown) },
      make("img", { src: thumbnail(view.id, 96), alt: "", loading: "lazy" })));
  const others = match.views.length - VIEWS_SHOWN;
  if (others > 0) small.push(make("li", { class: "rest" }, `+${others}`));
  return make("ul", { class: "strip", "aria-hidden": "true" }, small);
}

/** Grey places where cards will be. */
export function drawWaiting(count = 8) {
  byId("results").replaceChildren(...Array.from({ length: count }, () => make("li", { class: "card waiting", "aria-hidden": "true" })));
}
