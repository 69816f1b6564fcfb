// Find in the contract: n of m, Enter for the next, Shift+Enter for the one before. Matches are painted with the
// CSS Custom Highlight API; a browser without it selects the current match instead.

const form = document.querySelector("[data-find]");
const contract = document.querySelector("[data-contract]");
const MOST = 2000;
let matches = [];
let current = -1;

// All text of the contract as one lower-case string, with the place of every text node in it. Blocks are kept apart
// by a line break, so that a match never runs over the end of a paragraph.
let index = null;
function readContract() {
  const nodes = [];
  let text = "";
  for (const block of contract.querySelectorAll(".block-text, .contract-title")) {
    const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      nodes.push({ node, start: text.length });
      text += fold(node.data);
    }
    text += "\n";
  }
  return { nodes, text };
}

// One character for each of the text's, so that places stay right; white space and quotes match their kin.
function fold(text) {
  return text.replace(/[\s\u00a0]/g, " ").replace(/[‘’]/g, "'").replace(/[“”]/g, '"')
    .replace(/./gsu, (letter) => (letter.toLowerCase().length === letter.length ? letter.toLowerCase() : letter));
}

function place(offset, isEnd) {
  let low = 0;
  let high = index.nodes.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (index.nodes[middle].start < offset + (isEnd ? 0 : 1)) low = middle;
    else high = middle - 1;
  }
  return [index.nodes[low].node, offset - index.nodes[low].start];
}

function search(text) {
  const wanted = fold(text.trim());
  index ??= readContract();
  matches = [];
  current = -1;
  if (wanted.length < 2) return;
  for (let at = index.text.indexOf(wanted); at >= 0 && matches.length < MOST; at = index.text.indexOf(wanted, at + wanted.length)) {
    const range = document.createRange();
    range.setStart(...place(at, false));
    range.setEnd(...place(at + wanted.length, true));
    matches.push(range);
  }
}

function paint() {
  const output = form.querySelector("output");
  const asked = form.querySelector("input").value.trim().length >= 2;
  output.textContent = matches.length > 0 ? `${current + 1} of ${matches.length}` : asked ? "0 of 0" : "";
  if (!globalThis.CSS?.highlights) {
    if (current >= 0 && document.activeElement !== form.querySelector("input")) getSelection().setBaseAndExtent(
      matches[current].startContainer, matches[current].startOffset, matches[current].endContainer, matches[current].endOffset);
    return;
  }
  CSS.highlights.set("found", new Highlight(...matches));
  CSS.highlights.set("found-now", new Highlight(...(current >= 0 ? [matches[current]] : [])));
  CSS.highlights.get("found-now").priority = 1;
}

function go(step) {
  if (matches.length > 0) {
    current = (current + step + matches.length) % matches.length;
    matches[current].startContainer.parentElement.scrollIntoView({ block: "center" });
  }
  paint();
}

if (form && contract) {
  const input = form.querySelector("input");
  form.hidden = false;
  input.addEventListener("input", () => {
    search(input.value);
    go(1);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      input.value = "";
      search("");
      paint();
      input.blur();
    } else if (event.key === "Enter") {
      event.preventDefault();
      go(event.shiftKey ? -1 : 1);
    }
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("engross:find", ({ detail }) => {
    if (input.value !== detail.text) {
      input.value = detail.text;
      search(detail.text);
    }
    go(1);
  });
}
