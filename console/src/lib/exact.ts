// JSON whose numbers keep all their digits: those that a number of this language would change stay text.

interface Source {
    source?: string;
}

/** Reads JSON; a number such as `9007199254740993` or `1.50` comes as the text that stood there. */
export function parseExact<T>(text: string): T {
    const keep = (_name: string, value: unknown, context?: Source) =>
        typeof value === 'number' && context?.source !== undefined && String(value) !== context.source ? context.source : value;
    return JSON.parse(text, keep) as T;
}
