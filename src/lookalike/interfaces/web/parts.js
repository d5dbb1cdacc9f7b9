// Parts of the photo: tried beside the whole when asked, drawn on it, and one click to search one of them alone.

import { byId, make } from "./dom.js";
import { state } from "./state.js";

const TRIED = 4; // parts beside the whole photo

/** What the search sends about parts. */
export const partsFields = () => (state.parts && state.photos.length === 1 ? { parts: TRIED } : {});

/** The button that tries parts; null where it makes no sense. */
export function partsButton(photo, changed) {
  if (state.photos.length !== 1 || photo.crop) return null;
  const button = make("button", {
    type: "button", class: "quiet", "aria-pressed": String(state.parts), title: "For cluttered photos",
    onclick: () => {
      state.parts = !state.parts;
      button.setAttribute("aria-pressed", String(state.parts));
      changed();
    },
  }, "Try parts of it");
  return button;
}

/** Draw the parts that were tried, the best match's marked; `choose` hears the one to search alone. */
export function drawParts(found, choose) {
  clearParts();
  state.crops = found.crops ?? [];
  const figure = byId("photos").firstElementChild;
  const stage = figure?.querySelector(".stage");
  if (!stage || state.photos.length !== 1 || state.crops.length < 2) return;
  const won = found.matches[0]?.query_photo ?? 0;
  const boxes = state.crops.map((crop, number) => (crop ? box(crop, number, number === won) : null));
  stage.append(...boxes.filter(Boolean));
  figure.append(make("div", { class: "parts", role: "group", "aria-label": "What won, and what else was tried" },
    state.crops.map((crop, number) => make("button", {
      type: "button", class: "chip", "aria-pressed": String(number === won),
      "aria-label": crop ? `Search part ${number} alone` : "Search the whole photo alone",
      onmouseenter: () => boxes[number]?.classList.add("shown"), onmouseleave: () => boxes[number]?.classList.remove("shown"),
      onclick: () => choose(crop),
    }, crop ? String(number) : "Whole"))));
}

/** Take the drawn parts away. */
export function clearParts() {
  state.crops = [];
  for (const drawn of document.querySelectorAll(".part, .parts")) drawn.remove();
}

function box([left, top, right, bottom], number, won) {
  const drawn = make("div", { class: `part${won ? " won" : ""}`, "aria-hidden": "true" }, make("span", {}, String(number)));
  Object.assign(drawn.style, { left: `${100 * left}%`, top: `${100 * top}%`, width: `${100 * (right - left)}%`, height: `${100 * (bottom - top)}%` });
  return drawn;
}
