import { expect, test } from 'vitest';
import { withoutSecrets, type Sent } from './history';

const sent: Sent = { at: '2026-01-31T00:00:00Z', service: 'system', operation: 'post /admin', values: { api_key: 'abc', limit: '5' }, status: 201, ms: 5 };

test('secrets are not kept', () => {
    const kept = withoutSecrets({ ...sent, body: '{"email":"a@b.c","password":"hunter2"}' });
    expect(JSON.stringify(kept)).not.toMatch(/hunter2|abc/);
    expect(kept.values.limit).toBe('5');
});

test('what cannot be looked into is left out', () => {
    expect(withoutSecrets({ ...sent, body: 'password=hunter2' }).body).toBeUndefined();
});
