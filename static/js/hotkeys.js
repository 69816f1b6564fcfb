// <button data-hotkey="a"> is pressed when "a" is typed outside a text field, unless the reader switched single
// keys off. "mod+Enter" and "alt+1" work in text fields too; there the field's own form is asked first.
// A hotkey on a text field focuses it.

const TYPING = "input:not([type=radio]):not([type=checkbox]):not([type=file]), textarea, select, [contenteditable]";

function nameOf(event) {
  const digit = /^Digit(\d)$/.exec(event.code);
  // Alt changes what a key types on some keyboards, so letters and digits are read by their place.
  const letter = /^Key([A-Z])$/.exec(event.code);
  const plain = event.altKey ? (digit?.[1] ?? letter?.[1].toLowerCase() ?? event.key) : event.key;
  return `${event.ctrlKey || event.metaKey ? "mod+" : ""}${event.altKey ? "alt+" : ""}${plain}`;
}

function findShown(root, name) {
  const found = root?.querySelectorAll(`[data-hotkey~="${CSS.escape(name)}"]`) ?? [];
  return [...found].find((element) => element.checkVisibility() && !element.disabled);
}

function press(element) {
  if (element.matches(TYPING)) {
    element.focus();
    element.select?.();
  } else {
    element.click();
    // "toggle" comes a moment later, and the next key, perhaps one that decides, would fall on the page meanwhile.
    if (element.matches("details[open] > summary")) element.parentElement.querySelector("[data-focus-on-open]")?.focus();
  }
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing) return;
  const name = nameOf(event);
  const single = !event.ctrlKey && !event.metaKey && !event.altKey;
  const typing = event.target.closest?.(TYPING);
  if (single && (typing || document.body.dataset.singleKeys === "off")) return;
  const dialog = document.querySelector("dialog[open]");
  const element = findShown(event.target.closest?.("form"), name) ?? findShown(dialog ?? document, name);
  if (element) {
    event.preventDefault();
    press(element);
  } else if (name === "?" && !dialog) {
    document.getElementById("keys")?.showModal();
  }
});
