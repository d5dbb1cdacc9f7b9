// What is looked for: photos by drop, paste, picker or camera, each with a box; or an item of the catalogue.

import { thumbnail } from "./api.js";
import { cropStage } from "./crop.js";
import { byId, make } from "./dom.js";
import { partsButton } from "./parts.js";
import { nameOf } from "./results.js";
import { state } from "./state.js";

const MOST = 4;
const TOUCH = matchMedia("(hover: none)");

/** Wire the ways in; `changed` is called when the query's photos or boxes change. */
export function wirePhotos(changed) {
  const drop = byId("drop");
  const take = (files) => addPhotos(files, changed);
  for (const [button, input] of [["pick", "file"], ["camera", "camera-file"]]) {
    byId(button).addEventListener("click", () => byId(input).click());
    byId(input).addEventListener("change", (event) => {
      take(event.target.files);
      event.target.value = "";
    });
  }
  for (const kind of ["dragenter", "dragover"]) {
    document.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  document.addEventListener("dragleave", (event) => event.relatedTarget ?? drop.classList.remove("over"));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    take(event.dataTransfer.files);
  });
  document.addEventListener("paste", (event) => take(event.clipboardData.files));
  drawPhotos(changed);
}

function addPhotos(files, changed) {
  const room = MOST - state.photos.length;
  const added = [...files].slice(0, room).map((file) => ({ file, url: URL.createObjectURL(file), crop: null }));
  if (!added.length) return;
  state.photos.push(...added);
  state.like = null;
  drawPhotos(changed);
  changed();
}

/** Forget all photos. */
export function clearPhotos() {
  for (const photo of state.photos) URL.revokeObjectURL(photo.url);
  state.photos = [];
}

/** Show the photos, and the invitation in the form that fits. */
export function drawPhotos(changed) {
  const count = state.photos.length;
  const photos = byId("photos");
  photos.replaceChildren(...state.photos.map((photo, place) => figure(photo, place, changed)));
  photos.classList.toggle("several", count > 1);
  invite(count > 0);
  byId("invite-hint").textContent = count
    ? "Drag a box to search a part. A second photo of the same thing helps."
    : TOUCH.matches ? "Take a photo or choose one, from any angle." : "Drop or paste a photo here, from any angle.";
  byId("pick").textContent = count ? "Add a photo" : "Choose a photo";
  byId("pick").disabled = byId("camera").disabled = count >= MOST;
}

/** Show the item of the catalogue that is looked for. */
export function drawLiked(item, stop) {
  const name = nameOf(item);
  byId("photos").replaceChildren(make("figure", { class: "photo" },
    make("div", { class: "liked" }, make("img", { src: thumbnail(item.views[0].id, 480), alt: name })),
    away("Stop looking for its like", stop),
    make("figcaption", {}, `Like ${name}`)));
  byId("photos").classList.remove("several");
  invite(true);
  byId("invite-hint").textContent = "Or look for something else.";
  byId("pick").textContent = "Choose a photo";
}

function invite(some) {
  byId("drop").classList.toggle("filled", some);
  byId("invite-title").classList.toggle("unseen", some); // the page keeps its first heading
}

const away = (label, act) => make("button", { type: "button", class: "away", "aria-label": label, onclick: act }, "×");

function figure(photo, place, changed) {
  const image = make("img", { src: photo.url, alt: `Your photo ${place + 1}`, draggable: "false" });
  const redraw = () => {
    drawPhotos(changed);
    changed();
  };
  const stage = cropStage(image, photo.crop, (crop) => {
    photo.crop = crop;
    redraw();
    byId("photos").children[place]?.querySelector(".stage").focus({ preventScroll: true });
  });
  image.addEventListener("error", () => { // HEIC: the server can, the browser cannot
    image.replaceWith(make("span", {}, photo.file.name));
    stage.classList.add("blank");
  });
  const whole = make("button", {
    type: "button", class: "quiet", hidden: !photo.crop,
    onclick: () => {
      photo.crop = null;
      redraw();
    },
  }, "Whole photo");
  const others = state.photos.some((other) => other !== photo && !other.unlike);
  const unlike = make("button", {
    type: "button", class: "quiet turn", hidden: !photo.unlike && !others,
    onclick: () => {
      photo.unlike = !photo.unlike;
      redraw();
      byId("photos").children[place]?.querySelector(".turn").focus({ preventScroll: true });
    },
  }, photo.unlike ? "Look for it again" : "Not like this one");
  const remove = away(`Remove photo ${place + 1}`, () => {
    URL.revokeObjectURL(photo.url);
    state.photos = state.photos.filter((other) => other !== photo);
    if (state.photos.every((other) => other.unlike)) for (const other of state.photos) other.unlike = false;
    redraw();
    byId("pick").focus();
  });
  const caption = photo.unlike ? make("figcaption", {}, "Not like this one") : null;
  return make("figure", { class: photo.unlike ? "photo unwanted" : "photo" }, stage, remove, caption, whole, unlike, partsButton(photo, changed));
}
