// A page that the browser kept whole and shows again (Back) may be out of date, or another person's by now: it is
// asked for anew. What was typed in it and not saved is offered there.

window.addEventListener("pageshow", (event) => {
  const address = document.querySelector("[data-fresh]")?.dataset.fresh;
  if (event.persisted && address) location.replace(address);
});
