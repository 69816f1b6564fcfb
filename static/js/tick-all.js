// In <form data-tick-all>, the button [data-tick-all-button] ticks every box named "ids", or none where all were.
// The button is hidden without this file.

const boxes = (form) => [...form.querySelectorAll("input[name=ids]")];

const show = () => {
  for (const button of document.querySelectorAll("[data-tick-all-button][hidden]")) button.hidden = false;
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-tick-all-button]");
  if (!button) return;
  const all = boxes(button.form);
  const ticks = all.some((box) => !box.checked);
  for (const box of all) box.checked = ticks;
});

show();
document.addEventListener("htmx:after:swap", show);
