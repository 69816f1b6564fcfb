// Before somebody signs out while typed text of theirs lies in this browser alone, they are told so. It stays there
// under their id, and is offered to them when they open its page again.

import { listKept } from "./kept.js";

const QUESTION =
  "Something that you typed is not saved yet. It stays in this browser, and only you are shown it when you sign in " +
  "here again. On a computer that you share, go back and save it, or throw it away. Sign out all the same?";

// Before submit-once.js hears of it.
document.addEventListener(
  "submit",
  (event) => {
    const isSignOut = event.target.getAttribute("action") === "/sign-out";
    if (isSignOut && !event.defaultPrevented && listKept().length > 0 && !confirm(QUESTION)) event.preventDefault();
  },
);
