// Why a match is one: heat over the query photo and over the view that met it, and what kind of likeness.

import { explain } from "./api.js";
import { byId, make } from "./dom.js";
import { drawSpots } from "./spots.js";
import { state } from "./state.js";

const FAINT = [255, 196, 0];
const STRONG = [214, 32, 32];
const MOST_COVER = 0.8;
const LONG_SIDE = 240; // of the canvas: heat is smooth
let asked = new AbortController();

/** Explain a match on its card, or take the explanation away again; `liked` is set where an item was asked. */
export async function toggleWhy({ match, face, button, liked }) {
  const again = button.getAttribute("aria-pressed") === "true";
  clearWhy();
  if (again) return;
  button.setAttribute("aria-pressed", "true");
  asked = new AbortController();
  const { signal } = asked;
  const wanted = state.photos.filter((one) => !one.unlike); // the server counts these
  const photo = wanted[match.query_photo] ?? wanted[0]; // a part is of the first
  const crop = photo && (state.crops[match.query_photo] ?? photo.crop);
  const beside = liked?.views[match.query_photo]?.id;
  try {
    const told = await explain({
      photo: photo?.file, crop, beside, item: match.item, view: match.view, colour: state.colour,
    }, signal);
    if (signal.aborted) return;
    lay(face, told.view_heat);
    const frame = byId("photos").children[photo ? state.photos.indexOf(photo) : 0]?.querySelector(".stage, .liked");
    if (frame) lay(frame, told.photo_heat, crop);
    drawSpots(face, told.places.map((place) => place.view));
    if (frame) drawSpots(frame, told.places.map((place) => place.photo), crop);
    face.closest(".card").querySelector(".words").append(sharesLine(told, Boolean(frame)));
  } catch (error) {
    if (signal.aborted || error.name === "AbortError") return;
    clearWhy();
    button.closest(".card").querySelector(".words").append(make("p", { class: "why-note facts", role: "alert" }, `${error.message} ${error.hint ?? ""}`));
  }
}

/** Take all heat away. */
export function clearWhy() {
  asked.abort();
  for (const drawn of document.querySelectorAll(".heat, .spot, .why-note")) drawn.remove();
  for (const seen of document.querySelectorAll(".heated")) seen.classList.remove("heated");
  for (const button of document.querySelectorAll(".why[aria-pressed=true]")) button.setAttribute("aria-pressed", "false");
}

function lay(frame, heat, box = null) {
  const image = frame.querySelector("img");
  if (!image) return; // a photo that the browser cannot show
  const canvas = drawn(heat, image, box);
  if (box) {
    const [left, top, right, bottom] = box.map((share) => 100 * share);
    Object.assign(canvas.style, { left: `${left}%`, top: `${top}%`, width: `${right - left}%`, height: `${bottom - top}%` });
  }
  frame.classList.add("heated");
  frame.append(canvas);
}

/** Heat as a picture of the photo's own proportions, clear where nothing agrees. */
function drawn(heat, image, box) {
  const small = make("canvas", { width: heat[0].length, height: heat.length });
  const cells = small.getContext("2d").createImageData(small.width, small.height);
  heat.flat().forEach((value, place) => {
    const colour = FAINT.map((faint, channel) => faint + value * (STRONG[channel] - faint));
    cells.data.set([...colour, 255 * MOST_COVER * value ** 0.8], 4 * place);
  });
  small.getContext("2d").putImageData(cells, 0, 0);
  const [wide, high] = box ? [box[2] - box[0], box[3] - box[1]] : [1, 1];
  const size = [wide * image.naturalWidth, high * image.naturalHeight];
  const scale = LONG_SIDE / Math.max(...size);
  const canvas = make("canvas", { class: "heat", "aria-hidden": "true", width: Math.max(1, Math.round(scale * size[0])), height: Math.max(1, Math.round(scale * size[1])) });
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(small, 0, 0, canvas.width, canvas.height);
  return canvas;
}

function sharesLine({ shares, places }, both) {
  const numbered = places.length && both ? make("p", { class: "facts" }, "Equal numbers mark like places.") : null;
  const kinds = Object.entries(shares);
  if (!kinds.length) return make("div", { class: "why-note", role: "status" }, make("p", { class: "facts" }, "Warm places make the match."), numbered);
  return make("div", { class: "why-note", role: "status" },
    make("div", { class: "shares", "aria-hidden": "true" }, kinds.map(([kind, share]) => {
      const part = make("span", { class: `share-${kind}` });
      part.style.flexGrow = share;
      return part;
    })),
    make("p", { class: "facts" }, kinds.map(([kind, share]) => `${kind} ${Math.round(100 * share)}%`).join(" · ")), numbered);
}
