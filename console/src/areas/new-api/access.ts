// What the role of a new API grants, from the switches beside the tables.

import { BOTH_REQUESTORS, VERB_BITS } from '../../lib/verbs';

export interface TableAccess {
    name: string;
    /** Whether it is part of the API at all. */
    chosen: boolean;
    read: boolean;
    write: boolean;
    delete: boolean;
}

export interface AccessRow {
    service_id: number;
    component: string;
    verb_mask: number;
    requestor_mask: number;
}

/** Every table, and reading only. */
export function readOnly(tables: string[]): TableAccess[] {
    return tables.map((name) => ({ name, chosen: true, read: true, write: false, delete: false }));
}

export function maskOf(table: Pick<TableAccess, 'read' | 'write' | 'delete'>): number {
    const write = VERB_BITS.POST | VERB_BITS.PUT | VERB_BITS.PATCH;
    return (table.read ? VERB_BITS.GET : 0) | (table.write ? write : 0) | (table.delete ? VERB_BITS.DELETE : 0);
}

/** Whether all tables are granted alike, so that one row says it, also for tables that come later. */
export function isUniform(tables: TableAccess[]): boolean {
    return tables.every((table) => table.chosen && maskOf(table) === maskOf(tables[0] ?? table));
}

/** The rows of the role. */
export function accessRows(service: number, tables: TableAccess[]): AccessRow[] {
    const row = (component: string, verb_mask: number) => ({ service_id: service, component, verb_mask, requestor_mask: BOTH_REQUESTORS });
    const first = tables[0];
    if (first === undefined) return [row('_table/*', VERB_BITS.GET)];
    if (isUniform(tables)) return [row('_table/*', maskOf(first))];
    return tables.filter((table) => table.chosen && maskOf(table) > 0).map((table) => row(`_table/${table.name}/*`, maskOf(table)));
}

/** Whether anything can be done with what is granted. */
export function grantsAnything(tables: TableAccess[]): boolean {
    return tables.length === 0 || tables.some((table) => table.chosen && maskOf(table) > 0);
}

/** A table that the key can read, for the first answer. */
export function firstReadable(tables: TableAccess[]): string | undefined {
    return tables.find((table) => table.chosen && table.read)?.name;
}
