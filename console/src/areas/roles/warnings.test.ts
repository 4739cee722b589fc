import { expect, test } from 'vitest';
import type { Grant } from './access';
import { grantsEverything, warnings } from './warnings';

const services = [
    { id: 1, name: 'system', group: 'System' },
    { id: 5, name: 'db', group: 'Database' },
];
const grant = (more: Partial<Grant>): Grant => ({ service_id: 5, component: '*', verb_mask: 1, requestor_mask: 3, filters: [], filter_op: 'AND', ...more });
const filters = [{ name: 'owner', operator: '=', value: '{user.id}' }];
const kinds = (grants: Grant[]) => warnings(grants, services).map(({ kind, rows }) => `${kind} ${rows.join('+')}`);

test('a plain row is nothing to warn of', () => {
    expect(kinds([grant({}), grant({ component: '_table/orders', verb_mask: 31 })])).toEqual([]);
});

test('everything on everything, also from several rows', () => {
    expect(grantsEverything([grant({ service_id: null, verb_mask: 31 })])).toBe(true);
    expect(kinds([grant({ service_id: null, verb_mask: 15 }), grant({ service_id: null, verb_mask: 16 })])).toContain('everything 1+2');
    expect(grantsEverything([grant({ service_id: null, verb_mask: 15 })])).toBe(false);
});

test('the system itself', () => {
    expect(warnings([grant({ service_id: 1 })], services)).toEqual([{ kind: 'system', rows: [1], severe: false }]);
    expect(warnings([grant({ service_id: 1, verb_mask: 2 })], services)[0]?.severe).toBe(true);
});

test('rows that say the same, or take a filter back', () => {
    expect(kinds([grant({ component: '_table/a' }), grant({ component: '/_table/A/' })])).toEqual(['same 1+2']);
    expect(kinds([grant({ component: '_table/a', filters }), grant({ component: '_table/a' })])).toEqual(['unfiltered 1+2']);
    expect(kinds([grant({ component: '_table/a/*', filters }), grant({})])).toEqual(['unfiltered 1+2']);
    expect(kinds([grant({ component: '_table/a', filters }), grant({})])).toEqual([]);
    expect(kinds([grant({ component: '_table/a', requestor_mask: 1 }), grant({ component: '_table/a', requestor_mask: 2 })])).toEqual([]);
});

test('filters that have no effect or are not finished', () => {
    expect(kinds([grant({ component: '_schema/a', filters })])).toEqual(['no-effect 1']);
    expect(kinds([grant({ service_id: null, filters })])).toEqual(['no-effect 1']);
    expect(kinds([grant({ component: '_table/a', filters: [{ name: 'a', operator: '=', value: '' }] })])).toEqual(['half-filter 1']);
    expect(kinds([grant({ component: '_table/a', filters: [{ name: 'a', operator: 'is null', value: null }] })])).toEqual([]);
});

test('rows that grant nothing', () => {
    expect(kinds([grant({ verb_mask: 0 })])).toEqual(['no-verbs 1']);
    expect(kinds([grant({}), grant({ component: '_table/a', verb_mask: 0 })])).toEqual([]);
    expect(kinds([grant({ requestor_mask: 0 })])).toEqual(['no-requestor 1']);
    expect(kinds([grant({ service_id: null, component: '_table/*' })])).toEqual(['never 1']);
    expect(kinds([grant({ component: '_table/*/x' })])).toEqual(['never 1']);
});
