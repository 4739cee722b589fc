// Which page the address means, and how to get to another one. State of lists (page, filter, sort) stands in the query
// of the address, so that it can be shared and reloaded.

import type { Component } from 'svelte';
import { unsaved } from './unsaved.svelte';

export interface Route {
    /** Segments with parameters, such as `/services/:id`. `*` as the last segment takes the rest of the path. */
    path: string;
    /** The title of the page before the page itself knows better. */
    title: () => string;
    // Each page has its own properties, which are the parameters of its path.
    load: () => Promise<{ default: Component<any> }>;
    /** Shown without a session, such as the login page. */
    public?: boolean;
}

export interface Match {
    route: Route;
    params: Record<string, string>;
}

/** The route of a path and its parameters, decoded. The first that fits counts. */
export function match(routes: Route[], path: string): Match | undefined {
    const given = path.split('/').filter(Boolean);
    for (const route of routes) {
        const wanted = route.path.split('/').filter(Boolean);
        const open = wanted.at(-1) === '*';
        if (open ? given.length < wanted.length - 1 : given.length !== wanted.length) continue;
        const params: Record<string, string> = {};
        const fits = wanted.every((segment, index) => {
            const text = given[index] ?? '';
            if (segment === '*') {
                params.rest = given.slice(index).map(decode).join('/');
                return true;
            }
            if (segment.startsWith(':')) {
                params[segment.slice(1)] = decode(text);
                return true;
            }
            return segment === text;
        });
        if (fits) return { route, params };
    }
    return undefined;
}

function decode(text: string): string {
    try {
        return decodeURIComponent(text);
    } catch {
        return text;
    }
}

class Router {
    path = $state(location.pathname);
    query = $state.raw(new URLSearchParams(location.search));
    /** Counts real changes of the page, for the focus. */
    moves = $state(0);

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
            this.moves += 1;
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

    async #back() {
        const leaves = location.pathname !== this.path;
        if (leaves && !(await unsaved.mayLeave())) {
            // The browser has gone already: put the page that stays on top again.
            const text = this.query.toString();
            history.pushState(null, '', this.path + (text ? `?${text}` : ''));
            return;
        }
        this.#read();
        if (leaves) this.moves += 1;
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
