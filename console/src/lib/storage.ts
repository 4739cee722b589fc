// The browser's storage, which may be full or forbidden: then nothing is kept, and nothing breaks.

/** What was kept under a name, if it is there and still JSON. */
export function recall<T>(name: string, otherwise: T): T {
    try {
        const text = localStorage.getItem(`dreamwright.${name}`);
        return text === null ? otherwise : (JSON.parse(text) as T);
    } catch {
        return otherwise;
    }
}

/** Keeps a value for this browser. Never for secrets. */
export function keep(name: string, value: unknown): void {
    try {
        localStorage.setItem(`dreamwright.${name}`, JSON.stringify(value));
    } catch {
        // Nothing that is lost with it matters.
    }
}
