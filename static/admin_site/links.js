/* The link of the rich text editor, and the window in which somebody says where it leads.
 *
 * What is typed is looked up by the server (LinkChoicesView), which knows the items, and what an address is. A combobox
 * with a list (WAI-ARIA Authoring Practices, "Editable Combobox With List Autocomplete").
 */
import { Link as BaseLink } from "django-prose-editor/editor";

const { choices: CHOICES, texts } = JSON.parse(document.getElementById("script-data").textContent).richText;
const REFERENCE = "item:"; // how a link to an item is stored
const PAUSE = 200; // milliseconds without a key before what was typed is looked up

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

async function lookUp(typed, signal) {
  const response = await fetch(`${CHOICES}?${new URLSearchParams({ q: typed })}`, { signal });
  if (!response.ok || response.redirected) throw new Error(response.statusText);
  return response.json();
}

/* The window. ``answer`` is called once, with where the link leads and its title, or with nothing. */
class LinkWindow {
  constructor(attributes, answer) {
    this.answer = answer;
    this.found = [];
    this.active = -1;
    this.chosen = attributes.href?.startsWith(REFERENCE) ? { href: attributes.href } : null;
    this.build(attributes);
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.input.focus();
    if (attributes.href) this.showPresent(attributes.href);
  }

  build({ href, title }) {
    this.input = make("input", {
      type: "text", id: "link-to", role: "combobox", autocomplete: "off", spellcheck: "false",
      "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": "link-choices",
      "aria-describedby": "link-help link-status",
    });
    this.input.value = href ?? "";
    this.title = make("input", { type: "text", id: "link-title", autocomplete: "off" });
    this.title.value = title ?? "";
    this.list = make("ul", { id: "link-choices", role: "listbox", "aria-label": texts.linkTo, hidden: "" });
    this.status = make("p", { id: "link-status", class: "link-status", role: "status" });
    const apply = make("button", { type: "submit", class: "button default" }, texts.Update);
    const cancel = make("button", { type: "button", class: "button" }, texts.Cancel);
    const form = make(
      "form", { method: "dialog", novalidate: "" },
      make("h2", { id: "link-window" }, texts.link),
      make("label", { for: "link-to" }, texts.linkTo), this.input,
      make("p", { id: "link-help", class: "help" }, texts.linkHelp),
      this.list, this.status,
      make("label", { for: "link-title" }, texts.linkTitle), this.title,
      make("div", { class: "link-buttons" }, apply, cancel),
    );
    this.dialog = make("dialog", { class: "link-window", "aria-labelledby": "link-window" }, form);
    form.addEventListener("submit", (event) => this.apply(event));
    cancel.addEventListener("click", () => this.dialog.close());
    this.dialog.addEventListener("close", () => this.close());
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("mousedown", (event) => event.preventDefault()); // the focus stays in the field
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.choose([...this.list.children].indexOf(option));
    });
  }

  /* Say by its name what the link leads to now. */
  async showPresent(href) {
    const typed = this.input.value;
    const { choices } = await lookUp(href).catch(() => ({ choices: [] }));
    if (this.input.value !== typed || !choices.length || choices[0].href !== href) return;
    this.take(choices[0]);
    this.input.select();
  }

  typed() {
    this.chosen = null;
    this.status.textContent = "";
    clearTimeout(this.timer);
    this.request?.abort();
    this.timer = setTimeout(() => this.look(), PAUSE);
  }

  /* Look up what is typed and list it; return the answer, or nothing when it is out of date. */
  async look() {
    clearTimeout(this.timer);
    this.request?.abort();
    this.request = new AbortController();
    const typed = this.input.value.trim();
    if (!typed) return this.show([]);
    try {
      const answer = await lookUp(typed, this.request.signal);
      this.show(answer.choices);
      const count = answer.choices.length;
      this.status.textContent = count ? texts.linkFound.replace("%(count)s", count) : texts.linkNone;
      return answer;
    } catch (error) {
      if (error.name !== "AbortError") this.status.textContent = texts.linkFailed;
    }
  }

  show(choices) {
    this.found = choices;
    this.list.replaceChildren(...choices.map(({ name, kind, note }, number) => {
      const about = make("span", { class: "link-kind" }, [kind, note].filter(Boolean).join(" · "));
      return make("li", { role: "option", id: `link-choice-${number}`, "aria-selected": "false" }, name, " ", about);
    }));
    this.list.hidden = !choices.length;
    this.input.setAttribute("aria-expanded", String(choices.length > 0));
    this.point(-1);
  }

  /* Move to one of the choices; -1 is none. */
  point(number) {
    this.active = number;
    for (const [place, option] of [...this.list.children].entries()) {
      option.setAttribute("aria-selected", String(place === number));
      if (place === number) option.scrollIntoView({ block: "nearest" });
    }
    if (number < 0) this.input.removeAttribute("aria-activedescendant");
    else this.input.setAttribute("aria-activedescendant", `link-choice-${number}`);
  }

  key(event) {
    const count = this.found.length;
    if (event.key === "ArrowDown" && count) this.point((this.active + 1) % count);
    else if (event.key === "ArrowUp" && count) this.point((this.active <= 0 ? count : this.active) - 1);
    else if (event.key === "Enter" && this.active >= 0) this.choose(this.active);
    else if (event.key === "Escape" && count) this.show([]);
    else return;
    event.preventDefault();
  }

  choose(number) {
    this.take(this.found[number]);
    this.show([]);
    this.input.focus();
  }

  take(choice) {
    this.chosen = choice;
    this.input.value = choice.name;
    this.status.textContent = [choice.kind, choice.note].filter(Boolean).join(" · ");
  }

  /* Close with what was chosen, or with what was typed where that is an address as it stands; else say what is wrong. */
  async apply(event) {
    event.preventDefault();
    if (!this.chosen) {
      const answer = await this.look();
      if (!answer && this.input.value.trim()) return;
      if (answer?.href) this.chosen = { href: answer.href };
      else {
        this.status.textContent = (!answer?.choices.length && answer?.error) || texts.linkChoose;
        this.input.focus();
        return;
      }
    }
    this.result = { href: this.chosen.href, title: this.title.value.trim() || null };
    this.dialog.close();
  }

  close() {
    clearTimeout(this.timer);
    this.request?.abort();
    this.dialog.remove();
    this.answer(this.result);
  }
}

function setLink(editor, attributes) {
  const chain = editor.chain().focus();
  if (editor.isActive("link")) chain.extendMarkRange("link").updateAttributes("link", attributes).run();
  else chain.setMark("link", attributes).run();
}

export const Link = BaseLink.extend({
  addOptions() {
    const options = this.parent?.();
    return {
      ...options,
      defaultProtocol: "https",
      shouldAutoLink: (address) => !address.startsWith(REFERENCE) && options.shouldAutoLink(address),
    };
  },

  addCommands() {
    return {
      ...this.parent?.(),
      addLink: () => ({ editor }) => {
        if (editor.state.selection.empty && !editor.isActive("link")) return false;
        new LinkWindow(editor.getAttributes("link"), (found) => (found ? setLink(editor, found) : editor.commands.focus()));
        return true;
      },
    };
  },
});
