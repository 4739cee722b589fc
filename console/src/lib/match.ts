// Which page a path means.

import type { Component } from 'svelte';

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
