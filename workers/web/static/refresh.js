// Brings what is new onto the page every few seconds, while somebody looks.
"use strict";

const EVERY_MS = 5000;

async function refresh() {
  if (document.hidden) return;
  const answer = await fetch(location.href, { credentials: "same-origin", redirect: "error" });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
  const shown = document.querySelector("main");
  if (fresh && fresh.innerHTML !== shown.innerHTML && !shown.contains(document.activeElement)) {
    shown.replaceWith(document.adoptNode(fresh));
  }
}

setInterval(() => refresh().catch(() => {}), EVERY_MS);
