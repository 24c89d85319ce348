// The page: its graph, stepped through, and the theme.

new StepThrough(JSON.parse(find("graph").textContent, revived));
followTheme();
