// Puts the cursor into [data-focus-when-wide] when the page opens, but only where that moves nothing: on a narrow
// screen it would scroll past the instruction and bring up a keyboard.

if (matchMedia("(min-width: 900px)").matches && !location.hash && !document.querySelector("[autofocus]")) {
  document.querySelector("[data-focus-when-wide]")?.focus({ preventScroll: true });
}
