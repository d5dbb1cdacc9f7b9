// What is asked besides photos: words, colours, and the looks of items (see mixing.js).

import { byId, make, settled } from "./dom.js";
import { clearMix, drawMix, mixFields } from "./mixing.js";
import { state } from "./state.js";

const QUIET_MS = 350; // a word is seldom typed faster than it can be searched
const MOST_TONES = 4;
const COLOURS = {
  black: "#1a1a1b", gray: "#8c8e90", white: "#f6f6f4", beige: "#d9c7a8", brown: "#6e4a32", red: "#c8202f", orange: "#ee7623",
  yellow: "#f2d22e", green: "#3c8a3f", teal: "#1f7a7d", blue: "#2a5caa", navy: "#1f2d50", purple: "#6f3f8f", pink: "#f0a0b8",
}; // as the server's own table has them

/** Whether words, colours or looks that are added say what is looked for. */
export const describes = () => Boolean(state.words || state.palette.length || state.plus.length);

/** The fields of a search. */
export function furtherFields() {
  const fields = mixFields();
  if (state.words) fields.words = state.words;
  if (state.palette.length) fields.palette = state.palette.join(", ");
  return fields;
}

/** Forget all of it. */
export function clearFurther() {
  Object.assign(state, { words: "", palette: [] });
  clearMix();
}

/** What was asked, as a heading says it. */
export function spoken() {
  const colours = state.palette.length ? `in ${state.palette.join(" and ")}` : "";
  const said = [state.words ? `“${state.words}”` : "", colours].filter(Boolean).join(" ");
  if (!said) return state.plus.length ? "Like what was added" : "Best matches";
  return said[0].toUpperCase() + said.slice(1);
}

/** Wire the text box and the colours; `changed` hears of each change. */
export function wireFurther(hasColour, changed) {
  const box = byId("words");
  const again = settled(QUIET_MS, () => take(box.value, changed));
  box.addEventListener("input", again);
  byId("words-form").addEventListener("submit", (event) => {
    event.preventDefault();
    take(box.value, changed);
  });
  byId("palette").hidden = !hasColour;
}

function take(text, changed) {
  const words = text.trim();
  if (words === state.words) return;
  state.words = words;
  changed();
}

/** Show what is asked. */
export function drawFurther(changed) {
  if (document.activeElement !== byId("words")) byId("words").value = state.words;
  byId("tones").replaceChildren(...Object.entries(COLOURS).map(([name, code]) => tone(name, code, changed)));
  drawMix(changed);
}

function tone(name, code, changed) {
  const chosen = state.palette.includes(name);
  const button = make("button", {
    type: "button", class: "tone", "aria-label": name, title: name, "aria-pressed": String(chosen),
    disabled: !chosen && state.palette.length >= MOST_TONES,
    onclick: () => {
      state.palette = chosen ? state.palette.filter((other) => other !== name) : [...state.palette, name];
      drawFurther(changed);
      [...byId("tones").children].find((other) => other.title === name).focus();
      changed();
    },
  });
  button.style.setProperty("--tone", code);
  return button;
}
