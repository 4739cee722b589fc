import { describe, expect, test } from 'vitest';
import { csv, guess, json, outcomes, records, table } from './import';

describe('csv', () => {
    test('quotes, line breaks in them, and lines of Windows', () => {
        expect(csv('email,name\r\n"a@x.com","A ""the"" B\nC"\r\n\r\n')).toEqual({ columns: ['email', 'name'], rows: [['a@x.com', 'A "the" B\nC']] });
    });

    test('semicolons, and missing cells', () => {
        expect(csv('email;name;phone\na@x.com;A')).toEqual({ columns: ['email', 'name', 'phone'], rows: [['a@x.com', 'A', '']] });
    });

    test('what has no names or no end is refused', () => {
        expect(csv('email,,name\na,b,c')).toBeUndefined();
        expect(csv('email\n"open')).toBeUndefined();
    });
});

test('json, bare and wrapped', () => {
    const expected = { columns: ['email', 'name'], rows: [['a', null], ['b', 'B']] };
    expect(json('[{"email":"a"},{"email":"b","name":"B"}]')).toEqual(expected);
    expect(table(' {"resource":[{"email":"a"},{"email":"b","name":"B"}]}')).toEqual(expected);
    expect(json('{"email":"a"}')).toBeUndefined();
    expect(json('[1]')).toBeUndefined();
    expect(table('  ')).toBeUndefined();
});

test('columns are known by their names', () => {
    expect(['E-Mail', 'First name', 'Surname', 'shoe size'].map(guess)).toEqual(['email', 'first_name', 'last_name', undefined]);
});

test('only chosen columns with a value are sent', () => {
    expect(records({ columns: ['a', 'b', 'c'], rows: [['x', '', 'z']] }, ['email', 'name', undefined])).toEqual([{ email: 'x' }]);
});

test('each record has its own result', () => {
    const sent = [{ email: 'a' }, { email: 'b' }];
    expect(outcomes(sent, 1, undefined)).toEqual([{ row: 1, label: 'a' }, { row: 2, label: 'b' }]);
    expect(outcomes(sent, 1, { error: [1], resource: [{ id: 1 }, { message: 'taken' }] })[1]).toEqual({ row: 2, label: 'b', problem: 'taken' });
});
