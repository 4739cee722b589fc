// Rows of access as a table: components down, verbs across.

import { API, SCRIPT, VERBS, decide, filterOf, normal, type Decision, type Grant } from './access';

export interface MatrixRow {
    component: string;
    decision: Decision;
    /** Its own row, where there is just one. */
    own: Grant | undefined;
    /** There is more than one row of its own. */
    several: boolean;
    /** Verbs with a filter. */
    filtered: number;
}

/** The components of a service and those that rows name, each with what is decided about it. */
export function matrixRows(grants: Grant[], service: number, offered: string[], search: string): MatrixRow[] {
    const named = grants.filter((grant) => grant.service_id === service).map((grant) => grant.component.replace(/^\/+|\/+$/g, ''));
    const seen = new Map<string, string>();
    for (const component of [...offered, ...named]) if (!seen.has(normal(component))) seen.set(normal(component), component);
    const wanted = search.trim().toLowerCase();
    return [...seen.values()]
        .filter((component) => component.toLowerCase().includes(wanted))
        .map((component) => {
            const decision = decide(grants, service, component);
            const rows = grants.filter((grant) => grant.service_id === service && normal(grant.component) === normal(component));
            const filtered = VERBS.reduce((sum, [, bit]) => (filterOf(grants, service, component, bit) ? sum | bit : sum), 0);
            return { component, decision, own: rows.length === 1 ? rows[0] : undefined, several: rows.length > 1, filtered };
        });
}

/** The rows after a verb of a component was given or taken: its own row is changed, or made from what it inherits. */
export function toggled(grants: Grant[], service: number, row: MatrixRow, bit: number): Grant[] {
    if (row.own) {
        const own = row.own;
        return grants.map((grant) => (grant === own ? { ...grant, verb_mask: grant.verb_mask ^ bit } : grant));
    }
    const made: Grant = {
        service_id: service,
        component: row.component,
        verb_mask: row.decision.verbs ^ bit,
        requestor_mask: API | SCRIPT,
        filters: inheritedFilters(grants, service, row),
        filter_op: row.decision.rows.at(-1)?.filter_op ?? 'AND',
    };
    return [...grants, made];
}

/** A row of its own takes the filter along: else granting one verb would open the records that were filtered. */
function inheritedFilters(grants: Grant[], service: number, row: MatrixRow): Grant['filters'] {
    const filtering = VERBS.map(([, bit]) => filterOf(grants, service, row.component, bit)).find(Boolean);
    return structuredClone(filtering?.filters ?? []);
}
