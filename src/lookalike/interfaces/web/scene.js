// Where an item is in a big photo: the photo is chosen in the item's dialog, and marked there.

import { find } from "./api.js";
import { make } from "./dom.js";

const MARKS = 3;

/** A button that takes a photo and shows it under `place` with the item's likeliest places. */
export function sceneFinder(item, place) {
  const input = make("input", { type: "file", accept: "image/*", hidden: true, onchange: () => input.files[0] && look(item, input.files[0], place) });
  return [make("button", { type: "button", onclick: () => input.click() }, "Find it in a photo…"), input];
}

async function look(item, file, place) {
  const url = URL.createObjectURL(file);
  const frame = make("div", { class: "stage scene" }, make("img", { src: url, alt: "Your photo", onload: () => URL.revokeObjectURL(url) }));
  const note = make("p", { class: "facts", role: "status" }, "Looking through it…");
  place.replaceChildren(frame, note);
  place.scrollIntoView({ block: "nearest" });
  try {
    const told = await find({ photo: file, items: [item.id], most: MARKS });
    frame.append(...told.marks.map(mark));
    note.textContent = told.marks.length ? "The likeliest place is marked boldly." : "Nothing was found.";
  } catch (error) {
    note.textContent = `${error.message} ${error.hint ?? ""}`;
  }
}

function mark({ box: [left, top, right, bottom], score }, number) {
  const drawn = make("div", { class: `part${number === 0 ? " won" : ""}` }, make("span", {}, score.toFixed(2)));
  Object.assign(drawn.style, { left: `${100 * left}%`, top: `${100 * top}%`, width: `${100 * (right - left)}%`, height: `${100 * (bottom - top)}%` });
  return drawn;
}
