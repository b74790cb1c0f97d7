/* Ordered inlines: buttons to move a row up and down, drag and drop, and the next place for a new row.
 *
 * The order is the number in each row's "position" field, which is shown and can be typed in without this script.
 */
"use strict";

django.jQuery(() => {
  const { texts } = JSON.parse(document.getElementById("script-data").textContent);
  const status = document.createElement("div");
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  document.body.append(status);
  let dragged = null;

  const prefixOf = (group) => group.id.replace(/-group$/, "");
  const positionOf = (row) => row.querySelector('input[name$="-position"]');
  const rowsOf = (group) =>
    [...group.querySelectorAll(".inline-related[id], tr.form-row[id]")].filter(
      (row) => !row.classList.contains("empty-form") && positionOf(row),
    );

  function updateButtons(rows) {
    rows.forEach((row, index) => {
      row.querySelector(".move-up").disabled = index === 0;
      row.querySelector(".move-down").disabled = index === rows.length - 1;
    });
  }

  function renumber(group) {
    const rows = rowsOf(group);
    rows.forEach((row, index) => {
      const field = positionOf(row);
      if (field.value === String(index)) return;
      field.value = index;
      field.dispatchEvent(new Event("change", { bubbles: true }));
    });
    updateButtons(rows);
  }

  /* After a refused save the rows come back in the order of their fields' names, not of their places. */
  function sort(group) {
    const rows = rowsOf(group);
    const place = (row) => (positionOf(row).value === "" ? Infinity : Number(positionOf(row).value));
    const sorted = [...rows].sort((a, b) => place(a) - place(b));
    if (sorted.some((row, index) => row !== rows[index])) {
      sorted.slice(1).forEach((row, index) => { sorted[index].after(row); });
    }
    updateButtons(sorted);
  }

  function move(row, reference, group) {
    // A table may hold the errors of a row in a row of their own, right above it.
    const errors = row.previousElementSibling?.classList.contains("row-form-errors") ? row.previousElementSibling : null;
    reference.before(row);
    if (errors) row.before(errors);
    renumber(group);
    const rows = rowsOf(group);
    status.textContent = texts.moved.replace("%(place)s", rows.indexOf(row) + 1).replace("%(count)s", rows.length);
  }

  function step(row, group, by) {
    const rows = rowsOf(group);
    const other = rows[rows.indexOf(row) + by];
    if (!other) return;
    if (by < 0) move(row, other, group);
    else move(other, row, group);
  }

  function button(kind, sign, text, action) {
    const element = Object.assign(document.createElement("button"), { type: "button", className: kind, textContent: sign });
    element.title = element.ariaLabel = text;
    element.addEventListener("click", () => {
      action();
      if (element.disabled) element.parentElement.querySelector("button:enabled")?.focus();
      else element.focus();
    });
    return element;
  }

  function prepare(row, group) {
    row.querySelector(".reorder")?.remove();
    const tools = document.createElement("span");
    tools.className = "reorder";
    const handle = document.createElement("span");
    Object.assign(handle, { className: "drag-handle", draggable: true, title: texts.drag, ariaHidden: "true", textContent: "⠿" });
    handle.addEventListener("dragstart", (event) => {
      dragged = row;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setDragImage(row, 0, 0);
      row.classList.add("dragged");
    });
    handle.addEventListener("dragend", () => {
      row.classList.remove("dragged");
      dragged = null;
      renumber(group);
    });
    tools.append(
      handle,
      button("move-up", "↑", texts.moveUp, () => step(row, group, -1)),
      button("move-down", "↓", texts.moveDown, () => step(row, group, 1)),
    );
    (row.querySelector(":scope > h3") ?? positionOf(row).closest("td")).prepend(tools);
  }

  /* Django renames the fields of all rows in the order of the page when a new row is removed. Rows that are in the
   * database must keep the first numbers, and the tabs' own references must follow. */
  function rename(group) {
    const prefix = prefixOf(group);
    const pattern = new RegExp(`${prefix}-\\d+`, "g");
    const rows = rowsOf(group);
    const saved = (row) => row.classList.contains("has_original");
    const ordered = [...rows.filter(saved), ...rows.filter((row) => !saved(row))];
    const attributes = ["id", "name", "for", "href", "aria-controls", "aria-labelledby", "aria-describedby"];
    ordered.forEach((row, index) => {
      for (const element of [row, ...row.querySelectorAll("*")]) {
        for (const name of attributes) {
          const value = element.getAttribute(name);
          if (value?.includes(prefix)) element.setAttribute(name, value.replace(pattern, `${prefix}-${index}`));
        }
      }
    });
  }

  for (const group of document.querySelectorAll(".js-inline-admin-formset")) {
    if (!group.querySelector('input[name$="-position"]')) continue;
    group.classList.add("reorderable");
    rowsOf(group).forEach((row) => { prepare(row, group); });
    sort(group);
    group.addEventListener("formset:added", (event) => {
      prepare(event.target, group);
      renumber(group);
    });
    document.addEventListener("formset:removed", (event) => {
      if (event.detail.formsetName !== prefixOf(group)) return;
      // Django renames after this event.
      setTimeout(() => {
        rename(group);
        renumber(group);
      });
    });
    group.addEventListener("dragover", (event) => {
      const row = dragged && event.target.closest(".inline-related[id], tr.form-row[id]");
      if (!row || row === dragged || !rowsOf(group).includes(row) || !rowsOf(group).includes(dragged)) return;
      event.preventDefault();
      const box = row.getBoundingClientRect();
      if (event.clientY < box.top + box.height / 2) row.before(dragged);
      else row.after(dragged);
    });
    group.addEventListener("drop", (event) => event.preventDefault());
  }
});
