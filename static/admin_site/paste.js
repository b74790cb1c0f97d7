/* What is pasted from a word processor, as it was meant there.
 *
 * The editor reads bold and italic from an element's style, which is empty under the site's content security policy:
 * the <b style="font-weight:normal"> around everything that Google Docs copies made all of it bold. Here the text of
 * the attribute is read, and every piece of text gets the elements that say the same. What is deleted, by tracked
 * changes or by a line through it, is left out, and so are comments: the site's texts know neither.
 */
export const SLICE = "application/x-vnd.google-docs-document-slice-clip+wrapped";

const DELETED = "del, s, strike, .msoDel, .MsoCommentReference";
const FORMATTING = "b, strong, i, em, sub, sup";
// biome-ignore lint/suspicious/noControlCharactersInRegex: Google marks the parts of a text by them
const UNSEEN = /[\s\u0000-\u001f\u200b\ue000-\uf8ff]/; // stands in one form of the clipboard and not in the other

// What an element says of its text: the element for it, "" for none, undefined where it says nothing.
const KINDS = [
  ({ tag, style }) => {
    const weight = style["font-weight"];
    if (weight) return /^(bold|bolder|[5-9]\d\d)$/.test(weight) ? "strong" : "";
    return ["b", "strong"].includes(tag) ? "strong" : undefined;
  },
  ({ tag, style }) => {
    const slant = style["font-style"];
    if (slant) return /^(italic|oblique)/.test(slant) ? "em" : "";
    return ["i", "em"].includes(tag) ? "em" : undefined;
  },
  ({ tag, style }) => {
    const raised = { super: "sup", sub: "sub", baseline: "" }[style["vertical-align"]];
    return raised ?? (["sub", "sup"].includes(tag) ? tag : undefined);
  },
];

/* Return the document of a clipboard, its style attributes under another name: under theirs the policy complains. */
function parsed(html) {
  const unstyled = html.replace(/<style\b.*?<\/style>/gis, "");
  const renamed = unstyled.replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\sstyle\s*=/gi, " data-style="));
  return new DOMParser().parseFromString(renamed, "text/html");
}

/* Return the declarations in the style of an element, in lower case. */
function styleOf(element) {
  const declarations = (element.dataset.style ?? "").toLowerCase().split(";");
  return Object.fromEntries(declarations.map((text) => text.split(/:(.*)/s).map((part) => part?.trim())));
}

function isLeftOut(element) {
  const style = styleOf(element);
  const lines = `${style["text-decoration"]} ${style["text-decoration-line"]}`;
  return lines.includes("line-through") || style.display === "none" || style["mso-element"]?.startsWith("comment");
}

function textsIn(root) {
  const walker = root.ownerDocument.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) texts.push(walker.currentNode);
  return texts;
}

/* Return the elements that a text is to stand in: for each kind, what the nearest element says that says anything. */
function formattingOf(text) {
  const found = KINDS.map(() => undefined);
  for (let element = text.parentElement; element; element = element.parentElement) {
    const said = { tag: element.localName, style: styleOf(element) };
    KINDS.forEach((kind, number) => {
      found[number] ??= kind(said);
    });
  }
  return found.filter(Boolean);
}

/* Return each sign of a Google Docs clipboard but spaces, and whether its deletion is suggested.
 *
 * Its HTML shows both what is suggested and what is to be deleted; only this form of the clipboard tells them apart.
 * Where suggestions begin or end it has the list of those that follow, and null elsewhere.
 */
function signsOf(slice) {
  const { dsl_spacers: text, dsl_suggesteddeletions: deletions } = JSON.parse(JSON.parse(slice).data).resolved;
  const signs = [];
  let deleted = false;
  for (let place = 0; place < text.length; place += 1) {
    const changes = deletions?.sgsl_sugg?.[place];
    if (changes) deleted = changes.length > 0;
    if (!UNSEEN.test(text[place])) signs.push({ sign: text[place], deleted });
  }
  return signs;
}

/* Take the suggested deletions out of the texts of a Google Docs clipboard, if both of its forms say the same. */
function dropSuggestedDeletions(root, slice) {
  let signs;
  try {
    signs = signsOf(slice);
  } catch {
    return false; // another form than the one we know
  }
  if (!signs.some(({ deleted }) => deleted)) return false;
  let place = 0;
  let within = false;
  const kept = textsIn(root).map((text) => {
    let rest = "";
    for (const sign of text.data) {
      if (!UNSEEN.test(sign)) {
        while (signs[place]?.sign === "*" && sign !== "*") place += 1; // a picture
        if (!sign.startsWith(signs[place]?.sign ?? "\0")) return undefined;
        within = signs[place].deleted;
        place += sign.length;
      }
      if (!within) rest += sign;
    }
    return [text, rest];
  });
  if (kept.includes(undefined)) return false;
  for (const [text, rest] of kept) text.data = rest;
  return true;
}

/* Return what the clipboard's HTML means, and whether anything was left out. */
export function cleaned(html, slice) {
  if (html.includes("data-pm-slice")) return { html, leftOut: false }; // copied in an editor of this site
  const { body } = parsed(html);
  let leftOut = Boolean(slice) && dropSuggestedDeletions(body, slice);
  for (const element of body.querySelectorAll(`${DELETED}, [data-style]`)) {
    if (!element.matches(DELETED) && !isLeftOut(element)) continue;
    leftOut ||= element.textContent.trim() !== "";
    element.remove();
  }
  const texts = textsIn(body).map((text) => [text, formattingOf(text)]);
  for (const element of body.querySelectorAll(FORMATTING)) element.replaceWith(...element.childNodes);
  for (const [text, formatting] of texts) {
    for (const tag of formatting) {
      const around = body.ownerDocument.createElement(tag);
      text.replaceWith(around);
      around.append(text);
    }
  }
  return { html: body.innerHTML, leftOut };
}
