import { expect, test } from 'vitest';
import { apiPath, foldersAbove, isPublic, nameOf, nameProblem, numbered, pageOf, parentOf, sorted, type Entry } from './paths';

test('paths have a name, a folder and folders above', () => {
    expect([nameOf(''), nameOf('a.txt'), nameOf('docs/a.txt'), nameOf('docs/deep/')]).toEqual(['', 'a.txt', 'a.txt', 'deep']);
    expect([parentOf('a.txt'), parentOf('docs/'), parentOf('docs/a.txt'), parentOf('docs/deep/')]).toEqual(['', '', 'docs/', 'docs/']);
    expect(foldersAbove('a/b/c.txt')).toEqual(['a/', 'a/b/']);
    expect(foldersAbove('a/b/')).toEqual(['a/']);
});

test('addresses keep the slashes of a path and nothing else', () => {
    expect(apiPath('files', '')).toBe('files/');
    expect(apiPath('files', 'a b/50%#?.txt')).toBe('files/a%20b/50%25%23%3F.txt');
    expect(pageOf('my files', 'docs/')).toBe('/browse/my%20files/docs/');
});

test('public paths are files, or folders with all that is in them', () => {
    expect(isPublic('images/a.png', ['images/'])).toBe(true);
    expect(isPublic('images/deep/a.png', ['images'])).toBe(true);
    expect(isPublic('images2/a.png', ['images'])).toBe(false);
    expect(isPublic('docs/readme.html', ['/docs/readme.html'])).toBe(true);
    expect(isPublic('docs/other.html', ['docs/readme.html', '', ' '])).toBe(false);
    expect(isPublic('docs/other.html', ['/'])).toBe(true);
});

test('names stay within their folder', () => {
    expect(['', ' ', 'a/b', 'a\\b', '..', '.', '.env', 'a b'].map(nameProblem)).toEqual(['empty', 'empty', 'slash', 'slash', 'dots', 'dots', undefined, undefined]);
});

test('a number stands before the extension', () => {
    expect([numbered('a.txt', 2), numbered('.env', 3), numbered('LICENSE', 2), numbered('a.tar.gz', 2)]).toEqual(['a (2).txt', '.env (3)', 'LICENSE (2)', 'a.tar (2).gz']);
});

test('folders come first whatever the order', () => {
    const file = (path: string, content_length: number, last_modified: string): Entry => ({ path, name: path, type: 'file', content_length, last_modified, content_type: 'text/plain' });
    const list: Entry[] = [
        file('b10', 5, 'Sun, 22 Nov 2026 04:00:00 GMT'),
        { path: 'z/', name: 'z', type: 'folder' },
        file('b9', 7, 'Sat, 21 Nov 2026 04:00:00 GMT'),
        { path: 'y/', name: 'y', type: 'folder' },
    ];
    const order = (sort: string) => sorted(list, sort).map(({ path }) => path);
    expect(order('name')).toEqual(['y/', 'z/', 'b9', 'b10']);
    expect(order('-name')).toEqual(['z/', 'y/', 'b10', 'b9']);
    expect(order('-size')).toEqual(['y/', 'z/', 'b9', 'b10']);
    expect(order('modified')).toEqual(['y/', 'z/', 'b9', 'b10']);
    expect(order('nonsense')).toEqual(['y/', 'z/', 'b9', 'b10']);
});
