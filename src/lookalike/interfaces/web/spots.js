// Numbered dots on a photo: the same number stands on the like place of the other photo.

import { make } from "./dom.js";

/** Draw dots at places of a photo, given as shares of it, or of the part of it in `box`. */
export function drawSpots(frame, places, box = null) {
  const image = frame.querySelector("img");
  if (!image) return; // a photo that the browser cannot show
  const [left, top, right, bottom] = box ?? [0, 0, 1, 1];
  const [wide, high] = covered(image, frame);
  places.forEach(([across, down], number) => {
    const spot = make("span", { class: "spot", "aria-hidden": "true" }, String(number + 1));
    const [x, y] = [left + across * (right - left), top + down * (bottom - top)];
    Object.assign(spot.style, { left: `${100 * (0.5 + (x - 0.5) * wide)}%`, top: `${100 * (0.5 + (y - 0.5) * high)}%` });
    frame.append(spot);
  });
}

/** How much of its frame a photo covers, across and down: it lies whole in the middle. */
function covered(image, frame) {
  const photo = image.naturalWidth / image.naturalHeight;
  const place = frame.clientWidth / frame.clientHeight;
  return photo < place ? [photo / place, 1] : [1, place / photo];
}
