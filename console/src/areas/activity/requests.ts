// The latest requests, as the server tells them, and which of them are asked for.

import type { Query } from '../../lib/api';

export interface Entry {
    id: number;
    date: string;
    verb: string;
    service: string;
    /** Below the service, with parameters. */
    path: string;
    status: number;
    message: string | null;
    duration_ms: number;
    gate_ms: number | null;
    user_id: number | null;
    user_email: string | null;
    app_id: number | null;
    app_name: string | null;
    role_id: number | null;
    role_name: string | null;
    address: string | null;
    origin: string;
    request_id: string | null;
}

/** What narrows the requests; each stands in the address under its own name. */
export const FILTERS = ['service', 'verb', 'status', 'path', 'user_id', 'app_id', 'min_ms'] as const;
export type Filter = (typeof FILTERS)[number];

/** Requests that are read at first, and that are kept while more come. */
export const FIRST = 100;
export const KEPT = 500;

/** The filters of an address. */
export function chosen(query: URLSearchParams): Partial<Record<Filter, string>> {
    return Object.fromEntries(FILTERS.flatMap((name) => (query.get(name) ? [[name, query.get(name) ?? '']] : [])));
}

/** The call for the newest requests, or for those after one. */
export function asked(filters: Partial<Record<Filter, string>>, since?: number): Query {
    return { ...filters, limit: since === undefined ? FIRST : KEPT, ...(since === undefined ? {} : { since_id: since }) };
}

/** Both lists, newest first, each request once, no more than are kept. */
export function together(newer: Entry[], known: Entry[]): Entry[] {
    const ids = new Set(newer.map(({ id }) => id));
    return [...newer, ...known.filter(({ id }) => !ids.has(id))].sort((a, b) => b.id - a.id).slice(0, KEPT);
}

/** How a status is shown. */
export function kindOf(status: number): 'good' | 'neutral' | 'warn' | 'bad' {
    if (status >= 500) return 'bad';
    if (status >= 400) return 'warn';
    return status >= 300 ? 'neutral' : 'good';
}

/** The page where the request can be sent again. */
export function playground({ service, verb, path }: Entry): string {
    return `/docs/${encodeURIComponent(service)}?try=${encodeURIComponent(`${verb} ${path}`)}`;
}
