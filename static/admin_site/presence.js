/* Tells the server that this form is still open, and its reader who else has it open or has saved meanwhile. */
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const SECONDS = 20; // a form that was not heard of for a minute counts as left
  const place = document.getElementById("others-editing");
  if (!place?.dataset.url) return;
  const token = document.querySelector("input[name=csrfmiddlewaretoken]")?.value;
  const { texts } = JSON.parse(document.getElementById("script-data").textContent);

  async function beat() {
    if (document.hidden) return;
    const answer = await fetch(place.dataset.url, { method: "POST", headers: { "X-CSRFToken": token } }).catch(() => null);
    if (!answer?.ok || answer.redirected) return;
    const { others, current } = await answer.json();
    const said = others.map((name) => texts.alsoEditing.replace("%(name)s", name));
    if (current !== place.dataset.current) said.unshift(texts.savedMeanwhile);
    const text = said.join(" ");
    if (place.textContent.trim() !== text) place.textContent = text;
  }

  setInterval(beat, SECONDS * 1000);
  document.addEventListener("visibilitychange", beat);
});
