// <details data-menu> closes on Esc and when something outside it is pressed; an element with [data-focus-on-open]
// in it takes the focus when it opens. Everything works without this file, only less smoothly.

const openOnes = () => document.querySelectorAll("details[data-menu][open]");

document.addEventListener("click", (event) => {
  for (const details of openOnes()) {
    if (!details.contains(event.target)) details.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const details of openOnes()) {
    details.open = false;
    details.querySelector("summary").focus();
  }
});

// "toggle" does not bubble, so it is caught on its way down.
document.addEventListener(
  "toggle",
  (event) => {
    if (event.target.matches?.("details[data-menu][open]")) {
      event.target.querySelector("[data-focus-on-open]")?.focus();
    }
  },
  true,
);
