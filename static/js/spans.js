// Spans of a text count characters as the server does (Unicode code points), end exclusive; the browser's own offsets
// count UTF-16 units.

const LEAST_LEFT = 12; // characters of a span that an edit has to leave, where it had as many

export const toPoints = (text, units) => [...text.slice(0, units)].length;
export const toUnits = (text, points) => [...text].slice(0, points).join("").length;
export const slice = (letters, { start, end }) => letters.slice(start, end).join("");

// What became of a text, taken for one edit: `head` and `tail` count the characters that both begin and end with.
export function editBetween(before, after) {
  const [old, now] = [[...before], [...after]];
  const least = Math.min(old.length, now.length);
  let head = 0;
  while (head < least && old[head] === now[head]) head += 1;
  let tail = 0;
  while (tail < least - head && old[old.length - 1 - tail] === now[now.length - 1 - tail]) tail += 1;
  return { after, old, now, head, tail };
}

// Where the words of a span stand after an edit, or null: the same rule as in app/samples/evidence.py, which explains
// it. An empty span is a place, and stays one.
export function moved({ start, end }, { after, old, now, head, tail }) {
  const cut = old.length - tail;
  const shift = now.length - old.length;
  if (end <= head) return { start, end };
  const words = old.slice(start, end).join("");
  const stands = start + shift >= 0 && now.slice(start + shift, end + shift).join("") === words;
  if (start >= cut || (words && stands)) return { start: start + shift, end: end + shift };
  if (start === end) return { start: head, end: head };
  const left = Math.max(head - start, 0) + Math.max(end - cut, 0);
  if (left >= Math.max((end - start) / 2, Math.min(end - start, LEAST_LEFT))) {
    return { start: start < head ? start : cut + shift, end: end > cut ? end + shift : head };
  }
  const at = after.indexOf(words);
  if (at < 0 || after.indexOf(words, at + words.length) >= 0) return null;
  const first = toPoints(after, at);
  return { start: first, end: first + end - start };
}
