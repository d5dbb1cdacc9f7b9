// Filters from the catalogue's own attributes, with how many items each value has.

import { byId, make, settled } from "./dom.js";
import { state } from "./state.js";

const SHOWN = 12; // values of an attribute before "more"

/** Draw the filters; `changed` is called after each change. */
export function drawFilters(attributes, changed) {
  const usable = attributes.filter((attribute) => attribute.values.length > 1 || attribute.low < attribute.high);
  const groups = usable.map((attribute) => (attribute.values.length ? group(attribute, changed) : range(attribute, changed)));
  const none = make("button", {
    type: "button", class: "quiet clear", hidden: !Object.keys(state.where).length,
    onclick: () => {
      state.where = {};
      drawFilters(attributes, changed);
      changed();
    },
  }, "Clear filters");
  byId("filters").replaceChildren(...groups, none);
}

function showClear() {
  const clear = byId("filters").querySelector(".clear");
  if (clear) clear.hidden = !Object.keys(state.where).length;
}

/** Two fields for the ends of a range of numbers; an empty one is open. */
function range(attribute, changed) {
  const { name, low, high } = attribute;
  const now = () => state.where[name] ?? {};
  const again = settled(300, changed);
  const field = (end, word, hint) => make("input", {
    type: "number", step: "any", inputmode: "decimal", placeholder: String(hint), value: now()[end] === undefined ? "" : String(now()[end]),
    "aria-label": `${name.replaceAll("_", " ")} ${word}`,
    oninput: (event) => {
      const next = { ...now() };
      if (event.target.value === "" || Number.isNaN(event.target.valueAsNumber)) delete next[end];
      else next[end] = event.target.valueAsNumber;
      if (Object.keys(next).length) state.where[name] = next;
      else delete state.where[name];
      showClear();
      again();
    },
  });
  const fields = make("div", { class: "range" }, field("low", "from", low), make("span", { "aria-hidden": "true" }, "–"), field("high", "to", high));
  return make("details", { class: "filter", open: name in state.where }, make("summary", {}, name.replaceAll("_", " ")), fields);
}

function group(attribute, changed) {
  const chosen = () => state.where[attribute.name] ?? [];
  const list = make("div", { class: "chips" });
  const draw = (all) => {
    const values = all ? attribute.values : attribute.values.slice(0, SHOWN);
    const chips = values.map(({ value, count }) => chip(attribute.name, value, count, changed));
    const rest = attribute.values.length - values.length;
    if (rest > 0) chips.push(make("button", { type: "button", class: "quiet", onclick: () => draw(true) }, `${rest} more`));
    list.replaceChildren(...chips);
  };
  draw(false);
  const summary = make("summary", {}, attribute.name.replaceAll("_", " "));
  return make("details", { class: "filter", open: chosen().length > 0 }, summary, list);
}

function chip(name, value, count, changed) {
  const pressed = () => (state.where[name] ?? []).includes(value);
  const button = make("button", {
    type: "button",
    class: "chip",
    "aria-pressed": String(pressed()),
    onclick: () => {
      const values = state.where[name] ?? [];
      const next = pressed() ? values.filter((other) => other !== value) : [...values, value];
      if (next.length) state.where[name] = next;
      else delete state.where[name];
      button.setAttribute("aria-pressed", String(pressed()));
      showClear();
      changed();
    },
  }, String(value), " ", make("span", { class: "count" }, String(count)));
  return button;
}
