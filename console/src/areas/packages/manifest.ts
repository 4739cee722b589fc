// What can be packed, and what was chosen of it, in the form of the API: names by service and resource.

export interface Manifest {
    service: Record<string, Record<string, unknown> & { reachable?: boolean }>;
}

export interface Part {
    /** `system` or a database service. */
    service: string;
    /** `role`, `service` … or `_schema`, `_table`. */
    resource: string;
    names: string[];
    reachable: boolean;
}

/** The parts of a manifest that hold anything. People are named by their e-mail. */
export function parts(manifest: Manifest): Part[] {
    const found: Part[] = [];
    for (const [service, resources] of Object.entries(manifest.service)) {
        const reachable = resources.reachable !== false;
        for (const [resource, entries] of Object.entries(resources)) {
            if (!Array.isArray(entries)) continue;
            const names = entries.map(nameOf).filter((name) => name !== undefined);
            if (names.length > 0 || !reachable) found.push({ service, resource, names, reachable });
        }
    }
    return found;
}

function nameOf(entry: unknown): string | undefined {
    if (typeof entry === 'string') return entry;
    if (typeof entry === 'number') return String(entry);
    if (entry !== null && typeof entry === 'object' && 'email' in entry) return String(entry.email);
    if (entry !== null && typeof entry === 'object' && 'name' in entry) return String(entry.name);
    return undefined;
}

export type Chosen = ReadonlyMap<string, ReadonlySet<string>>;

export const keyOf = (part: Pick<Part, 'service' | 'resource'>) => `${part.service}/${part.resource}`;

/** What the export is asked for. */
export function asked(all: Part[], chosen: Chosen): Record<string, Record<string, string[]>> {
    const service: Record<string, Record<string, string[]>> = {};
    for (const part of all) {
        const names = part.names.filter((name) => chosen.get(keyOf(part))?.has(name));
        if (names.length > 0) (service[part.service] ??= {})[part.resource] = names;
    }
    return service;
}
