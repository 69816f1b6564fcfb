// Reasons that are being written survive the arrival of new findings.
export function replaceFindings(fresh) {
  const old = document.getElementById("findings");
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  if (focused?.matches("textarea")) return;
  for (const reason of old.querySelectorAll("textarea")) {
    const heir = [...fresh.querySelectorAll("textarea")].find((other) => other.name === reason.name);
    if (!heir) continue;
    heir.value = reason.value;
    heir.closest("details").open = reason.closest("details").open;
  }
  if (fresh.innerHTML !== old.innerHTML || fresh.querySelector("textarea")) old.replaceWith(fresh);
}
