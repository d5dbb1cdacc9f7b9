// A guarded server: its token is handed over once, and kept where scripts cannot read it.

import { openSession } from "./api.js";
import { byId, make } from "./dom.js";

/** Show a form for the token in place of the results; the page starts again once it is right. */
export function askForToken(refused = "") {
  const field = make("input", { type: "password", autocomplete: "current-password", "aria-label": "Token", required: true });
  const form = make("form", {
    class: "token",
    onsubmit: async (event) => {
      event.preventDefault();
      try {
        await openSession(field.value);
        location.reload();
      } catch (error) {
        askForToken(error.message);
      }
    },
  }, field, make("button", { class: "primary" }, "Enter"));
  const why = refused || "Enter the token that its owner gave you.";
  byId("problem").replaceChildren(why, form);
  byId("problem").hidden = false;
  field.focus();
}
