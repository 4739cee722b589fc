// Before the first paint, so that a chosen theme does not flash. Kept out of the bundle, which is loaded later.
try {
    const theme = localStorage.getItem('dreamwright.theme');
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
    // No storage: the theme of the system.
}
