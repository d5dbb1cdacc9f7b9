// What stands beside the map: legend, card of the hovered photo, list of the chosen ones.
const LISTED = 300; // chosen photos shown in the list; the CSV has them all

function element(name, words, kind) {
  const made = document.createElement(name);
  if (words !== undefined) made.textContent = words;
  if (kind) made.className = kind;
  return made;
}

function showLegend() {
  const legend = document.getElementById("legend");
  legend.replaceChildren();
  if (state.shade.values) return showRamp(legend);
  const counts = new Array(state.shade.names.length).fill(0);
  for (const code of state.shade.codes) if (code >= 0) counts[code]++;
  state.shade.names.forEach((name, code) => {
    const line = element("button");
    line.type = "button";
    line.title = name;
    line.setAttribute("aria-pressed", String(state.only === code));
    const dot = element("span", "", "dot");
    dot.style.background = valueColours()[code] ?? given.other;
    line.append(dot, element("span", name, "name"), element("span", String(counts[code]), "count"));
    line.addEventListener("click", () => { state.only = state.only === code ? null : code; showLegend(); redraw(); });
    legend.append(line);
  });
}

function showRamp(legend) {
  const bar = element("div", "", "ramp");
  bar.style.background = `linear-gradient(90deg, ${RAMP.join(",")})`;
  const ends = element("div", "", "ends");
  ends.append(element("span", palette.low.toPrecision(3)), element("span", palette.high.toPrecision(3)));
  legend.append(element("p", state.shade.name), bar, ends);
}

function showCard(x, y) {
  const card = document.getElementById("card");
  card.hidden = state.hovered < 0;
  if (card.hidden) return;
  const row = state.hovered, item = itemOf[row];
  const facts = Object.entries(given.attributes[item]).map(([key, value]) => `${key}: ${value}`);
  const role = given.roles[row] ? ` · ${given.roles[row]}` : "";
  card.replaceChildren(thumbnail(row, 128), element("h2", given.items[item] + role), element("p", facts.slice(0, 6).join(" · ")));
  const others = viewsOf[item].filter((one) => one !== row);
  if (others.length) {
    const strip = element("div", "", "views");
    others.slice(0, 10).forEach((one) => strip.append(thumbnail(one, 44)));
    if (others.length > 10) strip.append(element("p", `and ${others.length - 10} more`));
    card.append(strip);
  }
  const right = x + 18 + card.offsetWidth > seen.width ? x - 18 - card.offsetWidth : x + 18;
  card.style.left = `${Math.max(4, right)}px`;
  card.style.top = `${Math.max(4, Math.min(y + 12, seen.height - card.offsetHeight - 6))}px`;
}

function listed() {
  if (state.chosen.size) return { rows: [...state.chosen], words: "selected" };
  if (state.found) return { rows: [...state.found], words: "found" };
  return { rows: [], words: "" };
}

function showChosen() {
  const { rows, words } = listed();
  const items = new Set(rows.map((row) => itemOf[row]));
  document.getElementById("chosen").hidden = !words;
  document.getElementById("csv").disabled = !rows.length;
  document.getElementById("chosen-count").textContent = `${rows.length} photos, ${items.size} items ${words}`;
  const list = document.getElementById("chosen-list");
  list.replaceChildren(...rows.slice(0, LISTED).map((row) => {
    const line = element("li"), button = element("button");
    button.type = "button";
    button.append(thumbnail(row, 40), element("span", given.items[itemOf[row]]));
    button.title = given.items[itemOf[row]];
    button.addEventListener("click", () => flyTo([row]));
    line.append(button);
    return line;
  }));
  if (rows.length > LISTED) list.append(element("li", `and ${rows.length - LISTED} more in the CSV`));
}

/** Show some photos in the middle, near enough to see them. */
function flyTo(rows) {
  const xs = rows.map((row) => points[2 * row]), ys = rows.map((row) => points[2 * row + 1]);
  const least = (list) => list.reduce((a, b) => Math.min(a, b)), most = (list) => list.reduce((a, b) => Math.max(a, b));
  seen.whole = false;
  seen.x = (least(xs) + most(xs)) / 2;
  seen.y = (least(ys) + most(ys)) / 2;
  const reach = Math.max(most(xs) - least(xs), most(ys) - least(ys), 0.08);
  seen.scale = 0.8 * Math.min(seen.width, seen.height) / reach;
  state.hovered = rows.length === 1 ? rows[0] : -1;
  redraw();
}

function quoted(value) {
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value; // a spreadsheet must not run a name as a formula
  return `"${text.replaceAll('"', '""')}"`;
}

function csvOf(rows) {
  const head = ["item_id", "role", ...columns.filter((one) => one.name !== "role").map((one) => one.name), ...scores.map((one) => one.name)];
  const lines = rows.map((row) => [
    given.items[itemOf[row]], given.roles[row],
    ...columns.filter((one) => one.name !== "role").map((one) => (one.codes[row] < 0 ? "" : one.names[one.codes[row]])),
    ...scores.map((one) => (Number.isFinite(one.values[row]) ? one.values[row].toPrecision(6) : "")),
  ].map((value) => quoted(String(value))).join(","));
  return [head.map(quoted).join(","), ...lines].join("\r\n") + "\r\n";
}

function download(blob, name) {
  const link = element("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 2000);
}
