// Dots straight into the canvas's pixels: twenty thousand of them in a few milliseconds, without a graphics card.
let pixels = null;

/** The colour as [red, green, blue], from #rrggbb or rgb(r,g,b). */
function parts(colour) {
  const text = colour.trim();
  if (text[0] === "#") return [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16));
  return text.match(/\d+/g).map(Number);
}

/** An empty sheet of paper of the canvas's size. */
function startDots(paper) {
  if (!pixels || pixels.width !== canvas.width || pixels.height !== canvas.height) {
    pixels = pen.createImageData(canvas.width, canvas.height);
  }
  const [red, green, blue] = parts(paper);
  new Uint32Array(pixels.data.buffer).fill((255 << 24) | (blue << 16) | (green << 8) | red);
}

/** How much of each pixel a disc covers, for a disc in the middle of a square. */
function discOf(diameter) {
  const side = Math.ceil(diameter) + 1, middle = (side - 1) / 2, cover = new Float32Array(side * side);
  for (let i = 0; i < side * side; i++) {
    const apart = Math.hypot(i % side - middle, Math.floor(i / side) - middle);
    cover[i] = Math.max(0, Math.min(1, diameter / 2 + 0.5 - apart));
  }
  return { side, cover };
}

/** A dot for each photo, in its colour. */
function stampAll(rows, colourOf, diameter, alpha) {
  const ratio = window.devicePixelRatio || 1, disc = discOf(diameter * ratio), known = new Map();
  for (const row of rows) {
    const colour = colourOf(row);
    if (!known.has(colour)) known.set(colour, parts(colour));
    const x = ((points[2 * row] - seen.x) * seen.scale + seen.width / 2) * ratio;
    const y = ((seen.y - points[2 * row + 1]) * seen.scale + seen.height / 2) * ratio;
    stamp(Math.round(x - disc.side / 2), Math.round(y - disc.side / 2), disc, known.get(colour), alpha);
  }
}

function stamp(left, top, disc, colour, alpha) {
  const { side, cover } = disc, bytes = pixels.data, width = pixels.width, height = pixels.height;
  for (let line = Math.max(0, -top); line < side && top + line < height; line++) {
    for (let column = Math.max(0, -left); column < side && left + column < width; column++) {
      const share = cover[line * side + column] * alpha;
      if (!share) continue;
      const at = 4 * ((top + line) * width + left + column);
      bytes[at] += (colour[0] - bytes[at]) * share;
      bytes[at + 1] += (colour[1] - bytes[at + 1]) * share;
      bytes[at + 2] += (colour[2] - bytes[at + 2]) * share;
    }
  }
}
