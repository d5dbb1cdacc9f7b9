// One item with all its views, and two items side by side.

import { thumbnail } from "./api.js";
import { byId, make } from "./dom.js";
import { sceneFinder } from "./scene.js";
import { companionsOf } from "./goeswith.js";
import { factsOf, nameOf, scoreLine } from "./results.js";

const HIDDEN = new Set(["title", "name"]);

/** Open the dialog on an item. */
export function showItem(item, { like, compare, close, mixing, open: openOther }) {
  open(nameOf(item), whole(item, { like, compare, mixing, openOther }), close);
}

/** Open the dialog on two items, each by the view that is closest to the other. */
export function showPair(item, beside, pair, { close }) {
  open("Side by side", sideBySide(item, beside, pair), close);
}

/** Close the dialog. */
export function hideItem() {
  if (byId("item").open) byId("item").close();
}

function open(title, body, close) {
  const dialog = byId("item");
  const heading = make("h2", { id: "item-title", tabindex: "-1" }, title);
  const closing = make("button", { type: "button", class: "away", "aria-label": "Close", onclick: close }, "×");
  dialog.replaceChildren(make("header", { class: "sheet" }, heading, closing), body);
  dialog.oncancel = (event) => {
    event.preventDefault();
    close();
  };
  dialog.onclick = (event) => event.target === dialog && close();
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
  heading.focus({ preventScroll: true });
}

function whole(item, { like, compare, mixing, openOther }) {
  const large = make("img", { class: "large", src: thumbnail(item.views[0].id, 960), alt: nameOf(item) });
  const views = item.views.map((view, place) => {
    const button = make("button", {
      type: "button", "aria-pressed": String(place === 0), "aria-label": `View ${place + 1}${view.role ? `, ${view.role}` : ""}`,
      onclick: () => {
        large.src = thumbnail(view.id, 960);
        large.alt = [nameOf(item), view.role].filter(Boolean).join(", ");
        for (const other of button.parentElement.children) other.setAttribute("aria-pressed", String(other === button));
      },
    }, make("img", { src: thumbnail(view.id, 160), alt: "" }), make("span", {}, view.role ?? ""));
    return button;
  });
  const found = make("div", { class: "scene-place" });
  return make("article", { class: "single" },
    make("div", { class: "gallery" }, large, views.length > 1 ? make("div", { class: "views" }, views) : null),
    make("div", { class: "about" },
      attributes(item),
      make("div", { class: "actions" },
        make("button", { type: "button", class: "primary", onclick: () => like(item.id) }, "More like this"),
        make("button", { type: "button", onclick: compare.act }, compare.label),
        mixing,
        sceneFinder(item, found)),
      found,
      companionsOf(item, openOther)));
}

function attributes(item) {
  const rows = Object.entries(item.attributes)
    .filter(([name]) => !HIDDEN.has(name))
    .map(([name, value]) => [make("dt", {}, name.replaceAll("_", " ")), make("dd", {}, String(value))]);
  return make("dl", {}, ...rows.flat(), make("dt", {}, "id"), make("dd", {}, item.id));
}

function sideBySide(item, beside, pair) {
  const faces = [[item, pair.view], [beside, pair.beside_view]].map(([one, view]) => {
    const role = one.views.find((known) => known.id === view)?.role;
    return make("figure", {},
      make("img", { class: "large", src: thumbnail(view, 960), alt: [nameOf(one), role].filter(Boolean).join(", ") }),
      make("figcaption", {}, make("strong", {}, nameOf(one)), make("span", {}, factsOf(one))));
  });
  const names = [...new Set([...Object.keys(item.attributes), ...Object.keys(beside.attributes)])].filter((name) => !HIDDEN.has(name));
  const rows = names.map((name) => {
    const [left, right] = [item.attributes[name], beside.attributes[name]];
    return make("tr", { class: left === right ? null : "differs" },
      make("th", { scope: "row" }, name.replaceAll("_", " ")), make("td", {}, String(left ?? "–")), make("td", {}, String(right ?? "–")));
  });
  return make("article", { class: "pair" },
    make("div", { class: "faces" }, faces),
    make("p", { class: "closeness" }, "Their closest views: ", scoreLine(pair, "span")),
    make("table", {},
      make("thead", { class: "unseen" }, make("tr", {}, make("th", {}, "attribute"), make("th", {}, nameOf(item)), make("th", {}, nameOf(beside)))),
      make("tbody", {}, rows)));
}
