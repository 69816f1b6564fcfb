// A form that is on its way is not sent again by a second press. It wakes up when the page is shown again (Back), and
// after a while, for whoever stopped the browser's loading.

const SENT = "data-sent";
const WHILE = 10_000; // milliseconds

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "dialog" || form.method === "get") return;
  if (Date.now() - Number(form.getAttribute(SENT)) < WHILE) event.preventDefault();
  else form.setAttribute(SENT, Date.now());
});

// htmx answers in place: its form may be sent again afterwards.
document.addEventListener("htmx:finally:request", (event) => {
  event.target.closest?.("form")?.removeAttribute(SENT);
});

window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll(`form[${SENT}]`)) form.removeAttribute(SENT);
});
