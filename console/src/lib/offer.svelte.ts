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

class Offer {
    #granted = $state.raw(new Map<string, Set<string>>());
    services = $state.raw<ServiceEntry[]>([]);
    types = $state.raw<TypeEntry[]>([]);
    known = $state(false);

    async learn(): Promise<void> {
        const [system, root] = await Promise.allSettled([
            api.get<Listed<Granted>>('system', { include_access: true }),
            api.get<{ services: ServiceEntry[]; service_types: TypeEntry[] }>(''),
        ]);
        if (system.status === 'fulfilled') {
            this.#granted = new Map(system.value.resource.map(({ name, access }) => [name, new Set(access)]));
        } else {
            this.#granted = new Map();
        }
        if (root.status === 'fulfilled') {
            this.services = root.value.services;
            this.types = root.value.service_types;
        }
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
