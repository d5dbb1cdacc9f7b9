// What is asked, and the part of it that a URL can carry.

export const state = {
  photos: [], // {file, url, crop, unlike}: never leave this page but to be searched
  query: null, // the name that the server gave to the photos, once it has seen them
  parts: false, // whether parts of the photo are tried too
  crops: [], // of the photos that were asked, as the server tells them
  like: null, // an item whose lookalikes are asked for
  item: null, // the item that is open
  beside: null, // the item it is compared with
  where: {},
  colour: null, // 0..1; null as the model has it
  varied: false, // whether something else comes before the next of several like items
  words: "", // what it is, in words
  palette: [], // colours that take the place of the photo's own
  unlike: [], // items that it should not look like, by id
  plus: [], // items whose looks are added to what is looked for
  minus: [], // items whose looks are taken from it
};

/** Read the shareable part of the state from the address. */
export function fromAddress() {
  const read = new URLSearchParams(location.search);
  state.like = read.get("like");
  state.item = read.get("item");
  state.beside = read.get("beside");
  const colour = Number.parseFloat(read.get("colour"));
  state.colour = Number.isFinite(colour) ? Math.min(1, Math.max(0, colour)) : null;
  state.varied = read.has("varied");
  state.words = read.get("words") ?? "";
  state.palette = read.getAll("tone");
  for (const kind of ["unlike", "plus", "minus"]) state[kind] = read.getAll(kind);
  state.where = {};
  for (const [name, value] of read) {
    if (name.startsWith("low.") || name.startsWith("high.")) {
      const [end, attribute] = [name.slice(0, name.indexOf(".")), name.slice(name.indexOf(".") + 1)];
      const number = Number.parseFloat(value);
      if (Number.isFinite(number)) (state.where[attribute] ??= {})[end] = number;
    }
    if (!name.startsWith("f.")) continue;
    (state.where[name.slice(2)] ??= []).push(parsed(value));
  }
}

// Numbers and booleans keep their type, as the catalogue's filters do.
function parsed(value) {
  try {
    const read = JSON.parse(value);
    return typeof read === "object" ? value : read;
  } catch {
    return value;
  }
}

const written = (value) => (typeof value === "string" && parsed(value) === value ? value : JSON.stringify(value));

/** Write it back; `push` makes a step that the Back button undoes. */
export function toAddress({ push = false } = {}) {
  const address = new URLSearchParams();
  if (state.like) address.set("like", state.like);
  if (state.item) address.set("item", state.item);
  if (state.beside) address.set("beside", state.beside);
  if (state.colour !== null) address.set("colour", state.colour.toFixed(2));
  if (state.varied) address.set("varied", "yes");
  if (state.words) address.set("words", state.words);
  for (const tone of state.palette) address.append("tone", tone);
  for (const kind of ["unlike", "plus", "minus"]) {
    for (const id of state[kind]) address.append(kind, id);
  }
  for (const [name, values] of Object.entries(state.where)) {
    if (!Array.isArray(values)) {
      for (const [end, number] of Object.entries(values)) address.set(`${end}.${name}`, number);
      continue;
    }
    for (const value of values) address.append(`f.${name}`, written(value));
  }
  const query = address.toString();
  const url = query ? `?${query}` : location.pathname;
  history[push ? "pushState" : "replaceState"](null, "", url);
}
