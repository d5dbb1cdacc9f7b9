// Small helpers to build elements. Text only ever becomes text, never markup.

export const byId = (id) => document.getElementById(id);

/** An element with properties and children; a string child becomes a text node. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (name in element && typeof value !== "string") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** A text with what stands between `backticks` as code, as a list of children. */
export const withCode = (text) => text.split("`").map((part, place) => (place % 2 ? make("code", {}, part) : part));

/** Call a function once things have been quiet for a while. */
export function settled(wait_ms, act) {
  let timer = 0;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...values), wait_ms);
  };
}
