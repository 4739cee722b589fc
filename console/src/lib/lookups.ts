// Lookups: names that stand for values, of the system or of an app, a role or a user.

import { SECRET } from './audit';
import type { Owned } from './owned';

export interface Lookup extends Owned {
    name: string;
    value: string | null;
    private: boolean;
    description: string | null;
}

/** What a form holds of stored lookups. */
export function lookupsOf(rows: Lookup[] | undefined): Lookup[] {
    return (rows ?? []).map(({ id, name, value, private: hidden, description }) => ({ ...(id === undefined ? {} : { id }), name, value, private: hidden, description }));
}

/** Whether the value is one that the server hides. */
export function isHidden(lookup: Lookup): boolean {
    return lookup.private && lookup.value === SECRET;
}
