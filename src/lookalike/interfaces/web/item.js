// One item with all its views, and two items side by side.

import { thumbnail } from "./api.js";
import { byId, make } from "./dom.js";
import { factsOf, nameOf } from "./results.js";

const HIDDEN = new Set(["title", "name"]);

/** Fill the dialog with an item, or with two of them, and open it. */
export function showItem(item, beside, { like, compare, close }) {
  const dialog = byId("item");
  const closing = make("button", { type: "button", class: "away", "aria-label": "Close", onclick: close }, "×");
  const body = beside ? [side(item, "item-title"), side(beside, "beside-title")] : [whole(item, { like, compare })];
  dialog.replaceChildren(closing, make("div", { class: beside ? "pair" : "single" }, ...body));
  dialog.oncancel = (event) => {
    event.preventDefault();
    close();
  };
  dialog.onclick = (event) => event.target === dialog && close();
  if (!dialog.open) dialog.showModal();
}

/** Close the dialog. */
export function hideItem() {
  if (byId("item").open) byId("item").close();
}

function whole(item, { like, compare }) {
  const large = make("img", { class: "large", src: thumbnail(item.views[0].id, 960), alt: nameOf(item) });
  const views = item.views.map((view, place) => {
    const button = make("button", {
      type: "button", "aria-pressed": String(place === 0), "aria-label": `View ${place + 1}${view.role ? `, ${view.role}` : ""}`,
      onclick: () => {
        large.src = thumbnail(view.id, 960);
        for (const other of button.parentElement.children) other.setAttribute("aria-pressed", String(other === button));
      },
    }, make("img", { src: thumbnail(view.id, 160), alt: "" }), make("span", {}, view.role ?? ""));
    return button;
  });
  return make("article", { class: "item" },
    make("div", { class: "gallery" }, large, make("div", { class: "views" }, views)),
    make("div", { class: "about" },
      make("h2", { id: "item-title" }, nameOf(item)),
      make("p", { class: "facts" }, factsOf(item)),
      attributes(item),
      make("div", { class: "actions" },
        make("button", { type: "button", class: "primary", onclick: () => like(item.id) }, "More like this"),
        compare ? make("button", { type: "button", onclick: compare.act }, compare.label) : null)));
}

function side(item, titleId) {
  return make("article", { class: "item" },
    make("img", { class: "large", src: thumbnail(item.closest ?? item.views[0].id, 960), alt: nameOf(item) }),
    make("h2", { id: titleId }, nameOf(item)),
    make("p", { class: "facts" }, item.closest ? "its closest view" : factsOf(item)),
    attributes(item));
}

function attributes(item) {
  const rows = Object.entries(item.attributes)
    .filter(([name]) => !HIDDEN.has(name))
    .map(([name, value]) => [make("dt", {}, name.replaceAll("_", " ")), make("dd", {}, String(value))]);
  return make("dl", {}, make("dt", {}, "id"), make("dd", {}, item.id), ...rows.flat());
}
