/* What the theme leaves open: wide formulas for the keyboard, arrows without a name, and links into a
 * page that moves while its formulas are set. */
"use strict";

(() => {
  const WIDE = 'mjx-container[display="true"], .math, .bd-article pre, [class*="scrollable"]';

  /** What scrolls sideways can be reached, and so scrolled, by keyboard. */
  function reachable() {
    for (const box of document.querySelectorAll("span.math")) {
      box.classList.remove("wide");
      const room = box.closest("p, li, td, dd")?.clientWidth ?? Infinity;
      box.classList.toggle("wide", box.getBoundingClientRect().width > room);
    }
    for (const box of document.querySelectorAll(WIDE))
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
  }

  /** The arrows that unfold a part of the sidebar say which. */
  function named() {
    for (const arrow of document.querySelectorAll(".bd-sidebar-primary summary"))
      arrow.setAttribute("aria-label", `Pages of ${arrow.closest("li").querySelector("a").textContent}`);
  }

  /** Brings the place that the address names into view, also where it was folded away. */
  function land() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details"))
      fold.open = true;
    target.scrollIntoView();
  }

  addEventListener("hashchange", land);
  addEventListener("resize", reachable);
  addEventListener("load", async () => {
    await window.MathJax?.startup?.promise;
    named();
    reachable();
    land();
    document.documentElement.dataset.settled = "yes";
  });
})();
