// [data-dismiss] takes away the [data-dismissable] around it; [data-expires-after="10"] goes by itself after as many
// seconds, but not while the pointer or the focus is on it.

document.addEventListener("click", (event) => {
  event.target.closest?.("[data-dismiss]")?.closest("[data-dismissable]")?.remove();
});

for (const element of document.querySelectorAll("[data-expires-after]")) {
  const leave = () => {
    if (element.matches(":hover, :focus-within")) setTimeout(leave, 500);
    else element.remove();
  };
  setTimeout(leave, Number(element.dataset.expiresAfter) * 1000);
}
