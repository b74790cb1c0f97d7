/* Small comforts of every form: a colour picker beside colour fields, and a warning before typed text is lost. */
"use strict";

document.addEventListener("DOMContentLoaded", () => {
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
});
