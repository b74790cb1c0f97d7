/* What is pasted or dropped into a text goes to the server first: its cleaner knows what other programs mean.
 *
 * The text of the clipboard is sent as it is. Parsed in the page it would have lost its style attributes to the content
 * security policy, and with them what is bold. Where the server cannot read it in time, plain text is pasted.
 */
const SLICE = "application/x-vnd.google-docs-document-slice-clip+wrapped";
const PATIENCE = 5000; // milliseconds: one for the work, the rest for the way and for those before

const token = () => document.querySelector("input[name=csrfmiddlewaretoken]").value;

/* Return what the server makes of a clipboard: its HTML, and a list of what was left out. */
async function cleaned(url, html, slice) {
  const body = new FormData();
  body.append("html", html);
  if (slice) body.append("slice", slice);
  const headers = { "X-CSRFToken": token() };
  const answer = await fetch(url, { method: "POST", body, headers, signal: AbortSignal.timeout(PATIENCE) });
  if (!answer.ok || answer.redirected) throw new Error(answer.statusText);
  return answer.json();
}

/* Add the line below a text that says what became of a paste, with a button that undoes it while it is the last thing done. */
function lineAfter(box, editor, texts) {
  const line = document.createElement("div");
  line.className = "paste-status";
  const status = document.createElement("span");
  status.setAttribute("role", "status");
  const undo = document.createElement("button");
  undo.type = "button";
  undo.textContent = texts.undoPaste;
  undo.hidden = true;
  line.append(status, " ", undo);
  box.append(line);
  undo.addEventListener("click", () => {
    editor.chain().focus().undo().run();
    status.textContent = texts.undone;
  });
  editor.on("update", () => {
    undo.hidden = true;
  });
  return (text, undoable = false) => {
    status.textContent = text;
    undo.hidden = !undoable;
  };
}

/* Return how the editor handles what comes from elsewhere; ``pm`` is what it is built on (ProseMirror). */
export function pasting(editor, box, { pasteUrl, texts }, pm) {
  const say = lineAfter(box, editor, texts);

  async function insert(view, data) {
    const html = data.getData("text/html");
    const text = data.getData("text/plain");
    const answer = await cleaned(pasteUrl, html, data.getData(SLICE)).catch(() => null);
    if (view.isDestroyed) return;
    view.dispatch(pm.history.closeHistory(view.state.tr)); // so that one step back takes what was pasted, and that alone
    if (answer?.html) view.pasteHTML(answer.html);
    else if (!answer) view.pasteText(text);
    const leftOut = answer?.dropped.length ? texts.leftOut.replace("%(what)s", answer.dropped.join(", ")) : texts.pasted;
    say(answer ? leftOut : texts.plain, answer?.html !== "");
  }

  /* Take over what is HTML and was not copied in an editor of this site; say whether that was so. */
  function takesOver(view, event, data) {
    const html = data?.getData("text/html") ?? "";
    say(data?.files.length && !html && !data.getData("text/plain") ? texts.onlyFiles : "");
    if (!html || html.includes("data-pm-slice")) return false;
    event.preventDefault();
    insert(view, data);
    return true;
  }

  return {
    handleDOMEvents: {
      paste: (view, event) => takesOver(view, event, event.clipboardData),
      drop: (view, event) => {
        if (view.dragging) return false;
        const place = view.posAtCoords({ left: event.clientX, top: event.clientY });
        if (place && event.dataTransfer?.getData("text/html")) editor.commands.setTextSelection(place.pos);
        return takesOver(view, event, event.dataTransfer);
      },
    },
  };
}
