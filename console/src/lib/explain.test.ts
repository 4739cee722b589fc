import { expect, test } from 'vitest';
import { filterText, target } from './explain';

test('a filter reads like one', () => {
    const conditions = [{ name: 'a', operator: '=', value: 1 }, { name: 'b', operator: 'is null', value: null }];
    expect(filterText({ role_service_access: 1, conditions, filter_op: 'or' })).toBe('a = 1 OR b is null');
});

test('the path of a call is encoded', () => {
    expect(target('db', '/_table/a b/1')).toBe('db/_table/a%20b/1');
});
