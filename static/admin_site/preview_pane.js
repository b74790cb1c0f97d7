/* The preview beside the form: the public page with what was kept of the form last, in the language that is edited.
 *
 * One request at a time, and only when something was kept: making a preview holds the database for a moment.
 */
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const REMEMBERED = "previewWidth"; // in this tab: the width that the pane is open with
  const pane = document.getElementById("preview-pane");
  const form = document.querySelector("body.change-form #content-main > form");
  const toggle = document.getElementById("preview-toggle");

  /* The language of the fields that were worked on last; those of the first field before that. */
  let tabs = document.querySelector(".ui-tabs");
  const language = () =>
    [...(tabs ?? document).querySelectorAll(".ui-tabs-panel")].find((panel) => panel.ariaHidden !== "true")
      ?.querySelector(".mt")?.lang ?? "";

  // Every way to a preview leads to that language.
  document.addEventListener("click", ({ target }) => {
    const link = target.closest?.("a[data-preview]");
    if (link && language()) link.search = new URLSearchParams({ language: language() });
  });
  form?.addEventListener("submit", () => {
    const asked = form.querySelector("input[name=language]") ?? document.createElement("input");
    Object.assign(asked, { type: "hidden", name: "language", value: language() });
    form.append(asked);
  });
  if (!pane || !form || !toggle) return;

  const { texts } = JSON.parse(document.getElementById("script-data").textContent);
  const frame = pane.querySelector("iframe");
  const [status, own] = [pane.querySelector("[role=status]"), pane.querySelector("a")];
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const widths = [...pane.querySelectorAll("input[name=preview-width]")];
  let underWay = false;
  let again = false;
  let shownLanguage = "";
  const isOpen = () => !pane.hidden;

  async function ask() {
    const body = new URLSearchParams({ _form_key: form.elements._form_key.value, language: language() });
    const asked = fetch(pane.dataset.url, { method: "POST", headers: { "X-CSRFToken": token }, body });
    const answer = await asked.catch(() => null);
    return answer?.ok && answer.headers.get("Content-Type") === "application/json" ? answer.json() : null;
  }

  function show(url) {
    const place = frame.contentWindow.scrollY;
    const stays = own.getAttribute("href") === url;
    own.href = url;
    frame.contentWindow.location.replace(url);
    return new Promise((resolve) => {
      frame.addEventListener("load", () => {
        if (stays) frame.contentWindow.scrollTo(0, place);
        resolve();
      }, { once: true });
    });
  }

  async function refresh() {
    again = underWay;
    if (underWay || !isOpen()) return;
    underWay = true;
    shownLanguage = language();
    const found = await ask();
    status.textContent = found ? (found.problem ?? "") : texts.noPreview;
    if (found?.url) await show(found.url);
    underWay = false;
    if (again) refresh();
  }

  /* A page wider than the pane is shown smaller, as it would be laid out at that width. */
  function fit() {
    const width = Number(widths.find((radio) => radio.checked).value);
    const room = frame.parentElement;
    const scale = Math.min(1, room.clientWidth / width);
    Object.assign(frame.style, { width: `${width}px`, height: `${room.clientHeight / scale}px`, transform: `scale(${scale})` });
    sessionStorage.setItem(REMEMBERED, String(width));
  }

  function open() {
    pane.hidden = false;
    document.body.classList.add("with-preview");
    toggle.setAttribute("aria-expanded", "true");
    fit();
    refresh();
  }

  function close() {
    pane.hidden = true;
    document.body.classList.remove("with-preview");
    toggle.setAttribute("aria-expanded", "false");
    sessionStorage.removeItem(REMEMBERED);
  }

  toggle.hidden = false;
  toggle.addEventListener("click", () => {
    if (isOpen()) return close();
    open();
    pane.scrollIntoView({ block: "nearest" });
    widths.find((radio) => radio.checked).focus();
  });
  pane.querySelector("button").addEventListener("click", () => { close(); toggle.focus(); });
  pane.addEventListener("keydown", (event) => { if (event.key === "Escape") { close(); toggle.focus(); } });
  for (const radio of widths) radio.addEventListener("change", fit);
  window.addEventListener("resize", () => { if (isOpen()) fit(); });
  form.addEventListener("autosave:kept", refresh);

  for (const type of ["focusin", "click", "change"]) {
    document.addEventListener(type, ({ target }) => {
      if (!target.closest) return;
      tabs = target.closest(".ui-tabs") ?? tabs;
      // The tabs change in handlers of the same event.
      setTimeout(() => { if (isOpen() && language() !== shownLanguage) refresh(); });
    });
  }

  const remembered = widths.find((radio) => radio.value === sessionStorage.getItem(REMEMBERED));
  if (remembered) {
    remembered.checked = true;
    open();
  }
});
