// Suggestions while one types in the search box of the header: a combobox with a list (WAI-ARIA Authoring Practices
// Guide, "Editable Combobox With List Autocomplete"). Without this script it is a plain form.
"use strict";

(() => {
  const SHORTEST = 2; // letters
  const DELAY = 150; // milliseconds after the last key
  const input = document.querySelector("[data-suggestions]");
  if (!input || !window.fetch) return;

  const list = document.createElement("ul");
  list.id = "site.search.suggestions";
  list.className = "suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.labels[0].textContent);
  list.hidden = true;
  const status = document.createElement("p");
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  input.closest("form").append(list, status);
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false",
  })) input.setAttribute(name, value);

  let options = [];
  let active = -1;
  let timer = 0;
  let request = null;

  function choose(number) {
    options[active]?.setAttribute("aria-selected", "false");
    active = number;
    const option = options[active];
    if (option) {
      option.setAttribute("aria-selected", "true");
      option.scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", option.id);
    } else {
      input.removeAttribute("aria-activedescendant");
    }
  }

  function close() {
    clearTimeout(timer);
    request?.abort();
    choose(-1);
    options = [];
    list.hidden = true;
    list.replaceChildren();
    input.setAttribute("aria-expanded", "false");
  }

  function show(suggestions) {
    close();
    options = suggestions.map((suggestion, number) => {
      const option = document.createElement("li");
      option.id = `${list.id}.${number}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.url = suggestion.url;
      const title = document.createElement("span");
      title.textContent = suggestion.title;
      title.lang = suggestion.lang;
      title.dir = suggestion.dir;
      const kind = document.createElement("small");
      kind.textContent = suggestion.kind;
      option.append(title, " ", kind);
      return option;
    });
    list.append(...options);
    list.hidden = !options.length;
    input.setAttribute("aria-expanded", String(options.length > 0));
    const { many, none } = input.dataset;
    status.textContent = options.length ? many.replace("{number}", options.length) : none;
  }

  async function ask(text) {
    request?.abort();
    request = new AbortController();
    try {
      const response = await fetch(`${input.dataset.suggestions}?q=${encodeURIComponent(text)}`, {
        signal: request.signal, credentials: "same-origin",
      });
      if (response.ok) show((await response.json()).suggestions);
    } catch {
      // Aborted, or the network is away: the form still works.
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    const text = input.value.trim();
    if (text.length < SHORTEST) close();
    else timer = setTimeout(ask, DELAY, text);
  });

  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    } else if (["ArrowDown", "ArrowUp"].includes(event.key) && options.length) {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      // One place more than there are options: the text that was typed.
      choose(((active + 1 + step + options.length + 1) % (options.length + 1)) - 1);
    } else if (event.key === "Enter" && options[active]) {
      event.preventDefault();
      location.assign(options[active].dataset.url);
    }
  });

  list.addEventListener("mousedown", (event) => event.preventDefault()); // the input keeps the focus
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) location.assign(option.dataset.url);
  });
  input.addEventListener("blur", close);
})();
