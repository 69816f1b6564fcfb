// Findings on the writing page: their words are marked behind the field, and each save brings a fresh list. Reasons that
// are being written survive it, and so do the focus and what is open.

import { addLayer, carry, draw, field, form } from "./mirror.js";

const LONG = 40; // characters, above which words are marked more lightly: app/reviews/evidence.py does the same
const FOCUSABLE = "a, button, summary, textarea";

const section = () => document.getElementById("findings");
let items = []; // {element, severity, output?}, in the list's order
let drawn = ""; // the list as the server sent it
let drawnFor = ""; // the text that it belongs to
let waiting = null; // a list that came while a reason was being written
let current = null; // the element of the finding that was gone to last

const spanOf = (said) => {
  const [start, end] = said.split("-").map(Number);
  return { start, end };
};

const read = () =>
  [...section().querySelectorAll("[data-finding]")].map((element) => ({
    element,
    severity: element.dataset.finding,
    output: element.dataset.output && spanOf(element.dataset.output),
  }));

export const documentSpan = (element) => spanOf(element.dataset.document);
export const all = () => items.map(({ element }) => element);
export const currentOne = () => current;

// Where the finding's words stand in the summary by now; undefined where it names none, or they are gone.
export const outputSpan = (element) => items.find((item) => item.element === element)?.output;

export function setCurrent(element) {
  current?.removeAttribute("aria-current");
  current = element;
  current?.setAttribute("aria-current", "true");
  if (form) draw();
}

// `sentText` is the text that the list belongs to.
export function replaceFindings(fresh, sentText) {
  const old = section();
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  waiting = focused?.matches("textarea") ? { fresh, sentText } : null;
  const html = fresh.innerHTML;
  if (waiting) return;
  if (html === drawn) {
    prepare(sentText);
    return;
  }
  drawn = html;
  keepReasons(old, fresh);
  const findHeir = heirOf(focused);
  old.replaceWith(fresh);
  prepare(sentText);
  setCurrent(current && document.getElementById(current.id));
  findHeir()?.focus({ preventScroll: true });
}

function keepReasons(old, fresh) {
  for (const reason of old.querySelectorAll("textarea")) {
    const heir = [...fresh.querySelectorAll("textarea")].find((other) => other.name === reason.name);
    if (!heir) continue;
    heir.value = reason.value;
    heir.closest("details").open = reason.closest("details").open;
  }
  for (const group of fresh.querySelectorAll("details[id]")) {
    const before = old.querySelector(`details[id="${group.id}"]`);
    group.open = before ? before.open : group.open || Boolean(group.querySelector("details[open]"));
  }
}

// Finds what takes the place of the element in the next list.
function heirOf(element) {
  const holder = element?.closest("[id]");
  const index = holder ? [...holder.querySelectorAll(FOCUSABLE)].indexOf(element) : -1;
  return () => {
    const heir = holder && (document.getElementById(holder.id) ?? section());
    return heir?.querySelectorAll(FOCUSABLE)[index] ?? heir;
  };
}

function prepare(sentText) {
  drawnFor = sentText;
  const fresh = read();
  carry(fresh, sentText);
  items = fresh;
  for (const button of section().querySelectorAll("[data-same-reason], [data-finding-steps]")) button.hidden = false;
  draw();
}

// Words that were taken out, and whose finding was lost by that, may be back.
function restore() {
  if (field.value === drawnFor) items = read();
}

function mark(element, open) {
  element.classList.add("found", `found-${open[0].severity}`); // the gravest stand first
  element.classList.toggle("is-long", open.every(({ output }) => output.end - output.start > LONG));
  element.classList.toggle("is-now", open.some((item) => item.element === current));
}

// The others of the group that have none yet take over the reason beside the button.
function giveToAll(button) {
  const given = button.parentElement.querySelector("textarea");
  if (!given.value.trim()) return given.focus();
  for (const reason of button.closest(".findings-of").querySelectorAll("textarea")) {
    if (reason.value.trim()) continue;
    reason.value = given.value;
    reason.closest("details").open = true;
    reason.dispatchEvent(new Event("input", { bubbles: true }));
  }
  return undefined;
}

if (section()) {
  drawn = section().innerHTML;
  if (form) {
    addLayer({ items: () => items, mark, moved: restore });
    prepare(field.defaultValue);
    document.addEventListener("focusout", (event) => {
      const late = waiting;
      if (!late || !event.target.matches("#findings textarea")) return;
      // A moment later, when it is known where the focus went.
      setTimeout(() => waiting === late && replaceFindings(late.fresh, late.sentText));
    });
    document.addEventListener("click", (event) => {
      const button = event.target.closest("[data-same-reason]");
      if (button) giveToAll(button);
    });
  } else {
    items = read();
    section().querySelectorAll("[data-finding-steps]").forEach((steps) => (steps.hidden = false));
  }
}
