// How hard a password is to guess, roughly: enough to steer people away from short and repetitive ones.

/** The fewest characters that the server takes. */
export const SHORTEST_PASSWORD = 16;

export type Strength = 'short' | 'weak' | 'fair' | 'strong';

const COMMON = /password|passwort|qwerty|letmein|welcome|dreamwright|admin|123456|abcdef/gi;

/** Bits that a guesser must find, were the characters picked at random; repetitions and well-known words count little. */
export function bits(password: string): number {
    const rest = password.replace(COMMON, 'x').replace(/(.)\1{2,}/g, '$1$1').replace(/(.{2,}?)\1+/g, '$1');
    const classes: [RegExp, number][] = [
        [/[a-z]/, 26],
        [/[A-Z]/, 26],
        [/\d/, 10],
        [/[^a-zA-Z\d]/, 33],
    ];
    const signs = classes.reduce((sum, [pattern, count]) => sum + (pattern.test(rest) ? count : 0), 0);
    const different = new Set(rest).size;
    return signs === 0 ? 0 : Math.min(rest.length, different * 2) * Math.log2(signs);
}

export function strength(password: string): Strength {
    if (password.length < SHORTEST_PASSWORD) return 'short';
    const found = bits(password);
    if (found < 60) return 'weak';
    return found < 85 ? 'fair' : 'strong';
}
