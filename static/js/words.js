// Counts the words of the text field that [data-words-of] names while it is typed in, and says where the count lies
// outside what was asked for, or the text is longer than the server takes (data-limit, in characters).

function update(counter) {
  const field = document.getElementById(counter.dataset.wordsOf);
  const text = field.value.trim();
  const count = text === "" ? 0 : text.split(/\s+/u).length;
  const { min, max } = counter.dataset;
  const outside = count > 0 && (count < Number(min) || count > Number(max));
  // Code points, as the server counts them.
  const length = [...field.value].length;
  const tooLong = length > Number(field.dataset.limit || Infinity);
  counter.querySelector("[data-words]").textContent = tooLong
    ? `${length.toLocaleString("en")} characters, more than the ${Number(field.dataset.limit).toLocaleString("en")} that can be saved · ${count}`
    : count.toLocaleString("en");
  counter.classList.toggle("is-outside", tooLong || (outside && count > Number(max)));
}

for (const counter of document.querySelectorAll("[data-words-of]")) {
  document.getElementById(counter.dataset.wordsOf).addEventListener("input", () => update(counter));
  update(counter);
}
