// How sure the answer is, in words, and the photo that would help.

import { make } from "./dom.js";
import { mixed } from "./mixing.js";
import { state } from "./state.js";

const SIDES = {
  angle: "from an angle", side: "from the side", detail: "of a detail", flat: "of it lying flat", worn: "of it worn", room: "of it in a room",
}; // as the command line says it (retrieval/confidence/advice.py)
const percent = (share) => `${Math.round(100 * share)}%`;

/** What stands above the matches. */
export function headingOf(found) {
  const sure = found.confidence;
  if (!sure) return found.matches[0]?.verdict === "far" ? "Nothing close" : "Best matches";
  if (sure.verdict === "absent") return "Probably not in the catalogue";
  return "Best matches";
}

/** A line that says it all, and one of advice where a further photo would help; or why nothing can be said. */
export function sureLine(found, calibrated) {
  const sure = found.confidence;
  if (!sure) return found.matches[0]?.verdict ? null : make("span", { class: "unsure" }, onlyRank(calibrated));
  const told = {
    same: `The first is the same item: ${percent(sure.same)}`,
    similar: `Not sure: the first ${percent(sure.same)}, another ${percent(sure.other)}, not here ${percent(sure.absent)}`,
    absent: `Not here: ${percent(sure.absent)}. These come closest`,
  }[sure.verdict];
  const advice = found.advice ? make("span", { class: "advice" }, `A photo ${SIDES[found.advice.role] ?? `of the ${found.advice.role}`} would help.`) : null;
  return make("span", { class: "sure" }, bar(sure), `${told}. `, advice);
}

/** Why scores have no words beside them. */
function onlyRank(calibrated) {
  if (!calibrated) return "Scores only rank here: too few items have several photos to learn what they mean.";
  const also = [
    [state.parts, "parts"], [state.palette.length, "colours"], [state.words, "words"], [mixed() || state.photos.some((photo) => photo.unlike), "other looks"],
  ].flatMap(([asked, name]) => (asked ? [name] : []));
  return also.length
    ? `With ${also.join(" and ")}, scores only rank: how sure they are is known for photos alone.`
    : "Scores only rank here.";
}

/** The three probabilities as one bar: same, another, not here. */
function bar(sure) {
  const parts = ["same", "other", "absent"].map((name) => {
    const share = make("span", { class: `share ${name}` });
    share.style.width = percent(sure[name]);
    return share;
  });
  return make("span", { class: "surebar", "aria-hidden": "true" }, parts);
}
