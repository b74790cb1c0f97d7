/* Turns textareas into rich text editors when they come into view.
 *
 * A strategy's form has a hundred rich texts, nearly all of them in closed tabs and rows. The editor (half a
 * megabyte) is loaded when the first of them is looked at, and one is started only for those that are.
 */
import { SLICE, cleaned } from "admin-site/paste";

const { extensions, modules, texts } = JSON.parse(document.getElementById("script-data").textContent).richText;

// The editor looks its texts up with gettext() while it loads.
const djangoGettext = window.gettext ?? ((text) => text);
window.gettext = (text) => texts[text] ?? djangoGettext(text);

// The editor adds a <style> element, which the content security policy refuses, unless it finds one with this mark.
// An element of that name without HTML's namespace does nothing; the editor's rules stand in rich_text.css.
const mark = document.createElementNS(null, "style");
mark.setAttribute("data-tiptap-style", "");
document.head.append(mark);

let editorModule;

/* What the editor asks when something is pasted into it; ``say`` tells the person what was left out. */
function pasting(say) {
  let slice = "";
  return {
    handleDOMEvents: {
      paste: (_view, event) => {
        slice = event.clipboardData?.getData(SLICE) ?? "";
        say("");
        return false;
      },
    },
    transformPastedHTML: (html) => {
      const { html: meant, leftOut } = cleaned(html, slice);
      slice = "";
      if (leftOut) say(texts.leftOut);
      return meant;
    },
  };
}

function statusAfter(box) {
  const status = document.createElement("p");
  status.className = "help paste-status";
  status.setAttribute("role", "status");
  box.after(status);
  return (text) => (status.textContent = text);
}

async function open(textarea) {
  editorModule ??= import("django-prose-editor/configurable");
  const { createEditor } = await editorModule;
  const editor = await createEditor(textarea, { extensions, js_modules: modules });
  if (!editor) return;
  const label = document.querySelector(`label[for="${textarea.id}"]`);
  const name = `${label ? label.textContent.replace(/[:\s]+$/, "") : ""} (${textarea.lang})`;
  editor.setOptions({
    editorProps: {
      attributes: { "aria-label": name, "aria-multiline": "true", lang: textarea.lang, dir: textarea.dir },
      ...pasting(statusAfter(textarea.closest(".prose-editor"))),
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
