// What goes with an item, where the store knows it; it comes after the item is shown.

import { goesWith, thumbnail } from "./api.js";
import { make } from "./dom.js";
import { nameOf } from "./results.js";

const SHOWN = 6;

/** A place for companions, filled when they come; it stays away where there are none. */
export function companionsOf(item, open) {
  const place = make("section", { class: "goes-with", "aria-label": "Goes with", hidden: true });
  goesWith(item.id, SHOWN).then(({ companions }) => {
    if (!companions.length) return;
    place.append(make("h3", {}, "Goes with"), make("ul", {}, companions.map((one) => card(one, open))));
    place.hidden = false;
  }, () => {}); // a store without baskets has nothing to say
  return place;
}

function card(one, open) {
  const name = nameOf(one);
  return make("li", {},
    make("button", { type: "button", onclick: () => open(one.id), "aria-label": `Open ${name}` },
      make("img", { src: thumbnail(one.views[0].id, 160), alt: "", loading: "lazy" }), make("span", {}, name)));
}
