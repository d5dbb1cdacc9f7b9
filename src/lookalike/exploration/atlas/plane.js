// The plane: which part of the map is seen, and which photos lie in a part of it.
const CELLS = Math.max(4, Math.min(256, Math.round(Math.sqrt(count / 4))));
const starts = new Int32Array(CELLS * CELLS + 1);
const order = new Int32Array(count);

function cellOf(value) { return Math.max(0, Math.min(CELLS - 1, Math.floor((value + 1) / 2 * CELLS))); }

{ // photos sorted by the cell of a grid that they lie in
  const cell = new Int32Array(count);
  for (let row = 0; row < count; row++) {
    cell[row] = cellOf(points[2 * row + 1]) * CELLS + cellOf(points[2 * row]);
    starts[cell[row] + 1]++;
  }
  for (let c = 0; c < CELLS * CELLS; c++) starts[c + 1] += starts[c];
  const next = starts.slice();
  for (let row = 0; row < count; row++) order[next[cell[row]]++] = row;
}

/** Photos in a box of the plane; whole cells, so some may lie just outside. */
function rowsIn(left, bottom, right, top) {
  const found = [];
  for (let y = cellOf(bottom); y <= cellOf(top); y++) {
    const first = starts[y * CELLS + cellOf(left)], last = starts[y * CELLS + cellOf(right) + 1];
    for (let place = first; place < last; place++) found.push(order[place]);
  }
  return found;
}

const seen = { x: 0, y: 0, scale: 1, width: 1, height: 1, whole: true };

function fitWhole() {
  seen.x = 0; seen.y = 0;
  seen.whole = true;
  seen.scale = 0.46 * Math.min(seen.width, seen.height);
}

function toScreen(row) {
  return [(points[2 * row] - seen.x) * seen.scale + seen.width / 2,
    (seen.y - points[2 * row + 1]) * seen.scale + seen.height / 2];
}

function toPlane(x, y) {
  return [(x - seen.width / 2) / seen.scale + seen.x, seen.y - (y - seen.height / 2) / seen.scale];
}

/** Zoom by a factor, the place under (x, y) staying where it is. */
function zoomAt(x, y, factor) {
  const [px, py] = toPlane(x, y);
  seen.whole = false;
  const smallest = 0.2 * Math.min(seen.width, seen.height);
  seen.scale = Math.max(smallest, Math.min(seen.scale * factor, 400 * smallest));
  seen.x = px - (x - seen.width / 2) / seen.scale;
  seen.y = py + (y - seen.height / 2) / seen.scale;
}

/** Photos that are on the screen, with a margin in pixels. */
function visibleRows(margin) {
  const [left, top] = toPlane(-margin, -margin);
  const [right, bottom] = toPlane(seen.width + margin, seen.height + margin);
  if (left > 1 || right < -1 || bottom > 1 || top < -1) return [];
  return rowsIn(left, bottom, right, top).filter((row) =>
    points[2 * row] >= left && points[2 * row] <= right && points[2 * row + 1] >= bottom && points[2 * row + 1] <= top);
}

/** The photo nearest to a place on the screen, within some pixels; -1 for none. */
function nearestRow(x, y, reach) {
  const [left, top] = toPlane(x - reach, y - reach), [right, bottom] = toPlane(x + reach, y + reach);
  let best = -1, least = reach * reach;
  for (const row of rowsIn(left, bottom, right, top)) {
    if (state.only !== null && !isShown(row)) continue;
    const [px, py] = toScreen(row);
    const apart = (px - x) ** 2 + (py - y) ** 2;
    if (apart < least) { least = apart; best = row; }
  }
  return best;
}

/** Whether a place lies in a polygon given as [x, y, x, y, ...]. */
function inPolygon(x, y, polygon) {
  let inside = false;
  for (let i = 0, j = polygon.length - 2; i < polygon.length; j = i, i += 2) {
    const crosses = (polygon[i + 1] > y) !== (polygon[j + 1] > y);
    if (crosses && x < (polygon[j] - polygon[i]) * (y - polygon[i + 1]) / (polygon[j + 1] - polygon[i + 1]) + polygon[i]) inside = !inside;
  }
  return inside;
}
