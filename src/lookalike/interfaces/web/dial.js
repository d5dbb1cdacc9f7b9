// The dial between form and colour: the results are ranked again while it moves.

import { byId, settled } from "./dom.js";
import { state } from "./state.js";

const QUIET_MS = 60; // a search takes about as long; earlier ones are given up

/** Wire the dial; `changed` is called when it has come to rest for a moment. */
export function wireDial(shown, changed) {
  const dial = byId("colour");
  byId("dial").hidden = !shown;
  const again = settled(QUIET_MS, changed);
  dial.addEventListener("input", () => {
    state.colour = dial.value / 100;
    drawDial();
    again();
  });
  byId("colour-reset").addEventListener("click", () => {
    state.colour = null;
    drawDial();
    again();
    dial.focus();
  });
  drawDial();
}

/** Show where the dial stands. */
export function drawDial() {
  const dial = byId("colour");
  dial.value = Math.round(100 * (state.colour ?? 0.5));
  byId("colour-reset").hidden = state.colour === null;
  dial.setAttribute("aria-valuetext", state.colour === null ? "balanced" : `${dial.value}% colour`);
}
