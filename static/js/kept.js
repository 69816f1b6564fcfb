// Typed text that the server does not have yet, kept in this browser under the signed-in person's id, so that nobody
// else is shown it. Each open page writes under a name of its own: two pages do not take each other's text away.

const PREFIX = `engross ${document.body.dataset.viewer} `;

function newPage() {
  return [...crypto.getRandomValues(new Uint8Array(9))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// On the document, because several scripts may each load this file.
export const pageId = (document.documentElement.dataset.page ??= newPage());

// Where a text belongs: its form's address and the field.
export function placeOf(field) {
  const number = [...field.form.elements].indexOf(field);
  return `${field.form.getAttribute("action") ?? location.pathname}#${field.id || `${field.name}-${number}`}`;
}

// Whether it could be kept: private windows and full disks have no storage.
export function keep(place, text) {
  if (!document.body.dataset.viewer) return false;
  try {
    localStorage.setItem(`${PREFIX}${place} ${pageId}`, JSON.stringify({ at: new Date().toISOString(), text }));
    return true;
  } catch {
    return false;
  }
}

export const forget = (place) => forgetKey(`${PREFIX}${place} ${pageId}`);

export function forgetKey(key) {
  try {
    if (key.startsWith(PREFIX)) localStorage.removeItem(key);
  } catch {
    // Without storage nothing was kept.
  }
}

function read(key) {
  try {
    return { key, ...JSON.parse(localStorage.getItem(key)) };
  } catch {
    return { key };
  }
}

// What the signed-in person's pages have kept for places that begin so, the newest first.
export function listKept(beginning = "") {
  let keys = [];
  try {
    keys = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX + beginning));
  } catch {
    // Without storage nothing was kept.
  }
  const found = keys.map(read).filter((entry) => entry.text && entry.at);
  return found.sort((one, other) => (one.at < other.at ? 1 : -1));
}
