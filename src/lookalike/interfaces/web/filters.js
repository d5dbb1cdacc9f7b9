// Filters from the catalogue's own attributes, with how many items each value has.

import { byId, make } from "./dom.js";
import { state } from "./state.js";

const SHOWN = 12; // values of an attribute before "more"

/** Draw the filters; `changed` is called after each change. */
export function drawFilters(attributes, changed) {
  const usable = attributes.filter((attribute) => attribute.values.length > 1);
  byId("filters").replaceChildren(...usable.map((attribute) => group(attribute, changed)));
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
      changed();
    },
  }, String(value), make("span", { class: "count" }, String(count)));
  return button;
}
