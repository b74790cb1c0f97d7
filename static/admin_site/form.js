/* Small comforts of every form: a colour picker beside colour fields, names for fields that have no label,
 * and a warning before typed text is lost.
 */
"use strict";

django.jQuery(() => {
  const { texts } = JSON.parse(document.getElementById("script-data").textContent);

  function addPicker(field) {
    if (field.id.includes("__prefix__") || field.nextElementSibling?.type === "color") return;
    const picker = document.createElement("input");
    picker.type = "color";
    picker.className = "colour-picker";
    picker.setAttribute("aria-label", texts.chooseColour);
    const show = () => { if (/^#[0-9a-f]{6}$/i.test(field.value)) picker.value = field.value.toLowerCase(); };
    field.addEventListener("input", show);
    picker.addEventListener("input", () => {
      field.value = picker.value;
      field.dispatchEvent(new Event("change", { bubbles: true }));
    });
    show();
    field.after(picker);
  }

  /* Select2 names its parts by their content only; give them the name of the field (WCAG 2.2, 4.1.2). */
  function nameAutocomplete(select) {
    const parts = select.nextElementSibling;
    const name = select.getAttribute("aria-label") ?? select.labels[0]?.textContent.replace(/[:\s]+$/, "").trim();
    if (!name || !parts?.classList.contains("select2")) return;
    const combobox = parts.querySelector(".select2-selection--single");
    if (combobox) {
      combobox.removeAttribute("aria-labelledby");
      combobox.setAttribute("aria-label", name);
      const value = combobox.querySelector("[role=textbox]");
      value?.removeAttribute("role");
      value?.removeAttribute("aria-readonly");
    }
    parts.querySelector(".select2-search__field")?.setAttribute("aria-label", name);
    if (!combobox) parts.querySelector(".select2-selection")?.setAttribute("aria-label", name);
  }

  /* Cells of a tabular inline have no label of their own: the head of their column names them. */
  function nameCell(field) {
    const cell = field.closest("td");
    if (field.labels?.length || !cell) return;
    const head = field.closest("table").querySelectorAll("thead th")[cell.cellIndex];
    if (head) field.setAttribute("aria-label", head.textContent.trim());
  }

  function nameAll(root) {
    root.querySelectorAll(".tabular td :is(input:not([type=hidden]), select, textarea)").forEach(nameCell);
    root.querySelectorAll("select.admin-autocomplete").forEach(nameAutocomplete);
  }
  nameAll(document);
  // In added rows, Select2 starts in another handler of the same event.
  document.addEventListener("formset:added", (event) => setTimeout(() => nameAll(event.target)));

  /* Dashes of all kinds and slashes part the words of a slug, and dots and commas its numbers; see slug_of() in forms.py. */
  const urlify = window.URLify;
  if (urlify) {
    window.URLify = (text, ...rest) =>
      urlify(text.replace(/[\u2010-\u2015\u2212/]/g, "-").replace(/(?<=\d)[.,:](?=\d)/g, "-"), ...rest);
  }

  const addPickers = (root) => root.querySelectorAll("input.colour-field").forEach(addPicker);
  addPickers(document);
  document.addEventListener("formset:added", (event) => addPickers(event.target));

  const form = document.querySelector("body.change-form #content-main > form");
  if (!form || document.body.classList.contains("popup")) return;
  let changed = false;
  const note = (event) => { changed ||= event.isTrusted || event.target.matches("[data-rich-text]"); };
  form.addEventListener("input", note);
  form.addEventListener("change", note);
  form.addEventListener("submit", () => { changed = false; });
  window.addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });

  const more = form.querySelector(".more-buttons");
  more?.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !more.open) return;
    more.open = false;
    more.querySelector("summary").focus();
  });
  document.addEventListener("click", ({ target }) => { if (more?.open && !more.contains(target)) more.open = false; });
  more?.addEventListener("focusout", ({ relatedTarget }) => { if (relatedTarget && !more.contains(relatedTarget)) more.open = false; });

  /* Ctrl+S saves the draft; where saving is publishing, it is left to the browser. */
  const saveDraft = form.querySelector("[aria-keyshortcuts~='Control+S']");
  document.addEventListener("keydown", (event) => {
    const isSave = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "s";
    if (!isSave || !saveDraft) return;
    event.preventDefault();
    if (!event.repeat) form.requestSubmit(saveDraft);
  });
});
