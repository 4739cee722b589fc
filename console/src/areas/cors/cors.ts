// Rules for pages of other origins, and what they answer. The rules of the server are repeated here because a browser
// does not let a page ask in the name of another origin.

export interface CorsRow {
    id: number;
    path: string;
    description: string | null;
    origin: string;
    header: string | null;
    exposed_header: string | null;
    method: string[];
    max_age: number;
    supports_credentials: boolean;
    enabled: boolean;
    last_modified_date: string;
}

export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** Headers that calls with a key or a login need. */
export const USUAL_HEADERS = 'Content-Type, X-DreamFactory-API-Key, X-DreamFactory-Session-Token, Authorization';

export interface Preflight {
    path: string;
    origin: string;
    method: string;
}

export interface Answer {
    /** The rule that decides. */
    rule: CorsRow | undefined;
    methodAllowed: boolean;
    /** The origin that the answer names. */
    told: string | undefined;
    /** Whether a browser lets the page call. */
    allowed: boolean;
    headers: [string, string][];
}

/** What a preflight is answered with. */
export function answer(rows: CorsRow[], { path, origin, method }: Preflight): Answer {
    const rule = rows
        .filter((row) => row.enabled && fits(row.path, path))
        .sort((a, b) => b.path.length - a.path.length || a.id - b.id)[0];
    if (!rule) return { rule, methodAllowed: false, told: undefined, allowed: false, headers: [] };
    const methodAllowed = rule.method.includes(method);
    const told = toldOrigin(rule, origin);
    const headers: [string, string][] = [];
    if (told !== undefined) {
        headers.push(['access-control-allow-origin', told]);
        if (rule.supports_credentials) headers.push(['access-control-allow-credentials', 'true']);
        headers.push(['access-control-allow-methods', rule.method.join(', ')]);
        const allowed = list(rule.header).join(', ');
        if (allowed) headers.push(['access-control-allow-headers', allowed]);
        headers.push(['access-control-max-age', String(rule.max_age)]);
    }
    return { rule, methodAllowed, told, allowed: methodAllowed && (told === '*' || told === origin), headers };
}

function toldOrigin(rule: CorsRow, origin: string): string | undefined {
    const origins = list(rule.origin);
    if (origins.includes('*') && !rule.supports_credentials) return '*';
    const [one] = origins;
    if (one !== undefined && origins.length === 1 && !one.includes('*')) return one;
    return origins.some((pattern) => glob(pattern.toLowerCase(), origin.toLowerCase())) ? origin : undefined;
}

/** Whether a rule's path is about a path, without case and without the first slash. */
export function fits(pattern: string, path: string): boolean {
    const bare = path.replace(/^\/+/, '');
    if (!pattern.startsWith('^')) return glob(pattern.replace(/^\/+/, '').toLowerCase(), bare.toLowerCase());
    try {
        return new RegExp(pattern, 'i').test(`/${bare}`);
    } catch {
        return false;
    }
}

function glob(pattern: string, text: string): boolean {
    const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${parts.join('[^]*')}$`).test(text);
}

function list(text: string | null): string[] {
    return (text ?? '')
        .split(',')
        .map((part) => part.trim())
        .filter(Boolean);
}

/** The command that asks for real. */
export function curl(base: string, { path, origin, method }: Preflight): string {
    const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
    const url = `${base}/${path.replace(/^\/+/, '')}`;
    return `curl -i -X OPTIONS ${quote(url)} \\\n  -H ${quote(`Origin: ${origin}`)} \\\n  -H ${quote(`Access-Control-Request-Method: ${method}`)}`;
}
