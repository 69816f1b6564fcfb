// After a reload, offers text that this browser kept because it could not be saved. Only where the same person is
// signed in, and only when it differs from what the server has. The field is changed by the person's press alone.

const box = document.querySelector("[data-recovered]");

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null");
  } catch {
    return null;
  }
}

function offer(key, field) {
  // What was found moves aside at once: the next keystroke writes to the first key.
  const aside = `${key}:found`;
  const left = read(key);
  localStorage.removeItem(key);
  if (left?.text && left.text !== field.value) localStorage.setItem(aside, JSON.stringify(left));
  const found = read(aside);
  if (!found?.text || found.text === field.value) {
    localStorage.removeItem(aside);
    return;
  }
  const done = () => {
    localStorage.removeItem(aside);
    box.hidden = true;
  };
  box.querySelector("[data-recovered-text]").textContent = found.text;
  const time = box.querySelector("[data-recovered-at]");
  time.dateTime = found.at;
  time.textContent = new Date(found.at).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
  box.hidden = false;
  box.querySelector("[data-recovered-drop]").addEventListener("click", done);
  box.querySelector("[data-recovered-use]").addEventListener("click", () => {
    field.focus();
    field.select();
    // As if it were typed, so that it can be undone and is saved like any other input.
    if (!document.execCommand("insertText", false, found.text)) {
      field.setRangeText(found.text, 0, field.value.length, "end");
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    done();
  });
}

if (box && document.body.dataset.viewer) {
  offer(`engross:${document.body.dataset.viewer}:${box.dataset.sample}`, document.getElementById(box.dataset.recovered));
}
