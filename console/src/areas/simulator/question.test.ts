import { expect, test } from 'vitest';
import { addressed, isComplete, parameters, question } from './question';

const asked = (text: string) => question(new URLSearchParams(text));

test('the address says on whose behalf is asked', () => {
    expect(asked('role=3').as).toBe('role');
    expect(asked('key=3').as).toBe('key');
    expect(asked('key=3&user=ann@example.com').as).toBe('user');
    expect(asked('verb=NONSENSE').verb).toBe('GET');
});

test('a question needs somebody and a service', () => {
    expect(isComplete(asked('role=3'))).toBe(false);
    expect(isComplete(asked('role=3&service=db'))).toBe(true);
    expect(isComplete(asked('service=db'))).toBe(false);
});

test('only who is chosen is asked for', () => {
    const both = { ...asked('role=3&service=db&path=/_table'), key: '4', user: 'ann' };
    expect(parameters(both)).toMatchObject({ explain: 'access', explain_role: '3', explain_key: undefined, explain_user: undefined });
    expect(parameters({ ...both, as: 'user' })).toMatchObject({ explain_role: undefined, explain_key: '4', explain_user: 'ann' });
    expect(addressed(both)).toMatchObject({ role: '3', key: undefined, user: undefined, path: '_table', verb: undefined });
});
