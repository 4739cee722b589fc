// Rows of access of a role: what a form holds of them, what the server stores, and what they decide.

import type { Owned } from '../../lib/owned';

export interface Condition {
    name: string;
    operator: string;
    value: string | null;
}

/** A row as forms hold it. */
export interface Grant extends Owned {
    service_id: number | null;
    component: string;
    verb_mask: number;
    requestor_mask: number;
    filters: Condition[];
    filter_op: 'AND' | 'OR';
}

export interface StoredGrant {
    id: number;
    service_id: number | null;
    component: string | null;
    verb_mask: number;
    requestor_mask: number;
    filters: Condition[] | null;
    filter_op: string | null;
}

export const VERBS = [
    ['GET', 1],
    ['POST', 2],
    ['PUT', 4],
    ['PATCH', 8],
    ['DELETE', 16],
] as const;
export const EVERY_VERB = 31;
export const API = 1;
export const SCRIPT = 2;

export const OPERATORS = ['=', '!=', '>', '<', '>=', '<=', 'in', 'not in', 'starts with', 'ends with', 'contains', 'is null', 'is not null'];

/** Whether an operator compares with a value. */
export function takesValue(operator: string): boolean {
    return !/^is (not )?null$/i.test(operator);
}

/** Lookups that every caller has, for the values of filters. */
export const CALLER_LOOKUPS = ['{user.id}', '{user.email}', '{user.name}', '{user.username}', '{role.id}', '{role.name}', '{app.id}', '{app.name}'];

export function fromStored(rows: StoredGrant[]): Grant[] {
    return rows.map((row) => ({
        id: row.id,
        service_id: row.service_id,
        component: row.component ?? '',
        verb_mask: row.verb_mask,
        requestor_mask: row.requestor_mask,
        filters: (row.filters ?? []).map(({ name, operator, value }) => ({ name, operator, value })),
        filter_op: row.filter_op?.toUpperCase() === 'OR' ? 'OR' : 'AND',
    }));
}

/** A component as the server compares it: without slashes at the ends and without case. */
export function normal(component: string): string {
    return component.replace(/^\/+|\/+$/g, '').toLowerCase();
}

/** What `as_access_list` names, as it is written into a row: without the slash at the end. */
export function components(list: string[]): string[] {
    return [...new Set(list.map((one) => one.replace(/\/$/, '')))];
}

export type Preset = 'read' | 'write' | 'keep' | 'everything';

/** Rows for a service. Of a database, writing means records; its tables themselves stay as they are. */
export function presetRows(preset: Preset, service: number, database: boolean): Grant[] {
    const row = (component: string, verb_mask: number): Grant => ({ service_id: service, component, verb_mask, requestor_mask: API | SCRIPT, filters: [], filter_op: 'AND' });
    const mask = { read: 1, write: EVERY_VERB, keep: 15, everything: EVERY_VERB }[preset];
    if (!database || preset === 'read' || preset === 'everything') return [row('*', mask)];
    return [row('*', 1), row('_table/*', mask)];
}

export type Tier = 'exact' | 'wildcard' | 'all services';

export interface Decision {
    verbs: number;
    tier: Tier | undefined;
    rows: Grant[];
}

/**
 * What rows grant on a component, by the rules of the server: those of the first tier that has any, together. They are
 * repeated here because rows that are not saved yet are shown with their effect.
 */
export function decide(grants: Grant[], service: number, component: string, requestor = API): Decision {
    const wanted = normal(component);
    const answering = grants.filter((grant) => (grant.requestor_mask & requestor) !== 0);
    const own = answering.filter((grant) => grant.service_id === service);
    const all = answering.filter((grant) => grant.service_id === null);
    const tiers: [Tier, Grant[]][] = [
        ['exact', own.filter((grant) => normal(grant.component) === wanted)],
        ['wildcard', own.filter((grant) => covers(normal(grant.component), wanted))],
        ['all services', all.filter((grant) => normal(grant.component) === '*' || (wanted === '' && normal(grant.component) === ''))],
    ];
    const found = tiers.find(([, rows]) => rows.length > 0);
    if (!found) return { verbs: 0, tier: undefined, rows: [] };
    return { tier: found[0], rows: found[1], verbs: found[1].reduce((sum, grant) => sum | grant.verb_mask, 0) };
}

/** Whether a component with one `*` at its end takes in another one. */
function covers(pattern: string, wanted: string): boolean {
    if (!pattern.endsWith('*') || pattern.indexOf('*') !== pattern.length - 1) return false;
    const prefix = pattern.slice(0, -1);
    if (wanted === '') return prefix === '';
    return wanted.startsWith(prefix) || prefix === `${wanted}/`;
}

/** The row whose filter applies to a verb: the last that has it, in the first tier of the service that has one. */
export function filterOf(grants: Grant[], service: number, component: string, verb: number, requestor = API): Grant | undefined {
    const having = grants.filter((grant) => grant.service_id === service && (grant.verb_mask & verb) !== 0);
    const { rows } = decide(having, service, component, requestor);
    const row = rows.at(-1);
    return row && row.filters.length > 0 ? row : undefined;
}
