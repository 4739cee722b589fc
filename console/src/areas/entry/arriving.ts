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
        arrival[as] ??= value;
        taken.push(name);
    };
    if (path === '/setup') take('token', 'setup');
    if (path.startsWith('/confirm/')) take('code', 'code');
    if (path === '/' || path === '/login') {
        take('session_token', 'session');
        take('error_description', 'error');
        take('error', 'error');
    }
    return { arrival, taken };
}
