// Offers text that this browser kept because it could not be sent. Only to the person who typed it, and only where it
// differs from what the page holds. A field is changed by the person's press alone.

import { forgetKey, keep, listKept, placeOf } from "./kept.js";

const template = document.getElementById("kept-offer");
// A form that was refused comes back with what was typed: the server does not have that text.
const wasRefused = Boolean(document.getElementById("errors"));
const boxes = new Map(); // key -> its offer

function close(key) {
  boxes.get(key)?.remove();
  boxes.delete(key);
}

function putBack(field, text) {
  for (let outer = field.closest("details"); outer; outer = outer.parentElement.closest("details")) outer.open = true;
  field.focus();
  field.select();
  // As if it were typed, so that it can be undone and is saved or kept like any other input.
  if (!document.execCommand("insertText", false, text)) {
    field.setRangeText(text, 0, field.value.length, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function offer({ key, at, text }, field) {
  const box = template.content.firstElementChild.cloneNode(true);
  const time = box.querySelector("[data-recovered-at]");
  const use = box.querySelector("[data-recovered-use]");
  box.querySelector("[data-recovered-text]").textContent = text;
  time.dateTime = at;
  time.textContent = new Date(at).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
  const drop = () => {
    forgetKey(key);
    close(key);
  };
  box.querySelector("[data-recovered-drop]").addEventListener("click", drop);
  use.hidden = !field;
  use.addEventListener("click", (event) => {
    event.stopPropagation(); // a press outside of an open sheet would close it
    putBack(field, text);
    drop();
  });
  boxes.set(key, box);
  (document.getElementById("kept") ?? document.getElementById("main")).prepend(box);
}

// Reasons for findings need no question: the finding has not changed. The text becomes this page's to keep.
function putBackAtOnce(place, field) {
  const [newest] = listKept(`${place} `);
  if (!newest || field.value !== field.defaultValue) return;
  forgetKey(newest.key);
  field.value = newest.text;
  for (let outer = field.closest("details"); outer; outer = outer.parentElement.closest("details")) outer.open = true;
  keep(place, newest.text);
}

function look(place, field) {
  if (field && "putBack" in field.dataset) return putBackAtOnce(place, field);
  for (const entry of listKept(`${place} `).reverse()) {
    if (field?.value !== entry.text) {
      offer(entry, field);
      continue;
    }
    forgetKey(entry.key);
    if (wasRefused) keep(place, entry.text);
  }
  return undefined;
}

if (template && document.body.dataset.viewer) {
  for (const field of document.querySelectorAll('form[method="post"] textarea[name]')) look(placeOf(field), field);
  const readOnly = document.querySelector("[data-kept-place]")?.dataset.keptPlace;
  if (readOnly) look(readOnly, null);
  // Another page has saved its text meanwhile, or thrown it away.
  window.addEventListener("storage", (event) => event.newValue === null && close(event.key));
}
