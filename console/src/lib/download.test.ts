import { expect, test } from 'vitest';
import { nameIn } from './download';

test('the name of what is downloaded', () => {
    expect(nameIn('attachment; filename="a b.txt";')).toBe('a b.txt');
    expect(nameIn('attachment; filename=a.zip')).toBe('a.zip');
    expect(nameIn('attachment; filename="_.txt"; filename*=UTF-8\'\'%C3%A9%2Etxt')).toBe('é.txt');
    expect(nameIn("attachment; filename*=UTF-8''%")).toBeUndefined();
    expect(nameIn('inline')).toBeUndefined();
    expect(nameIn(null)).toBeUndefined();
});
