// Goes to a finding's words in the summary and in the contract, and from one finding to the next (Alt J, Alt K). In the
// field its words are selected, and the finding is read out: whoever writes stays where they write.

import { all, currentOne, documentSpan, outputSpan, setCurrent } from "./findings.js";
import { goToSpan } from "./marks.js";
import { field } from "./mirror.js";
import { toUnits } from "./spans.js";

const mirror = document.querySelector("[data-mirror]");

function showWords(element) {
  const span = outputSpan(element);
  document.dispatchEvent(new CustomEvent("engross:show-pane", { detail: { pane: "desk" } }));
  if (!field) return showMarks(span);
  field.focus({ preventScroll: true });
  if (!span) return undefined;
  field.setSelectionRange(toUnits(field.value, span.start), toUnits(field.value, span.end));
  const place = mirror.querySelector(".is-now");
  if (place && (place.offsetTop < field.scrollTop || place.offsetTop + place.offsetHeight > field.scrollTop + field.clientHeight)) {
    field.scrollTop = place.offsetTop - field.clientHeight / 2;
  }
  field.scrollIntoView({ block: "nearest" });
  return undefined;
}

// In a summary that is read.
function showMarks(span) {
  const changes = document.querySelector("[data-diff-switch]");
  if (changes?.checked) changes.click(); // the marks stand in the text alone
  document.querySelectorAll(".found.is-now").forEach((old) => old.classList.remove("is-now"));
  const marks = [...document.querySelectorAll("mark.found")].filter((mark) => {
    const start = Number(mark.id.replace("words-", ""));
    return span && start >= span.start && start < span.end;
  });
  marks.forEach((mark) => mark.classList.add("is-now"));
  marks[0]?.scrollIntoView({ block: "nearest" });
}

function step(by) {
  const found = all();
  if (found.length === 0) return;
  const at = found.indexOf(currentOne());
  const index = at < 0 ? (by > 0 ? 0 : found.length - 1) : (at + by + found.length) % found.length;
  const element = found[index];
  const group = element.closest("details.findings-of");
  if (group) group.open = true;
  setCurrent(element);
  showWords(element);
  if ("document" in element.dataset) goToSpan(documentSpan(element), { reveal: false });
  element.scrollIntoView({ block: "nearest" });
  const words = element.querySelector("[data-message]").textContent;
  document.querySelector("[data-finding-message]").textContent =
    `${element.dataset.finding} ${index + 1} of ${found.length}: ${words}`;
}

function writeReason() {
  const details = currentOne()?.querySelector(".finding-reason") ?? document.querySelector("#findings .finding-reason");
  if (!details) return;
  for (let outer = details; outer; outer = outer.parentElement.closest("details")) outer.open = true;
  details.querySelector("textarea").focus();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-show]");
  const button = event.target.closest("[data-finding-step]");
  if (link) {
    event.preventDefault();
    const element = link.closest("[data-finding]");
    setCurrent(element);
    if (link.dataset.show === "output") showWords(element);
    else goToSpan(documentSpan(element));
  }
  if (button) step(Number(button.dataset.findingStep));
  if (event.target.closest("[data-write-reason]")) writeReason();
});

// A submission that was refused: the words of the first error are at hand.
const first = all()[0];
if (field?.autofocus && first?.dataset.finding === "error") {
  setCurrent(first);
  if (outputSpan(first)) showWords(first);
}
