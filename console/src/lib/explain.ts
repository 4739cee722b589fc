// What the server explains of a call: the verdict and what made it.

import { segment } from './api';

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

/** A row of access, as far as an explanation shows it. */
export interface DecidingRow {
    id: number;
    component: string | null;
    verb_mask: number;
}

/** A filter as text. */
export function filterText({ conditions, filter_op }: NonNullable<Verdict['filter']>): string {
    const one = ({ name, operator, value }: Condition) => [name, operator, value ?? ''].join(' ').trim();
    return (conditions ?? []).map(one).join(` ${(filter_op ?? 'and').toUpperCase()} `);
}

/** The path of a call below a service, its segments encoded. */
export function target(service: string, path: string): string {
    return [service, ...path.split('/').filter(Boolean)].map(segment).join('/');
}
