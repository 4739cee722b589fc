// Changes that are typed but not stored: what they are, and the calls that store them. Plain values, so that they can be
// tested; the page keeps them in its state.

import type { ApiError, Json } from '../../lib/api';
import type { Row } from '../../lib/tables';
import { alike, keyOf } from './cells';

export type Change =
    | { what: 'update'; id: string; row: Row; values: Row; error?: string }
    | { what: 'insert'; id: string; values: Row; error?: string }
    | { what: 'delete'; id: string; row: Row; error?: string };

export interface Write {
    verb: 'DELETE' | 'PATCH' | 'POST';
    /** What the records come from, in their order. */
    changes: Change[];
    body: { resource: Row[] };
}

/** The changes with a value set in a row that is stored; one that is back at what is stored is no change. */
export function setValue(changes: Change[], id: string, row: Row, field: string, value: unknown): Change[] {
    const known = changes.find((one) => one.id === id);
    if (known?.what === 'delete') return changes;
    if (known?.what === 'insert') return changes.map((one) => (one === known ? { what: 'insert', id, values: { ...known.values, [field]: value } } : one));
    const values: Row = { ...known?.values, [field]: value };
    if (alike(value, row[field]) || (value === null && row[field] === null)) delete values[field];
    const others = changes.filter((one) => one.id !== id);
    if (Object.keys(values).length === 0) return others;
    const next: Change = { what: 'update', id, row, values };
    return known ? changes.map((one) => (one === known ? next : one)) : [...changes, next];
}

/** The changes with rows marked to be deleted; new rows are just gone. */
export function removeRows(changes: Change[], rows: { id: string; row: Row }[]): Change[] {
    const ids = new Set(rows.map(({ id }) => id));
    const isNew = new Set(changes.filter((one) => one.what === 'insert').map(({ id }) => id));
    const deleted: Change[] = rows.filter(({ id }) => !isNew.has(id)).map(({ id, row }) => ({ what: 'delete', id, row }));
    return [...changes.filter(({ id }) => !ids.has(id)), ...deleted];
}

/**
 * The calls that store everything: one for each verb, each as a whole or not at all. Rows go first, so that their places
 * in unique columns are free; new rows come last.
 */
export function writes(changes: Change[], key: string[]): Write[] {
    const of = (what: Change['what']) => changes.filter((one) => one.what === what);
    const all: Write[] = [
        { verb: 'DELETE', changes: of('delete'), body: { resource: of('delete').map((one) => keyOf((one as { row: Row }).row, key)) } },
        {
            verb: 'PATCH',
            changes: of('update'),
            body: { resource: of('update').map((one) => (one.what === 'update' ? { ...keyOf(one.row, key), ...one.values } : {})) },
        },
        { verb: 'POST', changes: of('insert'), body: { resource: of('insert').map((one) => (one.what === 'insert' ? one.values : {})) } },
    ];
    return all.filter((write) => write.changes.length > 0);
}

/** The messages of the records that were refused, by the id of their change. */
export function refusals(error: ApiError, write: Write): Map<string, string> {
    const found = new Map<string, string>();
    const context = error.context as { error?: Json; resource?: Json } | null | undefined;
    const failed = Array.isArray(context?.error) ? context.error : [];
    const results = Array.isArray(context?.resource) ? context.resource : [];
    for (const index of failed) {
        if (typeof index !== 'number') continue;
        const change = write.changes[index];
        const result = results[index] as { message?: Json } | null | undefined;
        if (change) found.set(change.id, typeof result?.message === 'string' ? result.message : error.message);
    }
    return found;
}
