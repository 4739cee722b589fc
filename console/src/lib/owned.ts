// Records inside a record, such as the grants of a role: what a write of the owner sends of them.

import { same } from './draft.svelte';

export interface Owned {
    id?: number;
}

/**
 * The entries that make the stored records equal to these: new ones without an id, changed ones with what differs, and
 * with the owner's column null those that are gone. The server leaves alone what is not mentioned.
 */
export function ownedChanges<R extends Owned>(now: R[], stored: R[], owner: string): Record<string, unknown>[] {
    const before = new Map(stored.map((row) => [row.id, row]));
    const kept = new Set(now.map((row) => row.id));
    const gone = stored.filter((row) => !kept.has(row.id)).map((row) => ({ id: row.id, [owner]: null }));
    const written = now.flatMap((row): Record<string, unknown>[] => {
        const old = row.id === undefined ? undefined : before.get(row.id);
        if (!old) return [{ ...(row as Record<string, unknown>) }];
        const changed = Object.entries(row).filter(([name, value]) => !same(value, old[name as keyof R]));
        return changed.length === 0 ? [] : [{ id: row.id, ...Object.fromEntries(changed) }];
    });
    return [...gone, ...written];
}
