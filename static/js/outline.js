// Marks the outline's entry of the section that is being read, and keeps that entry in sight.

const entries = new Map(
  [...document.querySelectorAll(".desk-rail .outline a")].map((link) => [link.hash.slice(1), link]),
);
const headings = [...entries.keys()].map((anchor) => document.getElementById(anchor)).filter(Boolean);
const pane = document.querySelector("[data-pane-panel=contract]");
const above = new Set();

function mark() {
  const current = headings.findLast((heading) => above.has(heading)) ?? headings[0];
  for (const [anchor, link] of entries) {
    if (anchor === current?.id) link.setAttribute("aria-current", "location");
    else link.removeAttribute("aria-current");
  }
  scrollRail(entries.get(current?.id));
}

// Moves only the rail: scrollIntoView would also move the page.
function scrollRail(link) {
  const rail = link?.closest(".desk-rail");
  if (!rail) return;
  const box = link.getBoundingClientRect();
  const frame = rail.getBoundingClientRect();
  if (box.top < frame.top) rail.scrollTop -= frame.top - box.top + 40;
  else if (box.bottom > frame.bottom) rail.scrollTop += box.bottom - frame.bottom + 40;
}

if (pane && headings.length > 0) {
  // A heading counts as reached when it is in the upper third of the pane, or anywhere above it: the area reaches
  // far up, because a jump that takes a heading from below the pane to above it would else go unnoticed.
  const observer = new IntersectionObserver(
    (changes) => {
      for (const change of changes) {
        if (change.isIntersecting) above.add(change.target);
        else above.delete(change.target);
      }
      mark();
    },
    { root: getComputedStyle(pane).overflowY === "auto" ? pane : null, rootMargin: "9999999px 0px -66% 0px" },
  );
  headings.forEach((heading) => observer.observe(heading));
}
