/* The keys of the translators' desk. All that they do is done by its buttons and links as well. */
const form = document.getElementById("text");
let changed = false;
let editor; // of a rich text, once it is there

// Only what is asked for is written into the text, where the cursor is.
const offers = [...document.querySelectorAll("[data-insert]")];
for (const button of offers) {
  button.hidden = false;
  button.addEventListener("click", () => insert(button.dataset.insert));
}

function insert(text) {
  if (editor) {
    editor.chain().focus().insertContent(text).run();
    return;
  }
  const field = document.getElementById("id_target");
  field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

const press = (decision) => form?.querySelector(`button[name=decision][value="${decision}"]`)?.click();
const follow = (rel) => form?.querySelector(`a[rel=${rel}]`)?.click();

const KEYS = {
  "ctrl+Enter": () => press("next"),
  "ctrl+shift+Enter": () => press("confirm"),
  "alt+Enter": () => press("stay"),
  "alt+PageDown": () => follow("next"),
  "alt+PageUp": () => follow("prev"),
};
for (let number = 1; number <= 9; number += 1) KEYS[`alt+${number}`] = () => offers[number - 1]?.click();

function nameOf({ ctrlKey, metaKey, altKey, shiftKey, key }) {
  return [(ctrlKey || metaKey) && "ctrl", altKey && "alt", shiftKey && "shift", key].filter(Boolean).join("+");
}

// Before the editor, to which some of these keys are line breaks.
document.addEventListener(
  "keydown",
  (event) => {
    const act = KEYS[nameOf(event)];
    if (!act || event.isComposing) return;
    event.preventDefault();
    event.stopPropagation();
    if (!event.repeat) act();
  },
  { capture: true },
);

// The address of a text names its field, which browsers focus by themselves; a rich text once its editor is there.
document.addEventListener("prose-editor:ready", ({ detail }) => {
  if (!detail.textarea.autofocus) return;
  editor = detail.editor;
  editor.commands.focus("end");
});

// Typed text is not left behind without a question.
form?.addEventListener("input", () => {
  changed = true;
});
form?.addEventListener("submit", () => {
  changed = false;
});
addEventListener("beforeunload", (event) => {
  if (changed) event.preventDefault();
});

// What the checks ask about the text, a moment after the last key. Reasons that are typed already are kept.
const SECONDS = 0.8;
const findings = document.getElementById("findings");
let timer;
let asked = 0;

async function check() {
  asked += 1;
  const number = asked;
  const data = new FormData(form);
  data.set("decision", "check");
  const answer = await fetch(form.action, { method: "POST", body: data }).catch(() => null);
  if (!answer?.ok || answer.redirected || number !== asked) return;
  const html = await answer.text();
  const reasons = reasonsByFinding();
  if (number !== asked) return;
  findings.innerHTML = html;
  for (const [key, input] of inputsByFinding()) input.value = reasons.get(key) ?? "";
}

function* inputsByFinding() {
  for (const input of findings.querySelectorAll("input[name=reason]")) {
    yield [input.closest("li").querySelector("input[name=finding]").value, input];
  }
}

function reasonsByFinding() {
  return new Map([...inputsByFinding()].map(([key, input]) => [key, input.value]));
}

form?.addEventListener("input", (event) => {
  if (!findings || findings.contains(event.target)) return;
  clearTimeout(timer);
  timer = setTimeout(check, SECONDS * 1000);
});
