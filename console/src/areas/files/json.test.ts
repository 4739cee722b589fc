import { expect, test } from 'vitest';
import { laidOut } from './json';

test('JSON is laid out with every digit kept', () => {
    expect(laidOut('{"a":[1,2.50,{}],"b":12345678901234567890,"c":"x, {y}: \\"z\\"","d":[]}')).toBe(
        '{\n  "a": [\n    1,\n    2.50,\n    {}\n  ],\n  "b": 12345678901234567890,\n  "c": "x, {y}: \\"z\\"",\n  "d": []\n}\n',
    );
    expect(laidOut('null')).toBe('null\n');
    expect(laidOut('{"a":')).toBeUndefined();
});
