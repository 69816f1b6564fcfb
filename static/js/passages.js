// A clause's chip goes to its likely places in the contract, one after the other; where none are known, it looks for
// the clause's name.

const gone = new WeakMap();

function showPlace(anchor) {
  const place = document.getElementById(anchor);
  if (!place) return;
  document.querySelectorAll(".block.is-shown").forEach((block) => block.classList.remove("is-shown"));
  place.classList.add("is-shown");
  place.scrollIntoView({ block: "center" });
}

document.addEventListener("click", (event) => {
  const chip = event.target.closest("[data-passages]");
  const searcher = event.target.closest("[data-find-text]");
  if (chip) {
    event.preventDefault();
    const anchors = chip.dataset.passages.trim().split(" ");
    const next = ((gone.get(chip) ?? -1) + 1) % anchors.length;
    gone.set(chip, next);
    document.querySelectorAll(".chip[aria-current]").forEach((other) => other.removeAttribute("aria-current"));
    chip.setAttribute("aria-current", "true");
    showPlace(anchors[next]);
  } else if (searcher) {
    document.dispatchEvent(new CustomEvent("engross:find", { detail: { text: searcher.dataset.findText } }));
  }
});

document.querySelectorAll("[data-find-text]").forEach((button) => (button.hidden = false));
