// Marks the outline's entry of the section that is being read, and keeps that entry in sight.

const entries = new Map(
  [...document.querySelectorAll(".desk-rail .outline a")].map((link) => [link.hash.slice(1), link]),
);
const pane = document.querySelector("[data-pane-panel=contract]");
const placeOf = (anchor) => Number(anchor.slice(1)); // blocks bear their place: b0, b1 …
const anchors = [...entries.keys()];

// The block in the upper third of the pane: it is looked up, since what is out of sight is not laid out.
function blockInSight() {
  const box = pane.getBoundingClientRect();
  const middle = box.left + box.width / 2;
  for (const share of [0.33, 0.3, 0.36, 0.4, 0.25]) {
    const block = document.elementFromPoint(middle, box.top + box.height * share)?.closest(".block");
    if (block) return block;
  }
  return null;
}

function mark() {
  const block = blockInSight();
  if (!block) return;
  const current = anchors.findLast((anchor) => placeOf(anchor) <= placeOf(block.id)) ?? anchors[0];
  for (const [anchor, link] of entries) {
    if (anchor === current) link.setAttribute("aria-current", "location");
    else link.removeAttribute("aria-current");
  }
  scrollRail(entries.get(current));
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

let waiting = 0;
function markSoon() {
  waiting ||= requestAnimationFrame(() => {
    waiting = 0;
    mark();
  });
}

const menu = document.querySelector("[data-outline-menu]");
if (menu && entries.size > 0) {
  menu.hidden = false;
  menu.addEventListener("toggle", () => {
    const panel = menu.querySelector(".menu-panel");
    if (panel.childElementCount > 0) return;
    panel.append(...[...entries.values()].map((link) => {
      const copy = link.cloneNode(true);
      copy.removeAttribute("aria-current");
      return copy;
    }));
  });
}

if (pane && anchors.length > 0) {
  // The pane scrolls by itself where there is height for it, else the page does.
  document.addEventListener("scroll", markSoon, { capture: true, passive: true });
  markSoon();
}
