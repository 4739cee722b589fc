// The changes of a table that are not stored yet, and how they are stored.

import { api, type ApiError } from '../../lib/api';
import { whileSaving } from '../../lib/busy.svelte';
import { asError } from '../../lib/load.svelte';
import type { Row } from '../../lib/tables';
import { unsaved } from '../../lib/unsaved.svelte';
import { identity } from './cells';
import { refusals, removeRows, setValue, writes, type Change, type Write } from './changes';
import type { GridRow } from './Grid.svelte';

const STATES = { insert: 'new', update: 'changed', delete: 'deleted' } as const;

export class Staged {
    list = $state.raw<Change[]>([]);
    busy = $state(false);
    error = $state.raw<ApiError>();
    #next = 1;

    /** To be made while a component is set up, whose end it sees. */
    constructor(readonly path: string) {
        $effect(() => unsaved.watch(() => this.list.length > 0));
    }

    /** What the grid shows: new rows, then those that are stored, with what is changed in them. */
    rows(stored: Row[], key: string[]): GridRow[] {
        const added = this.list.filter((one) => one.what === 'insert').map(({ id, values, error }): GridRow => ({ id, row: {}, values, state: 'new', error }));
        const shown = stored.map((row, index): GridRow => {
            const id = key.length > 0 ? identity(row, key) : String(index);
            const change = this.list.find((one) => one.id === id);
            if (!change) return { id, row, values: {} };
            return { id, row, state: STATES[change.what], values: change.what === 'delete' ? {} : change.values, error: change.error };
        });
        return [...added, ...shown];
    }

    add(values: Row) {
        this.list = [{ what: 'insert', id: `new-${this.#next++}`, values }, ...this.list];
    }

    set(row: GridRow, field: string, value: unknown) {
        this.list = setValue(this.list, row.id, row.row, field, value);
    }

    remove(rows: GridRow[]) {
        this.list = removeRows(this.list, rows);
    }

    undo(id: string) {
        this.list = this.list.filter((one) => one.id !== id);
    }

    discard() {
        this.list = [];
        this.error = undefined;
    }

    writes(key: string[]): Write[] {
        return writes(this.list, key);
    }

    /** Stores everything, and answers whether that worked. What was stored before a call that was refused is no change any more. */
    async save(key: string[]): Promise<boolean> {
        this.busy = true;
        this.error = undefined;
        try {
            for (const write of this.writes(key)) {
                await this.#store(write);
                this.list = this.list.filter((one) => !write.changes.includes(one));
            }
            return true;
        } catch (problem) {
            this.error = asError(problem);
            return false;
        } finally {
            this.busy = false;
        }
    }

    async #store(write: Write) {
        const query = { rollback: true };
        try {
            if (write.verb === 'DELETE') await whileSaving(api.remove(this.path, query, { body: write.body }));
            else if (write.verb === 'PATCH') await whileSaving(api.patch(this.path, write.body, query));
            else await whileSaving(api.post(this.path, write.body, query));
        } catch (problem) {
            const refused = refusals(asError(problem), write);
            this.list = this.list.map((one) => {
                const error = refused.get(one.id);
                return error === undefined ? withoutError(one) : { ...one, error };
            });
            throw problem;
        }
    }
}

function withoutError(change: Change): Change {
    const { error: _, ...rest } = change;
    return rest;
}
