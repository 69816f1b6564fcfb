// <button data-dialog-open="id"> opens the <dialog id="id">; pressing beside an open dialog closes it.

document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-dialog-open]");
  if (opener) {
    document.getElementById(opener.dataset.dialogOpen)?.showModal();
    return;
  }
  if (!event.target.matches?.("dialog[open]")) return;
  // The backdrop belongs to the dialog: only a press outside its box is one beside it.
  const box = event.target.getBoundingClientRect();
  const inside =
    event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
  if (!inside) event.target.close();
});
