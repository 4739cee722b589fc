// The login services that lead away from the console, as the login page offers them.

import type { Authentication } from '../../lib/first-run.svelte';

export interface Provider {
    name: string;
    label: string;
    /** Where a plain link leads. Without one the server is asked where to go. */
    href?: string;
}

/** The providers of an instance, in the order in which it tells them. `api` is the path of its API. */
export function providersOf({ oauth, saml }: Pick<Authentication, 'oauth' | 'saml'>, api: string): Provider[] {
    return [
        ...oauth.map(({ name, label }) => ({ name, label: label || name })),
        ...saml.map(({ name, label, path }) => ({ name, label: label || name, href: `${api}/${path}` })),
    ];
}

/** What the server answers to a script that begins a login. */
export interface Begun {
    response?: { redirect?: boolean; url?: string };
}

/** Where the browser is to go, if that is a page of the web: no other kind of address is followed. */
export function destination(begun: Begun): string | undefined {
    const text = begun.response?.url;
    if (typeof text !== 'string' || !URL.canParse(text)) return undefined;
    const { protocol, href } = new URL(text);
    return protocol === 'https:' || protocol === 'http:' ? href : undefined;
}
