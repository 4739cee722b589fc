// A form's values beside those that are stored: what differs, and whether anything does.

/** Whether two JSON values are the same. Absent, null and empty text count as one: forms do not tell them apart. */
export function same(a: unknown, b: unknown): boolean {
    const empty = (value: unknown) => value === undefined || value === null || value === '';
    if (empty(a) && empty(b)) return true;
    if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
    if (Array.isArray(a) !== Array.isArray(b)) return false;
    const names = new Set([...Object.keys(a), ...Object.keys(b)]);
    return [...names].every((name) => same((a as Record<string, unknown>)[name], (b as Record<string, unknown>)[name]));
}

export class Draft<T extends object> {
    value: T = $state() as T;
    #stored: T = $state.raw() as T;

    constructor(initial: T) {
        this.value = structuredClone(initial);
        this.#stored = structuredClone(initial);
    }

    /** Takes over what the server answered, of the fields that the form has; what it left out is null. */
    reset(stored: Partial<T> | object) {
        const given = stored as Record<string, unknown>;
        const next = Object.fromEntries(Object.keys(this.#stored).map((name) => [name, structuredClone(given[name] ?? null)])) as T;
        this.#stored = next;
        this.value = structuredClone(next);
    }

    /** What is typed is what is stored now. */
    settle() {
        this.#stored = $state.snapshot(this.value) as T;
    }

    discard() {
        this.value = structuredClone(this.#stored);
    }

    get stored(): T {
        return this.#stored;
    }

    get dirty(): boolean {
        return !same($state.snapshot(this.value), this.#stored);
    }

    /** The fields that differ; empty text is sent as null where nothing was stored. */
    get changes(): Partial<T> {
        const now = $state.snapshot(this.value) as Record<string, unknown>;
        const before = this.#stored as Record<string, unknown>;
        return Object.fromEntries(Object.entries(now).filter(([name, value]) => !same(value, before[name]))) as Partial<T>;
    }
}
