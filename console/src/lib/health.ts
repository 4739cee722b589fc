// How services do, as the server tells it of the last hour.

import { api } from './api';

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

/** Beyond this, most would call a service slow. */
const SLOW_MS = 1000;

export function isSlow(health: Health): boolean {
    return health.state === 'up' && (health.p95_ms ?? 0) > SLOW_MS;
}

/** Health of the services, those in trouble first, or of one. `check` connects to each of them. */
export async function health(signal: AbortSignal, { check, service }: { check?: boolean; service?: string } = {}): Promise<Health[]> {
    const { services } = await api.get<{ services: Health[] }>('system/health', { check, service }, { signal });
    const order = ['failing', 'up', 'unknown', 'off'];
    return services.sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || b.requests - a.requests || a.name.localeCompare(b.name));
}
