// The summary's text again, unseen, behind the field in which it is written: what marks lie upon. Each layer has items
// with a span `output` of the text, which moves with the words while somebody types, and says how its marks look:
//
//   addLayer({ items(): its items, mark(mark, open, ending): draws, moved(): the text has changed })
//
// `open` are the items of that layer that the words of a mark belong to, `ending` those of them that end with it.

import { editBetween, moved, slice } from "./spans.js";

export const form = document.querySelector("form[data-autosave]");
export const field = form?.elements.output;
const mirror = form?.querySelector("[data-mirror]");
const layers = [];
let text = field?.defaultValue ?? ""; // of the field, to which the items' spans belong
let letters = [...text];

export const words = (span) => slice(letters, span);

export function addLayer(layer) {
  layers.push(layer);
}

// Items that belong to an earlier text, as the server's answer does, are taken to the one in the field.
export function carry(items, from) {
  follow();
  if (from !== text) move(items, editBetween(from, text));
}

function move(items, edit) {
  for (const item of items) if (item.output) item.output = moved(item.output, edit) ?? undefined;
}

function follow() {
  const now = field.value;
  if (now === text) return;
  const edit = editBetween(text, now);
  for (const layer of layers) move(layer.items(), edit);
  text = now;
  letters = [...now];
  for (const layer of layers) layer.moved();
  draw();
}

export function draw() {
  const borders = new Map([[0, []], [letters.length, []]]); // place -> what begins or ends there
  for (const layer of layers) {
    for (const item of layer.items()) {
      for (const place of item.output ? [item.output.start, item.output.end] : []) {
        if (!borders.has(place)) borders.set(place, []);
        borders.get(place).push(item);
      }
    }
  }
  const places = [...borders.keys()].sort((one, other) => one - other);
  const open = new Set();
  const pieces = places.slice(0, -1).map((start, index) => {
    for (const item of borders.get(start)) if (!open.delete(item)) open.add(item);
    const end = places[index + 1];
    return open.size === 0 ? words({ start, end }) : markOf(words({ start, end }), open, borders.get(end));
  });
  mirror.replaceChildren(...pieces, "\n");
  mirror.scrollTop = field.scrollTop;
}

function markOf(text, open, atEnd) {
  const mark = document.createElement("mark");
  mark.textContent = text;
  for (const layer of layers) {
    const own = layer.items().filter((item) => open.has(item));
    if (own.length > 0) layer.mark(mark, own, own.filter((item) => atEnd.includes(item)));
  }
  return mark;
}

if (mirror) {
  field.addEventListener("input", follow);
  field.addEventListener("scroll", () => (mirror.scrollTop = field.scrollTop));
  follow(); // a browser may have put back what was typed before
}
