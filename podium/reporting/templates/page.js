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
// Pictures open large.
const viewer = document.getElementById("viewer");
for (const button of document.querySelectorAll("button.open")) {
  button.addEventListener("click", () => {
    const small = button.querySelector("img");
    viewer.querySelector("img").src = small.src;
    viewer.querySelector("img").alt = small.alt;
    viewer.querySelector("p").textContent = small.alt;
    viewer.showModal();
  });
}
viewer.addEventListener("click", (event) => { if (event.target === viewer) viewer.close(); });
// A link to a closed entry opens it.
const reveal = () => {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target && target.tagName === "DETAILS") { target.open = true; target.scrollIntoView(); }
};
addEventListener("hashchange", reveal);
reveal();
addEventListener("beforeprint", () => { for (const one of document.querySelectorAll("details.entry")) one.open = true; });
