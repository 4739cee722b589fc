// What is worth a second look in the rows of a role.

import { EVERY_VERB, normal, takesValue, type Grant } from './access';

export interface ServiceFacts {
    id: number;
    name: string;
    /** Of its type, such as `Database`. */
    group: string | undefined;
}

export type WarningKind = 'everything' | 'system' | 'same' | 'unfiltered' | 'no-effect' | 'half-filter' | 'no-verbs' | 'no-requestor' | 'never';

export interface Warning {
    kind: WarningKind;
    /** Places of the rows, from 1. */
    rows: number[];
    severe: boolean;
}

const READING = 1;

/** Whether the rows grant everything on everything. */
export function grantsEverything(grants: Grant[]): boolean {
    const everywhere = grants.filter((grant) => grant.service_id === null && normal(grant.component) === '*' && grant.requestor_mask !== 0);
    return everywhere.reduce((sum, grant) => sum | grant.verb_mask, 0) === EVERY_VERB;
}

export function warnings(grants: Grant[], services: ServiceFacts[]): Warning[] {
    const found: Warning[] = [];
    const warn = (kind: WarningKind, rows: number[], severe = false) => found.push({ kind, rows: rows.map((row) => row + 1), severe });
    if (grantsEverything(grants)) {
        const rows = grants.flatMap((grant, row) => (grant.service_id === null && normal(grant.component) === '*' ? [row] : []));
        warn('everything', rows, true);
    }
    grants.forEach((grant, row) => {
        const service = services.find((one) => one.id === grant.service_id);
        if (service?.name === 'system' && grant.verb_mask !== 0) warn('system', [row], grant.verb_mask > READING);
        if (isNeverMatched(grant)) warn('never', [row]);
        if (grant.requestor_mask === 0) warn('no-requestor', [row]);
        if (grant.verb_mask === 0 && !closes(grant, row, grants)) warn('no-verbs', [row]);
        if (grant.filters.length > 0 && !filtersCount(grant, service)) warn('no-effect', [row], true);
        if (grant.filters.some((one) => one.name.trim() === '' || (takesValue(one.operator) && (one.value ?? '') === ''))) warn('half-filter', [row], true);
    });
    pairs(grants, warn);
    return found;
}

/** Rows that stand for the same component, and rows that take back the filter of another. */
function pairs(grants: Grant[], warn: (kind: WarningKind, rows: number[], severe?: boolean) => void) {
    grants.forEach((one, row) => {
        grants.slice(row + 1).forEach((other, offset) => {
            const rows = [row, row + 1 + offset];
            if (one.service_id !== other.service_id || (one.requestor_mask & other.requestor_mask) === 0) return;
            const unlike = (one.filters.length > 0) !== (other.filters.length > 0);
            const alike = normal(one.component) === normal(other.component);
            const sharedVerbs = (one.verb_mask & other.verb_mask) !== 0;
            if (unlike && sharedVerbs && (alike || overlap(one, other))) warn('unfiltered', rows, true);
            else if (alike) warn('same', rows);
        });
    });
}

function overlap(one: Grant, other: Grant): boolean {
    const [a, b] = [normal(one.component), normal(other.component)];
    if (!a.endsWith('*') || !b.endsWith('*')) return false;
    return a.slice(0, -1).startsWith(b.slice(0, -1)) || b.slice(0, -1).startsWith(a.slice(0, -1));
}

/** Filters hold on the records of databases, and on rows that name a service. */
function filtersCount(grant: Grant, service: ServiceFacts | undefined): boolean {
    if (grant.service_id === null) return false;
    if (service?.group !== undefined && service.group !== 'Database') return false;
    const component = normal(grant.component);
    return component === '*' || component.startsWith('_table');
}

/** A row without verbs closes what others open. */
function closes(grant: Grant, row: number, grants: Grant[]): boolean {
    return grants.some((other, index) => index !== row && other.verb_mask !== 0 && (other.service_id === null || other.service_id === grant.service_id));
}

function isNeverMatched(grant: Grant): boolean {
    const component = normal(grant.component);
    if (grant.service_id === null) return component !== '*' && component !== '';
    const star = component.indexOf('*');
    return star !== -1 && star !== component.length - 1;
}
