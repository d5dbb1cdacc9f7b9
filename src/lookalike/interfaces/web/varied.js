// A switch: of several like items one is shown first, and something else before the next.

import { byId } from "./dom.js";
import { state } from "./state.js";

/** What of it is asked. */
export const variedFields = () => (state.varied ? { rerank: ["diverse"] } : {});

/** Wire the switch; `changed` is called when it has been turned. */
export function wireVaried(changed) {
  byId("varied").addEventListener("change", () => {
    state.varied = byId("varied").checked;
    changed();
  });
}

/** Show how it stands. */
export function drawVaried() {
  byId("varied").checked = state.varied;
}
