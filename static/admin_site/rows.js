/* Saved rows of an inline start as one line, so that a long list can be read and put in order; a click opens one.
 *
 * New rows and rows with errors are open. Rows with a level (an outline) are indented by it.
 */
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const { texts } = JSON.parse(document.getElementById("script-data").textContent);

  function indent(row) {
    const level = row.querySelector('select[name$="-level"]');
    if (!level) return;
    const show = () => { row.dataset.level = level.value; };
    level.addEventListener("change", show);
    show();
  }

  function fold(row) {
    const heading = row.querySelector(":scope > h3");
    const label = heading.querySelector(".inline_label");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "row-toggle";
    function set(open) {
      row.classList.toggle("closed-row", !open);
      button.setAttribute("aria-expanded", String(open));
    }
    button.setAttribute("aria-label", `${texts.editRow} ${label.textContent.trim()}`);
    button.addEventListener("click", () => set(row.classList.contains("closed-row")));
    label.addEventListener("click", () => button.click());
    label.before(button);
    set(Boolean(row.querySelector(".errorlist")));
  }

  for (const row of document.querySelectorAll('[data-inline-type="stacked"] .inline-related:not(.empty-form)')) {
    indent(row);
    if (row.classList.contains("has_original")) fold(row);
  }
  document.addEventListener("formset:added", (event) => {
    if (event.target.matches(".inline-related")) indent(event.target);
  });
});
