// What the server explains of a call, and the question in the address.

import type { Query, Verb } from '../../lib/api';

export interface Condition {
    name: string;
    operator: string;
    value: unknown;
}

export interface Verdict {
    allowed: boolean;
    because: string;
    status?: number;
    message?: string;
    grants?: { tier: 'exact' | 'wildcard' | 'all services'; role_service_access: number[]; verbs: string[] } | null;
    filter?: { role_service_access: number; conditions: Condition[] | null; filter_op?: 'and' | 'or' };
    inside?: { component: string; access: Verdict };
}

export interface Explanation {
    request: { verb: string; service: string; path: string };
    service: { id: number; type: string; is_active: boolean } | null;
    caller: {
        user: { id: number; email: string; is_sys_admin: boolean } | null;
        app: number | null;
        role: { id: number; name: string; is_active: boolean } | null;
        role_from: string;
    };
    access: Verdict;
    limits: { id: number; name: string; key: string; max: number; attempts: number; enforced: boolean; refuses: boolean }[];
}

export type Subject = 'role' | 'key' | 'user';

export interface Question {
    as: Subject;
    role: string;
    key: string;
    user: string;
    service: string;
    path: string;
    verb: Verb;
}

const VERBS: Verb[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** The question that the address asks. */
export function question(query: URLSearchParams): Question {
    const text = (name: string) => query.get(name) ?? '';
    const as = text('user') ? 'user' : text('key') ? 'key' : 'role';
    return { as, role: text('role'), key: text('key'), user: text('user'), service: text('service'), path: text('path'), verb: VERBS.find((one) => one === text('verb')) ?? 'GET' };
}

/** The question as parameters of the address: of those who could ask, only the chosen one. */
export function addressed({ as, role, key, user, service, path, verb }: Question): Record<string, string | undefined> {
    return {
        role: as === 'role' ? role : undefined,
        key: as === 'role' ? undefined : key,
        user: as === 'user' ? user : undefined,
        service,
        path: path.replace(/^\/+/, ''),
        verb: verb === 'GET' ? undefined : verb,
    };
}

/** Whether there is enough to ask the server. */
export function isComplete(asked: Question): boolean {
    return asked.service !== '' && asked[asked.as] !== '';
}

/** The parameters that turn a call into a question about it. */
export function parameters({ as, role, key, user }: Question): Query {
    return {
        explain: 'access',
        explain_role: as === 'role' ? role : undefined,
        explain_key: as === 'role' ? undefined : key,
        explain_user: as === 'user' ? user : undefined,
    };
}

/** A filter as text. */
export function filterText({ conditions, filter_op }: NonNullable<Verdict['filter']>): string {
    const one = ({ name, operator, value }: Condition) => [name, operator, value ?? ''].join(' ').trim();
    return (conditions ?? []).map(one).join(` ${(filter_op ?? 'and').toUpperCase()} `);
}

/** A path with its segments encoded, as it is typed. */
export function encoded(path: string): string {
    return path.split('/').filter(Boolean).map(encodeURIComponent).join('/');
}
