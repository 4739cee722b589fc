import { expect, test } from 'vitest';
import { decoded, encoded, kindOf, typeOf } from './kinds';

const bytes = (text: string) => new TextEncoder().encode(text);

test('the name tells what a file is, then its type', () => {
    expect(kindOf('a.PNG', 'application/octet-stream')).toBe('image');
    expect(kindOf('report.pdf', null)).toBe('pdf');
    expect(kindOf('a.json', 'image/x-tga')).toBe('text');
    expect(kindOf('LICENSE', 'text/plain; charset=UTF-8')).toBe('text');
    expect(kindOf('feed', 'application/atom+xml')).toBe('text');
    expect(kindOf('a.bin', 'image/x-tga')).toBe('unknown');
    expect(kindOf('photo', 'image/jpeg')).toBe('image');
    expect([typeOf('a.json'), typeOf('a.log'), typeOf('a')]).toEqual(['application/json', 'text/plain', 'application/octet-stream']);
});

test('text becomes the same bytes again', () => {
    for (const text of ['', 'a\nb\n', 'a\r\nb\r\n', '\uFEFFä']) {
        const read = decoded(bytes(text));
        expect(read?.isExact).toBe(true);
        expect(encoded(read?.text ?? '', read?.lineEnd ?? '\n')).toBe(text);
    }
});

test('what would change by saving is said', () => {
    expect(decoded(bytes('a\r\nb\n'))?.isExact).toBe(false);
    expect(decoded(bytes('a\rb'))).toMatchObject({ text: 'a\nb', isExact: false });
    expect(decoded(new Uint8Array([0x63, 0xe9]))).toMatchObject({ text: 'cé', isExact: false });
    expect(decoded(new Uint8Array([0x50, 0x4b, 0, 1]))).toBeUndefined();
});
