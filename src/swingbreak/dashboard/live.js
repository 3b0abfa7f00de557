// Fetches the page again every second and puts what changed in its place. Everything works without.
"use strict";
(() => {
  const EVERY_MS = 1000;
  const main = () => document.getElementById("live");
  if (!main() || !main().dataset.stamp) return;

  function swap(text) {
    const fresh = new DOMParser().parseFromString(text, "text/html").getElementById("live");
    const old = main();
    if (!fresh) return location.reload();
    const focused = old.contains(document.activeElement) && document.activeElement.id;
    const places = [...old.querySelectorAll(".scroll")].map((each) => each.scrollLeft);
    const details = [...old.querySelectorAll("details[id]")];
    old.replaceWith(document.adoptNode(fresh));
    fresh.querySelectorAll(".scroll").forEach((each, i) => { each.scrollLeft = places[i] || 0; });
    details.forEach((each) => {
      const now = document.getElementById(each.id);
      if (now) now.open = each.open;
    });
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  }

  async function look() {
    const lost = document.getElementById("lost");
    try {
      if (!document.hidden) {
        const answer = await fetch(location.href, { headers: { "X-Seen": main().dataset.stamp } });
        if (answer.status === 200) swap(await answer.text());
        lost.hidden = answer.status === 200 || answer.status === 204;
      }
    } catch {
      lost.hidden = false;
    }
    setTimeout(look, EVERY_MS);
  }
  setTimeout(look, EVERY_MS);
})();
