import { expect, test } from 'vitest';
import { catalogue, fill } from './messages';

test('values stand where their names are', () => {
    expect(fill('Delete “{name}”?', { name: 'db' })).toBe('Delete “db”?');
});

test('a value that is not given shows as a mistake', () => {
    expect(fill('Hello {who}')).toBe('Hello {who}');
});

test('words follow the number', () => {
    const text = '{count} {count:row|rows} selected';
    expect(fill(text, { count: 1 })).toBe('1 row selected');
    expect(fill(text, { count: 1200 })).toBe('1,200 rows selected');
});

test('a text that another language lacks is shown in English', () => {
    const t = catalogue({ save: 'Save', more: 'More' }, { en: { save: 'Keep' } });
    expect(t('more')).toBe('More');
});
