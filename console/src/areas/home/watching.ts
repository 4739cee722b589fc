// The latest failures, as the server tells them.

import { api, type Listed } from '../../lib/api';

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

const SHOWN = 8;

/** The newest calls that failed, of whatever side. */
export async function failures(signal: AbortSignal): Promise<Failure[]> {
    const classes = await Promise.all(['4xx', '5xx'].map((status) => api.get<Listed<Failure>>('system/request_log', { status, limit: SHOWN }, { signal })));
    return classes
        .flatMap(({ resource }) => resource)
        .sort((a, b) => b.id - a.id)
        .slice(0, SHOWN);
}
