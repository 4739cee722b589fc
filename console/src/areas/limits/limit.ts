// Limits: their types as whose calls of what are counted.

export const TYPES = [
    'instance',
    'instance.user',
    'instance.each_user',
    'instance.role',
    'instance.service',
    'instance.user.service',
    'instance.each_user.service',
    'instance.service.endpoint',
    'instance.user.service.endpoint',
    'instance.each_user.service.endpoint',
] as const;
export type LimitType = (typeof TYPES)[number];

export const WHOSE = ['all', 'user', 'each_user', 'role'] as const;
export type Whose = (typeof WHOSE)[number];
export const WHAT = ['instance', 'service', 'endpoint'] as const;
export type What = (typeof WHAT)[number];
export const PERIODS = ['minute', 'hour', 'day', '7-day', '30-day'] as const;
export const VERBS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** The type for whose calls of what; none where the server has no such type. */
export function typeOf(whose: Whose, what: What): LimitType | undefined {
    const parts = ['instance', ...(whose === 'all' ? [] : [whose]), ...(what === 'instance' ? [] : ['service']), ...(what === 'endpoint' ? ['endpoint'] : [])];
    return TYPES.find((type) => type === parts.join('.'));
}

export function whoseOf(type: string): Whose {
    return WHOSE.find((one) => type.split('.')[1] === one) ?? 'all';
}

export function whatOf(type: string): What {
    if (type.endsWith('.endpoint')) return 'endpoint';
    return type.endsWith('.service') ? 'service' : 'instance';
}

export interface Counter {
    id: number;
    key: string;
    max: number;
    attempts: number;
    remaining: number;
}

export interface LimitRow {
    id: number;
    name: string;
    description: string | null;
    type: string;
    rate: number;
    period: string;
    user_id: number | null;
    role_id: number | null;
    service_id: number | null;
    endpoint: string | null;
    verb: string | null;
    is_active: boolean;
    last_modified_date: string;
    user_by_user_id?: { id: number; name: string | null; email: string } | null;
    role_by_role_id?: { id: number; name: string } | null;
    service_by_service_id?: { id: number; name: string } | null;
    limit_cache_by_limit_id?: Counter[];
}

/** The counter that is nearest to its end. */
export function fullest(counters: Counter[] | undefined): Counter | undefined {
    return [...(counters ?? [])].sort((a, b) => b.attempts / b.max - a.attempts / a.max)[0];
}

/** The user of a counter, from its key, such as `instance.each_user:5.minute`. */
export function userOf(counter: Counter): number | undefined {
    const found = /\.(?:each_)?user:(\d+)/.exec(counter.key)?.[1];
    return found === undefined ? undefined : Number(found);
}

/** What is sent of a form: selectors that the type does not need are none. */
export function limitBody(form: { whose: Whose; what: What; [name: string]: unknown }): Record<string, unknown> {
    const { whose, what, user_id, role_id, service_id, endpoint, ...rest } = form;
    return {
        ...rest,
        type: typeOf(whose, what),
        user_id: whose === 'user' ? user_id : null,
        role_id: whose === 'role' ? role_id : null,
        service_id: what === 'instance' ? null : service_id,
        endpoint: what === 'endpoint' ? endpoint : null,
    };
}
