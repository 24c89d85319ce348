// The theme is the system's until the button says otherwise, or the page that this one is put into.

const systemIsDark = matchMedia("(prefers-color-scheme: dark)");

function isDark() {
  const { theme } = document.documentElement.dataset;
  return theme ? theme === "dark" : systemIsDark.matches;
}

// changed: what to do where colours have been drawn.
function followTheme(changed = () => {}) {
  const button = document.getElementById("theme");
  const show = () => {
    button.setAttribute("aria-pressed", isDark());
    changed();
  };
  systemIsDark.addEventListener("change", show);
  button.addEventListener("click", () => {
    document.documentElement.dataset.theme = isDark() ? "light" : "dark";
    show();
  });
  addEventListener("message", ({ source, data }) => {
    if (source !== parent || parent === window || !["light", "dark", ""].includes(data?.theme)) return;
    if (data.theme) document.documentElement.dataset.theme = data.theme;
    else delete document.documentElement.dataset.theme;
    show();
  });
  button.setAttribute("aria-pressed", isDark());
}
