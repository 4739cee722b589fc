// What this server offers to this caller: the resources of `system` with the verbs that are granted, and the services.
// Menu and actions follow it; the server stays the judge.

import { api, type Listed } from './api';

interface Granted {
    name: string;
    access: string[];
}

export interface ServiceEntry {
    id: number;
    name: string;
    label: string;
    description: string | null;
    type: string;
}

export interface TypeEntry {
    name: string;
    label: string;
    group: string;
    description: string;
}

/** The answer, or nothing when there is none: then less is offered. */
function settled<T>(answer: Promise<T>): Promise<T | undefined> {
    return answer.catch(() => undefined);
}

class Offer {
    #granted = $state.raw(new Map<string, Set<string>>());
    services = $state.raw<ServiceEntry[]>([]);
    types = $state.raw<TypeEntry[]>([]);
    known = $state(false);

    async learn(): Promise<void> {
        const root = await settled(api.get<{ services: ServiceEntry[]; service_types: TypeEntry[] }>(''));
        if (root) {
            this.services = root.services;
            this.types = root.service_types;
        }
        // Who is granted nothing of `system` is not shown it, and asking would be refused.
        const asks = !root || root.services.some(({ type }) => type === 'system');
        const system = asks ? await settled(api.get<Listed<Granted>>('system', { include_access: true })) : undefined;
        this.#granted = new Map(system?.resource.map(({ name, access }) => [name, new Set(access)]));
        this.known = true;
    }

    /** Whether a resource of `system` is there and the verb granted. */
    may(verb: string, resource: string): boolean {
        return this.#granted.get(resource)?.has(verb) ?? false;
    }

    /** The group of a service type, such as `Database`. */
    group(type: string): string | undefined {
        return this.types.find((one) => one.name === type)?.group;
    }

    /** The services of a group. */
    inGroup(group: string): ServiceEntry[] {
        return this.services.filter((service) => this.group(service.type) === group);
    }
}

export const offer = new Offer();
