// What services have: components for rows, and fields of tables for filters. Read when they are first wanted.

import { api, segment, type Listed } from '../../lib/api';
import { offer } from '../../lib/offer.svelte';
import { components, normal, type Grant } from './access';

class Lists {
    #components = $state.raw<Record<string, string[]>>({});
    #fields = $state.raw<Record<string, string[]>>({});
    #asked = new Set<string>();

    /** The components of a service, empty until they are there. */
    components(service: number | null): string[] {
        const name = nameOf(service);
        if (name === undefined) return ['*', ''];
        this.#once(name, async () => {
            const { resource } = await api.get<Listed<string>>(segment(name), { as_access_list: true });
            this.#components = { ...this.#components, [name]: components(resource) };
        });
        return this.#components[name] ?? [];
    }

    /** The fields of the table that a component is about, where it is about one. */
    fields(service: number | null, component: string): string[] {
        const name = nameOf(service);
        const table = /^_table\/([^/*]+)/i.exec(component.replace(/^\/+/, ''))?.[1];
        if (name === undefined || table === undefined || normal(component) === '_table') return [];
        const key = `${name}/_schema/${table}`;
        this.#once(key, async () => {
            const { field } = await api.get<{ field: { name: string }[] }>(`${segment(name)}/_schema/${segment(table)}`);
            this.#fields = { ...this.#fields, [key]: field.map((one) => one.name) };
        });
        return this.#fields[key] ?? [];
    }

    #once(key: string, read: () => Promise<void>) {
        if (this.#asked.has(key)) return;
        this.#asked.add(key);
        // Without the list everything can still be typed.
        queueMicrotask(() => read().catch(() => this.#asked.delete(key)));
    }
}

export const lists = new Lists();

/** The name of a service by its id. */
export function nameOf(service: number | null): string | undefined {
    return offer.services.find(({ id }) => id === service)?.name;
}

/** The service that rows are about, else a database. */
export function firstService(grants: Grant[]): number {
    const named = grants.find((grant) => grant.service_id !== null)?.service_id;
    return named ?? (offer.inGroup('Database').at(-1) ?? offer.services[0])?.id ?? 0;
}
