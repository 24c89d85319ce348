// The theme is the system's until the button says otherwise.

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
  button.setAttribute("aria-pressed", isDark());
}
