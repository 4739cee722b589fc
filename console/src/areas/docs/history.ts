// Requests that were sent from here, kept in this browser without secrets.

import { masked } from '../../lib/calls.svelte';
import { keep, recall } from '../../lib/storage';

export interface Sent {
    at: string;
    service: string;
    /** Key of the operation. */
    operation: string;
    values: Record<string, string>;
    body?: string;
    status: number;
    ms: number;
}

const KEPT = 40;
const LONGEST_BODY = 8000;
const NAME = 'docs.history';

/** Newest first. */
export function history(): Sent[] {
    return recall<Sent[]>(NAME, []);
}

/** Adds a request; answers the new history. */
export function remember(sent: Sent): Sent[] {
    const next = [withoutSecrets(sent), ...history()].slice(0, KEPT);
    keep(NAME, next);
    return next;
}

export function forget(): Sent[] {
    keep(NAME, []);
    return [];
}

/** The request with members and parameters masked whose names say that they are secret; a body that is no JSON is left out. */
export function withoutSecrets({ body, ...sent }: Sent): Sent {
    const values = masked(sent.values) as Record<string, string>;
    const kept = body === undefined ? undefined : maskedBody(body);
    return kept === undefined ? { ...sent, values } : { ...sent, values, body: kept };
}

function maskedBody(body: string): string | undefined {
    if (body.length > LONGEST_BODY) return undefined;
    try {
        return JSON.stringify(masked(JSON.parse(body)), null, 2);
    } catch {
        return undefined;
    }
}
