// Arithmetic with looks: an item's is added to what is looked for, taken from it, or kept off.

import { item, thumbnail } from "./api.js";
import { byId, make } from "./dom.js";
import { nameOf } from "./results.js";
import { state } from "./state.js";

const MOST = 16; // of each kind, as the server takes them
const KINDS = {
  plus: { sign: "+", word: "Plus", away: (name) => `Leave out the look of ${name}` },
  minus: { sign: "−", word: "Minus", away: (name) => `No longer take away the look of ${name}` },
  unlike: { sign: "", word: "Not like", away: (name) => `Allow what looks like ${name} again` },
};

/** The fields of a search. */
export function mixFields() {
  const fields = {};
  for (const [field, ids] of [["plus", state.plus], ["minus", state.minus], ["unlike_items", state.unlike]]) {
    if (ids.length) fields[field] = ids;
  }
  const kept = state.photos.flatMap((photo, place) => (photo.unlike ? [place] : []));
  if (kept.length) fields.unlike = kept;
  return fields;
}

/** Whether it says anything about how results should look. */
export const mixed = () => Boolean(state.plus.length + state.minus.length + state.unlike.length);

/** Forget all of it. */
export const clearMix = () => Object.assign(state, { plus: [], minus: [], unlike: [] });

/** Take an item up; an item is in one of the three at most. */
export function mix(kind, id) {
  for (const other of Object.keys(KINDS)) state[other] = state[other].filter((known) => known !== id);
  state[kind] = [...state[kind], id].slice(-MOST);
}

/** The two buttons of an item's page. */
export function mixButtons(id, act) {
  return [["plus", "Add its look"], ["minus", "Take its look away"]].map(([kind, label]) =>
    make("button", { type: "button", class: "mix", onclick: () => act(kind, id) }, make("span", { "aria-hidden": "true" }, `${KINDS[kind].sign} `), label));
}

/** Show what is added, taken away and kept off, each with its way out. */
export async function drawMix(changed) {
  const list = byId("mix");
  list.hidden = !mixed();
  const asked = Object.keys(KINDS).flatMap((kind) => state[kind].map((id) => [kind, id]));
  const known = await Promise.allSettled(asked.map(([, id]) => item(id)));
  const now = Object.keys(KINDS).flatMap((kind) => state[kind].map((id) => [kind, id]));
  if (asked.join("\n") !== now.join("\n")) return; // another change was drawn meanwhile
  list.replaceChildren(...asked.map(([kind, id], place) => chip(kind, id, known[place].value, changed)));
}

function chip(kind, id, shown, changed) {
  const name = shown ? nameOf(shown) : id;
  return make("li", { class: kind },
    shown ? make("img", { src: thumbnail(shown.views[0].id, 96), alt: "" }) : null,
    make("span", {}, `${KINDS[kind].word} ${name}`),
    make("button", {
      type: "button", class: "quiet", "aria-label": KINDS[kind].away(name),
      onclick: () => {
        state[kind] = state[kind].filter((other) => other !== id);
        drawMix(changed);
        changed();
      },
    }, "×"));
}
