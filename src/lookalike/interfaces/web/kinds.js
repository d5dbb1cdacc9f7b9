// What kind of thing the photo shows: the most probable values as bars, each narrows the results.

import { categorise } from "./api.js";
import { byId, make } from "./dom.js";
import { mixFields } from "./mixing.js";

const SHOWN = 4;
const LEAST = 0.02; // what is less probable is left away

/** Ask about the photos of an answer, and draw the bars; `narrow` hears which value was chosen. */
export async function drawKinds(query, narrow) {
  let told;
  try {
    told = await categorise(query, { unlike: mixFields().unlike, most: SHOWN });
  } catch {
    hideKinds(); // a catalogue without a fitting column has nothing to say
    return;
  }
  const bars = told.guesses.filter((guess) => guess.probability >= LEAST).map((guess) => bar(told.column, guess, narrow));
  byId("kinds").replaceChildren(make("h2", {}, `${told.column.replaceAll("_", " ")}?`), ...bars);
  byId("kinds").hidden = false;
}

/** Show none. */
export function hideKinds() {
  byId("kinds").hidden = true;
  byId("kinds").replaceChildren();
}

function bar(column, { value, probability }, narrow) {
  const percent = `${Math.round(100 * probability)}%`;
  const fill = make("span", { class: "fill" });
  fill.style.width = percent;
  return make("button", {
    type: "button", class: "kind", "aria-label": `${value} ${percent}: only these`, onclick: () => narrow(column, value),
  }, make("span", { class: "kind-name" }, value), make("span", { class: "track" }, fill), make("span", { class: "figure" }, percent));
}
