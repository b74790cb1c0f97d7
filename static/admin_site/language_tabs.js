/* Completes modeltranslation's language tabs: names, which languages are empty, where the errors are. */
"use strict";

django.jQuery(($) => {
  const { texts } = JSON.parse(document.getElementById("script-data").textContent);
  const names = Object.fromEntries(
    [...document.querySelectorAll("#language-switch button")].map((button) => [button.value, button.textContent.trim()]),
  );
  const fieldOf = (tab) => {
    if (!tab) return undefined;
    const panel = document.getElementById(tab.getAttribute("aria-controls"));
    return panel?.querySelector("input.mt, textarea.mt, select.mt");
  };

  function describe(tab) {
    const field = fieldOf(tab);
    if (!field) return;
    const language = field.lang;
    const empty = !field.value.trim();
    const error = tab.classList.contains("ui-tab-has-errors");
    tab.classList.toggle("empty-language", empty);
    const label = [language.toUpperCase(), names[language] ?? ""].join(" ").trim();
    tab.setAttribute("aria-label", [label, empty && texts.emptyLanguage, error && texts.errorInLanguage].filter(Boolean).join(", "));
    tab.removeAttribute("aria-labelledby"); // it would win over the label
    tab.title = [names[language] ?? language, empty && texts.emptyLanguage].filter(Boolean).join(", ");
  }

  function complete(root) {
    for (const tabs of root.querySelectorAll(".ui-tabs")) {
      let firstError = -1;
      [...tabs.querySelectorAll("[role=tab]")].forEach((tab, index) => {
        // The tab itself is the control; a link inside it would be a second one (WCAG 2.2, 4.1.2).
        tab.querySelector("a").inert = true;
        tab.querySelector("a").removeAttribute("title");
        tab.addEventListener("click", () => $(tabs).tabs("option", "active", index));
        const panel = document.getElementById(tab.getAttribute("aria-controls"));
        if (panel?.querySelector(".errorlist")) {
          tab.classList.add("ui-tab-has-errors");
          if (firstError < 0) firstError = index;
        }
        describe(tab);
      });
      if (firstError >= 0) $(tabs).tabs("option", "active", firstError);
    }
  }

  document.addEventListener("input", (event) => {
    const panel = event.target.classList.contains("mt") && event.target.closest(".ui-tabs-panel");
    if (panel) describe(panel.closest(".ui-tabs").querySelector(`[aria-controls="${CSS.escape(panel.id)}"]`));
  });
  // The tabs of an added row are made after this event, by a handler of the same click.
  document.addEventListener("formset:added", (event) => setTimeout(() => complete(event.target)));

  /* Return the place of the first language that the person may write, where that is not the first one of all. */
  function ownLanguage() {
    const tabs = [...(document.querySelector(".ui-tabs")?.querySelectorAll("[role=tab]") ?? [])];
    return fieldOf(tabs[0])?.disabled ? tabs.findIndex((tab) => fieldOf(tab)?.disabled === false) : -1;
  }

  const select = document.getElementById("modeltranslation-main-switch");
  if (select) {
    for (const option of select.options) option.textContent = names[option.textContent.replace("_", "-")] ?? option.textContent;
    // Whoever translates into one language finds that language open on the next form, too.
    const languages = [...document.querySelectorAll(".ui-tabs")].map((tabs) =>
      [...tabs.querySelectorAll("[role=tab]")].map((tab) => fieldOf(tab)?.lang),
    )[0] ?? [];
    const active = document.querySelector(".ui-tabs .ui-tabs-active");
    const chosen = languages.indexOf(sessionStorage.getItem("fieldLanguage"));
    const wanted = chosen >= 0 ? chosen : ownLanguage();
    if (wanted >= 0) $(select).val(wanted).trigger("change");
    else if (active) select.value = String([...active.parentElement.children].indexOf(active));
    $(select).on("change", () => sessionStorage.setItem("fieldLanguage", languages[Number(select.value)]));
    const label = document.createElement("label");
    label.className = "main-language";
    label.append(`${texts.allLanguages} `, select);
    // In the bar that stays in sight; who may only look has none.
    (document.querySelector("#content-main .submit-row") ?? document.querySelector("#content-main > form"))?.prepend(label);
    if (!select.options.length) label.remove();
  }
  complete(document);
});
