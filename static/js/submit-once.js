// A form that is on its way is not sent again by a second press. It wakes up when the page is shown again (Back).

const SENT = "data-sent";

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "dialog" || form.method === "get") return;
  if (form.hasAttribute(SENT)) event.preventDefault();
  else form.setAttribute(SENT, "");
});

// htmx answers in place: its form may be sent again afterwards.
document.addEventListener("htmx:finally:request", (event) => {
  event.target.closest?.("form")?.removeAttribute(SENT);
});

window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll(`form[${SENT}]`)) form.removeAttribute(SENT);
});
