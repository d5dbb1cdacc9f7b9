// Talking to the server that sent this page, and to nobody else.

/** What went wrong, and what to do next. */
export class Problem extends Error {
  constructor(message, hint = "", status = 0) {
    super(message);
    this.hint = hint;
    this.status = status;
  }
}

const UNREACHABLE = new Problem("The server does not answer.", "Check that `lookalike serve` is still running.");

async function answer(response) {
  if (response.ok) return response.status === 204 ? null : response.json();
  let told = {};
  try {
    told = await response.json();
  } catch {
    // a proxy may answer with something that is not ours
  }
  throw new Problem(told.title || told.detail || `The server answered ${response.status}.`, told.hint || "", response.status);
}

async function get(path, parameters = {}, signal = undefined) {
  const url = new URL(path, location.origin);
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== null && value !== "") url.searchParams.set(name, value);
  }
  let response;
  try {
    response = await fetch(url, { signal });
  } catch (error) {
    throw error.name === "AbortError" ? error : UNREACHABLE;
  }
  return answer(response);
}

const filtersOf = (where) => (Object.keys(where).length ? JSON.stringify(where) : "");

export const stats = () => get("/v1/stats");
export const item = (id) => get(`/v1/items/${encodeURIComponent(id)}`);
export const items = ({ where, offset, limit }, signal) =>
  get("/v1/items", { where: filtersOf(where), offset, limit }, signal);
export const closest = (id, beside) =>
  get(`/v1/items/${encodeURIComponent(id)}/closest`, { to: beside });
export const goesWith = (id, k) => get(`/v1/goes-with/${encodeURIComponent(id)}`, { k });
export const thumbnail = (view, size) => `/v1/views/${encodeURIComponent(view)}?size=${size}`;

/** Hand over a token; the server keeps it as a cookie. */
export async function openSession(token) {
  const sent = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ token }) };
  return answer(await fetch("/v1/session", sent));
}

/** Search without sending photos: by those of an earlier answer (`again`), by items, words or colours. */
export async function ask(question, signal) {
  const sent = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(question), signal };
  let response;
  try {
    response = await fetch("/v1/search", sent);
  } catch (error) {
    throw error.name === "AbortError" ? error : UNREACHABLE;
  }
  return answer(response);
}

/** What kind of thing the photos of an earlier answer show, but those of the numbers `unlike`. */
export async function categorise(query, { unlike = [], most }) {
  const body = JSON.stringify({ again: query, unlike, most });
  const sent = { method: "POST", headers: { "Content-Type": "application/json" }, body };
  return answer(await fetch("/v1/categorise", sent));
}

/** Search by photos; `onProgress` hears the share of the upload that is done. */
export function search({ photos, crops, k, colour, where, ...further }, { signal, onProgress }) {
  const form = new FormData();
  for (const photo of photos) form.append("photos", photo, "photo");
  form.append("k", k);
  if (colour !== null) form.append("colour", colour);
  if (filtersOf(where)) form.append("where", filtersOf(where));
  for (const [name, value] of Object.entries(further)) form.append(name, Array.isArray(value) ? JSON.stringify(value) : value);
  if (crops.some(Boolean)) form.append("crops", JSON.stringify(crops));
  // fetch tells nothing of an upload's progress; XMLHttpRequest does
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/v1/search");
    request.responseType = "json";
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onerror = () => reject(UNREACHABLE);
    request.onload = () => {
      const told = request.response || {};
      if (request.status < 300) resolve(told);
      else reject(new Problem(told.title || told.detail || `The server answered ${request.status}.`, told.hint || "", request.status));
    };
    signal.addEventListener("abort", () => {
      request.abort();
      reject(new DOMException("superseded", "AbortError"));
    });
    request.send(form);
  });
}

/** Why an item is like a photo, or like a view of the catalogue that stands in for one. */
export async function explain({ photo, crop, beside, item, view, colour }, signal) {
  const form = new FormData();
  if (photo) form.append("photos", photo, "photo");
  if (photo && crop) form.append("crops", JSON.stringify([crop]));
  for (const [name, value] of Object.entries({ beside: photo ? null : beside, item, view, colour })) {
    if (value !== null && value !== undefined) form.append(name, value);
  }
  return send("/v1/explain", form, signal);
}

async function send(path, body, signal) {
  let response;
  try {
    response = await fetch(path, { method: "POST", body, signal });
  } catch (error) {
    throw error.name === "AbortError" ? error : UNREACHABLE;
  }
  return answer(response);
}

/** Where in a big photo items are. */
export async function find({ photo, items, most }, signal) {
  const form = new FormData();
  form.append("photos", photo, "photo");
  form.append("items", JSON.stringify(items));
  form.append("most", most);
  return send("/v1/find", form, signal);
}
