// Addresses that lead into the console from outside, and what they bring along.

// Pages of the console that this one is compatible with, which links in mails lead to.
const FORMER: Record<string, string> = {
    'auth/reset-password': '/confirm/reset',
    'auth/user-invite': '/confirm/invite',
    'auth/register-confirm': '/confirm/registration',
    'auth/forgot-password': '/forgot',
    'auth/register': '/register',
    'auth/login': '/login',
};

/** The page that a link such as `#/auth/reset-password?code=…` means. */
export function former(hash: string): string | undefined {
    const [, page = '', query = ''] = /^#\/([^?]*)(\?.*)?$/.exec(hash) ?? [];
    const known = FORMER[page.replace(/\/$/, '')];
    return known === undefined ? undefined : known + query;
}

/** Where the console that this one is compatible with stands. Login providers lead browsers there. */
const FORMER_ROOT = /^\/dreamfactory\/dist\/?$/;

/** The address of this console that an address means. */
export function meant(href: string): URL {
    const url = new URL(href);
    const page = former(url.hash);
    if (page === undefined) {
        if (FORMER_ROOT.test(url.pathname)) url.pathname = '/';
        return url;
    }
    const target = new URL(page, url.origin);
    // What a login provider adds stands before the `#`.
    for (const [name, value] of url.searchParams) target.searchParams.append(name, value);
    return target;
}

/** The most that is shown of a text that an address brought along: anybody can write one. */
const SHOWN = 300;

export interface Arrival {
    /** Of the link that the first start prints. */
    setup?: string;
    /** Of a login provider. */
    session?: string;
    /** What a login provider says went wrong. */
    error?: string;
    /** Of a mail. */
    code?: string;
}

/** Takes the secrets out of a query. */
export function arrived(path: string, query: URLSearchParams): { arrival: Arrival; taken: string[] } {
    const arrival: Arrival = {};
    const taken: string[] = [];
    const take = (name: string, as: keyof Arrival) => {
        const value = query.get(name);
        if (value === null) return;
        arrival[as] ??= as === 'error' ? value.slice(0, SHOWN) : value;
        taken.push(name);
    };
    if (path === '/setup') take('token', 'setup');
    if (path.startsWith('/confirm/')) take('code', 'code');
    if (path === '/' || path === '/login') {
        take('session_token', 'session');
        take('jwt', 'session');
        take('error_description', 'error');
        take('error', 'error');
    }
    return { arrival, taken };
}
