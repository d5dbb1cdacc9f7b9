// The map on the canvas: dots, or thumbnails once there is room for them; lines; the lasso.
const canvas = document.getElementById("map");
const pen = canvas.getContext("2d");
const RAMP = ["#3a4f8f", "#5f6f8a", "#858585", "#aa9a6b", "#cbb44f", "#e6c619"]; // blue to yellow by rising light: safe for the colour-blind
const NEAR = 1.7; // how far one zooms in before thumbnails are drawn

const state = {
  shade: null,        // a column or a score
  only: null,         // a value of the column that alone is shown
  found: null,        // Set of rows that match the search
  chosen: new Set(),  // rows in the lasso
  hovered: -1, lines: false, lasso: null,
  moving: false,      // lines of thousands of items wait until the map stands still
};

let palette = null;   // colour number of each row, and the colours

function shadeBy(name) {
  state.only = null;
  const column = columns.find((one) => one.name === name);
  const numbersOf = scores.find((one) => one.name === name);
  state.shade = column || numbersOf;
  palette = column ? paletteOfColumn(column) : paletteOfScore(numbersOf);
}

/** The colours of values on the paper that is shown. */
function valueColours() {
  return given.palette[document.documentElement.dataset.theme === "dark" ? "dark" : "light"];
}

/** Take the colours again after a change of paper; what is shown alone stays so. */
function shadeAgain() {
  const only = state.only;
  shadeBy(state.shade.name);
  state.only = only;
}

function paletteOfColumn(column) {
  const fitting = valueColours(), most = fitting.length;
  const colours = [...fitting.slice(0, Math.min(most, column.names.length)), given.other];
  const other = colours.length - 1;
  const number = Uint8Array.from(column.codes, (code) => (code < 0 || code >= most ? other : code));
  return { colours, number };
}

function paletteOfScore(score) {
  const known = Array.from(score.values).filter(Number.isFinite).sort((a, b) => a - b);
  const low = known[0], high = known[known.length - 1], span = high - low || 1, steps = 24;
  const colours = [...Array(steps).keys()].map((step) => ramp(step / (steps - 1))).concat(given.other);
  const number = Uint8Array.from(score.values, (value) =>
    Number.isFinite(value) ? Math.round((value - low) / span * (steps - 1)) : steps);
  return { colours, number, low, high };
}

function ramp(share) {
  const at = share * (RAMP.length - 1), first = Math.min(RAMP.length - 2, Math.floor(at)), rest = at - first;
  const part = (colour, i) => parseInt(colour.slice(1 + 2 * i, 3 + 2 * i), 16);
  const mixed = [0, 1, 2].map((i) => Math.round(part(RAMP[first], i) * (1 - rest) + part(RAMP[first + 1], i) * rest));
  return `rgb(${mixed.join(",")})`;
}

/** Whether the legend and the search leave a photo in colour. */
function isShown(row) {
  if (state.only !== null && state.shade.codes[row] !== state.only) return false;
  return state.found === null || state.found.has(row);
}

let wanted = false;
function redraw() {
  if (wanted) return;
  wanted = true;
  requestAnimationFrame(() => { wanted = false; draw(); });
}

function resize() {
  const ratio = window.devicePixelRatio || 1;
  const before = Math.min(seen.width, seen.height);
  seen.width = canvas.clientWidth || 1;
  seen.height = canvas.clientHeight || 1;
  canvas.width = Math.round(seen.width * ratio);
  canvas.height = Math.round(seen.height * ratio);
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  if (seen.whole) fitWhole(); else seen.scale *= Math.min(seen.width, seen.height) / before;
  redraw();
}

function draw() {
  const style = getComputedStyle(document.documentElement);
  const paper = style.getPropertyValue("--paper"), ink = style.getPropertyValue("--ink");
  const rows = visibleRows(40);
  drawDots(rows, paper, ink);
  if (state.lines && (!state.moving || rows.length < 3000)) drawLines(rows, style.getPropertyValue("--quiet"));
  if (seen.scale >= NEAR * 0.46 * Math.min(seen.width, seen.height)) drawPhotos(rows);
  if (state.hovered >= 0) drawHovered(ink);
  if (state.lasso) drawLasso(style.getPropertyValue("--accent"));
}

function drawDots(rows, paper, ink) {
  const side = Math.max(2.4, Math.min(9, 0.32 * Math.sqrt(seen.width * seen.height / Math.max(rows.length, 1))));
  const last = palette.colours.length - 1, faint = [], grey = [], bright = [], picked = [];
  for (const row of rows) {
    if (state.chosen.has(row)) picked.push(row);
    if (!isShown(row)) faint.push(row); else (palette.number[row] === last ? grey : bright).push(row);
  }
  startDots(paper);
  stampAll(faint, () => given.other, side * 0.8, 0.22);
  stampAll(picked, () => ink, side + 3, 1);
  stampAll(grey, () => given.other, side * 0.85, state.shade.values ? 0.3 : 0.7); // without a score: fainter than the ramp's grey
  stampAll(bright, (row) => palette.colours[palette.number[row]], side, 0.92);
  pen.putImageData(pixels, 0, 0);
}

/** Thumbnails where there is room, none over another; the other photos stay dots. Zooming in makes room for all. */
function drawPhotos(rows) {
  const side = Math.min(given.tile * 1.5, Math.max(26, Math.sqrt(seen.width * seen.height / Math.max(rows.length, 1)) * 0.55));
  const ink = getComputedStyle(document.documentElement).getPropertyValue("--ink");
  const cell = side + 6, taken = new Map();
  let missing = false;
  for (const row of rows) {
    const [x, y] = toScreen(row);
    if (!isShown(row) || !takes(taken, x, y, cell)) continue;
    if (!drawThumbnail(pen, row, x - side / 2, y - side / 2, side)) missing = true;
    frame(x, y, side, palette.colours[palette.number[row]], 3);
    if (state.chosen.has(row)) frame(x, y, side + 5, ink, 2);
  }
  if (missing) setTimeout(redraw, 120);
}

/** Whether a square of that side fits around a place; it is taken then. */
function takes(taken, x, y, side) {
  const column = Math.floor(x / side), line = Math.floor(y / side);
  for (let i = column - 1; i <= column + 1; i++) {
    for (let j = line - 1; j <= line + 1; j++) {
      const other = taken.get(i * 100003 + j);
      if (other && Math.abs(other[0] - x) < side && Math.abs(other[1] - y) < side) return false;
    }
  }
  taken.set(column * 100003 + line, [x, y]);
  return true;
}

function frame(x, y, side, colour, width) {
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.strokeRect(x - side / 2, y - side / 2, side, side);
}

function drawLines(rows, colour) {
  pen.strokeStyle = colour;
  pen.lineWidth = 1;
  pen.globalAlpha = 0.35;
  pen.beginPath();
  for (const item of new Set(rows.map((row) => itemOf[row]))) star(item);
  pen.stroke();
  pen.globalAlpha = 1;
}

/** Lines from the middle of an item's views to each of them. */
function star(item) {
  const views = viewsOf[item];
  if (views.length < 2) return;
  const places = views.map(toScreen);
  const x = places.reduce((sum, place) => sum + place[0], 0) / places.length;
  const y = places.reduce((sum, place) => sum + place[1], 0) / places.length;
  for (const place of places) { pen.moveTo(x, y); pen.lineTo(place[0], place[1]); }
}

function drawHovered(ink) {
  pen.strokeStyle = ink;
  pen.lineWidth = 1.5;
  pen.beginPath();
  star(itemOf[state.hovered]);
  pen.stroke();
  for (const row of viewsOf[itemOf[state.hovered]]) {
    const [x, y] = toScreen(row), size = row === state.hovered ? 9 : 6;
    pen.beginPath();
    pen.arc(x, y, size, 0, 6.2832);
    pen.stroke();
  }
}

function drawLasso(colour) {
  pen.strokeStyle = pen.fillStyle = colour;
  pen.lineWidth = 1.5;
  pen.beginPath();
  for (let i = 0; i < state.lasso.length; i += 2) pen.lineTo(state.lasso[i], state.lasso[i + 1]);
  pen.closePath();
  pen.stroke();
  pen.globalAlpha = 0.12;
  pen.fill();
  pen.globalAlpha = 1;
}
