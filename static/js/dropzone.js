// A [data-dropzone] form takes files that are dropped on it, lists names and sizes, and shows how much was sent.
// Without this file it is a plain multipart form with a file field.

const sizeOf = (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);
const zoneOf = (event) => event.target.closest?.("[data-dropzone]");

function list(form) {
  const files = [...form.querySelector("input[type=file]").files];
  const holder = form.querySelector("[data-dropzone-files]");
  holder.hidden = files.length === 0;
  holder.replaceChildren(
    ...files.map((file) => {
      const item = document.createElement("li");
      const name = document.createElement("span");
      const size = document.createElement("span");
      name.textContent = file.name;
      size.textContent = sizeOf(file.size);
      size.className = "muted number";
      item.append(name, size);
      return item;
    }),
  );
}

function show(form, text, part) {
  const progress = form.querySelector("[data-dropzone-progress]");
  progress.hidden = false;
  progress.querySelector("progress").value = part;
  progress.querySelector("[data-dropzone-status]").textContent = text;
}

function send(form) {
  const request = new XMLHttpRequest();
  const button = form.querySelector("button");
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
  request.send(new FormData(form));
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

document.addEventListener("drop", (event) => {
  const form = zoneOf(event);
  if (!form) return;
  event.preventDefault();
  form.removeAttribute("data-over");
  const input = form.querySelector("input[type=file]");
  const all = new DataTransfer();
  for (const file of [...input.files, ...event.dataTransfer.files]) all.items.add(file);
  input.files = all.files;
  list(form);
});

document.addEventListener("change", (event) => {
  if (event.target.matches?.("[data-dropzone] input[type=file]")) list(zoneOf(event));
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-dropzone]")) return;
  event.preventDefault();
  send(event.target);
});
