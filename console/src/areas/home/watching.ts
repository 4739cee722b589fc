// What the server tells of itself: health of services, latest failures.

import { api, type Listed } from '../../lib/api';

export interface Health {
    id: number;
    name: string;
    type: string;
    state: 'up' | 'failing' | 'off' | 'unknown';
    last_error: string | null;
    last_error_date: string | null;
    requests: number;
    error_rate: number | null;
    p95_ms: number | null;
}

export interface Failure {
    id: number;
    date: string;
    verb: string;
    service: string;
    path: string;
    status: number;
    message: string | null;
    user_email: string | null;
    app_name: string | null;
}

/** Beyond this, most would call a service slow. */
const SLOW_MS = 1000;
const SHOWN = 8;

export function isSlow(health: Health): boolean {
    return health.state === 'up' && (health.p95_ms ?? 0) > SLOW_MS;
}

/** Health of the services, those in trouble first; `check` connects to each of them. */
export async function health(check: boolean, signal: AbortSignal): Promise<Health[]> {
    const { services } = await api.get<{ services: Health[] }>('system/health', check ? { check } : undefined, { signal });
    const order = ['failing', 'up', 'unknown', 'off'];
    return services.sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || b.requests - a.requests || a.name.localeCompare(b.name));
}

/** The newest calls that failed, of whatever side. */
export async function failures(signal: AbortSignal): Promise<Failure[]> {
    const classes = await Promise.all(['4xx', '5xx'].map((status) => api.get<Listed<Failure>>('system/request_log', { status, limit: SHOWN }, { signal })));
    return classes
        .flatMap(({ resource }) => resource)
        .sort((a, b) => b.id - a.id)
        .slice(0, SHOWN);
}
