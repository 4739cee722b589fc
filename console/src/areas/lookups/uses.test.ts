import { expect, test } from 'vitest';
import { names } from './uses';

test('a lookup is found anywhere in a configuration', () => {
    expect(names({ options: [{ host: 'db.{Region}.example.com' }] }, 'region')).toBe(true);
    expect(names('{strtoupper(trim(region))}', 'region')).toBe(true);
    expect(names({ region: 'region', other: '{regions}', port: 5 }, 'region')).toBe(false);
});
