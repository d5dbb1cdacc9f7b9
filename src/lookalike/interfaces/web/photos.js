// The query's photos: added by drop, paste, picker or camera; each with a box that may be dragged.

import { byId, make } from "./dom.js";
import { state } from "./state.js";

const MOST = 4;
const SMALLEST_BOX = 0.05; // a shorter drag is a click

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
  const some = state.photos.length > 0;
  byId("photos").replaceChildren(...state.photos.map((photo) => figure(photo, changed)));
  byId("drop").classList.toggle("filled", some);
  byId("invite-title").hidden = some;
  byId("invite-hint").textContent = some
    ? "Drag a box to search a part. A second photo of the same thing helps."
    : "Drop or paste a photo here, from any angle.";
  byId("pick").textContent = some ? "Add a photo" : "Choose a photo";
  byId("pick").disabled = byId("camera").disabled = state.photos.length >= MOST;
}

function figure(photo, changed) {
  const box = make("div", { class: "box", hidden: !photo.crop });
  const image = make("img", { src: photo.url, alt: "Your photo", draggable: "false" });
  const stage = make("div", { class: "stage" }, image, box);
  const place = ([left, top, right, bottom]) => {
    Object.assign(box.style, {
      left: `${100 * left}%`,
      top: `${100 * top}%`,
      width: `${100 * (right - left)}%`,
      height: `${100 * (bottom - top)}%`,
    });
    box.hidden = false;
  };
  if (photo.crop) place(photo.crop);
  const whole = make("button", {
    type: "button", class: "quiet", hidden: !photo.crop,
    onclick: () => {
      photo.crop = null;
      drawPhotos(changed);
      changed();
    },
  }, "Whole photo");
  const away = make("button", {
    type: "button", class: "away", "aria-label": "Remove this photo",
    onclick: () => {
      URL.revokeObjectURL(photo.url);
      state.photos = state.photos.filter((other) => other !== photo);
      drawPhotos(changed);
      changed();
    },
  }, "×");
  dragBox(stage, place, (crop) => {
    photo.crop = crop;
    drawPhotos(changed);
    changed();
  });
  image.addEventListener("error", () => stage.classList.add("blank")); // HEIC: the server can, the browser cannot
  return make("figure", { class: "photo" }, stage, away, whole);
}

function dragBox(stage, place, done) {
  let start = null;
  let crop = null;
  const at = (event) => {
    const area = stage.getBoundingClientRect();
    return [(event.clientX - area.left) / area.width, (event.clientY - area.top) / area.height]
      .map((share) => Math.min(1, Math.max(0, share)));
  };
  stage.addEventListener("pointerdown", (event) => {
    start = at(event);
    crop = null;
    stage.setPointerCapture(event.pointerId);
  });
  stage.addEventListener("pointermove", (event) => {
    if (!start) return;
    const [x, y] = at(event);
    crop = [Math.min(x, start[0]), Math.min(y, start[1]), Math.max(x, start[0]), Math.max(y, start[1])];
    place(crop);
  });
  stage.addEventListener("pointerup", () => {
    start = null;
    if (crop && crop[2] - crop[0] > SMALLEST_BOX && crop[3] - crop[1] > SMALLEST_BOX) done(crop);
  });
}
