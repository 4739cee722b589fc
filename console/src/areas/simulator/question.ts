// The question that the address asks: on whose behalf, and about which call.

import type { Query, Verb } from '../../lib/api';

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
