/* Turns textareas into rich text editors when they come into view.
 *
 * A strategy's form has a hundred rich texts, nearly all of them in closed tabs and rows. The editor (half a
 * megabyte) is loaded when the first of them is looked at, and one is started only for those that are.
 */
import { pasting } from "admin-site/paste";

const config = JSON.parse(document.getElementById("script-data").textContent).richText;
const { extensions, texts, modules } = config;

// The editor looks its texts up with gettext() while it loads.
const djangoGettext = window.gettext ?? ((text) => text);
window.gettext = (text) => texts[text] ?? djangoGettext(text);

// The editor adds a <style> element, which the content security policy refuses, unless it finds one with this mark.
// An element of that name without HTML's namespace does nothing; the editor's rules stand in rich_text.css.
const mark = document.createElementNS(null, "style");
mark.setAttribute("data-tiptap-style", "");
document.head.append(mark);

let library;

/* Show the choices in the dialogs of an editor in the person's language; they are read back in English. */
function nameChoices(place) {
  const name = () => {
    for (const option of place.querySelectorAll("dialog option")) {
      if (texts[option.value]) option.label = texts[option.value];
    }
  };
  new MutationObserver(name).observe(place, { childList: true });
}

async function open(textarea) {
  library ??= Promise.all([import("django-prose-editor/configurable"), import("django-prose-editor/editor")]);
  const [{ createEditor }, { pm }] = await library;
  const editor = await createEditor(textarea, { extensions, js_modules: modules });
  if (!editor) return;
  const label = document.querySelector(`label[for="${textarea.id}"]`);
  const name = `${label ? label.textContent.replace(/[:\s]+$/, "") : ""} (${textarea.lang})`;
  editor.setOptions({
    editorProps: {
      attributes: { "aria-label": name, "aria-multiline": "true", lang: textarea.lang, dir: textarea.dir },
      ...pasting(editor, textarea.closest(".prose-editor"), config, pm),
    },
  });
  if (!editor.isInitialized) await new Promise((resolve) => editor.on("create", resolve)); // makes the toolbar
  const menu = textarea.closest(".prose-editor").querySelector(".prose-menubar");
  menu.setAttribute("role", "group");
  menu.setAttribute("aria-label", texts.Toolbar);
  for (const button of menu.querySelectorAll("button")) {
    const text = texts[button.title];
    if (!text) continue;
    button.title = text;
    button.setAttribute("aria-label", text);
  }
  nameChoices(editor.view.dom.parentElement);
  label?.addEventListener("click", () => editor.commands.focus());
}

const observer = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      observer.unobserve(target);
      open(target);
    }
  },
  { rootMargin: "200px" },
);

function watch(root) {
  for (const textarea of root.querySelectorAll("textarea[data-rich-text]")) {
    if (!textarea.id.includes("__prefix__")) observer.observe(textarea);
  }
}

watch(document);
document.addEventListener("formset:added", (event) => watch(event.target));
