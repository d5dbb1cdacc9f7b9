// What the hands do: pointer, keys, search, buttons.
const by = (id) => document.getElementById(id);
const pointers = new Map();
let lassoMode = false, moved = false;

by("about").textContent = `${count.toLocaleString()} photos of ${given.items.length.toLocaleString()} items · ${given.method}`
  + (given.trust === null ? "" : ` · trustworthiness ${given.trust.toFixed(2)}`);
for (const one of [...columns, ...scores]) by("colour").append(new Option(one.name, one.name));
by("colour").addEventListener("change", () => { shadeBy(by("colour").value); showLegend(); redraw(); });

by("home").hidden = location.pathname !== "/atlas"; // where lookalike's own server shows it, there is a page to go back to

by("lines").disabled = viewsOf.every((views) => views.length < 2);
by("lines").addEventListener("change", () => { state.lines = by("lines").checked; redraw(); });
by("lasso").addEventListener("click", () => setLasso(!lassoMode));
by("whole").addEventListener("click", () => { fitWhole(); redraw(); });
by("clear").addEventListener("click", clear);
by("csv").addEventListener("click", () => download(new Blob([csvOf(listed().rows)], { type: "text/csv" }), "selection.csv"));
by("picture").addEventListener("click", () => { draw(); canvas.toBlob((blob) => download(blob, "atlas.png")); });

function setLasso(on) {
  lassoMode = on;
  by("lasso").setAttribute("aria-pressed", String(on));
  canvas.classList.toggle("lasso", on);
}

function clear() {
  state.chosen = new Set();
  state.found = null;
  by("search").value = "";
  showChosen();
  redraw();
}

function setTheme(dark) {
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  by("theme").textContent = dark ? "Light" : "Dark";
  shadeAgain();
  showLegend();
  redraw();
}
by("theme").addEventListener("click", () => setTheme(document.documentElement.dataset.theme !== "dark"));

let typed = 0;
by("search").addEventListener("input", () => {
  clearTimeout(typed);
  typed = setTimeout(search, 120);
});
by("search").addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  search();
  if (state.found && state.found.size) flyTo([...state.found]);
});

function search() {
  const words = by("search").value.trim().toLowerCase().split(/\s+/).filter(Boolean);
  state.found = null;
  if (words.length) {
    state.found = new Set();
    searchable.forEach((text, item) => {
      if (words.every((word) => text.includes(word))) viewsOf[item].forEach((row) => state.found.add(row));
    });
  }
  showChosen();
  redraw();
}

function place(event) {
  const box = canvas.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

canvas.addEventListener("wheel", (event) => {
  event.preventDefault();
  const lines = event.deltaMode === 1 ? 18 : 1;
  zoomAt(...place(event), Math.exp(-event.deltaY * lines * 0.0016));
  hover(...place(event));
}, { passive: false });

canvas.addEventListener("pointerdown", (event) => {
  canvas.setPointerCapture(event.pointerId);
  pointers.set(event.pointerId, place(event));
  moved = false;
  if ((lassoMode || event.shiftKey) && pointers.size === 1) state.lasso = [...place(event)];
});

canvas.addEventListener("pointermove", (event) => {
  const now = place(event), before = pointers.get(event.pointerId);
  if (!before) return hover(...now);
  moved = moved || Math.hypot(now[0] - before[0], now[1] - before[1]) > 1;
  if (state.lasso && pointers.size === 1) state.lasso.push(...now);
  else if (pointers.size === 2) pinch(event.pointerId, now);
  else { seen.whole = false; seen.x -= (now[0] - before[0]) / seen.scale; seen.y += (now[1] - before[1]) / seen.scale; }
  pointers.set(event.pointerId, now);
  state.moving = !state.lasso;
  state.hovered = -1;
  showCard(0, 0);
  redraw();
});

function pinch(id, now) {
  const other = [...pointers].find(([key]) => key !== id)[1], before = pointers.get(id);
  const apart = (place) => Math.hypot(place[0] - other[0], place[1] - other[1]) || 1;
  zoomAt((now[0] + other[0]) / 2, (now[1] + other[1]) / 2, apart(now) / apart(before));
}

function release(event) {
  pointers.delete(event.pointerId);
  state.moving = false;
  redraw();
  if (!state.lasso) { if (!moved) hover(...place(event)); return; }
  const polygon = state.lasso;
  state.lasso = null;
  if (polygon.length >= 6) {
    state.chosen = new Set(visibleRows(0).filter((row) => isShown(row) && inPolygon(...toScreen(row), polygon)));
    showChosen();
  }
  setLasso(false);
  redraw();
}
canvas.addEventListener("pointerup", release);
canvas.addEventListener("pointercancel", release);
canvas.addEventListener("pointerleave", () => { if (!pointers.size) { state.hovered = -1; showCard(0, 0); redraw(); } });
canvas.addEventListener("dblclick", (event) => { zoomAt(...place(event), 2); redraw(); });

function hover(x, y) {
  const row = nearestRow(x, y, 18);
  state.hovered = row;
  showCard(x, y);
  redraw();
}

canvas.addEventListener("keydown", (event) => {
  const step = 60 / seen.scale, middle = [seen.width / 2, seen.height / 2];
  const acts = {
    ArrowLeft: () => { seen.x -= step; }, ArrowRight: () => { seen.x += step; },
    ArrowUp: () => { seen.y += step; }, ArrowDown: () => { seen.y -= step; },
    "+": () => zoomAt(...middle, 1.3), "=": () => zoomAt(...middle, 1.3), "-": () => zoomAt(...middle, 1 / 1.3),
    0: fitWhole, Escape: clear,
  };
  if (!acts[event.key]) return;
  event.preventDefault();
  acts[event.key]();
  redraw();
});

shadeBy(columns.length ? columns[0].name : scores[0].name);
showLegend();
showChosen();
setTheme(matchMedia("(prefers-color-scheme: dark)").matches);
new ResizeObserver(resize).observe(canvas);
sheets.forEach((sheet) => sheet.addEventListener("load", redraw));
