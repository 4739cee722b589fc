import { describe, expect, test } from 'vitest';
import { conditionsOf, filterText, type Conditions } from './filter';

const cases: [Conditions, string][] = [
    [{ join: 'and', list: [] }, ''],
    [{ join: 'and', list: [{ field: 'name', operator: '=', value: 'Berg' }] }, "name = 'Berg'"],
    [{ join: 'and', list: [{ field: 'name', operator: '=', value: "O'Brien" }] }, `name = "O'Brien"`],
    [{ join: 'and', list: [{ field: 'n', operator: '>=', value: '-2.5' }] }, 'n >= -2.5'],
    [{ join: 'and', list: [{ field: 'n', operator: 'in', value: '1, b' }] }, "n in (1, 'b')"],
    [{ join: 'and', list: [{ field: 'n', operator: 'is not null', value: '' }] }, 'n is not null'],
    [
        {
            join: 'or',
            list: [
                { field: 'a', operator: 'starts with', value: 'x) or (y' },
                { field: 'b.c', operator: 'is null', value: '' },
            ],
        },
        "(a starts with 'x) or (y') or (b.c is null)",
    ],
];

describe('conditions and text', () => {
    test.each(cases)('%j is %s', (conditions, text) => {
        expect(filterText(conditions)).toBe(text);
        expect(conditionsOf(text)).toEqual(conditions);
    });

    test.each(["((a = 1) or (b = 2)) and (c = 3)", 'not (a = 1)', '(a = 1) and (b = 2) or (c = 3)', 'a between 1 and 2', 'created > (NOW() - INTERVAL 1 DAY)', '(a = 1'])(
        'what says more is left to the text: %s',
        (text) => expect(conditionsOf(text)).toBeUndefined(),
    );

    test('other ways to write the same are understood', () => {
        expect(conditionsOf('a<>5')).toEqual({ join: 'and', list: [{ field: 'a', operator: '!=', value: '5' }] });
        expect(conditionsOf('(a=1)AND(b=2)')?.list).toHaveLength(2);
    });
});
