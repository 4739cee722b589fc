// Records of the audit: what they say of a change, and the call that would undo it.

import { same } from './draft.svelte';
import { quoted, segment, type Json, type Verb } from './api';

export interface AuditEntry {
    id: number;
    created_date: string;
    kind: 'change' | 'refusal';
    action: 'create' | 'update' | 'delete' | 'refused';
    user_id: number | null;
    user_email: string | null;
    app_id: number | null;
    role_id: number | null;
    address: string | null;
    origin: string;
    verb: string | null;
    service: string | null;
    path: string | null;
    status: number | null;
    message: string | null;
    resource: string | null;
    record_id: number | string | null;
    before: Record<string, Json> | null;
    after: Record<string, Json> | null;
    times: number;
}

/** What the server writes instead of a secret. */
export const SECRET = '**********';

export interface FieldChange {
    field: string;
    before: Json | undefined;
    after: Json | undefined;
    /** Only that it was set is known. */
    secret: boolean;
}

/** What differs, field by field. Of a new or deleted record only what is not empty. */
export function fieldChanges({ before, after }: Pick<AuditEntry, 'before' | 'after'>): FieldChange[] {
    const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
    return names
        .map((field) => ({ field, before: before?.[field], after: after?.[field] }))
        .map((change) => ({ ...change, secret: change.before === SECRET || change.after === SECRET }))
        .filter((change) => change.secret || !same(change.before, change.after));
}

/** A value of a record as text. */
export function told(value: Json | undefined): string {
    if (value === undefined || value === null) return '';
    return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

export interface Restoring {
    verb: Verb;
    path: string;
    body: Record<string, unknown>;
    /** Fields that cannot be restored, because only their owner knew them. */
    lost: string[];
}

/** The call that brings back what was before; none where there is nothing to bring back. */
export function restoring(entry: AuditEntry): Restoring | undefined {
    const { action, before, resource, record_id } = entry;
    if (entry.kind !== 'change' || action === 'create' || !before || !resource || record_id === null) return undefined;
    const lost = Object.keys(before).filter((name) => before[name] === SECRET);
    const known = Object.fromEntries(Object.entries(before).filter(([name, value]) => !lost.includes(name) && (action === 'update' || value !== null)));
    const [written, owner] = (entry.path ?? '').split('/');
    // One table holds users and administrators; the path of the call says whom it was about.
    const own = resource === 'user' && written === 'admin' ? 'admin' : resource;
    delete known.is_sys_admin;
    if (owner !== undefined && written !== undefined && written !== own) {
        const relation = `${resource}_by_${written === 'admin' ? 'user' : written}_id`;
        const row = action === 'update' ? { id: record_id, ...known } : known;
        return { verb: 'PATCH', path: `system/${segment(written)}/${segment(owner)}`, body: { [relation]: [row] }, lost };
    }
    if (action === 'update') return { verb: 'PATCH', path: `system/${own}/${segment(record_id)}`, body: known, lost };
    return { verb: 'POST', path: `system/${own}`, body: { resource: [known] }, lost };
}

/** The filter of a record's history: changes of the record, and of what was written inside it. */
export function historyFilter(resource: string, id: number | string): string {
    // Administrators stand in the table of users.
    const table = resource === 'admin' ? 'user' : resource;
    const path = `${resource}/${id}`;
    return `((kind = 'change') and (resource = ${quoted(table)}) and (record_id = ${quoted(String(id))})) or ((kind = 'change') and (path = ${quoted(path)}))`;
}
