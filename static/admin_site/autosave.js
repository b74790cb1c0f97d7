/* Keeps what is typed, every few seconds and when the page is left, for its author alone; a form is saved by its buttons.
 *
 * What could not be kept is said, stays on the page and is tried again.
 */
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const SECONDS = 5;
  const SECONDS_WITH_PREVIEW = 2; // the pane beside the form shows what was kept last
  const LARGEST_LAST = 60_000; // bytes: a browser that is leaving takes 64 KiB (Fetch standard, "keepalive")
  const place = document.getElementById("autosave");
  const form = place?.closest("form");
  if (!form) return;
  const [state, problem] = ["autosave-state", "autosave-problem"].map((id) => document.getElementById(id));
  const { texts } = JSON.parse(document.getElementById("script-data").textContent);
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const failures = {
    200: texts.notKeptLoggedOut, // the page that keeps a form which grew old
    401: texts.notKeptLoggedOut,
    403: texts.notKeptRefused,
    404: texts.notKeptRefused,
    409: texts.notKeptOther,
    413: texts.notKeptTooLarge,
  };

  function typed() {
    const pairs = [...new FormData(form)].filter(
      ([name, value]) => name !== "csrfmiddlewaretoken" && typeof value === "string",
    );
    return new URLSearchParams(pairs).toString();
  }
  const hasFiles = () => [...form.querySelectorAll("input[type=file]")].some((input) => input.files.length);

  // A form that came back with errors holds what nobody has kept yet.
  let sent = form.querySelector(".errornote") ? "" : typed();
  let timer = 0;
  let underWay = null;
  let submitted = false;

  function later() {
    const seconds = document.body.classList.contains("with-preview") ? SECONDS_WITH_PREVIEW : SECONDS;
    timer ||= setTimeout(send, seconds * 1000);
  }

  function say(answer) {
    const failure = answer?.status === 204 ? "" : (failures[answer?.status] ?? texts.notKept);
    if (problem.textContent !== failure) problem.textContent = failure;
    if (failure) return;
    const time = new Date().toLocaleTimeString(document.documentElement.lang);
    state.textContent = [texts.kept.replace("%(time)s", time), hasFiles() && texts.keptFiles].filter(Boolean).join(" ");
  }

  async function keep(body, leaving) {
    const headers = { "X-CSRFToken": token, "Content-Type": "application/x-www-form-urlencoded" };
    const keepalive = leaving && body.length < LARGEST_LAST;
    const asked = fetch(place.dataset.url, { method: "POST", headers, body, keepalive, redirect: "manual" });
    const answer = await asked.catch(() => null);
    if (answer?.status === 204) sent = body;
    else if (!(answer?.status in failures)) later();
    say(answer);
    if (answer?.status === 204) form.dispatchEvent(new CustomEvent("autosave:kept"));
  }

  function send({ leaving = false } = {}) {
    clearTimeout(timer);
    timer = 0;
    if (submitted) return;
    if (underWay && !leaving) return later();
    const body = typed();
    if (body === sent) return;
    if ("waits" in place.dataset) return say({ status: 409 }); // what was typed earlier is at the top of this form
    const own = keep(body, leaving).finally(() => { if (underWay === own) underWay = null; });
    underWay = own;
  }

  if (sent === "") later();
  // Select2, the arrows of rows and the editor's buttons send no event of input that could be heard here.
  for (const type of ["input", "change", "click", "keyup", "dragend"]) {
    document.addEventListener(type, (event) => { if (event.isTrusted) later(); });
  }
  document.addEventListener("visibilitychange", () => { if (document.hidden) send({ leaving: true }); });
  window.addEventListener("pagehide", () => send({ leaving: true }));
  window.addEventListener("pageshow", () => { submitted = false; });
  form.addEventListener("submit", (event) => {
    submitted = !underWay;
    if (!underWay) return;
    // What is on its way must not come in after the form was saved.
    event.preventDefault();
    const { submitter } = event;
    const patience = new Promise((resolve) => setTimeout(resolve, 3000));
    Promise.race([underWay, patience]).then(() => {
      underWay = null;
      form.requestSubmit(submitter);
    });
  });
});
