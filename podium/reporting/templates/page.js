"use strict";
// Tables: a click on a heading sorts by it, a second one turns the order round; blanks stay last.
for (const button of document.querySelectorAll("table.sortable th button")) {
  button.addEventListener("click", () => {
    const heading = button.parentElement, row = heading.parentElement;
    const column = [...row.children].indexOf(heading), body = row.closest("table").tBodies[0];
    const isNumber = button.dataset.kind === "num";
    const now = heading.getAttribute("aria-sort");
    const down = now === "none" ? isNumber : now === "ascending";
    for (const other of row.children) if (other.hasAttribute("aria-sort")) other.setAttribute("aria-sort", "none");
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    const key = (line) => {
      const cell = line.children[column], text = cell.dataset.sort ?? cell.textContent.trim();
      if (!isNumber) return text;
      const value = text === "" ? NaN : Number(text.replace(/[,%\s]/g, ""));
      return value;
    };
    const lines = [...body.rows].map((line) => [key(line), line]);
    lines.sort(([a], [b]) => {
      if (!isNumber) return (down ? -1 : 1) * a.localeCompare(b, undefined, { numeric: true });
      if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) - Number.isNaN(b);
      return down ? b - a : a - b;
    });
    body.append(...lines.map(([, line]) => line));
  });
}
// Long tables: a text above leaves the rows of which a cell has it.
for (const table of document.querySelectorAll("table.sortable")) {
  const rows = [...table.tBodies[0].rows];
  if (rows.length <= 8) continue;
  const label = document.createElement("label"), field = document.createElement("input");
  const count = document.createElement("output");
  label.className = "filter";
  field.type = "search";
  field.setAttribute("aria-label", `Filter: ${table.caption?.textContent.trim() ?? ""}`);
  label.append("Filter ", field, count);
  (table.closest(".scroll") ?? table).before(label);
  const tell = () => {
    const wanted = field.value.trim().toLowerCase();
    const has = (row) => [...row.cells].some((cell) => cell.textContent.toLowerCase().includes(wanted));
    for (const row of rows) row.hidden = !has(row);
    count.textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length}`;
  };
  field.addEventListener("input", tell);
  tell();
}
// Pictures and figures open large; the dialog itself knows Escape, and gives the focus back.
const viewer = document.getElementById("viewer");
const show = (what, words, title) => {
  viewer.querySelector(".stage").replaceChildren(what);
  viewer.querySelector("p").textContent = words;
  viewer.setAttribute("aria-label", title);
  viewer.showModal();
};
const showFigure = (figure) => {
  const copy = document.createElement("template");
  // Ids are renamed: what a drawing refers to must not be another drawing's.
  copy.innerHTML = figure.querySelector(".plot svg").outerHTML.replace(/( id="|url\(#|href="#)/g, "$1large-");
  const caption = figure.querySelector("figcaption");
  show(copy.content, caption.querySelector("span")?.textContent ?? "", caption.querySelector("b").textContent);
};
for (const caption of document.querySelectorAll("figure:has(.plot svg) > figcaption")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "enlarge";
  button.textContent = "⤢";
  button.setAttribute("aria-label", `Open large: ${caption.querySelector("b").textContent}`);
  caption.append(button);
}
document.addEventListener("click", ({ target }) => {
  const picture = target.closest("button.open")?.querySelector("img");
  const figure = target.closest(".enlarge, figure > .plot svg")?.closest("figure");
  if (picture) show(picture.cloneNode(), picture.alt, "Image");
  else if (figure) showFigure(figure);
  else if (target === viewer) viewer.close();
});
viewer.addEventListener("close", () => viewer.querySelector(".stage").replaceChildren());
// A link to a closed entry opens it.
const reveal = () => {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target && target.tagName === "DETAILS") { target.open = true; target.scrollIntoView(); }
};
addEventListener("hashchange", reveal);
reveal();
// Print shows the best entries, whatever was closed; others stay as the reader left them.
const opened = [];
addEventListener("beforeprint", () => {
  for (const one of document.images) one.loading = "eager";
  for (const one of document.querySelectorAll("details.best:not([open])")) { one.open = true; opened.push(one); }
});
addEventListener("afterprint", () => { for (const one of opened.splice(0)) one.open = false; });
