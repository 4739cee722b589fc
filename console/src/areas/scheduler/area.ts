import { api, type Listed } from '../../lib/api';
import type { Area } from '../../lib/areas';
import { contains } from '../../lib/listing';
import { offer } from '../../lib/offer.svelte';
import { router } from '../../lib/router.svelte';
import type { Task } from './schedule';
import { t } from './texts';

const shown = () => offer.may('GET', 'scheduler');

export const area: Area = {
    routes: [
        { path: '/scheduler', title: () => t('title'), load: () => import('./TaskList.svelte') },
        { path: '/scheduler/new', title: () => t('new'), load: () => import('./TaskEdit.svelte') },
        { path: '/scheduler/:id', title: () => t('title'), load: () => import('./TaskEdit.svelte') },
    ],
    menu: [{ group: 'observe', order: 30, label: () => t('title'), href: '/scheduler', id: 'scheduler', shown }],
    commands: [{ label: () => t('new'), run: () => router.go('/scheduler/new'), shown: () => offer.may('POST', 'scheduler') }],
    finders: [
        {
            label: () => t('title'),
            shown,
            async find(text, signal) {
                const query = { filter: contains(['name', 'description'], text), limit: 5, fields: 'id,name,component' };
                const { resource } = await api.get<Listed<Task>>('system/scheduler', query, { signal });
                return resource.map((task) => ({ label: task.name, detail: task.component ?? '', href: `/scheduler/${task.id}` }));
            },
        },
    ],
};
