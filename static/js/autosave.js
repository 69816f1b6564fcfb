// Saves the draft while it is being written; the only place that talks to the draft's URL.
//
// - One save at a time. What is typed meanwhile goes with the next one, which always carries the newest text.
// - Each save names the draft number it is based on; the receipt in the answer brings the next one.
// - A save that fails is tried again, soon and then every ten seconds, and at once when the network is back.
// - Until it is saved, the text also lies in this browser, under the signed-in person's id and the sample's.
// - The text field itself is never written to.

const PAUSE = 800; // after the last keystroke, in milliseconds
const SLOW = 1500; // a save that takes longer is shown as not saved
const GIVE_UP = 20_000; // a request without any answer is taken for lost
const LONGEST_WAIT = 10_000;
const KEEPALIVE_LIMIT = 60_000; // browsers refuse to send more than 64 KiB while a page closes

const form = document.querySelector("form[data-autosave]");
const field = form?.elements.output;
const stateHolder = form?.querySelector("[data-save-state]");
const alertHolder = form?.querySelector("[data-save-alert]");
const viewer = document.body.dataset.viewer;
const key = form && `engross:${viewer}:${form.dataset.sample}`;

let saved = null; // the content that the server has acknowledged
let running = null; // the promise of the save in flight
let timer = 0;
let failures = 0;
let renewals = 0; // of the token, since the last save that went well
let blocked = false; // a conflict waits for the person, or the server refused this very text

// What is saved: the text and the clauses. Reasons for findings go with the submission alone.
function fields() {
  const data = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (!name.startsWith("reason.")) data.append(name, value);
  }
  return data;
}

function content() {
  const data = fields();
  for (const name of ["csrf_token", "based_on", "editor"]) data.delete(name);
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

function keep() {
  const entry = { editor: form.elements.editor.value, at: new Date().toISOString(), text: field.value };
  try {
    localStorage.setItem(key, JSON.stringify(entry));
  } catch {
    // Private windows and full disks have no storage; the text is still in the page.
  }
}

function forget() {
  try {
    const entry = JSON.parse(localStorage.getItem(key) ?? "null");
    // Another tab's unsaved text stays.
    if (entry?.editor === form.elements.editor.value) localStorage.removeItem(key);
  } catch {
    localStorage.removeItem(key);
  }
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
  show("failed", sentence);
  return false;
}

// Saves until the server has everything; the promise says whether it does.
function save() {
  clearTimeout(timer);
  running ??= saveOnce().finally(() => (running = null));
  return running;
}

async function saveOnce() {
  while (isDirty() && !blocked) {
    if (!(await send())) return false;
  }
  return !isDirty();
}

async function send() {
  const sent = content();
  if (failures === 0) show("saving");
  const slow = setTimeout(() => show("failed", "Not saved yet: the server is slow to answer"), SLOW);
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      headers: { Accept: "text/html", "HX-Request": "true", "X-CSRF-Token": form.elements.csrf_token.value },
      body: fields(),
      redirect: "manual",
      signal: AbortSignal.timeout(GIVE_UP),
    });
    const text = answer.type === "opaqueredirect" ? "" : await answer.text();
    return await take(answer, new DOMParser().parseFromString(text, "text/html"), sent);
  } catch {
    return retryLater("Not saved: no connection, retrying. Your text is kept here");
  } finally {
    clearTimeout(slow);
  }
}

async function take(answer, page, sent) {
  if (answer.ok && page.getElementById("receipt")) return acknowledge(page, sent);
  if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) return askForSession(answer);
  if (answer.status === 409 && page.getElementById("conflict")) {
    document.getElementById("conflict").replaceWith(document.adoptNode(page.getElementById("conflict")));
    return stop("Not saved: this summary was saved elsewhere too. Choose above");
  }
  if (answer.status < 500 && answer.status !== 429 && answer.status !== 408) {
    const reason = page.querySelector(".field-error, .form-errors li, .error-page h1 + p, p")?.textContent.trim().replace(/\.$/, "");
    return stop(`Not saved: ${reason || "the server refused this text"}. Your text is kept here`);
  }
  return retryLater("Not saved: the server is away, retrying. Your text is kept here");
}

function acknowledge(page, sent) {
  const receipt = document.adoptNode(page.getElementById("receipt"));
  const findings = page.getElementById("findings");
  failures = 0;
  renewals = 0;
  saved = sent;
  form.elements.based_on.value = receipt.dataset.number;
  document.getElementById("receipt").replaceWith(receipt);
  if (findings) replaceFindings(document.adoptNode(findings));
  if (!isDirty()) {
    forget();
    show("saved");
  }
  const detail = { number: receipt.dataset.number, leaseUntil: receipt.dataset.leaseUntil };
  document.dispatchEvent(new CustomEvent("engross:saved", { detail }));
  return true;
}

// Reasons that are being written survive the arrival of new findings.
function replaceFindings(fresh) {
  const old = document.getElementById("findings");
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  if (focused?.matches("textarea")) return;
  for (const reason of old.querySelectorAll("textarea")) {
    const heir = [...fresh.querySelectorAll("textarea")].find((other) => other.name === reason.name);
    if (!heir) continue;
    heir.value = reason.value;
    heir.closest("details").open = reason.closest("details").open;
  }
  if (fresh.innerHTML !== old.innerHTML || fresh.querySelector("textarea")) old.replaceWith(fresh);
}

// The session ended, or a new one began in another tab: its token is fetched, for the same person only.
async function askForSession(answer) {
  const page = await fetch(location.href, { headers: { Accept: "text/html" }, redirect: "manual" });
  const body = page.ok ? new DOMParser().parseFromString(await page.text(), "text/html") : null;
  const token = body?.querySelector('meta[name="csrf-token"]')?.content;
  if (token && body.body.dataset.viewer === viewer) {
    const isNew = token !== form.elements.csrf_token.value;
    for (const input of document.querySelectorAll('input[name="csrf_token"]')) input.value = token;
    document.querySelector('meta[name="csrf-token"]').content = token;
    renewals += 1;
    if (isNew && renewals < 3) return true;
    if (answer.status === 403) return stop("Not saved: you may no longer change this summary. Your text is kept here");
  }
  const someoneElse = token && body.body.dataset.viewer && body.body.dataset.viewer !== viewer;
  failures = 10; // once in ten seconds is enough
  return retryLater(
    someoneElse
      ? "Somebody else is signed in here: your text is kept for you"
      : "Signed out: sign in in another tab; your text is kept here",
  );
}

function touch() {
  if (!isDirty()) return;
  keep();
  if (failures > 0) return; // a retry is on its way, and will carry this too
  if (blocked && !form.querySelector("#conflict[data-number]")) blocked = false; // refused: perhaps it is right now
  if (blocked) return;
  show("saving");
  schedule(PAUSE);
}

// A form of this page leaves it: first everything is saved. One that cannot be saved stays, and says why.
async function saveThenSend(leaving, submitter) {
  blocked &&= Boolean(form.querySelector("#conflict[data-number]"));
  if (running) await running;
  if (!(await save())) return;
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
    save();
  } else if (isDirty() || running) {
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
    forget();
    saved = content(); // what is in the page is given up: the server keeps it among the saves
    location.reload();
  }
}

function onLeave() {
  const body = fields();
  if (!isDirty() || running || body.toString().length > KEEPALIVE_LIMIT) return;
  fetch(form.action, { method: "POST", headers: { "HX-Request": "true" }, body, keepalive: true, redirect: "manual" });
}

if (form) {
  // A browser may have put back what was typed before: then the field is ahead of what the server sent.
  saved = field.value === field.defaultValue ? content() : null;
  touch();
  form.addEventListener("input", touch);
  form.addEventListener("click", onConflictChoice);
  document.addEventListener("submit", onSubmit, true);
  window.addEventListener("online", () => failures > 0 && save());
  window.addEventListener("pagehide", onLeave);
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && isDirty() && save());
  window.addEventListener("beforeunload", (event) => isDirty() && event.preventDefault());
}
