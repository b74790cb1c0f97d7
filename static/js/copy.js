// Copies what one would otherwise mark: the address of a section, the code of an embedding. Without it, the links
// still lead to the section and the code can still be marked.
(() => {
  if (!navigator.clipboard) return;

  const say = (element, words) => {
    element.dataset.state = words;
    status.textContent = words;
    setTimeout(() => {
      delete element.dataset.state;
      status.textContent = "";
    }, 2500);
  };

  const status = document.createElement("div");
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  document.body.append(status);

  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a.anchor");
    const button = event.target.closest("button[data-copy]");
    if (!link && !button) return;
    const text = link ? link.href : document.getElementById(button.dataset.copy).textContent.trim();
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      return;
    }
    say(link ?? button, (link ?? button).dataset.copied);
  });

  for (const button of document.querySelectorAll("button[data-copy]")) button.hidden = false;
})();
