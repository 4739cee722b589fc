// Making an API: the service, a role that may use it, and a key of that role. Each step is remembered, so that a failure
// can be gone on from or undone.

import { api, type ApiError, type Listed } from '../../lib/api';
import { whileSaving } from '../../lib/busy.svelte';
import { asError } from '../../lib/load.svelte';
import type { Values } from '../../lib/schema';
import { freeName } from '../../lib/services';
import { accessRows, type TableAccess } from './access';

export const STEPS = ['service', 'role', 'app'] as const;
export type Step = (typeof STEPS)[number];

export interface Plan {
    /** One that is there already needs no making. */
    service: { id: number; name: string } | { name: string; type: string; config: Values };
    tables: TableAccess[];
}

interface Named {
    id: number;
    name: string;
}

export class Building {
    state = $state<Partial<Record<Step, 'running' | 'done' | 'failed'>>>({});
    error = $state.raw<ApiError>();
    made = $state.raw<{ service?: Named; role?: Named; app?: Named & { api_key: string } }>({});
    /** The service was there before. */
    #isOlder = false;

    get failed(): Step | undefined {
        return STEPS.find((step) => this.state[step] === 'failed');
    }

    get done(): boolean {
        return STEPS.every((step) => this.state[step] === 'done');
    }

    get running(): boolean {
        return STEPS.some((step) => this.state[step] === 'running');
    }

    /** Makes what is not made yet. */
    async run(plan: Plan): Promise<void> {
        this.error = undefined;
        await this.#step('service', async () => {
            this.#isOlder = 'id' in plan.service;
            const service = 'id' in plan.service ? plan.service : await createService(plan.service);
            this.made = { ...this.made, service: { id: service.id, name: service.name } };
        });
        await this.#step('role', async () => {
            const { service } = this.made;
            if (!service) return;
            const writes = plan.tables.some((table) => table.chosen && (table.write || table.delete));
            const name = await unused('role', `${service.name}_${writes ? 'writer' : 'reader'}`);
            const record = { name, is_active: true, role_service_access_by_role_id: accessRows(service.id, plan.tables) };
            this.made = { ...this.made, role: await create<Named>('role', record) };
        });
        await this.#step('app', async () => {
            const { service, role } = this.made;
            if (!service || !role) return;
            const record = { name: await unused('app', service.name), is_active: true, role_id: role.id, type: 0 };
            this.made = { ...this.made, app: await create<Named & { api_key: string }>('app', record) };
        });
    }

    /** Deletes what was made, the last first. */
    async undo(): Promise<void> {
        const { app, role, service } = this.made;
        try {
            if (app) await whileSaving(api.remove(`system/app/${app.id}`));
            if (role) await whileSaving(api.remove(`system/role/${role.id}`));
            if (service && !this.#isOlder) await whileSaving(api.remove(`system/service/${service.id}`));
            this.made = {};
            this.state = {};
            this.error = undefined;
        } catch (problem) {
            this.error = asError(problem);
        }
    }

    async #step(step: Step, make: () => Promise<void>) {
        if (this.error || this.state[step] === 'done') return;
        this.state[step] = 'running';
        try {
            await whileSaving(make());
            this.state[step] = 'done';
        } catch (problem) {
            this.state[step] = 'failed';
            this.error = asError(problem);
        }
    }
}

async function create<T>(resource: string, record: object): Promise<T> {
    const { resource: made } = await api.post<Listed<T>>(`system/${resource}`, { resource: [record] }, { fields: '*' });
    const [first] = made;
    if (first === undefined) throw new Error(resource);
    return first;
}

function createService(service: { name: string; type: string; config: Values }): Promise<Named> {
    return create('service', { ...service, label: service.name, is_active: true });
}

/** The name, or one like it that nothing of the kind has. */
async function unused(resource: string, name: string): Promise<string> {
    const { resource: found } = await api.get<Listed<Named>>(`system/${resource}`, { fields: 'id,name', limit: 1000 });
    return freeName(name, found.map((record) => record.name));
}
