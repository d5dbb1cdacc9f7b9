// A box on a photo: dragged with the pointer, or moved with the keyboard.

import { make } from "./dom.js";

const SMALLEST = 0.05; // a shorter drag is a click
const STEP = 0.04; // of the photo, for each press of an arrow key
const FIRST = [0.2, 0.2, 0.8, 0.8];
const ARROWS = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
const HELP = "Drag a box to search a part. With the keyboard: arrows move the box, Shift and arrows size it, Enter searches, Escape takes the whole photo.";

const within = (share) => Math.min(1, Math.max(0, share));

/** A photo that takes a box; `done` hears the box as shares of the photo, or null for the whole. */
export function cropStage(image, crop, done) {
  const box = make("div", { class: "box" });
  const stage = make("div", { class: "stage", tabindex: "0", role: "group", "aria-label": HELP, "aria-keyshortcuts": "ArrowLeft ArrowRight ArrowUp ArrowDown Enter Escape" }, image, box);
  const place = (now) => {
    box.hidden = !now;
    if (!now) return;
    const [left, top, right, bottom] = now.map((share) => 100 * share);
    Object.assign(box.style, { left: `${left}%`, top: `${top}%`, width: `${right - left}%`, height: `${bottom - top}%` });
  };
  place(crop);
  byPointer(stage, { place, done, crop });
  byKeyboard(stage, { place, done, crop });
  return stage;
}

function byPointer(stage, { place, done, crop }) {
  let start = null;
  let now = null;
  const at = (event) => {
    const area = stage.getBoundingClientRect();
    return [within((event.clientX - area.left) / area.width), within((event.clientY - area.top) / area.height)];
  };
  stage.addEventListener("pointerdown", (event) => {
    start = at(event);
    now = null;
    stage.setPointerCapture(event.pointerId);
  });
  stage.addEventListener("pointermove", (event) => {
    if (!start) return;
    const [x, y] = at(event);
    now = [Math.min(x, start[0]), Math.min(y, start[1]), Math.max(x, start[0]), Math.max(y, start[1])];
    place(now);
  });
  const end = (event) => {
    start = null;
    const large = now && now[2] - now[0] > SMALLEST && now[3] - now[1] > SMALLEST;
    if (large && event.type === "pointerup") done(now);
    else place(crop);
  };
  stage.addEventListener("pointerup", end);
  stage.addEventListener("pointercancel", end);
}

function byKeyboard(stage, { place, done, crop }) {
  let now = crop;
  stage.addEventListener("keydown", (event) => {
    const arrow = ARROWS[event.key];
    if (!arrow && event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault();
    if (!arrow) {
      if (now) done(event.key === "Enter" ? now : null);
    } else {
      now = now ? (event.shiftKey ? sized(now, arrow) : moved(now, arrow)) : FIRST;
      place(now);
    }
  });
}

function moved([left, top, right, bottom], [x, y]) {
  const across = Math.min(1 - right, Math.max(-left, x));
  const down = Math.min(1 - bottom, Math.max(-top, y));
  return [left + across, top + down, right + across, bottom + down];
}

const sized = ([left, top, right, bottom], [x, y]) =>
  [left, top, Math.max(left + 2 * SMALLEST, within(right + x)), Math.max(top + 2 * SMALLEST, within(bottom + y))];
