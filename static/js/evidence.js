// Evidence while a summary is written. What is selected in the contract becomes evidence for the sentence at the
// cursor or for a clause; the spans move with the words of the summary, and mirror.js shows them behind the field.
// The form's list is what is saved: the server adds the quotes and finds the sentences' ends.

import { goTo, paintAll, paintSelected, point, read, selectedSpan } from "./marks.js";
import { addLayer, carry, draw, field, form, words } from "./mirror.js";
import { toPoints } from "./spans.js";

const bar = document.querySelector("[data-mark-bar]");
const messages = document.querySelectorAll("[data-mark-message]"); // one in each pane

let entries = []; // {clause?, output?, document, item?}: without an item where the server has not answered yet
let selected = null; // the span of the contract that is to become evidence
let cursor = 0; // where it stands, or stood last, in the field
let changes = 0; // entries that were added, removed or put back
let carried = 0; // how many of these the running save carries
let pointed = []; // numbers of the entries that are pointed at

const hidden = (name) => {
  const input = document.createElement("input");
  Object.assign(input, { type: "hidden", name });
  form.append(input);
  return input;
};

function write() {
  const bare = entries.map(({ clause, output, document }) => ({ clause, output, document }));
  form.elements.evidence.value = JSON.stringify(bare);
  form.elements.wants_evidence.value = entries.some((entry) => !entry.item);
}

function show() {
  paintAll(entries);
  showBeside();
  draw();
}

// All but the contract, whose words do not move while the summary is written.
function showBeside() {
  entries.forEach((entry, index) => entry.item && showItem(entry, index + 1));
  for (const holder of form.querySelectorAll("[data-evidence-of]")) {
    const numbers = entries.flatMap(({ clause }, index) => (clause === holder.dataset.evidenceOf ? [index + 1] : []));
    holder.dataset.evidence = numbers.join(" ");
    holder.textContent = numbers.length > 0 ? `evidence ${numbers.join(", ")}` : "";
  }
}

function showItem({ item, clause, output }, number) {
  if (item.id !== `evidence-${number}`) renumber(item, number);
  const isLoose = !output && !form.elements[`clause.${clause}`];
  item.classList.toggle("is-loose", isLoose);
  const supported = item.querySelector("[data-words-supported]");
  const said = output ? words(output) : isLoose ? supported.dataset.loose : "";
  if (supported.textContent !== said) supported.textContent = said;
}

function renumber(item, number) {
  item.id = `evidence-${number}`;
  const link = item.querySelector("[data-evidence]");
  const removing = item.querySelector("[data-remove]");
  link.dataset.evidence = number;
  link.textContent = number;
  removing.value = number - 1;
  for (const named of [link, removing]) named.ariaLabel = named.ariaLabel.replace(/\d+/, number);
}

const numberOf = (entry) => entries.indexOf(entry) + 1;

// The words that an entry supports are underlined, and bear its number where they end.
function mark(element, open, ending) {
  element.classList.add("has-evidence");
  if (ending.length > 0) element.dataset.numbers = ending.map(numberOf).join(" ");
  element.classList.toggle("is-pointed", open.some((entry) => pointed.includes(numberOf(entry))));
}

function follow() {
  pointed = [];
  noteCursor();
  write();
  showBeside();
}

const say = (sentence) => messages.forEach((message) => (message.textContent = sentence));

function select(span) {
  selected = span;
  if (bar) bar.hidden = !span;
  paintSelected(span);
}

function add(supports) {
  if (!selected) return say("Select words in the contract first.");
  const longest = Number(form.dataset.longestEvidence);
  if (selected.end - selected.start > longest) return say(`Select at most ${longest.toLocaleString("en")} characters.`);
  const most = Number(form.dataset.mostEvidence);
  if (entries.length >= most) return say(`There are ${most} pieces of evidence, the most that a summary can have: remove one first.`);
  const entry = { document: selected };
  if (supports) entry.clause = supports;
  else if (field.value.trim()) entry.output = { start: cursor, end: cursor };
  else return say("Write the sentence first, or choose a clause.");
  entries.push(entry);
  changes += 1;
  const open = supports && form.elements[`clause.${supports}`];
  if (open?.value === "") open.value = "covered";
  getSelection().removeAllRanges();
  select(null);
  write();
  show();
  say("");
  form.requestSubmit(); // which is: save now
  return undefined;
}

// While words of the contract are selected, the field does not tell.
function noteCursor() {
  cursor = toPoints(field.value, field.selectionStart);
  form.elements.supports.options[0].value = `at:${cursor}`;
}

// Taken out of what is saved at once; its row offers to put it back until the list is drawn anew.
function remove(item) {
  const index = entries.findIndex((entry) => entry.item === item);
  const [entry] = entries.splice(index, 1);
  const offer = document.createElement("li");
  offer.className = "evidence-gone";
  const back = document.createElement("button");
  Object.assign(back, { type: "button", className: "button-link", textContent: "Removed. Put it back" });
  offer.append(back);
  item.replaceWith(offer);
  const at = field.value;
  back.addEventListener("click", () => {
    carry([entry], at);
    entries.splice(Math.min(index, entries.length), 0, entry);
    offer.replaceWith(item);
    changed();
    item.querySelector("[data-remove]").focus();
  });
  back.focus();
  changed();
}

function changed() {
  changes += 1;
  write();
  show();
  form.dispatchEvent(new Event("input", { bubbles: true }));
}

// The server's list, which belongs to the text as it was sent.
function take({ section, sentText }) {
  if (changes !== carried) return; // the next save carries the rest, and its answer brings all
  const fresh = read(section);
  const old = document.getElementById("evidence");
  const hadFocus = old.contains(document.activeElement);
  old.replaceWith(section);
  if (hadFocus) section.focus();
  carry(fresh, sentText);
  entries = fresh;
  write();
  show();
  say(`Evidence ${entries.length} is saved.`);
}

const entriesAtCursor = () =>
  entries.flatMap(({ output }, index) => (output && output.start <= cursor && cursor <= output.end ? [index + 1] : []));

let lastGone = 0;
function goToNext() {
  const numbers = entriesAtCursor();
  if (numbers.length === 0) return say("This sentence has no evidence yet.");
  lastGone = numbers[(numbers.indexOf(lastGone) + 1) % numbers.length];
  point([lastGone]);
  goTo(lastGone);
  return undefined;
}

if (form) {
  hidden("evidence");
  hidden("wants_evidence");
  const supports = form.elements.supports;
  const chosen = supports.value;
  supports.querySelectorAll('[value^="at:"]').forEach((option) => option.remove());
  supports.prepend(new Option("The sentence at the cursor"));
  if (!chosen.startsWith("clause:")) supports.selectedIndex = 0;
  for (const name of ["paragraph", "quote"]) {
    form.elements[name].addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      form.querySelector("[data-add-by-words]").click();
    });
  }
  const drawn = read(form);
  carry(drawn, field.defaultValue);
  entries = drawn;
  addLayer({ items: () => entries, mark, moved: follow });
  noteCursor();
  write();
  show();
  for (const moves of ["click", "keyup"]) field.addEventListener(moves, noteCursor);
  document.addEventListener("engross:pointed", ({ detail }) => {
    pointed = detail.numbers;
    draw();
  });
  document.addEventListener("engross:sending", () => (carried = changes));
  document.addEventListener("engross:evidence", ({ detail }) => take(detail));
  document.addEventListener("selectionchange", () => {
    const span = selectedSpan();
    // A press in the contract gives up what was selected there; one elsewhere, say in the summary, does not.
    if (span || getSelection().anchorNode?.parentElement?.closest("[data-contract]")) select(span);
    else if (document.activeElement === field) {
      noteCursor();
      point(entriesAtCursor());
    }
  });
  document.addEventListener("click", (event) => {
    const mark = event.target.closest("[data-mark]");
    const gone = event.target.closest("[data-remove]");
    if (mark) add(mark.dataset.mark);
    if (event.target.closest("[data-go-evidence]")) goToNext();
    if (gone) {
      event.preventDefault();
      remove(gone.closest("[data-entry]"));
    }
  });
  document.addEventListener("keydown", (event) => event.key === "Escape" && select(null));
}
