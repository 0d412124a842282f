"use strict";
const given = JSON.parse(document.getElementById("given").textContent);
const KEYS = "1234567890qwertyuiopasdfghjklzxcvbnm";
const MOST_BUTTONS = KEYS.length;
const place = "podium-labels:" + given.request;
const element = (id) => document.getElementById(id);
const make = (name, text, parent) => {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  if (parent) parent.append(made);
  return made;
};
const isMany = given.kind === "many";
const isTyped = given.kind === "value" || given.classes.length > MOST_BUTTONS;

// What was picked before, in this browser. It is kept with the tab, too, and the newest holds:
// Chromium 156 now and then shows a page that is a file another store after a reload.
let answers = Object.create(null);  // with nothing in it: an id may be "constructor"
const complain = (text) => { element("trouble").textContent = text; element("trouble").hidden = false; };
try {
  const stored = [JSON.parse(localStorage.getItem(place)), history.state].filter((one) => one && one.place === place);
  const newest = stored.reduce((first, one) => (one.at > first.at ? one : first), { at: 0, answers: {} });
  const kept = newest.answers;
  for (const { row } of given.cards) if (typeof kept[row.id] === "string" && isAnswer(kept[row.id])) answers[row.id] = kept[row.id];
} catch (error) {
  complain("This browser keeps nothing for this page: download the answers before you close it.");
}
const keep = () => {
  keep.sent?.();
  const kept = { place, at: Date.now(), answers: { ...answers } };
  try { history.replaceState(kept, ""); } catch { /* too often for some browsers: the other one is kept */ }
  try { localStorage.setItem(place, JSON.stringify(kept)); }
  catch (error) { complain("This browser keeps nothing for this page: download the answers before you close it."); }
};
// Spaces around a name do not count, unless the class has them.
function written(text, names) { return names.includes(text) ? text : text.trim(); }
function parts(text) {
  if (text.trim() === given.nothing) return [];
  return text.split(given.separator).filter((one) => one.trim()).map((one) => written(one, given.classes));
}
function meant(text) {
  if (given.kind === "value") return text.trim();
  if (!isMany) return written(text, given.classes);
  const chosen = parts(text);
  if (!chosen.length || !chosen.every((one) => given.classes.includes(one))) return text.trim();
  return given.classes.filter((one) => chosen.includes(one)).join(given.separator);
}
function isAnswer(text) {
  // As float32, as in training; Number() alone also takes 0x10.
  if (given.kind === "value") {
    // Of several numbers some may be left out, and one is needed.
    const several = given.numbers.length > 0;
    const parts = (several ? text.split(given.separator) : [text]).map((part) => part.trim());
    const written = several ? parts.filter((part) => part !== "") : parts;
    const isNumber = (part) => /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(part) && Number.isFinite(Math.fround(Number(part)));
    return (!several || parts.length === given.numbers.length) && written.length > 0 && written.every(isNumber);
  }
  if (!isMany) return given.classes.includes(text);
  const chosen = parts(text);
  return text === given.nothing || (chosen.length > 0 && chosen.every((one) => given.classes.includes(one)));
}

// One card an image.
const cards = given.cards.map(({ picture, row }, number) => {
  const item = make("li", "", element("cards"));
  const image = make("img", "", item);
  image.loading = "lazy";
  image.alt = row.id;
  image.addEventListener("load", () => image.classList.toggle("small", Math.max(image.naturalWidth, image.naturalHeight) < 128));
  image.src = picture;
  make("p", row.id, item);
  const guess = make("p", "guess: " + row.predicted + (row.confidence && " (" + row.confidence + ")"), item);
  guess.className = "guess";
  const picks = make("div", "", item);
  picks.className = "picks";
  const card = { row, item, guess, buttons: [], input: null, number };
  item.addEventListener("click", () => point(card));
  if (isTyped) typed(card, picks); else pressed(card, picks);
  return card;
});
function pressed(card, picks) {
  const names = isMany ? [...given.classes, given.nothing] : given.classes;
  names.forEach((name, index) => {
    const button = make("button", "", picks);
    button.type = "button";
    const key = isMany && name === given.nothing ? "-" : KEYS[index];
    make("kbd", key, button);
    button.append(name);
    button.addEventListener("click", (event) => { event.stopPropagation(); point(card); pick(card, name); });
    card.buttons.push({ name, button, key });
  });
}
function typed(card, picks) {
  const input = make("input", "", picks);
  input.setAttribute("list", "classes");
  input.setAttribute("aria-label", "label of " + card.row.id);
  input.placeholder = given.kind === "value" ? given.numbers.join(given.separator) || "a number" : isMany ? "classes, with " + JSON.stringify(given.separator) + " between" : "a class";
  input.addEventListener("focus", () => point(card));
  input.addEventListener("change", () => {
    const text = meant(input.value);
    const isGood = !text || isAnswer(text);
    input.setCustomValidity(isGood ? "" : "this is none of the answers");
    input.reportValidity();
    // The text is not a valid answer, and the previous answer was removed.
    answer(card, isGood ? text : "");
    if (isGood) input.value = text;
  });
  input.addEventListener("keydown", (event) => { if (event.key === "Enter") { input.blur(); if (input.checkValidity()) step(1); } });
  card.input = input;
}
if (isTyped && given.kind !== "value") {
  const list = make("datalist", "", document.body);
  list.id = "classes";
  for (const name of given.classes) make("option", "", list).value = name;
}

// Picking.
let current = null;
function answer(card, text) {
  if (text) answers[card.row.id] = text; else delete answers[card.row.id];
  keep();
  mark(card);
  count();
}
function set(card, text) {
  answer(card, text);
  show(card);
}
function pick(card, name) {
  const now = answers[card.row.id] || "";
  if (!isMany) {
    set(card, now === name ? "" : name);
    if (now !== name) step(1);
    return;
  }
  if (name === given.nothing) { set(card, now === name ? "" : name); return; }
  const chosen = parts(now);
  const next = given.classes.filter((one) => (one === name) !== chosen.includes(one));
  set(card, next.join(given.separator));
}
function show(card) {
  const text = answers[card.row.id] || "";
  const chosen = isMany ? (text === given.nothing ? [text] : parts(text)) : [text];
  for (const { name, button } of card.buttons) button.setAttribute("aria-pressed", String(text !== "" && chosen.includes(name)));
  if (card.input && document.activeElement !== card.input) card.input.value = text;
  mark(card);
}
function mark(card) {
  card.item.classList.toggle("answered", card.row.id in answers);
}
function count() {
  element("done").textContent = Object.keys(answers).length + " of " + cards.length + " answered";
}
function point(card) {
  if (current) current.item.classList.remove("current");
  current = card;
  card.item.classList.add("current");
}
function step(by) {
  const shown = cards.filter((card) => !card.item.hidden);
  if (!shown.length) return;
  // The current card may be hidden by now: the nearest one that is shown comes next.
  const at = current ? current.number : -1;
  const next = by > 0 ? shown.find((card) => card.number > at) : shown.findLast((card) => card.number < at);
  if (!next) return;
  point(next);
  next.item.scrollIntoView({ block: "nearest" });
  if (next.input && document.activeElement.tagName !== "SELECT") next.input.focus();
}
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (["INPUT", "SELECT"].includes(event.target.tagName) && event.target.type !== "checkbox") return;
  if (event.key === "ArrowRight" || event.key === "ArrowDown") step(1);
  else if (event.key === "ArrowLeft" || event.key === "ArrowUp") step(-1);
  else if (event.key === "Backspace" && current) set(current, "");
  else {
    const button = current && current.buttons.find(({ key }) => key === event.key.toLowerCase());
    if (!button) return;
    pick(current, button.name);
  }
  event.preventDefault();
});

// Filters. The models' predictions are hidden by default: they would bias the labels.
for (const name of [...new Set(given.cards.map(({ row }) => row.predicted))].sort()) make("option", name, element("guess")).value = name;
function filter() {
  const which = element("which").value;
  const find = element("find").value.toLowerCase();
  const guess = element("guesses").checked ? element("guess").value : "";
  element("guess-box").hidden = !element("guesses").checked;
  let n = 0;
  for (const { row, item, guess: predicted } of cards) {
    predicted.hidden = !element("guesses").checked;
    const isAnswered = row.id in answers;
    item.hidden = (which === "open" && isAnswered) || (which === "answered" && !isAnswered) || (guess !== "" && row.predicted !== guess) || !row.id.toLowerCase().includes(find);
    n += !item.hidden;
  }
  element("none").hidden = n > 0;
}
for (const id of ["which", "find", "guesses", "guess"]) element(id).addEventListener("input", filter);

// The answers, as a table.
// Semicolons and tabs are quoted, too: where a comma is the decimal mark, spreadsheets part at them.
const cell = (text) => (/[",;\t\r\n]|^\s|\s$/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text);
function table() {
  const lines = [given.columns.join(",")];
  for (const { row } of cards) {
    if (row.id in answers) lines.push(given.columns.map((name) => cell(name === "label" ? answers[row.id] : row[name])).join(","));
  }
  return lines.join("\n") + "\n";
}
element("download").addEventListener("click", () => {
  const link = make("a");
  link.href = URL.createObjectURL(new Blob([table()], { type: "text/csv" }));
  link.download = given.request + "-answers.csv";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);  // some browsers begin to read it later
});
const keys = isTyped ? "Type the label and press Enter." : isMany ? "Click the classes that are there, or press their keys; “" + given.nothing + "” says that none is." : "Click the class, or press its key.";
element("how").textContent = keys + " Arrows move, Backspace takes an answer back, and what you leave open stays open. Then download the answers and run: podium label import FILE.csv";
// Served by podium report --serve, every answer is sent to a file beside the sheet.
if ("live" in document.documentElement.dataset) {
  const told = make("output", "", element("download").parentElement);
  let waiting = 0, isFirst = true;
  const send = async () => {
    try {
      const reply = await fetch("answers", { method: "POST", body: table(), headers: { "Content-Type": "text/csv" } });
      if (!reply.ok) throw new Error(await reply.text());
      const file = (await reply.text()).trim();
      told.textContent = "saved in " + file;
      element("how").textContent = keys + " Arrows move, Backspace takes an answer back. Then run: podium label import " + file;
    } catch (error) { told.textContent = ""; complain("The answers were not saved to the file (" + error.message + "): download them before you close this page."); }
  };
  keep.sent = () => { if (isFirst && !Object.keys(answers).length) return; isFirst = false; clearTimeout(waiting); waiting = setTimeout(send, 400); };
  keep.sent();
}
cards.forEach(show);
count();
filter();
if (cards.length) point(cards.find(({ row }) => !(row.id in answers)) || cards[0]);
