// While the page is in sight it renews its hold on the task once a minute, and says so when the hold is lost.
// What is typed is saved in either case.

const form = document.querySelector("form[data-autosave]");
const holder = document.getElementById("lease-message");
const MINUTE = 60_000;
const LOST = "Your hold on this contract has ended. What you write is still saved.";

function tell(sentence) {
  if (holder.textContent.trim() === sentence) return;
  const message = document.createElement("p");
  message.className = "callout callout-warning";
  message.textContent = sentence;
  holder.replaceChildren(...(sentence ? [message] : []));
}

// The server knows why: somebody else has taken the task, or a lead has withdrawn the contract.
async function reasonIn(answer) {
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return page.querySelector("[data-detail]")?.textContent.trim() || LOST;
}

async function renew() {
  if (document.visibilityState !== "visible") return;
  const token = form.elements.csrf_token.value;
  try {
    const answer = await fetch(`/samples/${form.dataset.sample}/lease`, {
      method: "PUT",
      headers: { Accept: "text/html", "HX-Request": "true", "X-CSRF-Token": token },
      body: new URLSearchParams({ csrf_token: token }),
      redirect: "manual",
    });
    if (answer.ok) tell("");
    else if (answer.status === 409) tell(await reasonIn(answer));
  } catch {
    // The network is away; the save state already says so.
  }
}

if (form && holder) {
  setInterval(renew, MINUTE);
  document.addEventListener("visibilitychange", renew);
  // Work that came back from review is held without a lease: only one that was there can have ended.
  let had = Boolean(document.getElementById("receipt")?.dataset.leaseUntil);
  document.addEventListener("engross:saved", ({ detail }) => {
    if (detail.leaseUntil) tell("");
    else if (had) renew();
    had ||= Boolean(detail.leaseUntil);
  });
}
