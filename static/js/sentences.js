// A reviewer goes through the summary sentence by sentence; each one's evidence is brought into sight.

import { goTo, point } from "./marks.js";

const all = [...document.querySelectorAll("[data-sentence]")];
let current = -1;

function step(by) {
  if (all.length === 0) return;
  const changes = document.querySelector("[data-diff-switch]");
  if (changes?.checked) changes.click(); // the sentences stand in the text alone
  document.dispatchEvent(new CustomEvent("engross:show-pane", { detail: { pane: "desk" } }));
  all[current]?.removeAttribute("aria-current");
  current = Math.min(Math.max(current + by, 0), all.length - 1);
  const sentence = all[current];
  const numbers = sentence.dataset.evidence.split(" ").filter(Boolean).map(Number);
  sentence.setAttribute("aria-current", "true");
  sentence.focus({ preventScroll: true });
  sentence.scrollIntoView({ block: "nearest" });
  point(numbers);
  if (numbers.length > 0) goTo(numbers[0], { reveal: false });
  document.querySelector("[data-sentence-message]").textContent =
    `Sentence ${current + 1} of ${all.length}: ${numbers.length > 0 ? `evidence ${numbers.join(", ")}` : "no evidence"}`;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-step]");
  if (button) step(Number(button.dataset.step));
});
