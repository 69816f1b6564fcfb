// Who is signed in in this browser by now: a page may outlive its session, and other tabs sign in and out.

const PATIENCE = 10_000; // milliseconds

// The person's id and the token of their session; null where nobody is signed in.
export async function whoIsSignedIn() {
  const answer = await fetch("/account", {
    headers: { Accept: "text/html" },
    redirect: "manual",
    signal: AbortSignal.timeout(PATIENCE),
  });
  if (!answer.ok) return null;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const token = page.querySelector('meta[name="csrf-token"]')?.content;
  const viewer = page.body.dataset.viewer;
  return token && viewer ? { token, viewer } : null;
}

export function useToken(token) {
  for (const input of document.querySelectorAll('input[name="csrf_token"]')) input.value = token;
  document.querySelector('meta[name="csrf-token"]').content = token;
}
