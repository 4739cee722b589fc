// Light, dark, or as the system has it. `public/theme.js` sets it before the first paint.

export type Theme = 'light' | 'dark' | 'system';

const NAME = 'dreamwright.theme';

function chosen(): Theme {
    try {
        const kept = localStorage.getItem(NAME);
        return kept === 'light' || kept === 'dark' ? kept : 'system';
    } catch {
        return 'system';
    }
}

class Themes {
    current = $state<Theme>(chosen());

    choose(theme: Theme) {
        this.current = theme;
        if (theme === 'system') delete document.documentElement.dataset.theme;
        else document.documentElement.dataset.theme = theme;
        try {
            if (theme === 'system') localStorage.removeItem(NAME);
            else localStorage.setItem(NAME, theme);
        } catch {
            // It holds until the page is left.
        }
    }

    /** Whether the page is dark right now. */
    get dark(): boolean {
        return this.current === 'dark' || (this.current === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
    }
}

export const theme = new Themes();
