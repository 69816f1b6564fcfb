// Keeps what is typed into the text areas of every form until the form went through. A session that ended, an error or
// a crash costs nothing: recover.js offers it again. The summary's own field belongs to autosave.js.

import { forget, forgetKey, keep, listKept, pageId, placeOf } from "./kept.js";

const SENT = "engross sent"; // in the tab's own storage: what is on its way

const isOurs = (field) => field.matches('form[method="post"] textarea[name]') && !field.closest("[data-autosaved]");

function note(field) {
  if (field.value === field.defaultValue) forget(placeOf(field));
  else keep(placeOf(field), field.value);
}

function send(form, submitter) {
  for (const field of form.querySelectorAll("textarea")) {
    if (isOurs(field) && field.value) keep(placeOf(field), field.value);
  }
  // Saving or confirming on the writing page leaves the reasons for findings unsent.
  if (form.matches("[data-autosave]") && !submitter?.getAttribute("formaction")?.endsWith("/submission")) return;
  // Reasons for another decision on the same thing are settled with it.
  const action = form.getAttribute("action") ?? location.pathname;
  const own = listKept(`${action}#`).filter(({ key }) => key.endsWith(` ${pageId}`));
  const summary = form.querySelector("[data-autosaved]");
  const keys = own.map(({ key }) => key).filter((key) => !summary || !key.includes(`${placeOf(summary)} `));
  try {
    sessionStorage.setItem(SENT, JSON.stringify({ from: location.pathname, keys }));
  } catch {
    // It stays, and is offered once more.
  }
}

// The page that answers a form is one that the browser went to from the form's page. Errors, refusals and the way to
// the sign-in page are no success, and neither is the Back button after a lost connection.
function settle() {
  let sent = null;
  try {
    sent = JSON.parse(sessionStorage.getItem(SENT));
    sessionStorage.removeItem(SENT);
  } catch {
    return;
  }
  const wentTo = performance.getEntriesByType("navigation")[0]?.type === "navigate";
  const from = document.referrer && new URL(document.referrer).pathname;
  if (!sent || !wentTo || from !== sent.from || document.querySelector(".error-page, #errors")) return;
  sent.keys.forEach(forgetKey);
}

settle();
document.addEventListener("input", (event) => isOurs(event.target) && note(event.target));
// At the window, where it is known whether any other script has stopped it.
window.addEventListener("submit", (event) => {
  if (!event.defaultPrevented && event.target.getAttribute("method") === "post") send(event.target, event.submitter);
});
