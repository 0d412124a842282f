const make = (name, parent, text = "", className = "") => {
  const made = document.createElement(name);
  if (text !== "") made.textContent = text;
  if (className) made.className = className;
  parent?.append(made);
  return made;
};
for (const one of document.querySelectorAll(".explore, .scripted")) one.hidden = false;

// Where one is: the link of the last section, or entry, whose head is above the upper third.
const links = new Map();
for (const link of document.querySelectorAll("nav ul a[href^='#']")) {
  const target = document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (target && !links.has(target)) links.set(target, link);
}
let current = [];
const locate = () => {
  const line = innerHeight / 3;
  const places = [...links].map(([target, link]) => [target.getBoundingClientRect(), link]).filter(([box]) => box.height);
  const above = places.filter(([box]) => box.top <= line && box.bottom > 0).sort(([a], [b]) => a.top - b.top);
  const found = above.length ? [above.at(-1)[1]] : [];
  const whole = found[0]?.closest(".sub")?.parentElement.querySelector("a");
  if (whole) found.push(whole);
  if (found.length === current.length && found.every((one, i) => one === current[i])) return;
  for (const one of current) one.removeAttribute("aria-current");
  for (const one of found) one.setAttribute("aria-current", "location");
  current = found;
  const list = document.querySelector("nav ul"), link = found.at(-1);
  if (link && list.scrollWidth > list.clientWidth) list.scrollLeft = link.offsetLeft - list.clientWidth / 3;
};
let isWaiting = false;
addEventListener("scroll", () => {
  if (isWaiting) return;
  isWaiting = true;
  requestAnimationFrame(() => { isWaiting = false; locate(); });
}, { passive: true });
addEventListener("resize", locate);
locate();

// On a phone, and where a table is too wide for a tablet, a row is a card: each cell is named by its heading.
const stack = (table) => {
  table.classList.remove("stacked");
  const isWide = table.scrollWidth > table.parentElement.clientWidth + 1;
  table.classList.toggle("stacked", innerWidth <= 560 || (innerWidth <= 900 && isWide));
};
const resized = new ResizeObserver((found) => { for (const one of found) stack(one.target.querySelector("table")); });
const asCards = (table) => {
  const heads = [...(table.tHead?.rows[0]?.cells ?? [])].map((cell) => cell.textContent.trim());
  if (heads.length < 3) return;
  table.classList.add("as-cards");
  resized.observe(table.parentElement);
  stack(table);
  for (const row of table.querySelectorAll("tbody tr, tfoot tr")) {
    for (const [i, cell] of [...row.cells].entries()) if (i) cell.dataset.name = heads[i] ?? "";
  }
};
for (const table of document.querySelectorAll(".scroll table")) asCards(table);

// Values beside the pointer: the nearest point of a figure, within reach.
const tip = document.getElementById("tip"), ring = make("i", document.body, "", "ring");
ring.hidden = true;
const read = new WeakMap();
const pointsOf = (svg) => {
  if (!read.has(svg)) read.set(svg, JSON.parse(svg.dataset.points));
  return read.get(svg);
};
const hideTip = () => { tip.hidden = ring.hidden = true; };
const REACH = 26;
addEventListener("pointermove", (event) => {
  const svg = event.target.closest?.("svg[data-points]");
  if (!svg) return hideTip();
  const box = svg.getBoundingClientRect(), scale = box.width / svg.viewBox.baseVal.width;
  let best = null, least = REACH ** 2;
  for (const [name, x, y, points] of pointsOf(svg)) {
    for (const point of points) {
      const away = (box.left + point[0] * scale - event.clientX) ** 2 + (box.top + point[1] * scale - event.clientY) ** 2;
      if (away < least) { least = away; best = [name, x, y, point]; }
    }
  }
  if (!best) return hideTip();
  const [name, x, y, [px, py, a, b]] = best;
  const holder = svg.closest("dialog") ?? document.body;
  if (tip.parentElement !== holder) holder.append(ring, tip);
  tip.replaceChildren();
  if (name) make("b", tip, name);
  const words = b === "" ? [a] : [`${x} ${a}`, `${y} ${b}`];
  for (const one of words) make("span", tip, one.trim());
  tip.hidden = ring.hidden = false;
  const left = box.left + px * scale, top = box.top + py * scale;
  ring.style.translate = `${left}px ${top}px`;
  const width = tip.offsetWidth, height = tip.offsetHeight;
  tip.style.translate = `${Math.max(4, Math.min(left + 12, innerWidth - width - 4))}px ${top - height - 12 > 4 ? top - height - 12 : top + 16}px`;
}, { passive: true });
addEventListener("scroll", hideTip, { passive: true, capture: true });
addEventListener("pointerleave", hideTip);

const chosen = (parent, label, options, value) => {
  const holder = make("label", parent, `${label} `), field = make("select", holder);
  for (const [key, text] of options) make("option", field, text).value = key;
  field.value = value;
  return field;
};
const cellsOf = (parent, caption, heads, rows) => {
  const scroll = make("div", parent, "", "scroll"), table = make("table", scroll, "", "tight");
  make("caption", table, caption);
  const top = make("tr", make("thead", table));
  heads.forEach((one, i) => { make("th", top, one, i ? "num" : "").scope = "col"; });
  const body = make("tbody", table);
  for (const row of rows) {
    const line = make("tr", body);
    row.forEach((one, i) => { const cell = make(i ? "td" : "th", line, String(one), i ? "num" : ""); if (!i) cell.scope = "row"; });
  }
  if (heads.length < 8) asCards(table);
  return scroll;
};
const percent = (n, of) => (of ? `${(100 * n / of).toFixed(1)} %` : "–");
const written = (value, digits = 4) => (value === null || value === undefined ? "–" : Number(value).toFixed(digits));

// The slider: a row of what was counted when the page was made.
for (const source of document.querySelectorAll("script.moving")) {
  const given = JSON.parse(source.textContent), home = source.parentElement;
  const holder = make("label", home, "Threshold ", "slide"), field = make("input", holder), at = make("output", holder);
  field.type = "range";
  field.min = 0;
  field.max = given.steps.length - 1;
  const origin = given.steps.findIndex(([one]) => one === given.start);
  field.value = origin;
  const figures = make("div", home, "", "moved"), pictures = make("div", home, "", "strip");
  const canvases = (given.images ?? []).map(({ id, picture }) => {
    const item = make("figure", pictures), canvas = make("canvas", item), image = new Image();
    make("figcaption", item, id);
    canvas.setAttribute("role", "img");
    const one = { id, canvas, values: null };
    image.addEventListener("load", () => {
      [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
      const context = canvas.getContext("2d", { willReadFrequently: true });
      context.drawImage(image, 0, 0);
      one.values = context.getImageData(0, 0, canvas.width, canvas.height).data;
      paint(one, Number(given.steps[field.value][0]));
    });
    image.src = picture;
    return one;
  });
  const rgb = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
  const colors = (given.colors ?? []).map(rgb);
  // Right pixels have the colour of their class, missed ones are white, false ones are striped.
  const paint = ({ id, canvas, values }, threshold) => {
    if (!values) return;
    const context = canvas.getContext("2d"), shown = context.createImageData(canvas.width, canvas.height);
    let right = 0, missed = 0, wrong = 0;
    for (let i = 0; i < values.length; i += 4) {
      const p = values[i] / 255, truth = values[i + 2], grey = 30 + 90 * p;
      const decided = values[i] >= Math.floor(255 * threshold) && p > 0 ? values[i + 1] : 0;
      let color = [grey, grey, grey];
      if (truth === 255) color = [90, 90, 90];
      else if (decided && decided === truth) { color = colors[decided - 1] ?? color; right++; }
      else if (decided) {
        const isLine = ((i / 4) % canvas.width + Math.floor(i / 4 / canvas.width)) % 4 < 2;
        color = isLine ? colors[decided - 1] ?? color : [20, 20, 20];
        wrong++;
      } else if (truth) { color = [245, 245, 245]; missed++; }
      shown.data.set([...color, 255], i);
    }
    context.putImageData(shown, 0, 0);
    canvas.setAttribute("aria-label", `${id} at ${threshold}: ${right} pixels right, ${missed} missed, ${wrong} false`);
  };
  const tell = () => {
    const [threshold, score, table, kept, of_class] = given.steps[field.value];
    at.textContent = threshold.toFixed(2);
    figures.replaceChildren();
    const line = make("p", figures, "", "verdict");
    make("b", line, `${given.metric} ${written(score)}`);
    const best = given.steps.filter(([, one]) => one !== null);
    if (given.how === "sure") line.append(` on ${kept} of ${given.n} rows (${percent(kept, given.n)})`);
    else if (best.length) {
      const top = best.reduce((a, b) => ((given.greater_is_better ? b[1] > a[1] : b[1] < a[1]) ? b : a));
      line.append(` · best ${written(top[1])} at ${top[0].toFixed(2)}`);
    }
    if (given.how === "sure") {
      const sums = table.map((row) => row.reduce((a, b) => a + b, 0));
      cellsOf(figures, "Rows: actual class. Columns: predicted.", ["", ...given.names, "right"], table.map((row, i) => [given.names[i], ...row, percent(row[i], sums[i])])).classList.add("confused");
    } else {
      const what = given.of === "masks" ? "pixels" : "rows";
      const base = given.steps[origin][4], name = given.class_metric;
      const change = (now, then) => (now === null || then === null ? "–" : `${now < then ? "−" : "+"}${Math.abs(now - then).toFixed(3)}`);
      const held = cellsOf(figures, `Each class at ${threshold.toFixed(2)} · recall and precision of ${what}`, ["Class", name, `against ${given.start.toFixed(2)}`, "highest at", "recall", "precision"], table.map(([both, missed, alarms], i) => [given.names[i], written(of_class[i], 3), change(of_class[i], base[i]), "", percent(both, both + missed), percent(both, both + alarms)]));
      for (const [i, row] of [...held.querySelectorAll("tbody tr")].entries()) {
        const color = given.colors?.[i];
        if (color && given.names.length <= 14) { const chip = make("i", null, "", "chip"); chip.style.background = color; row.cells[0].prepend(chip); }
        const known = given.steps.map((one, k) => [one[4][i], k]).filter(([one]) => one !== null);
        if (!known.length) { row.cells[3].textContent = "–"; continue; }
        const [most, k] = known.reduce((l, r) => (r[0] > l[0] ? r : l));
        const button = make("button", row.cells[3], `${given.steps[k][0].toFixed(2)} (${most.toFixed(3)})`, "goto");
        button.type = "button";
        button.title = `Move the threshold to ${given.steps[k][0].toFixed(2)}`;
        button.addEventListener("click", () => { field.value = k; tell(); figures.querySelectorAll(".goto")[i]?.focus(); });
      }
    }
    for (const one of canvases) paint(one, threshold);
  };
  if (canvases.length) make("p", home, "Colour: a right pixel of its class. White: missed. Striped: predicted, and wrong. Grey: the probability.", "quiet");
  field.addEventListener("input", tell);
  tell();
}

// The gallery: by class, outcome, fold and confidence.
for (const list of document.querySelectorAll("ul.gallery.all")) {
  const items = [...list.children], of = (name) => [...new Set(items.map((one) => one.dataset[name]))].sort((a, b) => a.localeCompare(b, undefined, { numeric: true }));
  const any = [["", "any"]], bar = document.createElement("div");
  bar.className = "filters";
  list.before(bar);
  const isRight = (one) => one.dataset.actual === one.dataset.predicted;
  const outcome = chosen(bar, "outcome", [...any, ["wrong", "wrong"], ["right", "right"]], items.some(isRight) ? "wrong" : "");
  const actual = chosen(bar, "actual", [...any, ...of("actual").map((one) => [one, one])], "");
  const predicted = chosen(bar, "predicted", [...any, ...of("predicted").map((one) => [one, one])], "");
  const fold = chosen(bar, "fold", [...any, ...of("fold").map((one) => [one, one])], "");
  const holder = make("label", bar, "confidence from "), sure = make("input", holder), count = make("output", bar);
  const values = items.map((one) => Number(one.dataset.confidence));
  Object.assign(sure, { type: "number", step: "any", min: 0, value: 0 });
  const filter = () => {
    let n = 0;
    items.forEach((one, i) => {
      const { actual: a, predicted: p, fold: f } = one.dataset;
      one.hidden = (actual.value && a !== actual.value) || (predicted.value && p !== predicted.value) || (fold.value && f !== fold.value)
        || (outcome.value && isRight(one) !== (outcome.value === "right")) || values[i] < Number(sure.value);
      n += !one.hidden;
    });
    count.textContent = `${n} of ${items.length}`;
  };
  bar.addEventListener("input", filter);
  filter();
  for (const link of document.querySelectorAll("a[href='#gallery'][data-actual]")) {
    link.addEventListener("click", () => {
      [outcome.value, actual.value, predicted.value, fold.value, sure.value] = ["wrong", link.dataset.actual, link.dataset.predicted, "", 0];
      filter();
    });
  }
}

// Two runs side by side.
const compared = document.getElementById("compared");
if (compared) {
  const given = JSON.parse(compared.textContent), home = compared.parentElement, runs = given.runs;
  const bar = make("div", home, "", "filters"), shown = make("div", home);
  const names = runs.map(({ id, score, of }, i) => [String(i), score === null ? id : `${id} · ${written(score)}${of && ` ${of}`}`]);
  const first = chosen(bar, "A", names, "0"), second = chosen(bar, "B", names, "1");
  const columns = [...new Set(runs.flatMap(({ curves }) => Object.keys(curves)))];
  const both = columns.filter((one) => runs.slice(0, 2).every(({ curves }) => one in curves));
  const usual = [given.metric, ...both.filter((one) => !/loss|^lr$/.test(one)), ...both].find((one) => both.includes(one)) ?? columns[0];
  const column = chosen(bar, "curve", columns.map((one) => [one, one.replaceAll("_", " ")]), usual);
  const svgOf = (name, a, b) => {
    const w = innerWidth < 560 ? 350 : 640, h = 240, left = 52, bottom = 30, space = "http://www.w3.org/2000/svg";
    const all = [a, b].flatMap(([, values]) => values ?? []).filter((one) => one !== null);
    if (!all.length) return make("p", null, "Neither run has this curve.", "quiet");
    let low = Math.min(...all), high = Math.max(...all);
    if (low === high) [low, high] = [low - 0.5, high + 0.5];
    const longest = Math.max(...[a, b].map(([, values]) => values?.length ?? 0), 2);
    const x = (i) => left + (w - left - 12) * i / (longest - 1), y = (v) => 12 + (h - 12 - bottom) * (1 - (v - low) / (high - low));
    const svg = document.createElementNS(space, "svg"), points = [];
    svg.setAttribute("viewBox", `0 0 ${w} ${h}`);
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", `${name} by epoch of ${a[0]} and ${b[0]}`);
    const add = (kind, facts, text) => {
      const made = document.createElementNS(space, kind);
      for (const [key, value] of Object.entries(facts)) made.setAttribute(key, value);
      if (text) made.textContent = text;
      svg.append(made);
    };
    for (const share of [0, 0.5, 1]) {
      const value = low + share * (high - low);
      add("line", { x1: left, x2: w - 12, y1: y(value), y2: y(value), class: "grid" });
      add("text", { x: left - 6, y: y(value) + 4, "text-anchor": "end" }, value.toPrecision(3));
    }
    add("text", { x: w - 12, y: h - 4, "text-anchor": "end" }, "epoch");
    add("text", { x: left, y: h - 4 }, name.replaceAll("_", " "));
    for (const [[id, values], className] of [[a, "a"], [b, "b"]]) {
      const known = (values ?? []).map((v, i) => [i, v]).filter(([, v]) => v !== null);
      if (!known.length) continue;
      add("polyline", { points: known.map(([i, v]) => `${x(i).toFixed(1)},${y(v).toFixed(1)}`).join(" "), class: className });
      for (const [i, v] of known) add("circle", { cx: x(i), cy: y(v), r: known.length < 40 ? 3 : 1.5, class: className });
      points.push([id, "epoch", name, known.map(([i, v]) => [x(i), y(v), String(i + 1), String(v)])]);
    }
    svg.dataset.points = JSON.stringify(points);
    const plot = make("div", null, "", "plot pair");
    plot.append(svg);
    for (const [id, values] of [a, b]) if (!values) make("p", plot, `${id} has no such curve.`, "quiet");
    return plot;
  };
  const images = (parent, title, ids, text) => {
    make("h3", parent, `${title}: ${ids.length} image${ids.length === 1 ? "" : "s"}`);
    const list = make("ul", parent, "", "gallery small"), there = ids.filter(([id]) => given.pictures[id]);
    for (const [id, words] of there.slice(0, 24)) {
      const item = make("li", list), button = make("button", item, "", "open"), image = make("img", button);
      button.type = "button";
      button.setAttribute("aria-label", `Open image ${id}`);
      Object.assign(image, { src: given.pictures[id], alt: `Image ${id}${words.length ? `: ${words.join(", ")}` : ""}`, loading: "lazy" });
      for (const one of words) make("p", item, one, "meta");
      make("p", item, id, "meta id");
    }
    const rest = ids.filter(([id]) => !given.pictures[id]);
    if (rest.length) make("p", parent, `${there.length ? "Also " : ""}${rest.slice(0, 12).map(([id]) => id).join(", ")}${rest.length > 12 ? ` and ${rest.length - 12} more` : ""}. ${text}`, "quiet");
  };
  const phasesOf = ({ recipe }) => [...new Set(Object.keys(recipe).map((one) => (one.match(/^phases\[([^\]]*)\]/) || [])[1]).filter((one) => one !== undefined))];
  const twins = (ofA, ofB) => ofB.map((name, i) => [name, ofA[i]]).filter(([name, twin]) => twin !== undefined && !ofA.includes(name) && !ofB.includes(twin));
  const renamed = (run, pairs) => {
    const recipe = { ...run.recipe }, written = new Set(run.written);
    for (const [name, twin] of pairs) {
      for (const key of Object.keys(recipe).filter((one) => one.startsWith(`phases[${name}]`))) {
        const path = `phases[${twin}]${key.slice(name.length + 8)}`;
        if (path === key) continue;
        recipe[path] = recipe[key];
        if (written.delete(key)) written.add(path);
        delete recipe[key];
      }
      recipe[`phases[${twin}].name`] = name;
      written.add(`phases[${twin}].name`);
    }
    return { recipe, written: [...written] };
  };
  const compare = () => {
    const [a, b] = [runs[first.value], runs[second.value]];
    shown.replaceChildren();
    const key = make("p", shown, "", "pair-key");
    make("b", key, `A ${a.id}`, "a");
    make("b", key, `B ${b.id}`, "b");
    shown.append(svgOf(column.value, [`A ${a.id}`, a.curves[column.value]], [`B ${b.id}`, b.curves[column.value]]));
    // Values that a recipe does not set are its defaults; a key that it cannot have is a dash.
    const value = (run, key) => (key in run.recipe ? `${run.recipe[key]}${run.written.includes(key) ? "" : " (default)"}` : "–");
    // Phases in one place of which only the names differ are one phase, by the name that A has.
    const pairs = twins(phasesOf(a), phasesOf(b));
    const [own, other] = [renamed(a, pairs.map(([, twin]) => [twin, twin])), renamed(b, pairs)];
    const paths = [...new Set([...own.written, ...other.written])].filter((one) => own.recipe[one] !== other.recipe[one]).sort();
    if (paths.length) cellsOf(shown, `Recipes: ${paths.length} key${paths.length > 1 ? "s" : ""} differ${paths.length > 1 ? "" : "s"}`, ["Key", `A ${a.id}`, `B ${b.id}`], paths.map((one) => [one, value(own, one), value(other, one)])).classList.add("keys-differ");
    else make("p", shown, "Their recipes are the same.", "quiet");
    if (!a.rows || !b.rows) { make("p", shown, "One of them has no out-of-fold predictions that can be compared.", "quiet"); return; }
    const both = given.ids.map((id, i) => [id, a.rows[i], b.rows[i]]).filter(([, p, q]) => p !== null && q !== null);
    const some = both.length < given.n ? ` (${both.length} of ${given.n} rows)` : "";
    const more = "podium show IMAGE_ID shows everything about one.";
    const better = (sign) => both.filter(([, p, q]) => sign * (p - q) >= (given.what === "right" ? 1 : 0.1)).sort((l, r) => sign * ((r[1] - r[2]) - (l[1] - l[2])));
    for (const [sign, one, other] of [[1, `A ${a.id}`, `B ${b.id}`], [-1, `B ${b.id}`, `A ${a.id}`]]) {
      const title = given.what === "right" ? `${one} is right, ${other} is wrong` : `${one} scores higher than ${other}, by 0.1 or more`;
      images(shown, `${title}${some}`, better(sign).map(([id, p, q]) => [id, given.what === "right" ? [] : [`A ${written(p, 2)}`, `B ${written(q, 2)}`]]), more);
    }
  };
  bar.addEventListener("input", compare);
  compare();
}

// Served over loopback, the page asks whether there is a newer one; what was open stays open.
if ("live" in document.documentElement.dataset) {
  const kept = "podium-open", state = document.querySelector("meta[name=podium-state]").content;
  const entries = [...document.querySelectorAll("details[id]")];
  try {
    const before = JSON.parse(sessionStorage.getItem(kept));
    if (before) for (const one of entries) if (one.id in before) one.open = before[one.id];
  } catch { /* the first time, or a browser that keeps nothing */ }
  const note = make("p", document.querySelector("main > footer"), "Live: this page loads itself again when something has changed.");
  setInterval(async () => {
    if (document.hidden || document.getElementById("viewer").open || document.activeElement?.matches("input, select")) return;
    try {
      const reply = await fetch("state");
      const now = (await reply.text()).trim();
      if (!reply.ok || !now || now === state) return;
      sessionStorage.setItem(kept, JSON.stringify(Object.fromEntries(entries.map((one) => [one.id, one.open]))));
      location.reload();
    } catch { note.textContent = "podium report --serve has ended: this page stays as it is."; }
  }, 2000);
}
