// Where a lookup is used: the services whose configuration names it.

import { api, type Listed } from '../../lib/api';

interface Service {
    id: number;
    name: string;
    config?: unknown;
}

/** The services that name a lookup. Values that the server hides cannot be looked into. */
export async function servicesUsing(name: string, signal?: AbortSignal): Promise<Service[]> {
    const { resource } = await api.get<Listed<Service>>('system/service', { order: 'name' }, signal ? { signal } : {});
    return resource.filter((service) => names(service.config, name));
}

/** Whether a text anywhere in a value holds the lookup, bare or inside modifiers such as `{trim(name)}`. */
export function names(value: unknown, lookup: string): boolean {
    if (typeof value === 'string') {
        return [...value.matchAll(/\{([^{}]*)\}/g)].some(([, inside]) => (inside ?? '').split(/[()]/).some((part) => part.trim().toLowerCase() === lookup.toLowerCase()));
    }
    return typeof value === 'object' && value !== null && Object.values(value).some((one) => names(one, lookup));
}
