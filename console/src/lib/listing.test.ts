import { expect, test } from 'vitest';
import { asked, contains, parameters } from './listing';

test('an address without parameters means the first page in the usual order', () => {
    expect(asked(new URLSearchParams(), 'name')).toEqual({ page: 1, size: 25, sort: 'name', search: '' });
});

test('what makes no sense in an address is ignored', () => {
    expect(asked(new URLSearchParams('page=-3&size=7'), 'id')).toMatchObject({ page: 1, size: 25 });
});

test('page, order and search become parameters of the call', () => {
    const list = { page: 3, size: 50, sort: '-name', search: "o'neil" };
    expect(parameters(list, ['name', 'label'], ['is_active = 1'])).toEqual({
        limit: 50,
        offset: 100,
        order: 'name DESC',
        filter: `(is_active = 1) and ((name contains "o'neil") or (label contains "o'neil"))`,
        include_count: true,
    });
});

test('a search text stays within its quotes', () => {
    expect(contains(['name'], "x') or (id > 0")).toBe(`(name contains "x') or (id > 0")`);
    expect(contains(['name'], 'a "b"')).toBe(`(name contains 'a "b"')`);
});
