// How sure the answer is, in words, and the photo that would help.

import { make } from "./dom.js";

const percent = (share) => `${Math.round(100 * share)}%`;

/** What stands above the matches. */
export function headingOf(found) {
  const sure = found.confidence;
  if (!sure) return found.matches[0]?.verdict === "far" ? "Nothing close" : "Best matches";
  if (sure.verdict === "absent") return "Probably not in the catalogue";
  return "Best matches";
}

/** A line that says it all, and one of advice where a further photo would help; null where nothing can be said. */
export function sureLine(found) {
  const sure = found.confidence;
  if (!sure) return null;
  const told = {
    same: `The first is the same item: ${percent(sure.same)}`,
    similar: `Not sure: the first ${percent(sure.same)}, another ${percent(sure.other)}, not here ${percent(sure.absent)}`,
    absent: `Not here: ${percent(sure.absent)}. These come closest`,
  }[sure.verdict];
  const advice = found.advice ? make("span", { class: "advice" }, `A photo of the ${found.advice.role} would help.`) : null;
  return make("span", { class: "sure" }, bar(sure), `${told}. `, advice);
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
