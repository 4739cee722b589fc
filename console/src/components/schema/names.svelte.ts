// Names that are offered while a field is typed into: read once, when a field first wants them.

import { api, type Listed, type Query } from '../../lib/api';

class Names {
    list = $state.raw<string[]>([]);
    #asked = false;

    constructor(
        private readonly path: string,
        private readonly query: Query,
        private readonly name: (found: unknown) => string,
    ) {}

    ask() {
        if (this.#asked) return;
        this.#asked = true;
        // Without them, whoever types knows the name.
        api.get<Listed<unknown>>(this.path, this.query).then(
            ({ resource }) => (this.list = resource.map(this.name)),
            () => (this.#asked = false),
        );
    }
}

/** Lookups as they are written in values: `{name}`. */
export const lookupNames = new Names('system/lookup', { fields: 'name', order: 'name', limit: 500 }, (found) => `{${(found as { name: string }).name}}`);
export const eventNames = new Names('system/event', { as_list: true }, String);
