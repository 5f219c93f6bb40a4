/* A film can be stopped; for those who ask for less motion it stands still until they start it. */
"use strict";

for (const figure of document.querySelectorAll("figure:has(source)")) {
  let playing = !matchMedia("(prefers-reduced-motion: reduce)").matches;
  const button = document.createElement("button");
  const show = () => {
    for (const film of figure.querySelectorAll("source")) film.media = playing ? "all" : "not all";
    button.textContent = playing ? "Stop the film" : "Play the film";
  };
  button.type = "button";
  button.className = "film-button";
  button.addEventListener("click", () => {
    playing = !playing;
    show();
  });
  figure.querySelector("figcaption").before(button);
  show();
}
