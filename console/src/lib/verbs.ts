// The verbs of a grant as the numbers of the API.

export const VERB_BITS = { GET: 1, POST: 2, PUT: 4, PATCH: 8, DELETE: 16 } as const;
export const READ_ONLY: number = VERB_BITS.GET;
export const ALL_VERBS = 31;

/** Clients and scripts. */
export const BOTH_REQUESTORS = 3;

/** The verbs of a sum. */
export function verbsOf(mask: number): string[] {
    return Object.entries(VERB_BITS)
        .filter(([, bit]) => (mask & bit) !== 0)
        .map(([verb]) => verb);
}
