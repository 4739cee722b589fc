// Apps and roles to choose from, read when a form first wants them and again with each form.

import { api, type Listed } from '../../lib/api';
import { Loader } from '../../lib/load.svelte';

interface Named {
    id: number;
    name: string;
}

class Choices {
    #loader = new Loader<Listed<Named>>();

    constructor(readonly resource: string) {}

    want() {
        void this.#loader.run((signal) => api.get(`system/${this.resource}`, { fields: 'id,name', order: 'name', limit: 1000 }, { signal }));
    }

    get list(): Named[] {
        return this.#loader.value?.resource ?? [];
    }
}

export const apps = new Choices('app');
export const roles = new Choices('role');
