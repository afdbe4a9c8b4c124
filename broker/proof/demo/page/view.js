"use strict";
// Reading needs none of this: it filters the matrix, opens the story a link leads to, and tells why on a click.
(() => {
  const $ = (id) => document.getElementById(id);
  const matrix = $("matrix");
  const open = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const story = target && target.closest("details");
    if (story) { story.open = true; target.scrollIntoView(); }
  };
  addEventListener("hashchange", open);
  open();
  if (!matrix) return;

  const filters = $("filters"), person = $("only-person"), scenes = $("only-scenes");
  const filter = () => {
    for (const row of matrix.querySelectorAll("tr[data-event]")) {
      const other = person.value && row.dataset.person !== person.value;
      row.hidden = Boolean(other || (scenes.checked && row.classList.contains("quiet")));
    }
    for (const body of matrix.tBodies) body.hidden = !body.querySelector("tr[data-event]:not([hidden])");
  };
  filters.hidden = false;
  person.addEventListener("change", filter);
  scenes.addEventListener("change", filter);

  const desks = [...matrix.tHead.rows[0].cells].map((cell) => cell.textContent);
  const why = $("why"), text = $("why-text");
  const tell = (cell) => {
    const row = cell.parentElement, desk = desks[cell.cellIndex];
    const event = document.getElementById(row.dataset.event);
    const group = [...event.querySelectorAll("li[data-desks]")].find((li) => li.dataset.desks.split(" ").includes(desk));
    if (!group) return;
    const list = document.createElement("ul");
    list.append(group.cloneNode(true));
    text.replaceChildren(event.querySelector("p").cloneNode(true), list);
    why.showModal();
  };
  $("why-close").addEventListener("click", () => why.close());
  matrix.classList.add("live");
  // One stop for Tab; arrows walk from sign to sign.
  const signs = [...matrix.querySelectorAll("tbody td[class]:not(.told)")];
  const at = (cell) => { for (const one of signs) one.tabIndex = -1; cell.tabIndex = 0; };
  if (signs.length) at(signs[0]);
  matrix.addEventListener("click", (event) => {
    const cell = event.target.closest("td[class]:not(.told)");
    if (cell) { at(cell); tell(cell); }
  });
  const step = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
  matrix.addEventListener("keydown", (event) => {
    const cell = event.target.closest("td[class]");
    if (!cell) return;
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); tell(cell); return; }
    const move = step[event.key];
    if (!move) return;
    event.preventDefault();
    const rows = [...matrix.querySelectorAll("tr[data-event]:not([hidden])")];
    let row = rows.indexOf(cell.parentElement), column = cell.cellIndex;
    for (;;) {
      row += move[0]; column += move[1];
      const next = rows[row] && rows[row].cells[column];
      if (!next || column < 1) return;
      if (next.matches("td[class]:not(.told)")) { at(next); next.focus(); return; }
    }
  });
})();
