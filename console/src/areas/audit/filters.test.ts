import { expect, test } from 'vitest';
import { conditions } from './filters';

test('the address names the conditions', () => {
    expect(conditions(new URLSearchParams('kind=change&action=update&resource=role&record=5'))).toEqual(["kind = 'change'", "action = 'update'", "resource = 'role'", "record_id = '5'"]);
    expect(conditions(new URLSearchParams('kind=nonsense&record= '))).toEqual([]);
});
