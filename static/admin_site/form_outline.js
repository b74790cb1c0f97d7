/* A long form can be read beside it: an outline of its groups and rows, what each row lacks, and where the errors are. */
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector("body.change-form #content-main > form");
  if (!form || document.body.classList.contains("popup")) return;
  const { texts } = JSON.parse(document.getElementById("script-data").textContent);
  const rowsIn = (group) => [...group.querySelectorAll(".inline-related.has_original, .inline-related:not(.empty-form)[id]")];
  const isTranslated = (field) => field.matches(".mt") && field.lang;

  /* The languages, in their order, in which ``row`` has no text where another language has one. */
  function missingIn(row) {
    const fields = [...row.querySelectorAll(".mt")].filter(isTranslated);
    const nameOf = (field) => field.name.slice(0, -field.lang.length - 1);
    const written = new Set(fields.filter((field) => field.value.trim()).map(nameOf));
    const missing = fields.filter((field) => written.has(nameOf(field)) && !field.value.trim());
    return [...new Set(fields.map((field) => field.lang))].filter((code) => missing.some((field) => field.lang === code));
  }

  function mark(row) {
    const label = row.querySelector(":scope > h3 .inline_label");
    if (!label) return;
    const marks = row.querySelector(":scope > h3 .row-marks") ?? document.createElement("span");
    marks.className = "row-marks";
    const codes = missingIn(row);
    const hasErrors = Boolean(row.querySelector(".errorlist"));
    marks.replaceChildren();
    if (hasErrors) marks.append(chip(`! ${texts.errorInLanguage}`, "row-error"));
    if (codes.length) marks.append(chip(`${texts.missingIn} `, "visually-hidden"));
    for (const code of codes) marks.append(chip(code, "language language-empty"));
    if (!marks.isConnected) label.after(marks);
  }

  function chip(text, className) {
    const made = document.createElement("span");
    made.className = className;
    made.textContent = text;
    return made;
  }

  /* Opens whatever hides ``target``: a closed row, a group that is folded, the tab of another language. */
  function reveal(target) {
    target.closest(".closed-row")?.querySelector(".row-toggle")?.click();
    for (let folded = target.closest("details:not([open])"); folded; folded = folded.parentElement.closest("details:not([open])")) {
      folded.open = true;
    }
    const panel = target.closest(".ui-tabs-panel");
    if (panel) panel.closest(".ui-tabs").querySelector(`[aria-controls="${CSS.escape(panel.id)}"]`)?.click();
  }

  function go(target) {
    reveal(target);
    target.scrollIntoView({ block: "start" });
    const editor = target.closest(".prose-editor")?.querySelector(".ProseMirror");
    const control = target.matches("input, select, textarea, button") ? target : target.querySelector(".row-toggle, h2 a, summary");
    (editor ?? control ?? target).focus({ preventScroll: true });
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.(".error-links a, .form-outline a");
    const target = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!target) return;
    event.preventDefault();
    go(target);
  });

  function entry(target, text) {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = `#${target.id}`;
    link.textContent = text;
    if (target.querySelector(".errorlist")) link.append(" ", chip(`! ${texts.errorInLanguage}`, "row-error"));
    item.append(link);
    return item;
  }

  function outline() {
    const groups = [...form.querySelectorAll("fieldset.module:has(> h2), fieldset.module:has(> details > summary), .inline-group")].filter(
      (group) => !group.parentElement.closest(".inline-group"),
    );
    const list = document.createElement("ol");
    for (const [number, group] of groups.entries()) {
      const heading = group.querySelector("h2, summary");
      if (!heading) continue;
      group.id ||= `group-${number}`;
      group.tabIndex = -1;
      const rows = rowsIn(group);
      const item = entry(group, `${heading.textContent.trim()}${rows.length ? ` (${rows.length})` : ""}`);
      const labels = rows.map((row) => [row, row.querySelector(":scope > h3 .inline_label")?.textContent.trim()]);
      const inner = document.createElement("ol");
      inner.append(...labels.filter(([, label]) => label).map(([row, label]) => entry(row, label)));
      if (inner.children.length) item.append(inner);
      list.append(item);
    }
    return list;
  }

  const nav = document.createElement("nav");
  nav.className = "form-outline";
  nav.setAttribute("aria-label", texts.onThisForm);
  const rows = () => form.querySelectorAll('[data-inline-type="stacked"] .inline-related:not(.empty-form)');
  function draw() {
    nav.replaceChildren(outline());
    rows().forEach(mark);
  }
  draw();
  if (nav.querySelectorAll("li").length > 2) {
    form.before(nav);
    document.body.classList.add("with-outline");
  }
  form.addEventListener("input", (event) => {
    const row = event.target.closest(".inline-related");
    if (row && isTranslated(event.target)) mark(row);
  });
  for (const type of ["formset:added", "formset:removed"]) document.addEventListener(type, () => setTimeout(draw));

  // Not on a button: on what is to be corrected, or in a new form on the first field.
  const errors = document.getElementById("error-links");
  const isNew = document.getElementById("django-admin-form-add-constants")?.dataset.modelName;
  const fields = () => [...form.querySelectorAll("fieldset.module :is(input, select, textarea):not([type=hidden], :disabled)")];
  if (errors) errors.focus();
  else if (isNew) setTimeout(() => fields().find((field) => field.offsetParent)?.focus());
});
