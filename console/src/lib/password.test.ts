import { expect, test } from 'vitest';
import { strength } from './password';

test('what is shorter than the server takes is short, however mixed', () => {
    expect(strength('aB3$aB4%xY9!')).toBe('short');
});

test('repetitions and well-known words are weak at any length', () => {
    expect(strength('aaaaaaaaaaaaaaaaaaaaaaaa')).toBe('weak');
    expect(strength('passwordpassword')).toBe('weak');
    expect(strength('abcabcabcabcabcabcabc')).toBe('weak');
    expect(strength('1234561234561234')).toBe('weak');
});

test('several words are good, more are better', () => {
    expect(strength('correct-horse-battery')).not.toBe('weak');
    expect(strength('Correct-Horse-Battery-9-staple')).toBe('strong');
});
