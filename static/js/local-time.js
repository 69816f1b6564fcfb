// <time datetime="…Z" data-local="clock|date|datetime"> is rewritten in the reader's own zone, also in parts of
// the page that arrive later.

const FORMATS = {
  clock: { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  date: { day: "numeric", month: "short", year: "numeric" },
  datetime: { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
};

function rewrite(element) {
  const at = new Date(element.dateTime);
  const format = FORMATS[element.dataset.local];
  if (Number.isNaN(at.valueOf()) || !format) return;
  const text = at.toLocaleString("en-GB", format);
  if (element.textContent !== text) element.textContent = text;
  element.title = at.toLocaleString("en-GB", { dateStyle: "full", timeStyle: "long" });
}

const rewriteAll = (root) => root.querySelectorAll("time[data-local]").forEach(rewrite);

rewriteAll(document);
new MutationObserver((changes) => {
  for (const change of changes) {
    for (const node of change.addedNodes) {
      if (node.nodeType === Node.ELEMENT_NODE) rewriteAll(node.parentElement ?? node);
    }
  }
}).observe(document.body, { childList: true, subtree: true });
