// A [data-dropzone] form takes files and folders, chosen or dropped, lists names and sizes, and shows how much was sent.
// Without this file it is a plain multipart form with a file field.

const LISTED = 200;
const sizeOf = (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);
const zoneOf = (event) => event.target.closest?.("[data-dropzone]");

// What is to be sent, by form: { file, name }, where the name of a file of a folder is its path.
const chosen = new WeakMap();
const named = (file) => ({ file, name: file.webkitRelativePath || file.name });

function list(form, files) {
  chosen.set(form, files);
  form.querySelector("input[type=file]").required = files.length === 0;
  const holder = form.querySelector("[data-dropzone-files]");
  holder.hidden = files.length === 0;
  holder.replaceChildren(
    ...files.slice(0, LISTED).map(({ file, name }) => row(name, sizeOf(file.size))),
    ...(files.length > LISTED ? [row(`and ${files.length - LISTED} more`, "")] : []),
  );
}

function row(...texts) {
  const item = document.createElement("li");
  for (const text of texts) item.append(Object.assign(document.createElement("span"), { textContent: text }));
  item.lastChild.className = "muted number";
  return item;
}

// The files of what was dropped; a folder is gone through to its end.
async function filesOf(entry) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    return [{ file, name: entry.fullPath.slice(1) }];
  }
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return found;
    for (const inner of some) found.push(...(await filesOf(inner)));
  }
}

function show(form, text, part) {
  const progress = form.querySelector("[data-dropzone-progress]");
  progress.hidden = false;
  progress.querySelector("progress").value = part;
  progress.querySelector("[data-dropzone-status]").textContent = text;
}

function send(form) {
  const request = new XMLHttpRequest();
  const button = form.querySelector(".button-primary");
  const again = (text) => {
    show(form, text, 0);
    button.disabled = false;
  };
  button.disabled = true;
  request.upload.addEventListener("progress", (event) => {
    show(form, `${sizeOf(event.loaded)} of ${sizeOf(event.total)} sent`, event.loaded / event.total);
  });
  request.upload.addEventListener("load", () => show(form, "All sent. The files are being read…", 1));
  request.addEventListener("error", () => again("The connection broke. Nothing was imported; send again."));
  request.addEventListener("load", () => {
    // The answer is the page after the redirect, or the same page with what stood in the way.
    if (request.status < 400 && request.responseURL) location.assign(request.responseURL);
    else if (request.status === 413) again("These files are larger than one request may be. Send fewer at a time.");
    else again(sentenceOf(request) || "The server could not take the files. Send again.");
  });
  request.open("POST", form.action);
  const data = new FormData(form);
  const input = form.querySelector("input[type=file]");
  data.delete(input.name);
  for (const { file, name } of chosen.get(form) || []) data.append(input.name, file, name);
  request.send(data);
}

function sentenceOf(request) {
  const answer = new DOMParser().parseFromString(request.responseText, "text/html");
  return answer.querySelector(".field-error, .form-errors, .error-page h1 + p")?.textContent.trim();
}

document.addEventListener("dragover", (event) => {
  const form = zoneOf(event);
  if (!form) return;
  event.preventDefault();
  form.toggleAttribute("data-over", true);
});

document.addEventListener("dragleave", (event) => zoneOf(event)?.removeAttribute("data-over"));

document.addEventListener("drop", async (event) => {
  const form = zoneOf(event);
  if (!form) return;
  event.preventDefault();
  form.removeAttribute("data-over");
  // Asked before the first wait: afterwards the browser tells no more of what was dropped.
  const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry()).filter(Boolean);
  const files = [...event.dataTransfer.files].map(named);
  try {
    const dropped = entries.length ? (await Promise.all(entries.map(filesOf))).flat() : files;
    list(form, [...(chosen.get(form) || []), ...dropped]);
  } catch {
    show(form, "What you dropped cannot be read. Drop it again, or choose it.", 0);
  }
});

document.addEventListener("change", (event) => {
  if (event.target.matches?.("[data-dropzone] input[type=file]")) {
    list(zoneOf(event), [...event.target.files].map(named));
  }
});

document.addEventListener("click", (event) => {
  const form = event.target.matches?.("[data-dropzone-folder]") && zoneOf(event);
  if (!form) return;
  const input = Object.assign(document.createElement("input"), { type: "file", webkitdirectory: true });
  input.addEventListener("change", () => {
    list(form, [...(chosen.get(form) || []), ...[...input.files].map(named)]);
  });
  input.click();
});

for (const button of document.querySelectorAll("[data-dropzone-folder]")) {
  button.hidden = !("webkitdirectory" in HTMLInputElement.prototype);
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-dropzone]")) return;
  event.preventDefault();
  send(event.target);
});
