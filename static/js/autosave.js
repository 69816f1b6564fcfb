// Saves the draft while it is being written; the only place that talks to the draft's URL.
//
// - One save at a time. What is typed meanwhile goes with the next one, which always carries the newest text.
// - Each save names the draft number it is based on; the receipt in the answer brings the next one. Each also bears
//   this page's name and a running number, so that one that was held up on its way does not undo a later one.
// - A save that fails is tried again, soon and then every ten seconds, and at once when the network is back.
// - Until it is saved, the text also lies in this browser (kept.js).
// - The text field itself is never written to.

import { replaceFindings } from "./findings.js";
import { forget, keep, pageId, placeOf } from "./kept.js";
import { useToken, whoIsSignedIn } from "./session.js";

const PAUSE = 800; // after the last keystroke, in milliseconds
const LONGEST_PAUSE = 5000; // of somebody who never pauses
const SLOW = 1500; // a save that takes longer is shown as not saved
const GIVE_UP = 20_000; // a request without any answer is taken for lost
const LONGEST_WAIT = 10_000;
const REFUSALS = new Set([409, 413, 414, 422]); // of this very text; all else may pass by itself
const BY_WORDS = new Set(["paragraph", "quote", "supports"]);
const KEEPALIVE_LIMIT = 60_000; // browsers refuse to send more than 64 KiB while a page closes

const form = document.querySelector("form[data-autosave]");
const field = form?.elements.output;
const stateHolder = form?.querySelector("[data-save-state]");
const alertHolder = form?.querySelector("[data-save-alert]");
const viewer = document.body.dataset.viewer;
const place = form && placeOf(field);
const page = form && `/samples/${form.dataset.sample}`;

let saved = null; // the content that the server has acknowledged
let running = null; // the promise of the save in flight
let turn = 1; // of this page's next save
let timer = 0;
let waitingSince = 0; // when the oldest keystroke that waits for a save was made
let failures = 0;
let renewals = 0; // of the token, since the last save that went well
let refused = null; // the content that lost a conflict: the server keeps it beside the draft
let blocked = false; // a conflict waits for the person, or the server refused this very text

// What is saved: the text, the clauses and the evidence. Reasons for findings go with the submission alone, and what
// names evidence by its words with the button beside it.
function fields() {
  const data = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (!name.startsWith("reason.") && !BY_WORDS.has(name)) data.append(name, value);
  }
  return data;
}

function content() {
  const data = fields();
  for (const name of ["csrf_token", "based_on", "editor", "wants_evidence"]) data.delete(name);
  return data.toString();
}

const isDirty = () => content() !== saved;

// state: "saved" shows the receipt; "saving" and "failed" show the sentence.
function show(state, sentence = "") {
  stateHolder.dataset.state = state;
  const text = stateHolder.querySelector("[data-save-text]");
  if (state === "saving") text.textContent = "● Saving…";
  if (state === "failed") text.textContent = `▲ ${sentence}`;
  // Only what matters is read out: that saving fails, and that it works again.
  if (state === "failed" && alertHolder.textContent !== sentence) alertHolder.textContent = sentence;
  if (state === "saved" && alertHolder.textContent) alertHolder.textContent = "Saved";
}

function schedule(wait) {
  clearTimeout(timer);
  timer = setTimeout(save, wait);
}

function retryLater(sentence) {
  failures += 1;
  show("failed", sentence);
  schedule(Math.min(500 * 2 ** failures, LONGEST_WAIT));
  return false;
}

function stop(sentence) {
  blocked = true;
  failures = 0; // nothing is tried until something changes
  show("failed", sentence);
  return false;
}

// Saves until the server has everything; the promise says whether it does. `always`: also what it has already, to
// learn whether it would take more.
function save(always = false) {
  clearTimeout(timer);
  running ??= saveAll(always).finally(() => (running = null));
  return running;
}

async function saveAll(always) {
  while ((always || isDirty()) && !blocked) {
    if (!(await send())) return false;
    always = false;
  }
  if (isDirty() || blocked) return false;
  failures = 0; // also where what was typed was taken back
  forget(place);
  show("saved");
  return true;
}

function nextTurn() {
  const body = fields();
  turn += 1;
  form.elements.editor.value = `${pageId}.${turn}`;
  return body;
}

async function send() {
  const sent = content();
  const sentText = field.value;
  waitingSince = 0;
  document.dispatchEvent(new CustomEvent("engross:sending"));
  if (failures === 0) show("saving");
  const slow = setTimeout(() => show("failed", "Not saved yet: the server is slow to answer"), SLOW);
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      headers: { Accept: "text/html", "HX-Request": "true", "X-CSRF-Token": form.elements.csrf_token.value },
      body: nextTurn(),
      redirect: "manual",
      signal: AbortSignal.timeout(GIVE_UP),
    });
    const text = answer.type === "opaqueredirect" ? "" : await answer.text();
    return await take(answer, new DOMParser().parseFromString(text, "text/html"), sent, sentText);
  } catch {
    return retryLater("Not saved: no connection, retrying. Your text is kept here");
  } finally {
    clearTimeout(slow);
  }
}

async function take(answer, body, sent, sentText) {
  if (answer.ok && body.getElementById("receipt")) return acknowledge(body, sent, sentText);
  if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) return askForSession(answer);
  if (answer.status === 409 && body.getElementById("conflict")) {
    document.getElementById("conflict").replaceWith(document.adoptNode(body.getElementById("conflict")));
    refused = sent;
    saved = null;
    return stop("Not saved: this summary was saved elsewhere too. Choose above");
  }
  if (answer.status === 409 && !isDirty()) return leaveFor(page); // it was handed in
  const reason = body.querySelector("[data-detail]")?.textContent.trim().replace(/\.$/, "");
  if (REFUSALS.has(answer.status)) return stop(`Not saved: ${reason || "this text is refused"}. Your text is kept here`);
  return retryLater(`Not saved: ${(answer.status < 500 && reason) || "the server is away, retrying"}. Your text is kept here`);
}

function leaveFor(address) {
  saved = content();
  location.assign(address);
  return false;
}

function acknowledge(body, sent, sentText) {
  const receipt = document.adoptNode(body.getElementById("receipt"));
  const findings = body.getElementById("findings");
  const evidence = body.getElementById("evidence");
  const isNewest = content() === sent;
  failures = 0;
  renewals = 0;
  form.elements.based_on.value = receipt.dataset.number;
  document.getElementById("receipt").replaceWith(receipt);
  if (findings) replaceFindings(document.adoptNode(findings), sentText);
  if (evidence) {
    const detail = { section: document.adoptNode(evidence), sentText };
    document.dispatchEvent(new CustomEvent("engross:evidence", { detail }));
  }
  saved = isNewest ? content() : sent; // which the server's list of evidence has completed
  const detail = { number: receipt.dataset.number, leaseUntil: receipt.dataset.leaseUntil };
  document.dispatchEvent(new CustomEvent("engross:saved", { detail }));
  return true;
}

// The session ended, or a new one began in another tab: its token is fetched, for the same person only.
async function askForSession(answer) {
  const current = await whoIsSignedIn();
  failures = 10; // once in ten seconds is enough
  if (!current) return retryLater("Not saved, signed out: sign in in another tab. Your text is kept here");
  if (current.viewer !== viewer) return retryLater("Not saved: somebody else is signed in here. Your text is kept for you");
  const isNew = current.token !== form.elements.csrf_token.value;
  useToken(current.token);
  renewals += 1;
  if (isNew && renewals < 3) return true;
  if (answer.status !== 403) return retryLater("Not saved, signed out: sign in in another tab. Your text is kept here");
  return retryLater("Not saved: you may not change this summary any more. Your text is kept here");
}

const hasConflict = () => Boolean(form.querySelector("#conflict[data-number]"));

function touch() {
  if (isDirty()) keep(place, field.value);
  if (failures > 0 || running) return; // a save or a retry is on its way, and another one will carry this
  blocked &&= hasConflict(); // refused: perhaps it is right now
  if (blocked) return;
  show("saving");
  waitingSince ||= Date.now();
  schedule(Math.min(PAUSE, Math.max(0, waitingSince + LONGEST_PAUSE - Date.now())));
}

// A form of this page leaves it: first everything is saved. Where that fails the page stays, and says why; only
// signing out goes on, and asks (sign-out.js). Before handing in, the server is asked even where it has everything:
// where it is away, or this is handed in already, the page says so, and reasons that were typed stay in it.
async function saveThenSend(leaving, submitter) {
  blocked &&= hasConflict();
  if (running) await running;
  const isSaved = await save(leaving === form);
  if (!isSaved && leaving.getAttribute("action") !== "/sign-out") return;
  leaving.dataset.afterSave = "";
  leaving.requestSubmit(submitter);
  delete leaving.dataset.afterSave;
}

function onSubmit(event) {
  const isSaveButton = event.target === form && !event.submitter?.hasAttribute("formaction");
  if (event.target.method === "dialog" || "afterSave" in event.target.dataset) return;
  if (isSaveButton) {
    event.preventDefault();
    failures = 0;
    blocked &&= hasConflict();
    save();
  } else if (event.target === form || isDirty() || running) {
    event.preventDefault();
    event.stopPropagation();
    saveThenSend(event.target, event.submitter);
  }
}

function onConflictChoice(event) {
  const box = event.target.closest("#conflict[data-number]");
  if (!box) return;
  if (event.target.closest("[data-keep-mine]")) {
    form.elements.based_on.value = box.dataset.number;
    box.replaceChildren();
    box.removeAttribute("data-number");
    box.className = "";
    blocked = false;
    save();
  } else if (event.target.closest("[data-keep-theirs]")) {
    takeTheirs();
  }
}

// What is in the page is given up: the server keeps it beside the draft, and what was typed since is sent there too.
async function takeTheirs() {
  if (content() !== refused) await send();
  if (content() !== refused && isDirty()) return;
  forget(place);
  leaveFor(page);
}

function onLeave() {
  if (!isDirty()) return;
  const body = nextTurn();
  // What is left out, the server moves along with the text.
  if (body.toString().length > KEEPALIVE_LIMIT) body.delete("evidence");
  if (body.toString().length > KEEPALIVE_LIMIT) return;
  fetch(form.action, { method: "POST", headers: { "HX-Request": "true" }, body, keepalive: true, redirect: "manual" });
}

// A press on "Sign out" that was confirmed has asked already.
const isSigningOut = () => Boolean(document.querySelector('form[action="/sign-out"][data-sent]'));

function tryAgain() {
  if (failures > 0) save();
}

if (form) {
  form.elements.editor.value = `${pageId}.${turn}`;
  // A browser may have put back what was typed before, or a refused text may have come back: then the field is ahead
  // of what the server has.
  saved = field.value === field.defaultValue && !("unsaved" in form.dataset) ? content() : null;
  if (isDirty()) touch();
  form.addEventListener("input", touch);
  form.addEventListener("click", onConflictChoice);
  document.addEventListener("submit", onSubmit, true);
  window.addEventListener("online", tryAgain);
  window.addEventListener("focus", tryAgain);
  window.addEventListener("pagehide", onLeave);
  document.addEventListener("visibilitychange", () => (document.visibilityState === "visible" ? tryAgain() : isDirty() && save()));
  window.addEventListener("beforeunload", (event) => isDirty() && !isSigningOut() && event.preventDefault());
}
