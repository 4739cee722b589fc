import { expect, test } from 'vitest';
import type { Grant } from './access';
import { matrixRows, toggled } from './matrix';

const filters = [{ name: 'owner', operator: '=', value: '{user.id}' }];
const grant = (component: string, verb_mask: number, more: Partial<Grant> = {}): Grant => ({ service_id: 5, component, verb_mask, requestor_mask: 3, filters: [], filter_op: 'AND', ...more });
const row = (grants: Grant[], component: string) => matrixRows(grants, 5, ['', '*', '_table/a'], '').find((one) => one.component === component)!;

test('offered and named components stand once', () => {
    const rows = matrixRows([grant('/_TABLE/A/', 1), grant('_proc/x', 1)], 5, ['_table/a', '*'], '');
    expect(rows.map(({ component }) => component)).toEqual(['_table/a', '*', '_proc/x']);
    expect(rows[0]).toMatchObject({ several: false, own: { verb_mask: 1 } });
    expect(matrixRows([], 5, ['_table/a', '*'], 'TABLE').length).toBe(1);
});

test('taking a verb that is inherited makes a row with the rest', () => {
    const grants = [grant('*', 3)];
    const after = toggled(grants, 5, row(grants, '_table/a'), 2);
    expect(after).toHaveLength(2);
    expect(after[1]).toMatchObject({ component: '_table/a', verb_mask: 1 });
    const again = toggled(after, 5, row(after, '_table/a'), 16);
    expect(again[1]?.verb_mask).toBe(17);
});

test('a row made of an inherited one keeps its filter', () => {
    const grants = [grant('_table/*', 1, { filters })];
    expect(row(grants, '_table/a').filtered).toBe(1);
    expect(toggled(grants, 5, row(grants, '_table/a'), 2)[1]?.filters).toEqual(filters);
});
