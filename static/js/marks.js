// Evidence in the contract: its words are painted with the CSS Custom Highlight API, and its number stands beside the
// paragraph, as a link to the entry. Whatever bears [data-evidence="1 3"] shows these entries' words while it is
// pointed at, and goes to them when it is pressed.

// Characters that hide are drawn as [U+202E]: each is one character of the contract all the same.
const SIGNS = /\[U\+(?:202[A-E]|206[6-9]|E00[0-7][0-9A-F])\]|./gsu;
const letters = (text) => (text.includes("[U+") ? (text.match(SIGNS) ?? []) : [...text]);
const toUnits = (text, points) => letters(text).slice(0, points).join("").length;
const toPoints = (text, units) => letters(text.slice(0, units)).length;

const contract = document.querySelector("[data-contract]");
const blocks = contract ? [...contract.querySelectorAll(".block-text")] : [];
const gaps = contract ? contract.dataset.gaps.split(" ").map(Number) : [];
let reached = 0;
const starts = blocks.map((block, index) => {
  const start = reached + gaps[index];
  reached = start + letters(block.textContent).length;
  return start;
});
let entries = []; // as last painted, the first one has number 1

function indexAt(offset) {
  let low = 0;
  let high = blocks.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (starts[middle] <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

function rangesOf({ start, end }) {
  const ranges = [];
  for (let index = indexAt(start); index < blocks.length && starts[index] < end; index += 1) {
    const node = blocks[index].firstChild;
    if (!node) continue;
    const from = toUnits(node.data, Math.max(start - starts[index], 0));
    const to = toUnits(node.data, end - starts[index]);
    if (from >= to) continue;
    const range = document.createRange();
    range.setStart(node, from);
    range.setEnd(node, to);
    ranges.push(range);
  }
  return ranges;
}

function highlight(name, spans, priority) {
  if (!globalThis.CSS?.highlights) return;
  const painted = new Highlight(...spans.flatMap(rangesOf));
  painted.priority = priority;
  CSS.highlights.set(name, painted);
}

// The span of what is selected in the contract, without white space at its ends; null where nothing is.
export function selectedSpan() {
  const selection = getSelection();
  if (!contract || selection.isCollapsed || selection.rangeCount === 0) return null;
  const range = selection.getRangeAt(0);
  if (!range.intersectsNode(contract)) return null;
  const pieces = blocks
    .map((block, index) => ({ block, start: starts[index] }))
    .filter(({ block }) => range.intersectsNode(block))
    .map((piece) => pieceOf(piece, range))
    .filter((piece) => piece !== null);
  return pieces.length > 0 ? { start: pieces[0].start, end: pieces.at(-1).end } : null;
}

function pieceOf({ block, start }, range) {
  const text = block.textContent;
  const before = document.createRange();
  const offset = (container, at, fallback) => {
    if (!block.contains(container)) return fallback;
    before.selectNodeContents(block);
    before.setEnd(container, at);
    return before.toString().length;
  };
  let from = offset(range.startContainer, range.startOffset, 0);
  let to = offset(range.endContainer, range.endOffset, text.length);
  while (from < to && /\s/u.test(text[from])) from += 1;
  while (from < to && /\s/u.test(text[to - 1])) to -= 1;
  return from < to ? { start: start + toPoints(text, from), end: start + toPoints(text, to) } : null;
}

export const paintSelected = (span) => highlight("selected", span ? [span] : [], 2);

export function paintAll(all) {
  entries = all;
  highlight("evidence", all.map((entry) => entry.document), 0);
  contract?.querySelectorAll(".block-marks").forEach((old) => old.remove());
  const holders = new Map();
  all.forEach((entry, index) => {
    const block = blocks[indexAt(entry.document.start)]?.closest("[id]");
    if (!block) return;
    if (!holders.has(block)) {
      const holder = document.createElement("span");
      holder.className = "block-marks";
      block.append(holder);
      holders.set(block, holder);
    }
    const link = document.createElement("a");
    link.className = "mark";
    link.href = `#evidence-${index + 1}`;
    link.dataset.shows = index + 1;
    link.ariaLabel = `Evidence ${index + 1}`;
    link.textContent = index + 1;
    holders.get(block).append(link);
  });
}

// Paints these entries stronger than the others, also where they are named beside the summary.
export function point(numbers) {
  highlight("evidence-now", numbers.map((number) => entries[number - 1]?.document).filter(Boolean), 1);
  document.querySelectorAll(".is-pointed").forEach((old) => old.classList.remove("is-pointed"));
  for (const number of numbers) document.getElementById(`evidence-${number}`)?.classList.add("is-pointed");
  for (const sentence of document.querySelectorAll("[data-sentence]")) {
    sentence.classList.toggle("is-pointed", numbersIn(sentence).some((number) => numbers.includes(number)));
  }
  document.dispatchEvent(new CustomEvent("engross:pointed", { detail: { numbers } }));
}

// `reveal`: where there is room for one pane alone, the contract takes it.
export function goTo(number, { reveal = true } = {}) {
  if (entries[number - 1]) show(entries[number - 1].document, reveal);
}

function show(span, reveal) {
  const block = blocks[indexAt(span.start)]?.closest("[id]");
  if (!block) return;
  document.querySelectorAll(".block.is-shown").forEach((old) => old.classList.remove("is-shown"));
  if (reveal) document.dispatchEvent(new CustomEvent("engross:show-pane", { detail: { pane: "contract" } }));
  block.scrollIntoView({ block: "center" });
}

// A place in the contract that is no evidence, or not by a number.
export function goToSpan(span, { reveal = true } = {}) {
  highlight("place", [span], 3);
  show(span, reveal);
}

const numbersIn = (element) => (element.dataset.evidence ?? element.dataset.shows).split(" ").filter(Boolean).map(Number);

export const read = (root = document) =>
  [...root.querySelectorAll("[data-entry]")].map((item) => ({ ...JSON.parse(item.dataset.entry), item }));

document.addEventListener("mouseover", (event) => {
  const pointing = event.target.closest("[data-evidence], [data-shows]");
  if (pointing) point(numbersIn(pointing));
});

document.addEventListener("focusin", (event) => {
  const pointing = event.target.closest("[data-evidence], [data-shows]");
  if (pointing) point(numbersIn(pointing));
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-evidence]");
  if (!link) return;
  event.preventDefault();
  const numbers = numbersIn(link);
  point(numbers);
  goTo(numbers[0]);
});

paintAll(read());
