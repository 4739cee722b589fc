// What several areas do with services: reading types, trying a connection, naming.

import { api, type Listed } from './api';
import type { FieldSchema, Values } from './schema';

export interface ServiceType {
    name: string;
    label: string;
    description: string;
    group: string;
    singleton: boolean;
    /** What the type needs and this server lacks, if anything. */
    dependencies_required: string | null;
    subscription_required: string | null;
    service_definition_editable?: boolean;
    config_schema: FieldSchema[] | null;
}

/** The types of services with what they can be configured with. */
export function serviceTypes(signal?: AbortSignal): Promise<Listed<ServiceType>> {
    return api.get('system/service_type', undefined, signal ? { signal } : {});
}

export interface Tried {
    success: true;
    product: string;
    tables: string[];
    note: string | null;
}

/** Connects as the service would, and stores nothing. With an `id`, what is not sent is as it is stored. */
export function tryConnection(service: { id?: number; name?: string; type: string; config: Values }): Promise<Tried> {
    return api.post('system/service', { resource: [service] }, { test: true });
}

/** Empties what the server remembers of a service. */
export function flushCache(name: string): Promise<unknown> {
    return api.remove(`system/cache/${encodeURIComponent(name)}`);
}

// Names that are, or may become, services of every instance.
const RESERVED = ['system', 'user', 'api_docs', 'files', 'logs', 'email', 'admin', 'setup', 'status'];
export const LONGEST_NAME = 40;

/** A name for a service made of any text: small letters, digits, `_` and `-`. */
export function serviceName(text: string): string {
    const name = text
        .normalize('NFKD')
        .toLowerCase()
        .replace(/\.(sqlite3?|db)$/, '')
        .replace(/^.*[/\\]/, '')
        .replace(/[^a-z0-9_-]+/g, '_')
        .replace(/^[_-]+|[_-]+$/g, '');
    return name.slice(0, LONGEST_NAME);
}

/** The name, with a number behind it where it is taken. */
export function freeName(name: string, taken: string[]): string {
    const used = new Set([...RESERVED, ...taken]);
    if (name !== '' && !used.has(name)) return name;
    for (let number = 2; ; number++) {
        const next = `${(name || 'api').slice(0, LONGEST_NAME - 4)}_${number}`;
        if (!used.has(next)) return next;
    }
}

export type NameProblem = 'empty' | 'letters' | 'reserved' | 'taken';

/** What is wrong with the name of a new service. */
export function nameProblem(name: string, taken: string[]): NameProblem | undefined {
    if (name === '') return 'empty';
    if (!/^[a-z0-9_-]+$/.test(name)) return 'letters';
    if (RESERVED.includes(name)) return 'reserved';
    return taken.includes(name) ? 'taken' : undefined;
}
