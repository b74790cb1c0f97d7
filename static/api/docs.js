// Shows the answer of a form on the page. Without this script the form leads to the answer itself.
"use strict";

for (const form of document.querySelectorAll("form.try")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const answer = form.querySelector(".answer");
    const status = answer.querySelector(".answer-status");
    const link = answer.querySelector(".answer-url");
    const body = answer.querySelector(".answer-body");
    const query = new URLSearchParams(new FormData(form));
    answer.hidden = false;
    try {
      const response = await fetch(`${form.action}?${query}`, { headers: { Accept: "application/json" } });
      const text = await response.text();
      status.textContent = `${response.status} ${response.statusText}`;
      link.textContent = link.href = response.url;
      body.textContent = response.headers.get("Content-Type").includes("json")
        ? JSON.stringify(JSON.parse(text), null, 2)
        : text;
    } catch (error) {
      status.textContent = error.message;
      body.textContent = "";
    }
  });
}
