import { describe, expect, test } from 'vitest';
import { API, SCRIPT, components, decide, filterOf, fromStored, presetRows, type Grant } from './access';

const grant = (component: string, verb_mask: number, more: Partial<Grant> = {}): Grant => ({
    service_id: 5, component, verb_mask, requestor_mask: API | SCRIPT, filters: [], filter_op: 'AND', ...more,
});

describe('decide', () => {
    test('the exact row decides alone, also when it grants nothing', () => {
        const rows = [grant('*', 31), grant('_table/orders', 0)];
        expect(decide(rows, 5, '_table/orders')).toMatchObject({ tier: 'exact', verbs: 0 });
        expect(decide(rows, 5, '_table/orders/1')).toMatchObject({ tier: 'wildcard', verbs: 31 });
    });

    test('wildcards count together, before all services', () => {
        const rows = [grant('*', 31, { service_id: null }), grant('_table/*', 1), grant('_table/or*', 2)];
        expect(decide(rows, 5, '_table/Orders').verbs).toBe(3);
        expect(decide(rows, 5, '_table').verbs).toBe(1);
        expect(decide(rows, 5, '_schema')).toMatchObject({ tier: 'all services', verbs: 31 });
    });

    test('the root is opened by an empty component or a plain star', () => {
        expect(decide([grant('_table/*', 1)], 5, '').verbs).toBe(0);
        expect(decide([grant('', 1)], 5, '/').verbs).toBe(1);
        expect(decide([grant('*', 1)], 5, '').verbs).toBe(1);
        expect(decide([grant('', 1, { service_id: null })], 5, '').verbs).toBe(1);
        expect(decide([grant('', 1, { service_id: null })], 5, '_table').verbs).toBe(0);
    });

    test('rows for scripts do not answer clients', () => {
        expect(decide([grant('*', 1, { requestor_mask: SCRIPT })], 5, '_table').verbs).toBe(0);
        expect(decide([grant('*', 1, { requestor_mask: SCRIPT })], 5, '_table', SCRIPT).verbs).toBe(1);
    });
});

test('the filter is that of the last row with the verb', () => {
    const filters = [{ name: 'id', operator: '=', value: '1' }];
    const first = grant('_table/*', 1, { filters });
    expect(filterOf([first, grant('*', 2)], 5, '_table/a', 1)).toBe(first);
    expect(filterOf([first, grant('*', 3)], 5, '_table/a', 1)).toBeUndefined();
    expect(filterOf([grant('*', 1, { service_id: null, filters })], 5, '_table/a', 1)).toBeUndefined();
});

test('a preset for writing leaves the tables of a database as they are', () => {
    expect(presetRows('write', 5, true).map((row) => [row.component, row.verb_mask])).toEqual([['*', 1], ['_table/*', 31]]);
    expect(presetRows('keep', 5, false).map((row) => [row.component, row.verb_mask])).toEqual([['*', 15]]);
});

test('components are offered once, without their slash', () => {
    expect(components(['', '*', '_table/', '_table/*'])).toEqual(['', '*', '_table', '_table/*']);
});

test('stored rows become rows of a form', () => {
    const [row] = fromStored([{ id: 1, service_id: null, component: null, verb_mask: 1, requestor_mask: 3, filters: null, filter_op: 'or' }]);
    expect(row).toEqual({ id: 1, service_id: null, component: '', verb_mask: 1, requestor_mask: 3, filters: [], filter_op: 'OR' });
});
