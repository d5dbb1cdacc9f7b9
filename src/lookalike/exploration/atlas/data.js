// What Python laid out: points, items, columns, thumbnails.
const given = JSON.parse(document.getElementById("data").textContent);

function numbers(base64, Kind) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return new Kind(bytes.buffer);
}

const count = given.count;
const points = numbers(given.points, Float32Array);
const itemOf = numbers(given.item, Int32Array);
const columns = Object.entries(given.columns).map(([name, column]) =>
  ({ name, names: column.names, codes: numbers(column.codes, Int16Array) }));
const scores = Object.entries(given.scores).map(([name, score]) => ({ name, values: numbers(score, Float32Array) }));

const viewsOf = given.items.map(() => []);
for (let row = 0; row < count; row++) viewsOf[itemOf[row]].push(row);

const sheets = given.sheets.map((address) => {
  const image = new Image();
  image.src = address;
  return image;
});

/** Draw the thumbnail of a photo; false where its sheet is not decoded yet. */
function drawThumbnail(pen, row, x, y, side) {
  const perSheet = given.across * given.across;
  const sheet = sheets[Math.floor(row / perSheet)];
  if (!sheet.complete || !sheet.naturalWidth) return false;
  const place = row % perSheet;
  const left = (place % given.across) * given.tile, top = Math.floor(place / given.across) * given.tile;
  pen.drawImage(sheet, left, top, given.tile, given.tile, x, y, side, side);
  return true;
}

/** A small canvas with the thumbnail of a photo. */
function thumbnail(row, side) {
  const canvas = document.createElement("canvas");
  const ratio = window.devicePixelRatio || 1;
  canvas.width = canvas.height = Math.round(side * ratio);
  const pen = canvas.getContext("2d");
  pen.imageSmoothingQuality = "high";
  drawThumbnail(pen, row, 0, 0, canvas.width);
  return canvas;
}

/** All that can be searched of an item, in lower case. */
const searchable = given.items.map((id, item) =>
  [id, ...Object.values(given.attributes[item])].join("\n").toLowerCase());
