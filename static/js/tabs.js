// Where the screen is too narrow for two panes, [data-show-pane] switches between them. A link to a place in the
// other pane brings that pane first.

const desk = document.querySelector("[data-panes]");

function show(pane) {
  desk.dataset.pane = pane;
  for (const tab of desk.querySelectorAll("[data-show-pane]")) {
    if (tab.dataset.showPane === pane) tab.setAttribute("aria-current", "true");
    else tab.removeAttribute("aria-current");
  }
}

if (desk) {
  desk.setAttribute("data-tabbed", "");
  show(desk.dataset.pane);
  document.addEventListener("engross:show-pane", ({ detail }) => show(detail.pane));
  // While capturing, so that the pane is there when the browser or another script scrolls to its place.
  document.addEventListener(
    "click",
    (event) => {
      const tab = event.target.closest("[data-show-pane]");
      if (tab) {
        event.preventDefault();
        show(tab.dataset.showPane);
        return;
      }
      const link = event.target.closest('a[href^="#"]');
      const target = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
      const pane = target?.closest("[data-pane-panel]")?.dataset.panePanel;
      if (pane) show(pane);
      else if (event.target.closest("[data-find-text]")) show("contract");
    },
    true,
  );
}
