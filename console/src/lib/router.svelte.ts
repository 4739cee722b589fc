// Which page the address means, and how to get to another one. State of lists (page, filter, sort) stands in the query
// of the address, so that it can be shared and reloaded.

import { unsaved } from './unsaved.svelte';

class Router {
    path = $state(location.pathname);
    query = $state.raw(new URLSearchParams(location.search));
    #arriving = false;

    constructor() {
        history.scrollRestoration = 'auto';
        addEventListener('popstate', () => void this.#back());
    }

    /** Goes to an address of the console. Asks first where something is not saved. */
    async go(address: string, { replace = false } = {}): Promise<void> {
        const target = new URL(address, location.href);
        const samePage = target.pathname === this.path;
        if (!samePage && !(await unsaved.mayLeave())) return;
        history[replace ? 'replaceState' : 'pushState'](null, '', target.pathname + target.search + target.hash);
        this.#read();
        if (!samePage) {
            this.#arriving = true;
            scrollTo(0, 0);
        }
    }

    /** Changes parameters of the query; `undefined` and `''` remove one. */
    set(changes: Record<string, string | number | undefined>, { replace = true } = {}) {
        const query = new URLSearchParams(this.query);
        for (const [name, value] of Object.entries(changes)) {
            if (value === undefined || value === '') query.delete(name);
            else query.set(name, String(value));
        }
        const text = query.toString();
        history[replace ? 'replaceState' : 'pushState'](null, '', this.path + (text ? `?${text}` : ''));
        this.#read();
    }

    /** Whether the page was just come to, told once: its heading then takes the focus. */
    arrived(): boolean {
        const arriving = this.#arriving;
        this.#arriving = false;
        return arriving;
    }

    async #back() {
        const leaves = location.pathname !== this.path;
        if (leaves && !(await unsaved.mayLeave())) {
            // The browser has gone already: put the page that stays on top again.
            const text = this.query.toString();
            history.pushState(null, '', this.path + (text ? `?${text}` : ''));
            return;
        }
        this.#read();
        if (leaves) this.#arriving = true;
    }

    #read() {
        this.path = location.pathname;
        this.query = new URLSearchParams(location.search);
    }
}

export const router = new Router();

/** Links within the console do not load the page anew. To be put on the root element. */
export function followLinks(event: MouseEvent) {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element | null)?.closest('a');
    if (!link || link.target === '_blank' || link.hasAttribute('download') || link.origin !== location.origin) return;
    if (link.dataset.external !== undefined || link.getAttribute('href')?.startsWith('#')) return;
    event.preventDefault();
    void router.go(link.pathname + link.search + link.hash);
}
